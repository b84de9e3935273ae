"""An official's word that this text and this sound go on air: the chair's, or a deputy's by a written delegation, never of
anybody who wrote it. It is bound to the hashes of both; a letter changed, and it is gone.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from bot import readings, rights
from bot.bulletins.doubts import require_heeded
from bot.bulletins.editing import (
    PUBLISH,
    REASON_MOST,
    MovedOnError,
    beside,
    check,
    find,
    neighbours,
    programme_of,
    residue_of,
    topics_of,
)
from bot.bulletins.item import items_from
from bot.bulletins.script import compose
from bot.bulletins.slots import Hours
from bot.errors import LoaThonError, say
from bot.library import Library
from bot.model.codes import new_code
from bot.model.official import Official
from bot.officials import Draw
from bot.rights import NotAllowedError
from bot.store import Tx, airings, audit, bulletins, jobs
from bot.store.bulletins import UNAPPROVED, BulletinRow

#: draws of a code before giving up: each is taken once in a million
_DRAWS = 20
#: tries of publishing, some twenty minutes, before the writers have it back
TRIES_MOST = 8


class ResidueError(LoaThonError):
    """bulletins.residue"""


class OtherTextError(LoaThonError):
    """bulletins.other_text"""


def may_approve(official: Official, library: Library, row: BulletinRow) -> bool:
    """Whether this official's word counts for this bulletin."""
    writers = {row.author_id, *row.editors} - {None}
    return all(
        rights.may(official, "broadcast-approve", unit=row.unit, topic=topic, author=writer)
        for topic in topics_of(library, items_from(row.items))
        for writer in (writers or {None})
    )


async def approve(
    tx: Tx,
    official: Official,
    library: Library,
    number: int,
    *,
    text_hash: str,
    sound_hash: str,
    accepts_residue: bool = False,
    stand: Iterable[str] = (),
    today: date,
    at: datetime,
) -> Hours:
    """Approve what waits; it is published beside. What is to be said of its hour.

    `text_hash` and `sound_hash` are the row's as the official read and heard them; `stand` as for `editing.hand_in`. Raises
    `UnheededError`, `NotAllowedError`,
    `OtherTextError` when either is not what it would air, `ResidueError` when something could not be read and the official
    did not accept that, `ReadingGoneError`, and what `editing.check` raises.
    """
    row = await find(tx, library, number, locked=True)
    if not may_approve(official, library, row):
        raise NotAllowedError
    if row.state != "waiting":
        raise MovedOnError
    if (row.text_hash, row.sound_hash) != (text_hash, sound_hash):
        raise OtherTextError
    found = check(library, row, today, beside(await neighbours(tx, row)))
    await readings.require_in_use(tx, row.unit, row.read)
    residue = residue_of(row)
    if residue and not accepts_residue:
        raise ResidueError(found=", ".join(residue[:3]))
    stood = require_heeded(library, items_from(row.items), stand)
    document = _document(official, row.unit, today)
    await bulletins.change(
        tx,
        number,
        state="approved",
        approved_by=official.id,
        approved_at=at,
        approved_text=text_hash,
        approved_sound=sound_hash,
        approved_document=document,
        accepts_residue=bool(residue),
        note="",
        updated_at=at,
    )
    await jobs.add(tx, PUBLISH, [({"bulletin": number}, f"{PUBLISH}:{number}")], at)
    detail = {"text": text_hash, "sound": sound_hash, "document": document, "residue": len(residue)}
    detail |= {"stood": stood} if stood else {}
    await audit.note(tx, official.who, "bulletin-approved", f"bulletins:{number}", at=at, detail=detail)
    return found


