"""Taking back: a bulletin disappears from lists and feeds at once, who asks for it is told, and bundles carry the recall.

A published bulletin stands as long as every entry in it says what it said and may be aired; what merely ran out is no
longer listed, what was changed or lost its signature is recalled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot import rights
from bot.bulletins.editing import MACHINE, REASON_MOST, MovedOnError, find, programme_of, topics_of
from bot.bulletins.item import ItemKind, items_from
from bot.errors import LoaThonError, say
from bot.library import Library, spoken
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.store import Tx, audit, bulletins, jobs
from bot.store.bulletins import BulletinRow
from bot.store.sources import RECALL

WEEK = timedelta(days=7)
#: how long a bulletin can be heard again, and how long its recall is told
LISTED_FOR = timedelta(days=30)
TOLD_FOR = timedelta(days=30)


class GoneError(LoaThonError):
    """bulletins.gone"""


@dataclass(frozen=True, slots=True)
class Recall:
    """One thing taken back, for bundles and automation."""

    id: int
    title: str
    air_on: date
    slot_at: str
    sound_hash: str
    withdrawn_at: datetime
    why: str


async def withdraw(tx: Tx, official: Official | None, library: Library, number: int, why: str, *, at: datetime) -> None:
    """Take a bulletin back at once: whoever may write or approve it; None = the machine, because an entry changed.

    Raises `NotAllowedError`, `MovedOnError` when it was never approved.
    """
    row = await find(tx, library, number, locked=True)
    if official is not None and not _may(official, library, row):
        raise NotAllowedError
    if row.state == "withdrawn":
        return
    if row.state not in {"approved", "published"}:
        raise MovedOnError
    who = official.who if official else MACHINE
    told = " ".join(why.split())[:REASON_MOST] or say("bulletins.why.none")
    await bulletins.change(
        tx, number, state="withdrawn", withdrawn_at=at, withdrawn_by=who, withdrawn_why=told, updated_at=at
    )
    await jobs.add(tx, RECALL, [({"bulletin": number}, f"{RECALL}:{number}")], at)
    await audit.note(tx, who, "bulletin-withdrawn", f"bulletins:{number}", at=at, detail={"sound": row.sound_hash})


def broken(library: Library, row: BulletinRow) -> str:
    """Why a published bulletin must be taken back, as a message; "" when its entries still say what was read."""
    read: dict[int, list[str]] = {}
    for line in row.script:
        read.setdefault(int(line["item"]), []).append(str(line["text"]))
    for number, item in enumerate(programme_of(row).items, start=1):
        if item.kind is not ItemKind.ENTRY:
            continue
        if row.unit not in library.units or not library.has(item.entry):
            return say("bulletins.why.gone")
        seen = spoken(library, item.entry, row.air_on, row.unit)
        if not seen.airable:
            return say("bulletins.why.unsigned", title=seen.title)
        if seen.text not in read.get(number, ()):
            return say("bulletins.why.changed", title=seen.title)
    return ""


def is_over(row: BulletinRow, today: date) -> bool:
    """Whether it ran out: something in it has ended, or it is too old to be heard again."""
    ended = row.ends_on is not None and row.ends_on < max(today, row.air_on)
    return ended or row.air_on < today - LISTED_FOR


async def listed(tx: Tx, library: Library, unit: str, today: date) -> list[BulletinRow]:
    """What of a unit can be had now, newest first: published, not withdrawn, not over, every entry as it was read."""
    rows = await bulletins.listed(tx, unit=unit, since=today - LISTED_FOR, states=("published",))
    good = [row for row in rows if not is_over(row, today) and not broken(library, row)]
    return sorted(good, key=lambda row: (row.air_on, row.slot_at, row.id), reverse=True)


async def have(tx: Tx, library: Library, number: int, today: date) -> BulletinRow:
    """A published bulletin, for whoever asks. Raises `GoneError` (tell it with 410) for one taken back or over, and
    `NotThereError` for what never was public.
    """
    row = await find(tx, library, number)
    if row.state == "withdrawn" and row.published_at is not None:
        raise GoneError(title=row.title, why=row.withdrawn_why)
    if row.state != "published":
        raise NotAllowedError
    why = broken(library, row) or (say("bulletins.why.over") if is_over(row, today) else "")
    if why:
        raise GoneError(title=row.title, why=why)
    return row


async def week(tx: Tx, library: Library, unit: str, today: date, site: str) -> tuple[dict[str, str], ...]:
    """This week's bulletins of a unit for the chat, newest first: number, title, page. None of a unit nobody knows."""
    if unit not in library.units:
        return ()
    rows = [row for row in await listed(tx, library, unit, today) if today - WEEK < row.air_on <= today]
    return tuple({"id": str(row.id), "title": row.title, "page": page_of(row, site)} for row in rows)


async def heard(tx: Tx, library: Library, number: str, today: date, site: str) -> dict[str, str] | None:
    """One bulletin for the chat: its file, or in `gone` why it can no longer be heard; None for what never was public."""
    if not (number.isascii() and number.isdecimal() and len(number) < 12):
        return None
    try:
        row = await have(tx, library, int(number), today)
    except GoneError as error:
        return {"gone": str(error)}
    except NotAllowedError:
        return None
    name = f"ban-tin-{row.air_on:%Y%m%d}-{row.slot_at.replace(':', '')}.mp3"
    return {"title": row.title, "sha256": row.files["mp3"]["sha256"], "name": name, "page": page_of(row, site)}


def page_of(row: BulletinRow, site: str) -> str:
    """Where everybody hears it."""
    return f"{site}/loa/{row.unit}/{row.id}"


async def recalls(tx: Tx, unit: str, at: datetime) -> Sequence[Recall]:
    """What of a unit was taken back lately, newest first: the next bundle carries it."""
    rows = await bulletins.listed(tx, unit=unit, states=("withdrawn",), withdrawn_since=at - TOLD_FOR)
    told = [
        Recall(row.id, row.title, row.air_on, row.slot_at, row.sound_hash, row.withdrawn_at, row.withdrawn_why)
        for row in rows
        if row.withdrawn_at is not None and row.published_at is not None
    ]
    return sorted(told, key=lambda recall: recall.withdrawn_at, reverse=True)


async def sweep(tx: Tx, library: Library, today: date, *, at: datetime) -> list[int]:
    """Take back whatever is public and no longer says what its entries say; which."""
    rows = await bulletins.listed(tx, since=today - LISTED_FOR, states=("published",))
    gone: list[int] = []
    for row in rows:
        if row.unit in library.units and (why := broken(library, row)):
            await withdraw(tx, None, library, row.id, why, at=at)
            gone.append(row.id)
    return gone


def _may(official: Official, library: Library, row: BulletinRow) -> bool:
    topics = topics_of(library, items_from(row.items))
    return any(
        all(rights.may(official, action, unit=row.unit, topic=topic) for topic in topics)
        for action in ("broadcast-write", "broadcast-approve")
    )
