"""Bulletins: statements only; the rules stand in `bot/bulletins/`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Text, and_, delete, func, or_, select, type_coerce, update

from bot.store.bulletin_tables import airings, bulletins
from bot.store.store import Tx

#: bell: something about bulletins changed
BELL = "bulletins"
_B = bulletins.c
_DAYS = ("air_on", "ends_on")
# items are compact JSON: a recording's name follows, or none
_RECORDING, _NO_RECORDING = '"recording":"', '"recording":""'


@dataclass(frozen=True, slots=True)
class BulletinRow:
    """A bulletin as the database has it; columns are explained in `bulletin_tables.py`."""

    id: int
    unit: str
    air_on: date
    slot_at: str
    zone: str
    title: str
    priority: str
    reason: str
    profile: str
    target_s: int
    items: list[dict[str, Any]]
    author_id: int | None
    editors: list[int]
    state: str
    revision: int
    script: list[dict[str, Any]]
    text_hash: str
    ends_on: date | None
    progress: int
    sound: dict[str, Any]
    files: dict[str, dict[str, Any]]
    sound_hash: str
    lesser: bool
    note: str
    approved_by: int | None
    approved_at: datetime | None
    approved_text: str
    approved_sound: str
    approved_document: str
    accepts_residue: bool
    published_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdrawn_why: str
    created_at: datetime
    updated_at: datetime

    @property
    def seconds(self) -> float:
        """Length of the sound, 0 while there is none."""
        return float(self.sound.get("seconds", 0.0))

    @property
    def read(self) -> dict[str, str]:
        """What people read of its sound: name of the words (`bot.readings.name_of`) -> sha256 of the reading."""
        return dict(self.sound.get("read", {}))


#: what an edit takes away: sound and approval belong to the text they were made of
UNMADE: dict[str, Any] = {
    "script": [], "text_hash": "", "ends_on": None, "progress": 0, "sound": {}, "files": {}, "sound_hash": "",
    "lesser": False, "note": "",
}  # fmt: skip
UNAPPROVED: dict[str, Any] = {
    "approved_by": None, "approved_at": None, "approved_text": "", "approved_sound": "", "approved_document": "",
    "accepts_residue": False,
}  # fmt: skip


async def add(tx: Tx, values: dict[str, Any]) -> int:
    """A new bulletin; its id."""
    (number,) = await tx.add_numbered(bulletins, [_written(values)])
    tx.ring(BELL)
    return number


async def change(tx: Tx, number: int, **values: Any) -> None:
    """Set columns of one bulletin."""
    await tx.run(update(bulletins).where(_B.id == number).values(**_written(values)))
    tx.ring(BELL)


async def remove(tx: Tx, number: int) -> None:
    """A draft goes."""
    await tx.run(delete(bulletins).where(_B.id == number))
    tx.ring(BELL)


async def get(tx: Tx, number: int, *, locked: bool = False) -> BulletinRow | None:
    """One bulletin; `locked` until the transaction ends."""
    statement = _SELECT.where(_B.id == number)
    row = await tx.one(statement.with_for_update() if locked else statement)
    return _row(row) if row else None


async def listed(
    tx: Tx,
    *,
    unit: str = "",
    since: date | None = None,
    until: date | None = None,
    states: Sequence[str] = (),
    withdrawn_since: datetime | None = None,
    limit: int = 500,
) -> list[BulletinRow]:
    """Bulletins that fit all filters, by day, slot and id. Days are both included."""
    wanted = [
        _B.unit == unit if unit else None,
        _B.air_on >= since.isoformat() if since else None,
        _B.air_on <= until.isoformat() if until else None,
        _B.state.in_(states) if states else None,
        _B.withdrawn_at >= withdrawn_since if withdrawn_since else None,
    ]
    statement = _SELECT.where(*(one for one in wanted if one is not None))
    return [_row(row) for row in await tx.rows(statement.order_by(_B.air_on, _B.slot_at, _B.id).limit(limit))]


async def last_played(tx: Tx, unit: str, since: date, today: date) -> list[tuple[date, list[dict[str, Any]]]]:
    """(day, items) of everything of this unit from that day on that was on air or is planned.

    Of days before today that is what was published or stands in the log, and no draft that was left lying; from today on
    everything that was not withdrawn.
    """
    logged = _B.id.in_(select(airings.c.bulletin_id).where(airings.c.aired_at.is_not(None)))
    was = or_(_B.state == "published", logged)
    stands = or_(was, and_(_B.air_on >= today.isoformat(), _B.state != "withdrawn"))
    where = (_B.unit == unit, _B.air_on >= since.isoformat(), stands)
    rows = await tx.rows(select(_B.air_on, _B["items"]).where(*where).order_by(_B.air_on, _B.id))
    return [(date.fromisoformat(row.air_on), row[1]) for row in rows]


async def lesser(tx: Tx, until: date) -> list[int]:
    """Bulletins not yet approved, to be aired up to that day or later, that a lesser voice read."""
    where = (_B.lesser, _B.state.in_(("draft", "waiting")), _B.air_on >= until.isoformat())
    return [row.id for row in await tx.rows(select(_B.id).where(*where).order_by(_B.id))]


async def forget_drafts(tx: Tx, before: datetime) -> int:
    """Drop drafts nobody touched since then; how many. What was published stays: it is the record of what was said."""
    old = (_B.state.in_(("draft", "waiting")), _B.updated_at < before)
    return await tx.run(delete(bulletins).where(*old, _B.id.not_in(select(airings.c.bulletin_id))))


async def aged(tx: Tx, before: date, limit: int = 100) -> list[BulletinRow]:
    """Bulletins of days before that whose sound is still kept, or any recording in them."""
    spoken = func.replace(type_coerce(_B["items"], Text), _NO_RECORDING, "").contains(_RECORDING)
    kept = or_(type_coerce(_B.files, Text) != "{}", spoken)
    where = (_B.air_on < before.isoformat(), kept, _B.state.in_(("published", "withdrawn")))
    return [_row(row) for row in await tx.rows(_SELECT.where(*where).order_by(_B.id).limit(limit))]


def _row(row: Any) -> BulletinRow:
    values = row._asdict()
    for name in _DAYS:
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    return BulletinRow(**values)


def _written(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if name in _DAYS and value else value for name, value in values.items()}


_SELECT = select(*(_B[field.name] for field in fields(BulletinRow)))
