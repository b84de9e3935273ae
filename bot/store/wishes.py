"""How often people turned to a unit, and about what: it orders what the unit should fill in first.

Everybody at the desk sees these numbers, so what is hidden from anybody is not in them.
"""

from __future__ import annotations

from sqlalchemy import func, select

from bot.store.case_tables import cases
from bot.store.dashboard import seen
from bot.store.store import Tx

_C = cases.c


async def cases_of(tx: Tx, unit: str) -> int:
    """How many matters were brought to a unit."""
    return int(await tx.scalar(select(func.count()).select_from(cases).where(_C.unit == unit, seen(None))) or 0)


async def by_topic(tx: Tx, unit: str) -> dict[str, int]:
    """Topic -> how many matters of it were brought to a unit, the most first."""
    rows = await tx.rows(
        select(_C.topic, func.count())
        .where(_C.unit == unit, _C.topic != "", seen(None))
        .group_by(_C.topic)
        .order_by(func.count().desc(), _C.topic)
    )
    return {row[0]: row[1] for row in rows}