async def send_back(tx: Tx, official: Official, library: Library, number: int, why: str, *, at: datetime) -> None:
    """Give a bulletin back to its writers with a word. Raises `NotAllowedError`, `MovedOnError`."""
    row = await find(tx, library, number, locked=True)
    if not may_approve(official, library, row):
        raise NotAllowedError
    if row.state not in {"waiting", "approved"}:
        raise MovedOnError
    note = " ".join(why.split())[:REASON_MOST]
    await bulletins.change(tx, number, **_returned(row), note=note, updated_at=at)
    await jobs.drop(tx, f"{PUBLISH}:{number}")
    await audit.note(tx, official.who, "bulletin-sent-back", f"bulletins:{number}", at=at)


def is_approved(library: Library, row: BulletinRow) -> bool:
    """Whether the word given still stands for what would be aired: same text today, same sound."""
    if row.state not in {"approved", "published"} or not row.approved_text or not row.approved_sound:
        return False
    script = compose(library, programme_of(row))
    return (
        not script.obstacles
        and script.text_hash == row.text_hash == row.approved_text
        and row.sound_hash == row.approved_sound
    )


async def publish(
    tx: Tx, library: Library, row: BulletinRow, *, at: datetime, draw: Draw = secrets.token_bytes
) -> None:
    """Everything was checked: it is published, with a line in the log for each zone, to be ticked off.

    Raises `MovedOnError` when the approval does not stand any more.
    """
    if row.state != "approved" or not is_approved(library, row):
        raise MovedOnError
    await bulletins.change(tx, row.id, state="published", published_at=at, note="", updated_at=at)
    zones = [row.zone] if row.zone else [zone.id for zone in library.unit(row.unit).zones] or [""]
    codes = await _codes(tx, len(zones), draw)
    lines = [
        {
            "bulletin_id": row.id, "unit": row.unit, "zone": zone, "air_on": row.air_on, "slot_at": row.slot_at,
            "code": code,
        }
        for zone, code in zip(zones, codes, strict=True)
    ]  # fmt: skip
    await airings.plan(tx, lines)
    await audit.note(tx, "may", "bulletin-published", f"bulletins:{row.id}", at=at, detail={"sound": row.sound_hash})


async def refuse(tx: Tx, row: BulletinRow, why: str, *, at: datetime) -> None:
    """It could not be published: back to its writers with the reason."""
    await bulletins.change(tx, row.id, **_returned(row), note=why, updated_at=at)
    await audit.note(tx, "may", "bulletin-refused", f"bulletins:{row.id}", at=at)


async def give_up(tx: Tx, *, at: datetime) -> list[int]:
    """Give back what was approved and could not be published however often the machine tried; which."""
    given: list[int] = []
    for row in await bulletins.listed(tx, states=("approved",)):
        key = f"{PUBLISH}:{row.id}"
        tried = await jobs.tried(tx, key)
        # a job that failed for good, or was lost, is no more; one that waits shows how often it failed
        is_lost = not tried and not await jobs.waits(tx, key)
        if is_lost or tried >= TRIES_MOST:
            await jobs.drop(tx, key)
            await refuse(tx, row, say("bulletins.not_published", tried=tried or TRIES_MOST), at=at)
            given.append(row.id)
    return given


def _returned(row: BulletinRow) -> dict[str, Any]:
    """Back with its writers. Another revision: what was put into the catalogue under this one never comes back."""
    return {**UNAPPROVED, "state": "draft", "revision": row.revision + 1}


async def _codes(tx: Tx, count: int, draw: Draw) -> Sequence[str]:
    found: list[str] = []
    for _ in range(_DRAWS):
        wanted = count - len(found)
        fresh = {code for _ in range(wanted) if (code := new_code(draw(16))) not in found}
        found += sorted(fresh - await airings.taken(tx, sorted(fresh)))
        if len(found) == count:
            return found
    raise RuntimeError("no free code")


def _document(official: Official, unit: str, on: date) -> str:
    """The delegation by which a deputy approves; "" for a chair."""
    if any(one.is_chair and "broadcast-approve" in rights.roles()[one.role].may for one in official.assignments):
        return ""
    held = [one for one in official.delegations if one.since <= on <= one.until and one.unit in {"", unit}]
    return held[0].document if held else ""
