"""The broadcast log: what is to be aired, and what was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from bot.store.bulletin_tables import airings, bulletins
from bot.store.bulletins import BELL
from bot.store.case_tables import notice_addresses
from bot.store.store import Tx

_A = airings.c


@dataclass(frozen=True, slots=True)
class AiringRow:
    """One bulletin in one zone at one time."""

    id: int
    bulletin_id: int
    unit: str
    zone: str
    air_on: date
    slot_at: str
    code: str
    aired_at: datetime | None
    who: str
    how: str


@dataclass(frozen=True, slots=True)
class LogRow:
    """A line of the log as it is shown and exported."""

    airing: AiringRow
    title: str
    state: str
    priority: str
    seconds: float
    sound_hash: str
    text_hash: str
    approved_by: int | None


async def plan(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Write airings to come; those already there stay as they are."""
    await tx.add(airings, [{**row, "air_on": row["air_on"].isoformat()} for row in rows], ignore=True)
    tx.ring(BELL)


async def of_bulletin(tx: Tx, bulletin_id: int) -> list[AiringRow]:
    """All airings of one bulletin, by time and zone."""
    return await _rows(tx, _A.bulletin_id == bulletin_id)


async def get(tx: Tx, airing_id: int) -> AiringRow | None:
    """One airing."""
    found = await _rows(tx, _A.id == airing_id)
    return found[0] if found else None


async def by_code(tx: Tx, code: str) -> AiringRow | None:
    """The airing with that code on its run sheet."""
    found = await _rows(tx, _A.code == code)
    return found[0] if found else None


async def taken(tx: Tx, codes: Sequence[str]) -> set[str]:
    """Which of these codes are in use."""
    return {row.code for row in await tx.rows(select(_A.code).where(_A.code.in_(codes)))}


async def mark(tx: Tx, airing_id: int, *, aired_at: datetime, who: str, how: str) -> bool:
    """It was aired; False when that was already written, which then stays."""
    statement = update(airings).where(_A.id == airing_id, _A.aired_at.is_(None))
    marked = await tx.run(statement.values(aired_at=aired_at, who=who, how=how))
    tx.ring(BELL)
    return marked > 0


async def unmark(tx: Tx, airing_id: int) -> None:
    """It was not aired after all."""
    await tx.run(update(airings).where(_A.id == airing_id).values(aired_at=None, who="", how=""))
    tx.ring(BELL)


async def log(tx: Tx, unit: str, since: date, until: date, *, aired_only: bool = False) -> list[LogRow]:
    """The log of a unit between two days, both included, in the order of time."""
    b = bulletins.c
    told = (b.title, b.state, b.priority, b.sound, b.sound_hash, b.text_hash, b.approved_by)
    where = [_A.unit == unit, _A.air_on >= since.isoformat(), _A.air_on <= until.isoformat()]
    where += [_A.aired_at.is_not(None)] if aired_only else []
    statement = select(*_COLUMNS, *told).join(bulletins, b.id == _A.bulletin_id).where(*where)
    rows = await tx.rows(statement.order_by(_A.air_on, _A.slot_at, _A.zone, _A.id))
    return [
        LogRow(
            airing=_airing(row),
            title=row.title,
            state=row.state,
            priority=row.priority,
            seconds=float(row.sound.get("seconds", 0.0)),
            sound_hash=row.sound_hash,
            text_hash=row.text_hash,
            approved_by=row.approved_by,
        )
        for row in rows
    ]


async def official_of(tx: Tx, conversation_id: int) -> int | None:
    """The official whose chat this is."""
    n = notice_addresses.c
    return await tx.scalar(select(n.official_id).where(n.conversation_id == conversation_id))  # type: ignore[no-any-return]


async def _rows(tx: Tx, *where: Any) -> list[AiringRow]:
    statement = select(*_COLUMNS).where(*where).order_by(_A.air_on, _A.slot_at, _A.zone, _A.id)
    return [_airing(row) for row in await tx.rows(statement)]


def _airing(row: Any) -> AiringRow:
    values = {field.name: getattr(row, field.name) for field in fields(AiringRow)}
    return AiringRow(**{**values, "air_on": date.fromisoformat(values["air_on"])})


_COLUMNS = tuple(_A[field.name] for field in fields(AiringRow))
