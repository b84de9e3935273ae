"""Every row of one database into another, of either kind, and the proof that both hold the same.

Rows are compared as text that is the same on both databases, each table by the number of its rows and the sum of their
hashes, so that the order in which a database gives them does not matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, MetaData, Row, Table, Text, insert, literal, select, tuple_
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import LoaThonError
from bot.store import closing, dialect, schema
from bot.store.columns import Json
from bot.store.every_table import TABLES
from bot.store.store import Store
from bot.store.tables import meta

#: rows carried at a time
_ROWS = 1000
_SUM = 1 << 128


class TargetNotEmptyError(LoaThonError):
    """store.target_not_empty"""


class SameDatabaseError(LoaThonError):
    """store.same_database"""


class UnequalError(LoaThonError):
    """store.unequal"""


class RowRefusedError(LoaThonError):
    """store.row_refused"""


@dataclass(slots=True)
class Tally:
    """What a table holds: how many rows, and the sum of their hashes (128 bits)."""

    rows: int = 0
    sum: int = 0

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Count these too."""
        for row in rows:
            hashed = hashlib.blake2b(spell(row), digest_size=16).digest()
            self.sum = (self.sum + int.from_bytes(hashed)) % _SUM
        self.rows += len(rows)


Tallies = dict[str, Tally]


def spell(row: Sequence[Any]) -> bytes:
    """A row as bytes that are the same whichever database it stands in; raises `TypeError` for an unknown type."""
    spelled = [_spell(value) for value in row]
    return b"".join(b"%d:%b" % (len(one), one) for one in spelled)


def _spell(value: Any) -> bytes:
    match value:
        case None:
            return b"-"
        case bool():
            return b"t" if value else b"f"
        case int():
            return b"i%d" % value
        case float():
            return b"r" + value.hex().encode()
        case str():
            return b"s" + value.encode()
        case bytes() | memoryview():
            return b"x" + bytes(value)
        case datetime() | date():
            return b"d" + value.isoformat().encode()
        case _:
            raise TypeError(type(value))


def _plain(table: Table) -> Table:
    """The table with JSON as the text it is stored as, which is carried over letter by letter."""
    columns = [Column(c.name, Text if isinstance(c.type, Json) else c.type) for c in table.columns]
    return Table(table.name, MetaData(), *columns)


async def _pages(connection: AsyncConnection, table: Table) -> AsyncIterator[Sequence[Row[Any]]]:
    """Everything that moves, some rows at a time in the order of the key; not the marks that this database is closed."""
    plain = _plain(table)
    key = [plain.c[column.name] for column in table.primary_key]
    statement = select(plain).order_by(*key).limit(_ROWS)
    if table is meta:
        statement = statement.where(plain.c.name.not_in((dialect.CLOSED, dialect.DRAINING)))
    rows = (await connection.execute(statement)).all()
    while rows:
        yield rows
        last = [literal(rows[-1]._mapping[column], column.type) for column in key]  # noqa: SLF001 - SQLAlchemy's public name
        beyond = key[0] > last[0] if len(key) == 1 else tuple_(*key) > tuple_(*last)
        rows = (await connection.execute(statement.where(beyond))).all() if len(rows) == _ROWS else []


async def tally(connection: AsyncConnection) -> Tallies:
    """What every table of a database holds."""
    found: Tallies = {}
    for table in TABLES:
        found[table.name] = Tally()
        async for some in _pages(connection, table):
            found[table.name].add(some)
    return found


async def fill(
    reading: AsyncConnection, writing: AsyncConnection, on_table: Callable[[str, int], None] = lambda _name, _rows: None
) -> Tallies:
    """Make every table of `writing` hold what `reading` holds, in one transaction each, and prove it.

    on_table: told of each table that is carried over. Raises `RowRefusedError` naming the table whose rows the other
    database will not have, `UnequalError` naming the first that differs after all.
    """
    for table in reversed(TABLES):
        await writing.execute(table.delete())
    given: Tallies = {}
    for table in TABLES:
        into = insert(_plain(table))
        given[table.name] = Tally()
        async for some in _pages(reading, table):
            given[table.name].add(some)
            try:
                await writing.execute(into, [dict(row._mapping) for row in some])  # noqa: SLF001 - SQLAlchemy's public name
            except DBAPIError as error:
                raise RowRefusedError(table=table.name, why=dialect.words(error)) from None
        on_table(table.name, given[table.name].rows)
    last = await reading.run_sync(dialect.last_numbers, TABLES)
    await writing.run_sync(dialect.set_last_numbers, last)
    await writing.run_sync(dialect.fill_search)
    await compare(given, await tally(writing))
    return given


async def compare(given: Mapping[str, Tally], taken: Mapping[str, Tally]) -> None:
    """Raises `UnequalError` naming the first table that differs."""
    for name, held in given.items():
        if taken[name] != held:
            raise UnequalError(table=name, given=held.rows, taken=taken[name].rows)


@asynccontextmanager
async def snapshot(store: Store) -> AsyncIterator[AsyncConnection]:
    """The whole database as of one moment, for reading."""
    async with store.engine.connect() as plain:
        if store.dialect == "sqlite":
            connection = await plain.execution_options(read_only=True)
        else:
            connection = await plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with connection.begin():
            yield connection


@asynccontextmanager
async def refilling(store: Store) -> AsyncIterator[AsyncConnection]:
    """A transaction that may replace everything, all or nothing."""
    async with store.engine.connect() as plain:
        connection = await plain.execution_options(migrating=True)
        async with connection.begin():
            yield connection


async def is_empty(connection: AsyncConnection) -> bool:
    """Whether there is nothing but what a migration writes."""
    for table in TABLES:
        if table is not meta and await connection.scalar(select(literal(1)).select_from(table).limit(1)):
            return False
    return True


async def move(
    source: Store, target: Store, on_table: Callable[[str, int], None] = lambda _name, _rows: None
) -> Tallies:
    """Move a house from one database into another that is empty; it stays closed where it was.

    Killed at any moment it leaves the target empty and a source that opens again within a minute, or, at the very end,
    a source that is closed for good: then the same call ends the work, or finds that it is done.

    Raises `TargetNotEmptyError`, and `RowRefusedError` or `UnequalError` after which the house goes on where it was.
    """
    if _place(source) == _place(target):
        raise SameDatabaseError
    async with refilling(target) as writing:
        if not await is_empty(writing):
            return await _found(source, writing)
        async with closing.closed(source):
            async with snapshot(source) as reading:
                moved = await fill(reading, writing, on_table)
            # first this: were it the other way round, a house killed in between would go on writing where nobody reads
            await closing.close_for_good(source)
    return moved


async def _found(source: Store, writing: AsyncConnection) -> Tallies:
    """What was moved already, should the target hold that and nothing else."""
    if not await closing.is_closed_for_good(source):
        raise TargetNotEmptyError
    async with snapshot(source) as reading:
        moved = await tally(reading)
    try:
        await compare(moved, await tally(writing))
    except UnequalError as error:
        raise TargetNotEmptyError from error
    return moved


def _place(store: Store) -> tuple[Any, ...]:
    url = make_url(str(store.engine.url))
    return (url.get_backend_name(), url.host, url.port, url.database, *sorted(url.query.items()))


async def into_file(store: Store, url: str) -> None:
    """The whole database, as of one moment, into a new SQLite file."""
    await schema.migrate(url)
    target = await Store.open(url, store.blobs)
    try:
        async with snapshot(store) as reading, refilling(target) as writing:
            await fill(reading, writing)
    finally:
        await target.close()
