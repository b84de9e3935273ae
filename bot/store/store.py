"""`Store`: opens the database and the files, and gives transactions."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import Executable, Table, exc, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import DiscreetError, LoaThonError
from bot.store import dialect, tables
from bot.store.bell import Bell
from bot.store.blobs import Blobs


class RefusedError(DiscreetError):
    """The database will not have this data: a taken key, a broken reference, a value out of range."""


class UnavailableError(DiscreetError):
    """The database cannot be had now: disk full, connection lost, deadlock. The same work may succeed later."""


class ClosedError(UnavailableError, LoaThonError):
    """store.moving"""


class Tx:
    """One transaction. The modules of the store write their statements against it; others only hand it on."""

    def __init__(self, connection: AsyncConnection, key: bytes) -> None:
        self.connection = connection
        #: the installation's key for hashes that must not be guessed
        self.key = key
        self._rings: dict[str, None] = {}

    @property
    def dialect(self) -> str:
        """sqlite or postgresql."""
        return self.connection.dialect.name

    async def rows(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """All rows of a query; `values` for one that is built once and has its bind parameters left open."""
        return (await self.connection.execute(statement, values)).all()

    async def one(self, statement: Executable) -> Any | None:
        """The first row, if any."""
        return (await self.connection.execute(statement)).first()

    async def scalar(self, statement: Executable) -> Any:
        """The first column of the first row, if any."""
        return (await self.connection.execute(statement)).scalar()

    async def run(self, statement: Executable, values: Mapping[str, Any] | None = None) -> int:
        """Run a statement; the number of rows it met."""
        return (await self.connection.execute(statement, values)).rowcount

    async def run_many(self, statement: Executable, values: Sequence[Mapping[str, Any]]) -> None:
        """Run one statement for many sets of values, in one go."""
        if values:
            await self.connection.execute(statement, values)

    def insert(self, table: Table) -> Any:
        """An insert that can say what to do on a conflict."""
        return dialect.insert(self.dialect, table)

    async def add(self, table: Table, rows: Sequence[Mapping[str, Any]], *, ignore: bool = False) -> None:
        """Write rows in one go; `ignore` passes over those already there. All rows name the same columns."""
        statement = self.insert(table)
        await self.run_many(statement.on_conflict_do_nothing() if ignore else statement, rows)

    async def add_numbered(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Write rows in one go and give their ids in the order of the rows."""
        if not rows:
            return []
        if self.dialect == "sqlite" and len(rows) > 1:
            # SQLite tells no order of RETURNING, so it would be a statement a row; its only writer counts on without gaps
            last = (await self.connection.execute(table.insert(), rows)).lastrowid
            return list(range(last - len(rows) + 1, last + 1))
        statement = self.insert(table).returning(table.c.id, sort_by_parameter_order=True)
        return [row[0] for row in await self.connection.execute(statement, rows)]

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[None]:
        """A part that may fail by itself: an exception undoes it alone, and the transaction goes on.

        Raises what `Store.write` raises.
        """
        with _told():
            async with self.connection.begin_nested():
                yield

    def ring(self, topic: str) -> None:
        """Ring this bell once the transaction is committed."""
        self._rings[topic] = None

    def unring(self, topic: str) -> None:
        """What it would wake somebody for is done already."""
        self._rings.pop(topic, None)

    @property
    def rings(self) -> tuple[str, ...]:
        """Bells to ring after the commit."""
        return tuple(self._rings)


class Store:
    """One database and its files. Opened by `open`, closed by `close`."""

    def __init__(self, engine: AsyncEngine, blobs: Blobs, key: bytes) -> None:
        self.engine = engine
        self.blobs = blobs
        self.bell = Bell(engine)
        self._key = key
        # SQLite has one writer: those of this process queue here, for a busy database makes them sleep and try again
        self._turn: AbstractAsyncContextManager[None] = (
            asyncio.Lock() if engine.dialect.name == "sqlite" else nullcontext()
        )

    @classmethod
    async def open(cls, url: str, blobs: Blobs) -> Store:
        """Open a migrated database (see `schema.migrate`); raises `UnavailableError`."""
        engine = dialect.open_engine(url)
        with _told():
            async with engine.connect() as connection:
                held = (
                    await connection.execute(select(tables.meta.c.value).where(tables.meta.c.name == "key"))
                ).scalar_one()
        return cls(engine, blobs, bytes.fromhex(held))

    async def close(self) -> None:
        """Let go of all connections."""
        await self.bell.close()
        await self.engine.dispose()

    @property
    def dialect(self) -> str:
        """sqlite or postgresql."""
        return self.engine.dialect.name

    def secret(self, purpose: str) -> str:
        """A secret of this installation for one purpose, the same in each of its processes: 64 hex digits."""
        return hashlib.blake2b(purpose.encode(), digest_size=32, key=self._key, person=b"secret").hexdigest()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A transaction for reading: never waits for a writer. Raises `UnavailableError`."""
        with _told():
            async with self.engine.connect() as plain:
                connection = await plain.execution_options(read_only=True)
                async with connection.begin():
                    yield Tx(connection, self._key)

    @asynccontextmanager
    async def write(self, *, short: bool = False) -> AsyncIterator[Tx]:
        """A transaction for writing, committed at the end, rolled back by any exception; rings the bells after.

        `short`: each of its statements goes by an index to few rows; on SQLite the loop waits for them (`dialect.at_once`).

        Raises `RefusedError` for data the database will not have, `UnavailableError` when it cannot be had, of these
        `ClosedError` while it moves house (`closing`).
        """
        with _told():
            async with self._turn, self.engine.begin() as connection:
                tx = Tx(connection, self._key)
                with dialect.at_once(connection) if short else nullcontext():
                    yield tx
                await self.bell.announce(connection, tx.rings)
        self.bell.ring(tx.rings)

    async def is_closed(self) -> bool:
        """Whether the database moves house, or has moved, and takes nothing."""
        async with self.read() as tx:
            return await tx.scalar(dialect.closed_until(self.dialect)) is not None

    async def checkpoint(self, *, cut: bool = False) -> None:
        """Move SQLite's log into the database file; `cut` also empties the log, for which it waits for readers."""
        with _told():
            async with self.engine.connect() as plain:
                connection = await plain.execution_options(no_transaction=True)
                await connection.run_sync(dialect.checkpoint, cut)


#: SQLSTATE of PostgreSQL: class 40 transaction rollback (deadlock), 53 out of resources (disk full), 57 shutting down,
#: 08 connection; 25006 read-only, 58030 error of the disk
_PASSING = ("40", "53", "57", "08", "25006", "58030")


@contextmanager
def _told() -> Iterator[None]:
    """The driver's errors in the two words the runner decides by.

    They go to the log, and the driver's own may print the row that was refused: nothing is chained to them.
    """
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, OSError) as error:
        # the same value would be refused each time it came again
        told = RefusedError if dialect.is_value(error) else UnavailableError
        raise told(dialect.words(error)) from None
    except exc.DBAPIError as error:
        if dialect.CLOSED_WORDS in str(error.orig):
            raise ClosedError from None
        state = str(getattr(error.orig, "sqlstate", "") or "")
        if error.connection_invalidated or state.startswith(_PASSING):
            raise UnavailableError(dialect.words(error)) from None
        raise RefusedError(dialect.words(error)) from None
    except exc.StatementError as error:
        raise RefusedError(dialect.words(error)) from None
