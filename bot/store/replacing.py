"""Another database in the place of the present one, which is set aside and never deleted."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, bindparam, inspect, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import LoaThonError
from bot.store import closing, copy, dialect, schema, taken_away
from bot.store.store import Store, Tx
from bot.store.tables import meta, outbox
from bot.store.taken_away import Again, TakenAway

_O = outbox.c
_WAITS = (_O.id, _O.created_at, _O.pieces)


class InUseError(LoaThonError):
    """store.in_use"""


@dataclass(frozen=True, slots=True)
class Placed:
    """`aside`: where the data of before are now, "" = there were none. `doubtful`: messages that may have been sent.
    `again`: what was taken away again; None where there is nothing of this house to read it from."""

    aside: str
    doubtful: int
    again: Again | None


@dataclass(frozen=True, slots=True)
class _Before:
    """What the present data of the same house tell: messages that wait still, and what was taken away."""

    #: number, when it was made, how many of its pieces went out
    waiting: frozenset[tuple[int, datetime, int]] = frozenset()
    taken: TakenAway | None = None


#: what else must not go on by itself in a copy that is put back
Settle = Callable[[Tx], Awaitable[None]]


async def put_in_place(trial: Store, url: str, at: datetime, settle: Settle) -> Placed:
    """Make the house at `url` hold what `trial`, an SQLite file beside it, holds; `trial` is closed and gone after.

    What was still to be sent in `trial` and is not known to wait still may have been sent since: it is listed, never
    sent again. What was taken away since `trial` was made is taken away again. `settle` sees to what follows, in the same
    transaction.

    Raises `InUseError` while others are connected to the PostgreSQL database; nothing is changed then.
    """
    name = f"aside-{at:%Y%m%d-%H%M%S}"
    if url.startswith("sqlite"):
        return await _replace_file(trial, Path(url.split(":///", 1)[1]), name, at, settle)
    return await _replace_schema(trial, url, name.replace("-", "_"), at, settle)


async def _replace_file(trial: Store, path: Path, name: str, at: datetime, settle: Settle) -> Placed:
    is_there = await asyncio.to_thread(path.exists)
    before = await _before_in_file(trial, path) if is_there else _Before()
    doubtful, again = await _doubt(trial, before, at, settle)
    await trial.checkpoint(cut=True)
    made = Path(str(trial.engine.url.database))
    await trial.close()
    aside = path.parent / name
    if is_there:
        await asyncio.to_thread(_set_aside, path, aside)
    await asyncio.to_thread(made.replace, path)
    return Placed(str(aside) if is_there else "", doubtful, again)


def _set_aside(path: Path, aside: Path) -> None:
    """The file gets a second name, so that at no moment there is none under its own."""
    aside.mkdir(mode=0o700)
    try:
        os.link(path, aside / path.name)
    except OSError:
        # a file system without links
        shutil.copy2(path, aside / path.name)
    # the log belongs to that file alone; what could be was moved into it before
    for ending in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).replace(aside / (path.name + ending))


async def _before_in_file(trial: Store, path: Path) -> _Before:
    """What the present file tells, if it can be read, whatever release wrote it."""
    engine = dialect.open_engine(f"sqlite+aiosqlite:///{path}")
    try:
        async with engine.connect() as plain:
            connection = await plain.execution_options(no_transaction=True)
            before = await _before(trial, connection)
            await connection.run_sync(dialect.checkpoint, True)
            return before
    except SQLAlchemyError:
        # broken beyond reading, which may be why a copy is put back
        return _Before()
    finally:
        await engine.dispose()


async def _before(trial: Store, present: AsyncConnection) -> _Before:
    key = select(meta.c.value).where(meta.c.name == "key")
    async with trial.read() as tx:
        ours = await tx.scalar(key)
    if await present.scalar(key) != ours:
        return _Before()
    waiting = await present.execute(select(*_WAITS).where(_O.state == "queued"))
    return _Before(frozenset((row[0], row[1], row[2]) for row in waiting), await _taken(present))


async def _taken(present: AsyncConnection) -> TakenAway | None:
    """None where another release wrote the present data in another shape."""
    is_postgres = present.dialect.name == "postgresql"
    try:
        # there a statement that fails spoils the whole transaction
        async with present.begin_nested() if is_postgres else nullcontext():
            return await taken_away.read(present)
    except SQLAlchemyError:
        return None


async def _doubt(trial: Store, before: _Before, at: datetime, settle: Settle) -> tuple[int, Again | None]:
    async with trial.write() as tx:
        await closing.forget(tx)
        open_rows = await tx.rows(select(*_WAITS).where(_O.state.in_(("queued", "sending"))))
        doubtful = [{"which": row.id} for row in open_rows if (row[0], row[1], row[2]) not in before.waiting]
        statement = update(outbox).where(_O.id == bindparam("which")).values(state="unknown", error="restored")
        await tx.run_many(statement, doubtful)
        again = await taken_away.take_again(tx, before.taken, at) if before.taken else None
        await settle(tx)
    return len(doubtful), again


async def _replace_schema(trial: Store, url: str, name: str, at: datetime, settle: Settle) -> Placed:
    """In one transaction: the present tables move to a schema of their own, new ones are made and filled."""
    engine = dialect.open_engine(url)
    try:
        async with engine.connect() as plain:
            connection = await plain.execution_options(migrating=True)
            async with connection.begin():
                others = int(await connection.scalar(text(_OTHERS)) or 0)
                if others:
                    raise InUseError(count=others)
                is_there = await connection.run_sync(_has_tables)
                before = await _before(trial, connection) if is_there else _Before()
                doubtful, again = await _doubt(trial, before, at, settle)
                if is_there:
                    await connection.execute(text(f"alter schema public rename to {name}"))
                    await connection.execute(text("create schema public"))
                await connection.run_sync(schema.bring_up)
                async with copy.snapshot(trial) as reading:
                    await copy.fill(reading, connection)
    finally:
        await engine.dispose()
    return Placed(f"schema {name}" if is_there else "", doubtful, again)


_OTHERS = """select count(*) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"""


def _has_tables(connection: Connection) -> bool:
    return inspect(connection).has_table(meta.name)
