"""Voice notes of entries: statements only; the rules stand in `bot/clips.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from bot.store.bulletin_tables import clips
from bot.store.store import Tx

#: kind of the job that makes one
MAKE = "clip-make"
_PERSON = "nguoi:"
_C = clips.c


@dataclass(frozen=True, slots=True)
class ClipRow:
    """One voice note as the database has it; columns are explained in `bulletin_tables.py`."""

    id: int
    entry: str
    unit: str
    profile: str
    voice: str
    text_hash: str
    files: dict[str, dict[str, Any]]
    sound: dict[str, Any]
    lesser: bool
    made_at: datetime
    needed_at: datetime


def person(unit: str) -> str:
    """The voice of clips that a unit's own people read."""
    return f"{_PERSON}{unit}"


def is_persons(voice: str) -> bool:
    """Whether a person reads, of whatever unit."""
    return voice.startswith(_PERSON)


async def keep(tx: Tx, values: dict[str, Any], *, ignore: bool = False) -> None:
    """Write a clip over an earlier one of the same words and voice; `ignore` leaves that as it is."""
    statement = tx.insert(clips).values(values)
    if ignore:
        await tx.run(statement.on_conflict_do_nothing())
        return
    key = ("text_hash", "profile", "voice")
    kept = {name: statement.excluded[name] for name in values if name not in key}
    await tx.run(statement.on_conflict_do_update(index_elements=key, set_=kept))


async def of_texts(tx: Tx, hashes: Sequence[str], profile: str) -> list[ClipRow]:
    """All clips of these texts, newest first, whoever reads them."""
    where = (_C.text_hash.in_(hashes), _C.profile == profile)
    rows = await tx.rows(_SELECT.where(*where).order_by(_C.made_at.desc(), _C.id.desc()))
    return [ClipRow(*row) for row in rows]


async def get(tx: Tx, text_hash: str, profile: str, voice: str, *, locked: bool = False) -> ClipRow | None:
    """The clip of that text in that voice; `locked` until the transaction ends."""
    statement = _SELECT.where(_C.text_hash == text_hash, _C.profile == profile, _C.voice == voice)
    row = await tx.one(statement.with_for_update() if locked else statement)
    return ClipRow(*row) if row else None


async def by_number(tx: Tx, number: int) -> ClipRow | None:
    """One clip."""
    row = await tx.one(_SELECT.where(_C.id == number))
    return ClipRow(*row) if row else None


async def of_voices(tx: Tx, profile: str, voices: Sequence[str]) -> list[ClipRow]:
    """All clips of a profile in these voices, by id."""
    rows = await tx.rows(_SELECT.where(_C.profile == profile, _C.voice.in_(voices)).order_by(_C.id))
    return [ClipRow(*row) for row in rows]


async def change(tx: Tx, number: int, **values: Any) -> None:
    """Set columns of one clip."""
    await tx.run(update(clips).where(_C.id == number).values(**values))


async def remove_spoken(tx: Tx, text_hash: str, voice: str) -> None:
    """The clips of that text in that voice are not wanted any more."""
    await tx.run(delete(clips).where(_C.text_hash == text_hash, _C.voice == voice))


async def touch(tx: Tx, ids: Sequence[int], at: datetime) -> None:
    """These are still what their entries say."""
    await tx.run(update(clips).where(_C.id.in_(ids)).values(needed_at=at))


async def lesser(tx: Tx) -> list[ClipRow]:
    """Clips read by a lesser voice than the one that was wanted."""
    return [ClipRow(*row) for row in await tx.rows(_SELECT.where(_C.lesser).order_by(_C.id))]


async def forget(tx: Tx, before: datetime, limit: int) -> int:
    """Drop some clips nobody needed since then; how many. Their files go as those that nothing names any more."""
    old = select(_C.id).where(_C.needed_at < before).order_by(_C.id).limit(limit)
    return await tx.run(delete(clips).where(_C.id.in_([row.id for row in await tx.rows(old)])))


_SELECT = select(*(_C[field.name] for field in fields(ClipRow)))
