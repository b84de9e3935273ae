"""Moving house: every row, every type, both ways, closed meanwhile, and nothing half-way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    event,
    inspect,
    select,
)

from bot.errors import say
from bot.model.inbound import ConversationKey
from bot.store import ClosedError, Store, UnavailableError, closing, conversations, copy, dialect, search
from bot.store.blobs import Blobs
from bot.store.columns import Json, Moment
from bot.store.every_table import TABLES
from bot.store.tables import conversations as conversation_rows
from bot.store.tables import guesses, media_handles, meta, quarantine, seen
from tests.harness.db import PostgresDatabases, SqliteFiles

pytestmark = pytest.mark.postgres
AT = datetime(2026, 11, 21, 3, 4, 5, 678901, tzinfo=UTC)
WORDS = ("", "Đường hỏng từ thôn Nặm Đíp", "🌾👩🏽‍🌾 🇻🇳", "a'b\"c\\d\n\t", "Ð\u0301 ", "x" * 5000)


@pytest.fixture
async def fresh(
    sqlite_files: SqliteFiles, postgres_databases: PostgresDatabases, tmp_path: Path
) -> AsyncIterator[Callable[[str], Awaitable[Store]]]:
    """Makes an empty house on that database."""
    async with AsyncExitStack() as stack:
        numbers = count()

        async def make(kind: str) -> Store:
            folder = tmp_path / f"house-{next(numbers)}"
            folder.mkdir()
            url = sqlite_files.fresh(folder) if kind == "sqlite" else await asyncio.to_thread(postgres_databases.fresh)
            store = await Store.open(url, Blobs(folder / "blobs"))
            stack.push_async_callback(store.close)
            return store

        yield make


def _value(column: Any, row: int) -> Any:
    """Something of the column's type that a careless copy would change."""
    match column.type:
        case Json():
            return {"lời": WORDS[row % len(WORDS)], "z": [row, None, 1.5, True], "a": {}}
        case Moment() | DateTime():
            return AT + timedelta(days=row, microseconds=row)
        case Boolean():
            return row % 2 == 0
        case LargeBinary():
            return row.to_bytes(16)
        case BigInteger():
            return 2**53 + row
        case Integer():
            return 2**31 - 1 - row
        case Text():
            return f"{row}{WORDS[row % len(WORDS)]}"
    raise AssertionError(column)


async def fill(store: Store, rows: int = 8) -> None:
    """Rows in every table there is."""
    given: dict[str, list[dict[str, Any]]] = {}
    async with store.engine.connect() as plain:
        connection = await plain.execution_options(migrating=True)
        async with connection.begin():
            for table in TABLES:
                given[table.name] = []
                for row in range(rows):
                    made: dict[str, Any] = {}
                    for column in table.columns:
                        if column.foreign_keys:
                            aim = next(iter(column.foreign_keys)).column
                            held = given.get(aim.table.name, [])
                            made[column.name] = held[row][aim.name] if row < len(held) else None
                        elif column.nullable and row % 3 == 0:
                            made[column.name] = None
                        else:
                            made[column.name] = _value(column, row)
                    given[table.name].append(made)
                await connection.execute(table.insert(), given[table.name])
            await connection.run_sync(dialect.fill_search)
            await connection.run_sync(
                dialect.set_last_numbers,
                {t.name: 2**53 + 1000 for t in TABLES if dialect.numbered(t)},
            )


async def _uncheck(store: Store) -> None:
    """Let every value in that has the right type: which ones a table takes is no matter of a copy."""
    if store.dialect == "sqlite":
        await store.engine.dispose()
        event.listen(store.engine.sync_engine, "connect", _ignore_checks)
        return
    async with store.engine.begin() as connection:
        for table in TABLES:
            for check in (c for c in table.constraints if isinstance(c, CheckConstraint)):
                await connection.exec_driver_sql(f'alter table {table.name} drop constraint "{check.name}"')


