"""Questions the bot could not answer: the worklist for new entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from bot.model.fold import fold
from bot.model.official import Official
from bot.store.rights import visible
from bot.store.store import Tx
from bot.store.tables import unanswered

_U = unanswered.c


@dataclass(frozen=True, slots=True)
class Question:
    """One question nothing answered."""

    id: int
    conversation_id: int | None
    unit: str
    text: str
    #: ids that were offered as guesses
    offered: list[str]
    at: datetime
    #: "" = open, "entry:<id>" that answers it, "done", "ignored"
    settled: str


_ROW = (_U.id, _U.conversation_id, _U.unit, _U.text, _U.offered, _U.at, _U.settled)


async def add(tx: Tx, rows: Sequence[tuple[int, str, str, tuple[str, ...]]], at: datetime) -> None:
    """(conversation, unit, text, ids offered) each."""
    values: list[dict[str, Any]] = [
        {"conversation_id": who, "unit": unit, "text": text, "folded": fold(text), "offered": list(offered), "at": at}
        for who, unit, text, offered in rows
    ]
    await tx.add(unanswered, values)


async def newest(tx: Tx, units: Sequence[str] = (), limit: int = 100) -> list[tuple[str, str, list[str]]]:
    """(unit, text, ids offered), newest first."""
    statement = select(_U.unit, _U.text, _U.offered).order_by(_U.id.desc()).limit(limit)
    rows = await tx.rows(statement.where(_U.unit.in_(units)) if units else statement)
    return [(row.unit, row.text, row.offered) for row in rows]


async def count_of(tx: Tx, conversation_id: int) -> int:
    """How many of one conversation's questions are kept."""
    return int(await tx.scalar(select(func.count()).where(_U.conversation_id == conversation_id)) or 0)


async def forget(tx: Tx, before: datetime) -> int:
    """Drop old ones; how many."""
    return await tx.run(delete(unanswered).where(_U.at < before))


async def seen_by(
    tx: Tx, official: Official, actions: Sequence[str], *, unit: str | None = None, limit: int
) -> list[Question]:
    """The newest questions of units where the official may do one of these, oldest first. `unit`: that one alone."""
    statement = select(*_ROW).where(or_(*(visible(official, action, unit=_U.unit) for action in actions)))
    if unit is not None:
        statement = statement.where(_U.unit == unit)
    rows = await tx.rows(statement.order_by(_U.id.desc()).limit(limit))
    return [Question(*row) for row in reversed(rows)]


async def by_ids(tx: Tx, ids: Sequence[int]) -> list[Question]:
    """These, as far as they are still kept, oldest first."""
    return [Question(*row) for row in await tx.rows(select(*_ROW).where(_U.id.in_(ids)).order_by(_U.id))]


async def open_in(tx: Tx, units: Sequence[str], limit: int) -> list[Question]:
    """The newest open questions of these units, oldest first."""
    statement = select(*_ROW).where(_U.settled == "", _U.unit.in_(units))
    rows = await tx.rows(statement.order_by(_U.id.desc()).limit(limit))
    return [Question(*row) for row in reversed(rows)]


async def settle(tx: Tx, ids: Sequence[int], settled: str, at: datetime) -> int:
    """What became of these; "" opens them again. How many there were."""
    if not ids:
        return 0
    moment = at if settled else None
    return await tx.run(update(unanswered).where(_U.id.in_(ids)).values(settled=settled, settled_at=moment))
