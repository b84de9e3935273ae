"""One bulletin's paper: items, every word as it is read with what could not be read, its sound, what may be done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import FileResponse, Response

from audio import normalise
from audio.normalise import Residue
from bot import rights
from bot.bulletins import approval, doubts, editing, reread
from bot.bulletins.editing import MAKE, PUBLISH, NotThereError
from bot.bulletins.item import Item, items_from
from bot.bulletins.plan import FRAME_S, seconds_of
from bot.bulletins.script import Script, compose
from bot.bulletins.slots import Hours, WrongSlotError, hours
from bot.editing.checks import Remark
from bot.errors import LoaThonError, say
from bot.library import Library
from bot.readings import ReadingGoneError, name_of
from bot.store import Tx, airings, jobs
from bot.store import officials as official_rows
from bot.store.bulletins import BulletinRow
from desk.refused import MissingError, number
from desk.visit import Visit

#: actions that let somebody look at a bulletin
LOOKS = ("broadcast-write", "broadcast-approve", "clip-record")
#: states in which a bulletin is changed
OPEN = ("draft", "waiting", "approved")


@dataclass(frozen=True, slots=True)
class Read:
    """A stretch of the script: pieces of (text, whether it could not be read), and what is said where it differs.

    `left`: what the machine could not read, or not surely; nothing of what people read.
    """

    item: int
    title: str
    pieces: tuple[tuple[str, bool], ...]
    said: str
    left: tuple[Residue, ...] = ()


async def shown(visit: Visit) -> Response:
    """The paper."""
    return await page(visit)


async def part(visit: Visit) -> Response:
    """The sound and what may be done, for a page that waits for it."""
    async with visit.office.store.read() as tx:
        row = await row_of(visit, tx)
        told = await _sound(visit, tx, row)
    return visit.page("loa_sound.html", row=row, **told)


async def sound(visit: Visit) -> Response:
    """The sound, as it is to be approved. Its name is its hash, so that nobody hears an older one."""
    async with visit.office.store.read() as tx:
        row = await row_of(visit, tx)
    sha256 = visit.param("sound").removesuffix(".mp3")
    if not row.sound_hash or sha256 != row.sound_hash:
        raise MissingError
    name = f"ban-tin-{row.air_on:%Y%m%d}-{row.slot_at.replace(':', '')}.mp3"
    return await played(visit, sha256, "audio/mpeg", name)


async def played(visit: Visit, sha256: str, media_type: str, name: str = "") -> Response:
    """A file of ours for a player, whole or in part; to be saved under that name with `?tai`."""
    path = visit.office.store.blobs.path(sha256)
    try:
        found = await asyncio.to_thread(path.stat)
    except FileNotFoundError:
        raise MissingError from None
    headers = {"etag": f'"{sha256[:40]}"', "cache-control": "private, no-cache"}
    how = "attachment" if "tai" in visit.request.query_params else "inline"
    return FileResponse(
        path,
        headers=headers,
        media_type=media_type,
        filename=name or None,
        stat_result=found,
        content_disposition_type=how,
    )


async def row_of(visit: Visit, tx: Tx) -> BulletinRow:
    """The bulletin of the path; raises `MissingError` for one this official has nothing to do with."""
    try:
        row = await editing.find(tx, visit.library, number(visit.param("bulletin")))
    except NotThereError:
        raise MissingError from None
    if not any(row.unit in visit.reached(action) for action in LOOKS):
        raise MissingError
    return row


def may_write(visit: Visit, row: BulletinRow, items: Sequence[Item]) -> bool:
    """Whether this official may change it: every topic of it is theirs."""
    topics = editing.topics_of(visit.library, items)
    return all(rights.may(visit.official, "broadcast-write", unit=row.unit, topic=topic) for topic in topics)


def may_hear(visit: Visit, unit: str) -> bool:
    """Whether what people read of that unit's entries is theirs to record or to let in."""
    return any(unit in visit.reached(action) for action in ("clip-record", "broadcast-approve"))


def path_of(row: BulletinRow | int) -> str:
    """Where its paper is."""
    return f"/ban/loa/tin/{row if isinstance(row, int) else row.id}"


async def page(visit: Visit, *, status: int = 200, wrong: str = "", **more: Any) -> Response:
    """The paper with what went wrong."""
    library = visit.library
    async with visit.office.store.read() as tx:
        row = await row_of(visit, tx)
        told = await _sound(visit, tx, row)
        names = await _names(tx, row)
    items = items_from(row.items)
    script = compose(library, editing.programme_of(row))
    read = await asyncio.to_thread(_read, row, script)
    return visit.page(
        "loa_paper.html",
        status=status,
        wrong=wrong,
        row=row,
        items=[(item, _title(library, item), script_seconds(script, i)) for i, item in enumerate(items, 1)],
        obstacles=[say(f"bulletins.obstacle.{one.code}", title=one.title) for one in script.obstacles],
        read=read,
        unread=_unread(read),
        names=names,
        length=about(script),
        most=60 * editing.minutes_of(library, row),
        zone=next((zone.title for zone in library.unit(row.unit).zones if zone.id == row.zone), ""),
        wants_edit=visit.query("sua") == "1",
        **told,
        **more,
    )