def _ignore_checks(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA ignore_check_constraints=ON")
    cursor.close()


async def talk(store: Store) -> None:
    """What every house does all day: write."""
    async with store.write() as tx:
        await tx.add(guesses, [{"who": "x", "at": AT}])


@pytest.mark.parametrize(("here", "there"), [("sqlite", "postgres"), ("postgres", "sqlite"), ("sqlite", "sqlite")])
async def test_everything_moves(fresh: Any, here: str, there: str) -> None:
    source, target = await fresh(here), await fresh(there)
    for store in (source, target):
        await _uncheck(store)
    await fill(source)
    async with source.write() as tx:
        await search.put(tx, [search.Doc("case", "1", "Loa thôn Nặm Đíp rè")])
        await tx.add(seen, [{"id": (row << 32).to_bytes(16), "seen_at": AT} for row in range(1, 3501)])
        # a key of several columns, some of them the same over the end of a page
        handle = {"channel": "t", "account": "4", "handle": "x"}
        rows = [{**handle, "kind": f"ảnh{row // 1500}", "sha256": f"{row:064x}"} for row in range(2500)]
        await tx.add(media_handles, rows)
    told: list[str] = []
    moved = await copy.move(source, target, lambda name, _rows: told.append(name))
    assert told == [table.name for table in TABLES]
    assert min(tally.rows for tally in moved.values()) >= 8
    assert (moved["seen"].rows, moved["media_handles"].rows) == (3508, 2508)
    async with source.read() as old, target.read() as new:
        for table in TABLES:
            order = list(table.primary_key)
            rows = await old.rows(select(table).order_by(*order))
            held = await new.rows(select(table))
            plain = sorted(copy.spell(_comparable(row)) for row in rows if row[0] != dialect.CLOSED)
            assert plain == sorted(copy.spell(_comparable(row)) for row in held), table.name
        assert await old.connection.run_sync(dialect.last_numbers, TABLES) == (
            await new.connection.run_sync(dialect.last_numbers, TABLES)
        )
        assert await search.find(new, "nam dip", kinds=["case"]) == [("case", "1")]
    again = await Store.open(str(target.engine.url.render_as_string(hide_password=False)), target.blobs)
    async with again.write() as tx, source.read() as old:
        assert tx.key == old.key, "hashes made before are found again"
        found = await conversations.load(tx, [ConversationKey("web", "site", "new")], AT)
        assert next(iter(found.values())).id == 2**53 + 1001, "no id is given twice"
    await again.close()


def _comparable(row: Any) -> list[Any]:
    return [repr(value) if isinstance(value, dict | list) else value for value in row]


async def test_no_table_is_forgotten(fresh: Any) -> None:
    for kind in ("sqlite", "postgres"):
        async with copy.snapshot(await fresh(kind)) as reading:
            found = await reading.run_sync(lambda connection: inspect(connection).get_table_names())
        there = {name for name in found if not name.startswith("search_fts")} - {"alembic_version"}
        assert there == {table.name for table in TABLES}


async def test_the_old_house_stays_closed_and_says_so(fresh: Any) -> None:
    source, target = await fresh("sqlite"), await fresh("postgres")
    assert not await source.is_closed()
    async with source.write() as tx:
        await conversations.load(tx, [ConversationKey("web", "site", "7")], AT)
    moved = await copy.move(source, target)
    with pytest.raises(ClosedError) as refused:
        await talk(source)
    assert str(refused.value) == say("store.moving")
    assert await source.is_closed()
    assert await closing.is_closed_for_good(source)
    assert await copy.move(source, target) == moved, "asked twice it is done once"
    async with target.write() as tx:
        await tx.add(meta, [{"name": "new", "value": "1"}])
    with pytest.raises(copy.TargetNotEmptyError):
        await copy.move(source, target)
    await closing.reopen(source)
    await talk(source)
    assert not await source.is_closed()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_nothing_is_written_while_it_moves(fresh: Any, kind: str) -> None:
    """Writers under way are waited for, later ones refused at once, and what was told to be kept is there after."""
    source, target = await fresh(kind), await fresh("sqlite")
    kept: list[str] = []
    refused, under_way = asyncio.Event(), asyncio.Event()

    async def write(number: int) -> None:
        for step in range(1000):
            try:
                async with source.write() as tx:
                    await tx.add(guesses, [{"who": f"{number}-{step}", "at": AT}])
                    await asyncio.sleep(0)
            except ClosedError:
                refused.set()
                return
            kept.append(f"{number}-{step}")
            if len(kept) == 20:
                under_way.set()

    writing = [asyncio.create_task(write(number)) for number in range(4)]
    await under_way.wait()
    await copy.move(source, target)
    await asyncio.gather(*writing)
    assert refused.is_set()
    async with target.read() as tx:
        found = [row.who for row in await tx.rows(select(guesses.c.who))]
    assert sorted(kept) == sorted(found), "all that was kept and nothing that was not"


async def test_a_closing_whose_owner_died_is_forgotten(fresh: Any) -> None:
    for kind in ("sqlite", "postgres"):
        store = await fresh(kind)
        await closing.close(store)
        with pytest.raises(ClosedError):
            await talk(store)
        async with store.write() as tx:
            await closing.close_until(tx, await tx.scalar(dialect.moment(tx.dialect, 0)))
        await talk(store)
        assert not await store.is_closed()
        await closing.close(store)
        assert await store.is_closed(), "and closed again, over what the dead one left"
        await closing.reopen(store)
        await talk(store)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_a_copy_that_fails_leaves_the_house_open_and_the_target_empty(
    fresh: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = await fresh(kind), await fresh("postgres")
    for store in (source, target):
        await _uncheck(store)
    await fill(source, 3)
    tally = copy.tally

    async def lose_one(connection: Any) -> copy.Tallies:
        found = await tally(connection)
        return {**found, "outbox": replace(found["outbox"], sum=found["outbox"].sum + 1)}

    monkeypatch.setattr(copy, "tally", lose_one)
    with pytest.raises(copy.UnequalError, match="outbox"):
        await copy.move(source, target)
    await talk(source)
    async with copy.snapshot(target) as reading:
        assert await copy.is_empty(reading)
    monkeypatch.undo()
    await copy.move(source, target)


async def test_what_the_other_database_will_not_have_is_named(fresh: Any) -> None:
    source, target = await fresh("sqlite"), await fresh("postgres")
    async with source.write() as tx:
        await tx.add(quarantine, [{"channel": "c", "account": "a", "why": "w", "raw": "NUL\0", "at": AT}])
    with pytest.raises(copy.RowRefusedError, match="quarantine"):
        await copy.move(source, target)
    await talk(source)


async def test_only_into_an_empty_one_and_another(fresh: Any) -> None:
    source, target = await fresh("sqlite"), await fresh("postgres")
    async with target.write() as tx:
        await conversations.load(tx, [ConversationKey("web", "site", "7")], AT)
    with pytest.raises(copy.TargetNotEmptyError):
        await copy.move(source, target)
    with pytest.raises(copy.SameDatabaseError):
        await copy.move(target, target)
    await talk(source)
    async with target.read() as tx:
        assert await tx.scalar(select(conversation_rows.c.chat)) == "7"


def test_rows_are_spelled_apart() -> None:
    rows = [(None,), ("",), ("-",), (0,), (False,), ("0",), (b"",), ("a", "b"), ("ab", ""), (1.0,), (1,), (AT,)]
    assert len({copy.spell(row) for row in rows}) == len(rows)
    assert copy.spell([date(2026, 1, 2)]) == b"11:d2026-01-02"
    with pytest.raises(TypeError):
        copy.spell([object()])


async def test_a_read_only_server_is_unavailable_not_wrong(fresh: Any) -> None:
    for kind, statement in (("sqlite", "PRAGMA query_only=1"), ("postgres", "set transaction read only")):
        store = await fresh(kind)

        async def write(store: Store = store, statement: str = statement) -> None:
            async with store.write() as tx:
                await tx.connection.exec_driver_sql(statement)
                await tx.add(meta, [{"name": "n", "value": "v"}])

        with pytest.raises(UnavailableError):
            await write()
