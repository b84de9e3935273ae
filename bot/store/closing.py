"""Closing a database to writing while it moves house. Every writer of every process sees it; reading goes on.

The closing is a moment up to which nothing may be written, in the database's own time. Who closes renews it, so that one
who dies in the middle is forgotten within a minute; after a move that ended it stays for good.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import delete, select

from bot.errors import LoaThonError
from bot.store import dialect
from bot.store.every_table import TABLES
from bot.store.store import Store, Tx, UnavailableError
from bot.store.tables import meta


class ClosedStoreError(LoaThonError):
    """store.closed"""


#: one closing lasts so long unless it is renewed
LASTS_S = 60
RENEW_S = 15.0
_TRIES = 5


#: all but `meta`, which holds the mark itself
_GUARDED = [table for table in TABLES if table is not meta]


async def close_until(tx: Tx, moment: str) -> None:
    """Nothing is written up to that moment, as `dialect.moment` spells it."""
    statement = tx.insert(meta).values(name=dialect.CLOSED, value=moment)
    await tx.run(statement.on_conflict_do_update(index_elements=["name"], set_={"value": moment}))


async def close(store: Store) -> None:
    """Close for a while: when it returns, no transaction that writes is under way in any process, and none will begin."""
    for tries_left in reversed(range(_TRIES)):
        try:
            async with store.write() as tx:
                await close_until(tx, await tx.scalar(dialect.moment(tx.dialect, LASTS_S)))
                await tx.connection.run_sync(dialect.guard, _GUARDED)
        except UnavailableError:
            # PostgreSQL broke a deadlock: this transaction wants every table, others want theirs in another order
            if not tries_left:
                raise
        else:
            return


async def close_for_good(store: Store) -> None:
    """The data live elsewhere from now on."""
    async with store.write() as tx:
        await close_until(tx, dialect.FOR_GOOD)


async def reopen(store: Store) -> None:
    """Write again."""
    async with store.write() as tx:
        await forget(tx)


async def forget(tx: Tx) -> None:
    """As if it had never been closed."""
    await tx.run(delete(meta).where(meta.c.name == dialect.CLOSED))
    await tx.connection.run_sync(dialect.unguard, _GUARDED)


async def is_closed_for_good(store: Store) -> bool:
    """Whether a move out of this database was finished."""
    async with store.read() as tx:
        return bool(await tx.scalar(select(meta.c.value).where(meta.c.name == dialect.CLOSED)) == dialect.FOR_GOOD)


async def require_open(store: Store) -> None:
    """Raises `ClosedStoreError` where nothing could be written: a house must not start there."""
    if await store.is_closed():
        raise ClosedStoreError


@asynccontextmanager
async def closed(store: Store) -> AsyncIterator[None]:
    """Closed while the block runs, and after it unless it raised: then the house goes on where it was."""
    await close(store)
    renewing = asyncio.create_task(_keep_closed(store), name="closing")
    try:
        yield
    except BaseException:
        await _end(renewing)
        await reopen(store)
        raise
    finally:
        await _end(renewing)


async def _keep_closed(store: Store) -> None:
    while True:
        await asyncio.sleep(RENEW_S)
        async with store.write() as tx:
            await close_until(tx, await tx.scalar(dialect.moment(tx.dialect, LASTS_S)))


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