def about(script: Script) -> float:
    """About how many seconds a script takes."""
    return FRAME_S + sum(script_seconds(script, item) for item in {one.item for one in script.segments if one.item})


def script_seconds(script: Script, item: int) -> float:
    """About how many seconds one item takes."""
    mine = (one for one in script.segments if one.item == item and one.text)
    return sum(seconds_of(one.text) * (2 if one.twice else 1) for one in mine)


async def _sound(visit: Visit, tx: Tx, row: BulletinRow) -> dict[str, Any]:
    library, official = visit.library, visit.official
    items = items_from(row.items)
    writes = may_write(visit, row, items)
    approves = approval.may_approve(official, library, row)
    others = await editing.neighbours(tx, row)
    beside_s = editing.beside(others)
    stands, why_not, unusual = _check(visit, row, beside_s)
    is_gone = await reread.is_out_of_use(tx, row, visit.office.clock.today())
    if stands and is_gone:
        stands, why_not = False, str(ReadingGoneError())
    return {
        "making": row.state in {"draft", "waiting"} and await jobs.waits(tx, f"{MAKE}:{row.id}"),
        "may_write": writes,
        "may_approve": approves,
        "may_play": row.unit in visit.reached("clip-record"),
        "may_hear": may_hear(visit, row.unit),
        "may_record": writes and row.state in OPEN,
        "is_open": row.state in OPEN,
        "others": others,
        "beside": beside_s,
        "airings": await airings.of_bulletin(tx, row.id) if row.state == "published" else [],
        "zones": {zone.id: zone.title for zone in library.unit(row.unit).zones},
        "tried": await jobs.tried(tx, f"{PUBLISH}:{row.id}") if row.state == "approved" else 0,
        "stands": stands,
        "why_not": why_not,
        "unusual": unusual,
        "residue": editing.residue_of(row),
        "doubts": await _doubts(visit, row),
        "faults": [fault for fault in row.sound.get("faults", ()) if fault["code"] != "residue"],
        "is_approved": approval.is_approved(library, row),
        "is_gone": is_gone,
    }


def _check(visit: Visit, row: BulletinRow, beside_s: float) -> tuple[bool, str, bool]:
    """(whether it could be approved as it is, why not, whether its hour is unusual)."""
    try:
        unusual = hours(row.slot_at, row.seconds) is not Hours.GOOD
    except WrongSlotError:
        unusual = False
    if row.state not in {"draft", "waiting"}:
        return False, "", unusual
    try:
        editing.check(visit.library, row, visit.office.clock.today(), beside_s)
    except LoaThonError as error:
        return False, str(error), unusual
    return True, "", unusual


async def _doubts(visit: Visit, row: BulletinRow) -> tuple[Remark, ...]:
    """What gives a person away, while it can still be mended."""
    if row.state not in {"draft", "waiting"}:
        return ()
    return await asyncio.to_thread(doubts.remarks, visit.library, items_from(row.items))


async def _names(tx: Tx, row: BulletinRow) -> dict[int, str]:
    wanted = [one for one in {row.author_id, row.approved_by, *row.editors} if one is not None]
    return {one.id: one.name for one in await official_rows.listed(tx, wanted)}


def _title(library: Library, item: Item) -> str:
    if item.title or not item.entry:
        return item.title
    return library.entry(item.entry).title if library.has(item.entry) else item.entry


def _read(row: BulletinRow, script: Script) -> list[Read]:
    """The words as they were read, else as they would be."""
    lines = row.script or script.words
    by_people = {one.text for one in script.segments if one.kind == "recording" or one.language}
    found: list[Read] = []
    for line in lines:
        text = str(line["text"])
        spoken = normalise.read(text)
        pieces, at = [], 0
        for left in spoken.residue:
            if left.start >= at:
                pieces += [(text[at : left.start], False), (text[left.start : left.end], True)]
                at = left.end
        pieces.append((text[at:], False))
        said = spoken.text if spoken.spans else ""
        open_words = () if text in by_people or name_of(text) in row.read else spoken.residue
        told = tuple(one for one in pieces if one[0])
        found.append(Read(int(line["item"]), str(line["title"]), told, said, open_words))
    return found


def _unread(read: Sequence[Read]) -> dict[int, dict[str, list[str]]]:
    """Item -> what was found in it, each once: `wrong` days, `unsaid` and `guessed` words, `silent` pictures."""
    names = {"impossible-date": "wrong", "unknown-abbreviation": "guessed", "decoration": "silent"}
    found: dict[int, dict[str, list[str]]] = {}
    for line in read:
        for left in line.left:
            held = found.setdefault(line.item, {}).setdefault(names.get(left.kind, "unsaid"), [])
            if left.text not in held:
                held.append(left.text)
    return found
