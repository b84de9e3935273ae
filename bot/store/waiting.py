"""Replies that have not gone out yet: what tells whether a channel still sends."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, text

from bot.store.store import Tx
from bot.store.tables import outbox

_O = outbox.c


async def oldest_replies(tx: Tx) -> dict[tuple[str, str], datetime]:
    """(channel, account) -> when its oldest reply still to be sent was written.

    The moment of writing counts: a row that is tried again and again is due later each time.
    """
    rows = await tx.rows(
        select(_O.channel, _O.account, func.min(_O.created_at))
        # as the partial index says it
        .where(text("outbox.state in ('queued','sending')"), _O.is_reply)
        .group_by(_O.channel, _O.account)
        .order_by(_O.channel, _O.account)
    )
    return {(row[0], row[1]): row[2] for row in rows}
