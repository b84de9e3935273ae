"""A bulletin before anybody's word: written, rearranged, put into sound, handed in.

Whoever may write bulletins in that unit, for every topic in it, may do so. Every edit takes sound and approval away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bot import readings, rights
from bot.bulletins import slots
from bot.bulletins.doubts import require_heeded
from bot.bulletins.item import TITLE_MOST, Item, ItemKind, WrongItemError, items_from, to_plain
from bot.bulletins.script import Programme, Script, compose, title_of
from bot.bulletins.slots import DEFAULT_MINUTES, Hours, Priority
from bot.errors import LoaThonError, say
from bot.library import Library
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.store import Tx, audit, bulletins, jobs
from bot.store.bulletins import UNAPPROVED, UNMADE, BulletinRow

#: kinds of jobs (`bot/jobs/bulletins.py`), beside `bot.store.sources.RECALL`
MAKE, PUBLISH = "bulletin-make", "bulletin-publish"
#: who acts where no official does
MACHINE = "may"
PROFILES = ("loa", "loa-cu", "fm")
REASON_MOST = 300
#: a bulletin nobody gave a length: two or three matters
TARGET_S = 300
#: a bulletin is written at most so long ahead
AHEAD_MOST = timedelta(days=366)
#: a name of the machine's own is looked for up to that number
_NAMESAKES_MOST = 20
#: states in which a bulletin takes up its time
TAKES_TIME = ("waiting", "approved", "published")
_EDITABLE = ("items", "title", "priority", "reason", "profile", "target_s", "air_on", "slot_at", "zone")


class NotThereError(NotAllowedError):
    """rights.not_allowed"""


class MovedOnError(LoaThonError):
    """bulletins.moved_on"""


class PastError(LoaThonError):
    """bulletins.past"""


class TooFarError(LoaThonError):
    """bulletins.too_far"""


class NoDayError(LoaThonError):
    """bulletins.no_day"""


class NotMadeError(LoaThonError):
    """bulletins.not_made"""


class NotAirableError(LoaThonError):
    """bulletins.not_airable"""


class FaultyError(LoaThonError):
    """bulletins.faulty"""


class TooLongError(LoaThonError):
    """bulletins.too_long"""


class FullSlotError(TooLongError):
    """bulletins.full_slot"""


async def create(
    tx: Tx,
    official: Official | None,
    library: Library,
    *,
    unit: str,
    air_on: date,
    slot_at: str,
    today: date,
    at: datetime,
    items: Sequence[Mapping[str, Any]] = (),
    **more: Any,
) -> int:
    """A new bulletin as a draft; its id. `more`: zone, title, priority, reason, profile, target_s.

    Its title is numbered where another of that day has the same. Raises `NotAllowedError`, `WrongItemError`, `PastError`,
    `TooFarError`, `QuietHoursError`, `NoReasonError`, `WrongSlotError`.
    """
    values = {"zone": "", "title": "", "priority": Priority.USUAL.value, "reason": "", "profile": PROFILES[0], **more}
    values = {"target_s": TARGET_S, **values, "items": items, "air_on": air_on, "slot_at": slot_at}
    read = _read(library, unit, values, today)
    _require_writing(official, library, unit, items_from(read["items"]))
    author = official.id if official else None
    row = {
        **read, "unit": unit, "state": "draft", "author_id": author, "editors": [author] if author else [],
        "created_at": at, "updated_at": at,
    }  # fmt: skip
    row["title"] = await _own_title(tx, unit, air_on, read["title"])
    number = await bulletins.add(tx, row)
    await audit.note(
        tx, _who(official), "bulletin-written", f"bulletins:{number}", at=at, detail={"unit": unit}, after=read["items"]
    )
    return number


async def edit(
    tx: Tx,
    official: Official,
    library: Library,
    number: int,
    changes: Mapping[str, Any],
    *,
    revision: int,
    today: date,
    at: datetime,
) -> int:
    """Change items, their order, title, time, zone, priority or reason; the new revision. A bulletin nobody named is called
    after its time, also when that moves.

    `revision` is the one the official had before them. What was published is not edited: it is withdrawn. Raises
    `MovedOnError` when somebody else changed it meanwhile, and as `create` does.
    """
    row = await _mine(tx, official, library, number)
    if row.revision != revision or row.state not in {"draft", "waiting", "approved"}:
        raise MovedOnError
    wrong = sorted(set(changes) - set(_EDITABLE))
    if wrong:
        raise WrongItemError(field=wrong[0])
    before = {name: getattr(row, name) for name in _EDITABLE}
    told = {**before, **changes}
    is_moved = any(told[name] != before[name] for name in ("air_on", "slot_at", "priority"))
    if is_moved and told["title"] == row.title and _is_usual_title(library, row):
        told["title"] = ""
    read = _read(library, row.unit, told, today)
    _require_writing(official, library, row.unit, items_from(read["items"]))
    read["title"] = await _own_title(tx, row.unit, read["air_on"], read["title"], number)
    editors = [*row.editors, *([] if official.id in row.editors else [official.id])]
    await bulletins.change(
        tx, number, **read, **UNMADE, **UNAPPROVED, state="draft", revision=revision + 1, editors=editors, updated_at=at
    )
    ref, changed = f"bulletins:{number}", sorted(name for name in _EDITABLE if before[name] != read[name])
    await audit.note(
        tx, official.who, "bulletin-edited", ref, at=at, detail={"fields": changed}, before=row.items,
        after=read["items"],
    )  # fmt: skip
    return revision + 1


async def order_sound(tx: Tx, official: Official | None, library: Library, number: int, *, at: datetime) -> None:
    """Have the sound made beside; asking twice changes nothing. Raises `NotAllowedError`, `MovedOnError`."""
    row = await _mine(tx, official, library, number)
    if row.state not in {"draft", "waiting"}:
        raise MovedOnError
    await jobs.add(tx, MAKE, [({"bulletin": number}, f"{MAKE}:{number}")], at)


async def hand_in(
    tx: Tx,
    official: Official,
    library: Library,
    number: int,
    *,
    stand: Iterable[str] = (),
    today: date,
    at: datetime,
) -> Hours:
    """Ask for approval; what is to be said of the hour. `stand`: marks of `doubts.remarks` the official lets stand.

    Raises `UnheededError` while one is left, `NotMadeError`, `NotAirableError`, `FaultyError`, `TooLongError`, `PastError`,
    `MovedOnError` (also when an entry changed since the sound was made), `ReadingGoneError`, and as `create` does.
    """
    row = await _mine(tx, official, library, number)
    if row.state != "draft":
        raise MovedOnError
    found = check(library, row, today, beside(await neighbours(tx, row)))
    await readings.require_in_use(tx, row.unit, row.read)
    stood = require_heeded(library, items_from(row.items), stand)
    await bulletins.change(tx, number, state="waiting", note="", updated_at=at)
    await audit.note(
        tx, official.who, "bulletin-handed-in", f"bulletins:{number}", at=at, detail={"stood": stood} if stood else None
    )
    return found


async def drop(tx: Tx, official: Official, library: Library, number: int, *, at: datetime) -> None:
    """A draft is not wanted. Raises `NotAllowedError`, `MovedOnError`."""
    row = await _mine(tx, official, library, number)
    if row.state not in {"draft", "waiting"}:
        raise MovedOnError
    await jobs.drop(tx, f"{MAKE}:{number}")
    await bulletins.remove(tx, number)
    await audit.note(tx, official.who, "bulletin-dropped", f"bulletins:{number}", at=at, before=row.items)


def programme_of(row: BulletinRow) -> Programme:
    """What the script of a row is made of."""
    return Programme(row.unit, row.air_on, row.slot_at, Priority(row.priority), items_from(row.items))


def require_day(air_on: date, today: date) -> None:
    """Raise `PastError` for a day that is over, `TooFarError` for one more than a year ahead."""
    if air_on < today:
        raise PastError
    if air_on - today > AHEAD_MOST:
        raise TooFarError


def check(library: Library, row: BulletinRow, today: date, beside_s: float = 0.0) -> Hours:
    """Raise what keeps a bulletin with its sound from being approved, but for what the reader could not read.

    `beside_s`: what others take of its time, from `beside`.
    """
    require_day(row.air_on, today)
    script = compose(library, programme_of(row))
    require_airable(script)
    if not row.sound_hash:
        raise NotMadeError
    if script.text_hash != row.text_hash:
        raise MovedOnError
    if faults := [fault for fault in row.sound.get("faults", ()) if fault["code"] != "residue"]:
        raise FaultyError(why=faults[0].get("told") or faults[0]["code"])
    priority = Priority(row.priority)
    room_s = 60 * minutes_of(library, row)
    if row.seconds > room_s and priority is not Priority.URGENT:
        raise TooLongError(seconds=round(row.seconds), most=room_s)
    if row.seconds + beside_s > room_s and priority is not Priority.URGENT:
        raise FullSlotError(seconds=round(row.seconds), beside=round(beside_s), most=room_s)
    return slots.require_time(row.slot_at, priority, row.reason, row.seconds)


def require_airable(script: Script) -> None:
    """Raise `NotAirableError` with the first obstacle."""
    if script.obstacles:
        first = script.obstacles[0]
        raise NotAirableError(why=say(f"bulletins.obstacle.{first.code}", title=first.title))


def minutes_of(library: Library, row: BulletinRow) -> int:
    """How long the slot of a bulletin is; 15 minutes where no slot of the unit begins then."""
    known = slots.slots(library.unit(row.unit), row.air_on)
    fitting = [slot.minutes for slot in known if slot.at == row.slot_at and slot.zone in {"", row.zone}]
    return max(fitting, default=DEFAULT_MINUTES)


async def neighbours(tx: Tx, row: BulletinRow) -> list[BulletinRow]:
    """The other bulletins that are to play at the same time over the same loudspeakers, not taken back."""
    rows = await bulletins.listed(tx, unit=row.unit, since=row.air_on, until=row.air_on)
    there = (one for one in rows if one.id != row.id and one.slot_at == row.slot_at and one.state != "withdrawn")
    return [one for one in there if not row.zone or one.zone in {"", row.zone}]


def beside(rows: Sequence[BulletinRow]) -> float:
    """Seconds that those of the neighbours take which were handed in: of the zone that has most, where they have several."""
    shares: dict[str, float] = {}
    for row in rows:
        if row.state in TAKES_TIME:
            shares[row.zone] = shares.get(row.zone, 0.0) + row.seconds
    return shares.pop("", 0.0) + max(shares.values(), default=0.0)


def topics_of(library: Library, items: Sequence[Item]) -> set[str]:
    """The topics of a bulletin's entries; "" stands for what has none."""
    found: set[str] = set()
    for item in items:
        known = item.kind is ItemKind.ENTRY and library.has(item.entry)
        found.add((getattr(library.entry(item.entry), "topic", None) or "") if known else "")
    return found or {""}


