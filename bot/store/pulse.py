"""Whether anything moved that the desk shows: a few look-ups of last rows and small tables, asked all day."""

from __future__ import annotations

from sqlalchemy import func, select, text

from bot.model.broadcast import BroadcastState
from bot.store import audit, overlay, standings
from bot.store.broadcast_tables import broadcasts
from bot.store.case_tables import case_history, case_screens, cases
from bot.store.store import Tx


async def desk(tx: Tx) -> str:
    """Differs whenever a case got a step or may now be seen, an official did something, something was published, or a
    channel is doing otherwise.
    """
    step = await tx.scalar(select(func.max(case_history.c.id))) or 0
    # until it is matched against the officials a case shows on no page: that it was is news as well
    unmatched = await tx.scalar(select(func.count()).select_from(cases).where(text("not cases.screened")))
    matched = await tx.one(select(func.count(), func.max(case_screens.c.at)))
    done, _hash = await audit.head(tx)
    channels = [(one.state, one.message) for one in (await standings.known(tx)).values()]
    return f"{step}.{unmatched}.{matched}.{done}.{await overlay.revision(tx)}.{channels}"


async def sending(tx: Tx) -> str:
    """Differs whenever a broadcast that runs or rests got further; where it begins and ends, `desk` differs too."""
    b = broadcasts.c
    settled = b.sent + b.failed + b.gone + b.unknown + b.skipped
    figures = (func.sum(one) for one in (b.planned_to, b.waiting, b.queued, b.sent, settled))
    open_states = (BroadcastState.RUNNING.value, BroadcastState.PAUSED.value)
    row = await tx.one(select(*figures).where(b.state.in_(open_states)))
    return ".".join(str(figure or 0) for figure in row) if row else ""
