"""Broadcasts of a copy that is put back: what may have gone out since it was made does not go out again by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot import quiet_hours
from bot.model.broadcast import PAUSED_FOR_RESTORE, BroadcastState, Often
from bot.officials import MACHINE
from bot.store import Tx, audit, digests, recipients
from bot.store import broadcasts as rows

#: no digest goes out before 8:00 of its day (`bot.dispatch`)
_NOT_BEFORE = timedelta(hours=8)
_UNDER_WAY = (BroadcastState.RUNNING, BroadcastState.PAUSED)
_HANDED_IN = (BroadcastState.WAITING, BroadcastState.APPROVED)


async def stop_all(tx: Tx, now: datetime, at: datetime) -> int:
    """Let every broadcast of the copy wait for a person; how many. `now` is the calendar's moment, `at` that of the audit.

    Those under way are paused: the copy does not know whom they reached since. Those handed in or approved, which may
    have been started since, are drafts again. News that a digest was to bring by now are in doubt and never sent.
    """
    for often in (Often.WEEKLY, Often.MONTHLY):
        await digests.doubt(tx, often.value, quiet_hours.digest_cut(often, now - _NOT_BEFORE))
    stopped = await rows.in_states(tx, _UNDER_WAY)
    for one in stopped:
        await recipients.collect(tx, one.id)
        await recipients.take_back(tx, one.id)
        await rows.change(tx, one.id, now, state=BroadcastState.PAUSED, paused_for=PAUSED_FOR_RESTORE)
        detail = {"why": PAUSED_FOR_RESTORE}
        await audit.note(tx, MACHINE, "broadcast-paused", f"broadcast:{one.id}", at=at, detail=detail)
    returned = await rows.in_states(tx, _HANDED_IN)
    for one in returned:
        unapproved = {"approved_by": None, "approved_hash": "", "approved_at": None}
        await rows.change(tx, one.id, now, state=BroadcastState.DRAFT, **unapproved)
        detail = {"why": "broadcasts.restored"}
        await audit.note(tx, MACHINE, "broadcast-returned", f"broadcast:{one.id}", at=at, detail=detail)
    return len(stopped) + len(returned)
