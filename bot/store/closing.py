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
from bot.store.store import Store, Tx
from bot.store.tables import meta


class ClosedStoreError(LoaThonError):
    """store.closed"""


#: one closing lasts so long unless it is renewed
LASTS_S = 60
RENEW_S = 15.0


async def close_until(tx: Tx, moment: str) -> None:
    """Nothing is written up to that moment, as `dialect.moment` spells it."""
    statement = tx.insert(meta).values(name=dialect.CLOSED, value=moment)
    await tx.run(statement.on_conflict_do_update(index_elements=["name"], set_={"value": moment}))


async def close_for_good(store: Store) -> None:
    """The data live elsewhere from now on."""
    async with store.write(even_closed=True) as tx:
        await close_until(tx, dialect.FOR_GOOD)


async def reopen(store: Store) -> None:
    """Write again."""
    async with store.write(even_closed=True) as tx:
        await tx.run(delete(meta).where(meta.c.name == dialect.CLOSED))


async def is_closed_for_good(store: Store) -> bool:
    """Whether a move out of this database was finished."""
    async with store.read() as tx:
        return bool(await tx.scalar(select(meta.c.value).where(meta.c.name == dialect.CLOSED)) == dialect.FOR_GOOD)


async def require_open(store: Store) -> None:
    """Raises `ClosedStoreError` where nothing could be written: a house must not start there."""
    async with store.read() as tx:
        _, until = (await tx.connection.execute(dialect.MAY_WRITE[tx.dialect])).one()
    if until is not None:
        raise ClosedStoreError


@asynccontextmanager
async def closed(store: Store) -> AsyncIterator[None]:
    """Closed while the block runs, and after it unless it raised: then the house goes on where it was.

    When the block begins no transaction that writes is under way in any process.
    """
    await _renew(store)
    async with store.engine.connect() as held:
        # PostgreSQL: waits for whoever is still writing, and keeps later ones out
        await held.run_sync(dialect.lock_writing)
        renewing = asyncio.create_task(_keep_closed(store), name="closing")
        try:
            yield
        except BaseException:
            await _end(renewing)
            await reopen(store)
            raise
        finally:
            await _end(renewing)
            await held.run_sync(dialect.unlock_writing)


async def _renew(store: Store) -> None:
    async with store.write(even_closed=True) as tx:
        await close_until(tx, await tx.scalar(dialect.moment(tx.dialect, LASTS_S)))


async def _keep_closed(store: Store) -> None:
    while True:
        await asyncio.sleep(RENEW_S)
        await _renew(store)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
