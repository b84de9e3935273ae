"""Whether anything moved that the desk shows: three look-ups of a last row, cheap enough to be asked all day."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.store import audit, overlay
from bot.store.case_tables import case_history
from bot.store.store import Tx


async def desk(tx: Tx) -> str:
    """Differs whenever a case got a step, an official did something, or something was published."""
    step = await tx.scalar(select(func.max(case_history.c.id))) or 0
    done, _hash = await audit.head(tx)
    return f"{step}.{done}.{await overlay.revision(tx)}"