def residue_of(row: BulletinRow) -> tuple[str, ...]:
    """The words the reader could not read, without what kind they are of: they need the word of whoever approves."""
    # the audio process reports "kind: words"
    return tuple(dict.fromkeys(str(one).partition(": ")[2] or str(one) for one in row.sound.get("residue", ())))


async def find(tx: Tx, library: Library, number: int, *, locked: bool = False) -> BulletinRow:
    """A bulletin of a unit that is in the library; raises `NotThereError`."""
    row = await bulletins.get(tx, number, locked=locked)
    if row is None or row.unit not in library.units:
        raise NotThereError
    return row


async def _mine(tx: Tx, official: Official | None, library: Library, number: int) -> BulletinRow:
    row = await find(tx, library, number, locked=True)
    _require_writing(official, library, row.unit, items_from(row.items))
    return row


def _require_writing(official: Official | None, library: Library, unit: str, items: Sequence[Item]) -> None:
    if unit not in library.units:
        raise NotAllowedError
    if official is None:
        return
    for topic in topics_of(library, items):
        rights.require(official, "broadcast-write", unit=unit, topic=topic)


def _read(library: Library, unit: str, values: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The fields of a bulletin, checked and in the shape of the row."""
    items = items_from(values["items"])
    for item in items:
        if item.kind is ItemKind.ENTRY and not library.has(item.entry):
            raise WrongItemError(field="entry")
    try:
        priority = Priority(str(values["priority"]))
    except ValueError:
        raise WrongItemError(field="priority") from None
    require_day(values["air_on"], today)
    reason, title = str(values["reason"]).strip(), str(values["title"]).strip()
    zones = {zone.id for zone in library.unit(unit).zones} if unit in library.units else set()
    checks = {
        "reason": len(reason) <= REASON_MOST,
        "title": len(title) <= TITLE_MOST and (not title or title.isprintable()),
        "profile": values["profile"] in PROFILES,
        "zone": not values["zone"] or values["zone"] in zones,
        "target_s": isinstance(values["target_s"], int) and 0 < values["target_s"] <= 3600,
    }
    if wrong := [name for name, holds in checks.items() if not holds]:
        raise WrongItemError(field=wrong[0])
    slots.require_time(str(values["slot_at"]), priority, reason)
    return {
        "items": to_plain(items),
        "air_on": values["air_on"],
        "slot_at": str(values["slot_at"]),
        "zone": str(values["zone"]),
        "title": title or title_of(library, str(values["slot_at"]), values["air_on"], priority),
        "priority": priority.value,
        "reason": reason,
        "profile": str(values["profile"]),
        "target_s": values["target_s"],
    }


def _is_usual_title(library: Library, row: BulletinRow) -> bool:
    """Whether a bulletin bears the name the machine gives to its time, numbered or not."""
    usual = title_of(library, row.slot_at, row.air_on, Priority(row.priority))
    return row.title == usual or any(row.title == _numbered(usual, count) for count in range(2, _NAMESAKES_MOST))


def _numbered(title: str, count: int) -> str:
    return say("bulletins.numbered", title=title[: TITLE_MOST - 12], number=count)


async def _own_title(tx: Tx, unit: str, day: date, title: str, number: int = 0) -> str:
    """The title, numbered where another bulletin of that day is called the same."""
    rows = await bulletins.listed(tx, unit=unit, since=day, until=day)
    taken = {row.title for row in rows if row.id != number}
    found, count = title, 1
    while found in taken:
        count += 1
        found = _numbered(title, count)
    return found


def _who(official: Official | None) -> str:
    return official.who if official else MACHINE
