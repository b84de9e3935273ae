"""Before a database moves house: no message is begun any more, and those under way are waited for.

Without it whatever was being sent when the writing ends could not be settled: the new house would not know its outcome.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select, text

from bot.store import dialect, leases
from bot.store.store import Store
from bot.store.tables import leases as held
from bot.store.tables import meta, outbox

#: an answer is waited for 20 s and a connection 10 s (`bot.channels.telegram.transport`); a large file may take longer
PATIENCE_S = 45.0
#: the mark lasts so long should its owner die
LASTS = timedelta(seconds=60)
LOOK_S = 0.25

_O, _L = outbox.c, held.c


@asynccontextmanager
async def drained(store: Store, true: Callable[[], datetime], patience_s: float = PATIENCE_S) -> AsyncIterator[int]:
    """While the block runs, and for a minute at most, nothing new is sent; it begins when nothing is under way.

    Gives how many messages still are after `patience_s`. `true` tells the true time.
    """
    until = dialect.spelled(true() + LASTS)
    async with store.write() as tx:
        statement = tx.insert(meta).values(name=dialect.DRAINING, value=until)
        await tx.run(statement.on_conflict_do_update(index_elements=["name"], set_={"value": until}))
    try:
        yield await _wait(store, true, patience_s)
    finally:
        async with store.write() as tx:
            await tx.run(delete(meta).where(meta.c.name == dialect.DRAINING))


async def _wait(store: Store, true: Callable[[], datetime], patience_s: float) -> int:
    """Look again and again, for the senders may be in other processes."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + patience_s
    calm = 0
    while True:
        left = await _under_way(store, true())
        # one that was claimed while the mark was written shows at the second look
        calm = 0 if left else calm + 1
        if calm > 1 or loop.time() >= ends:
            return left
        await asyncio.sleep(LOOK_S)


async def _under_way(store: Store, at: datetime) -> int:
    """Messages being sent by somebody who is alive; those of a dead owner nobody will settle."""
    async with store.read() as tx:
        now = await leases.database_time(tx) or at
        owned = exists().where(
            _L.name == _O.channel.concat(":").concat(_O.account), _L.epoch == _O.epoch, _L.until > now
        )
        # spelled out: the index of open rows serves a query that is seen to imply its condition
        sending = text("outbox.state in ('queued','sending')"), _O.state == "sending"
        return int(await tx.scalar(select(func.count()).select_from(outbox).where(*sending, owned)) or 0)
