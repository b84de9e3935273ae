"""What the figures are counted from: matters of one unit in one span of time, as far as somebody may know of them.

Reports of wrongdoing are no part of any figure: that there is one would tell enough. What must not be known of is left
out by the query itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy import ColumnElement, and_, case, exists, func, not_, or_, select, true

from bot.model.official import Official
from bot.store import rights
from bot.store.audience import NEWS
from bot.store.broadcast_tables import broadcasts
from bot.store.bulletin_tables import airings
from bot.store.case_desk import Eye, visible
from bot.store.case_tables import case_askers, case_hidden, case_history, cases
from bot.store.store import Tx
from bot.store.tables import consents, contacts, conversations, unanswered

#: the right to see figures
ACTION = "report-read"
_C, _A, _H = cases.c, case_askers.c, case_history.c


@dataclass(frozen=True, slots=True)
class Matter:
    """One case as figures know it: no words, no code."""

    kind: str
    state: str
    hamlet: str
    topic: str
    entry: str
    source: str
    official_id: int | None
    opened_at: datetime
    answered_at: datetime | None
    due_at: datetime | None
    escalated_at: datetime | None
    allowed_s: int | None
    spent_s: int
    reopened: int
    id: int


_ROW = tuple(_C[one.name] for one in fields(Matter))
#: how broadcasts stand, and what of it is told
SENT = ("sent", "queued", "waiting", "held", "failed", "gone", "unknown", "skipped")


def seen(eye: Eye | None) -> ColumnElement[bool]:
    """Cases that are counted. None: for outside the desk, where a case that is hidden from anybody is not told of."""
    if eye is not None:
        return and_(visible(eye, ACTION), _C.custody == "")
    return and_(_C.screened, _C.custody == "", not_(exists().where(case_hidden.c.case_id == _C.id)))


def _mine(eye: Eye | None, unit: str, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (_C.unit == unit, _C.opened_at >= since, _C.opened_at < until, seen(eye))


async def matters(tx: Tx, eye: Eye | None, unit: str, since: datetime, until: datetime) -> list[Matter]:
    """Cases brought in that time."""
    return [Matter(*row) for row in await tx.rows(select(*_ROW).where(*_mine(eye, unit, since, until)))]


async def causes(tx: Tx, eye: Eye | None, unit: str, since: datetime, until: datetime) -> dict[int, str]:
    """Case -> why it was late when it was taken further up the last time."""
    statement = (
        select(_H.case_id, _H.payload)
        .join_from(cases, case_history, _H.case_id == _C.id)
        .where(*_mine(eye, unit, since, until), _C.escalated_at.is_not(None), _H.what == "escalated")
        .order_by(_H.case_id, _H.step)
    )
    rows = await tx.rows(statement)
    return {row.case_id: str(json.loads(row.payload).get("cause", "")) for row in rows if row.payload is not None}


async def ratings(tx: Tx, eye: Eye | None, unit: str, since: datetime, until: datetime) -> list[int]:
    """What those who asked thought of the answers, 1 to 5 each."""
    statement = (
        select(_A.rating)
        .join_from(cases, case_askers, _A.case_id == _C.id)
        .where(*_mine(eye, unit, since, until), _A.rating.is_not(None))
    )
    return [int(row.rating) for row in await tx.rows(statement)]


async def by_unit(tx: Tx, eye: Eye | None, bounds: Sequence[datetime], unit: str = "") -> dict[str, tuple[int, ...]]:
    """Unit -> cases brought between each bound and the next; `unit`: that one alone."""
    spans = [and_(_C.opened_at >= a, _C.opened_at < b) for a, b in pairwise(bounds)]
    summed = [func.sum(case((span, 1), else_=0)) for span in spans]
    statement = (
        select(_C.unit, *summed)
        .where(_C.opened_at >= bounds[0], _C.opened_at < bounds[-1], seen(eye))
        .group_by(_C.unit)
    )
    rows = await tx.rows(statement.where(_C.unit == unit) if unit else statement)
    return {row[0]: tuple(int(number or 0) for number in row[1:]) for row in rows}


async def questions(tx: Tx, official: Official | None, unit: str, since: datetime, until: datetime) -> dict[str, int]:
    """What became of questions the bot could not answer ("" = nothing yet) -> how many."""
    u = unanswered.c
    mine = (u.unit == unit, u.at >= since, u.at < until, _within(official, u.unit))
    rows = await tx.rows(select(u.settled, func.count()).where(*mine).group_by(u.settled))
    return {row[0]: int(row[1]) for row in rows}


async def reached(tx: Tx, official: Official | None, unit: str) -> dict[str, int]:
    """Channel -> chats of the unit in which somebody agreed to get news and can be written to, today."""
    c, v, p = contacts.c, conversations.c, consents.c
    agrees = exists().where(p.contact_id == c.id, p.purpose == NEWS, p.withdrawn_at.is_(None))
    there = _within(official, c.unit, c.hamlet)
    statement = (
        select(v.channel, func.count())
        .join_from(contacts, conversations, v.contact_id == c.id)
        .where(c.unit == unit, v.gone_at.is_(None), agrees, there)
        .group_by(v.channel)
    )
    return {row[0]: int(row[1]) for row in await tx.rows(statement)}


async def sent(tx: Tx, official: Official | None, unit: str, since: datetime, until: datetime) -> dict[str, int]:
    """State of recipients -> how many, of the unit's broadcasts begun in that time."""
    b = broadcasts.c
    mine = (b.unit == unit, b.started_at >= since, b.started_at < until, _within(official, b.unit))
    row = await tx.one(select(*(func.coalesce(func.sum(b[name]), 0) for name in SENT)).where(*mine))
    return {name: int(number) for name, number in zip(SENT, row or (), strict=False)}


async def aired(
    tx: Tx, official: Official | None, unit: str, since: date, until: date, *, now: datetime
) -> tuple[int, int]:
    """Programmes of the loudspeakers from that day to before the other, whose time has come: aired, due.

    `now`: where the people live. What is still to come is neither aired nor forgotten.
    """
    a = airings.c
    today = now.date().isoformat()
    begun = or_(a.air_on < today, and_(a.air_on == today, a.slot_at <= f"{now:%H:%M}"), a.aired_at.is_not(None))
    mine = (a.unit == unit, a.air_on >= since.isoformat(), a.air_on < until.isoformat(), _within(official, a.unit))
    row = await tx.one(select(func.count(a.aired_at), func.count()).where(*mine, begun))
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _within(
    official: Official | None, unit: ColumnElement[str], hamlet: ColumnElement[str] | None = None
) -> ColumnElement[bool]:
    """Where an official sees figures; None: the caller has settled which unit it is."""
    return true() if official is None else rights.visible(official, ACTION, unit=unit, hamlet=hamlet)
