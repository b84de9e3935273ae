"""What a bulletin is put together from: its items and their order, what was written for the day, when it is aired."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from starlette.responses import Response

from bot.bulletins import editing
from bot.bulletins.day import played
from bot.bulletins.editing import PROFILES, MovedOnError
from bot.bulletins.item import LINES_MOST, Item, ItemKind, Line, WrongItemError, item_from, items_from, to_plain
from bot.bulletins.plan import seconds_of
from bot.errors import LoaThonError
from bot.library import Library, spoken
from bot.model.fold import fold
from bot.rights import NotAllowedError
from bot.store.bulletins import BulletinRow
from desk.pages.loa.paper import OPEN, may_write, page, path_of, row_of
from desk.pages.loa.week import day_of
from desk.refused import MissingError, number
from desk.visit import Visit

#: empty fields offered for more lines
_MORE_LINES = 2
_READERS = {"": ("", ""), "nu": ("nu", ""), "nam": ("nam", "")}
Change = Callable[[Sequence[Item]], Sequence[Item]]


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry that can be added."""

    id: str
    title: str
    seconds: float
    topic: str
    last: date | None
    airable: bool


async def details_form(visit: Visit) -> Response:
    """Day, time, zone, title, priority, kind of loudspeaker."""
    row = await open_row(visit)
    return _details(visit, row)


async def details(visit: Visit) -> Response:
    """Write them."""
    row = await open_row(visit)
    minutes = visit.text("minutes", 3)
    try:
        changes = {
            "air_on": day_of(visit.text("air_on", 10)),
            "target_s": 60 * int(minutes) if minutes.isascii() and minutes.isdigit() else row.target_s,
            **{name: visit.text(name, 400) for name in ("slot_at", "zone", "title", "priority", "reason", "profile")},
        }
        await edit(visit, row, changes)
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return _details(visit, row, str(error))
    return visit.onward(path_of(row), "saved")


async def arrange(visit: Visit) -> Response:
    """Move an item up or down, have it read twice, take it out."""
    at, how = number(visit.text("item", 3) or "x"), visit.text("how", 10)

    def change(items: Sequence[Item]) -> Sequence[Item]:
        if not 1 <= at <= len(items) or how not in {"len", "xuong", "hai", "bo", "tieng"}:
            raise WrongItemError(field="items")
        held = list(items)
        item = held.pop(at - 1)
        if how == "tieng":
            held.insert(at - 1, replace(item, language=visit.text("tieng", 8)))
        elif how == "hai":
            held.insert(at - 1, replace(item, twice=not item.twice))
        elif how != "bo":
            held.insert(max(0, at - 2) if how == "len" else at, item)
        return held

    return await _changed(visit, change)


async def choice(visit: Visit) -> Response:
    """Entries that can be added, what was never aired first."""
    row = await open_row(visit)
    asked = visit.query("tim", 100)
    async with visit.office.store.read() as tx:
        days = await played(tx, row.unit, row.air_on, visit.office.clock.today())
    there = {item.entry for item in items_from(row.items)}
    found = [one for one in _choices(visit.library, row, days) if one.id not in there and _fits(one, asked)]
    return visit.page("loa_add.html", row=row, choices=found, asked=asked)


async def add(visit: Visit) -> Response:
    """Add an entry at the end."""
    entry = visit.text("entry", 120)
    return await _changed(visit, lambda items: (*items, Item(ItemKind.ENTRY, entry=entry)))


async def written(visit: Visit) -> Response:
    """An item written for the day, or a new one under `moi`."""
    row = await open_row(visit)
    return _written(visit, row, _item(visit, row))


async def write(visit: Visit) -> Response:
    """Write it."""
    row = await open_row(visit)
    before = _item(visit, row)
    at = _place(visit, row)
    try:
        told = await _heard_again(visit, item_from(_told(visit, before)), before)
        items = list(items_from(row.items))
        items[at - 1 : at] = [told]
        await edit(visit, row, {"items": to_plain(items)})
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return _written(visit, row, before, str(error))
    onward = f"{path_of(row)}/bai/{at}/thu" if visit.text("record") else path_of(row)
    return visit.onward(onward, "saved")


async def open_row(visit: Visit) -> BulletinRow:
    """The bulletin of the path, if it is still changed by this official; raises `MissingError`."""
    async with visit.office.store.read() as tx:
        row = await row_of(visit, tx)
    if not may_write(visit, row, items_from(row.items)) or row.state not in OPEN:
        raise MissingError
    return row


async def edit(visit: Visit, row: BulletinRow, changes: Mapping[str, Any]) -> None:
    """Write a change to the bulletin the official had before them; raises what `editing.edit` raises."""
    clock, told = visit.office.clock, visit.text("revision", 9)
    if not (told.isascii() and told.isdigit()):
        raise MovedOnError
    async with visit.office.store.write() as tx:
        await editing.edit(
            tx,
            visit.official,
            visit.library,
            row.id,
            changes,
            revision=int(told),
            today=clock.today(),
            at=clock.true(),
        )


async def _changed(visit: Visit, change: Change) -> Response:
    row = await open_row(visit)
    try:
        await edit(visit, row, {"items": to_plain(tuple(change(items_from(row.items))))})
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return await page(visit, status=400, wrong=str(error))
    return visit.onward(f"{path_of(row)}#bai")


async def _heard_again(visit: Visit, told: Item, before: Item | None) -> Item:
    """The item with every recording whose words were changed measured against the new ones."""
    known = {(line.recording, line.text) for line in before.lines} if before else set()
    lines = []
    for line in told.lines:
        if line.is_joined and (line.recording, line.text) not in known:
            sound = await visit.office.store.blobs.get(line.recording)
            heard = await visit.office.listen(sound, line.text)
            lines.append(replace(line, seconds=round(heard.seconds, 2), faults=heard.faults))
        else:
            lines.append(line)
    return replace(told, lines=tuple(lines))


def _details(visit: Visit, row: BulletinRow, wrong: str = "") -> Response:
    held = {name: getattr(row, name) for name in ("slot_at", "zone", "title", "priority", "reason", "profile")}
    held |= {"air_on": row.air_on.isoformat(), "minutes": str(max(1, row.target_s // 60))}
    return visit.page(
        "loa_details.html",
        status=400 if wrong else 200,
        wrong=wrong,
        unit=row.unit,
        row=row,
        given={**held, **{key: visit.text(key) for key in held if key in visit.form}},
        zones=visit.library.unit(row.unit).zones,
        profiles=PROFILES,
    )


def _choices(library: Library, row: BulletinRow, days: Mapping[str, set[date]]) -> list[Choice]:
    found: list[Choice] = []
    for entry in library.entries():
        seen = spoken(library, entry.id, row.air_on, row.unit)
        if seen.current:
            aired = max(days.get(seen.id, ()), default=None)
            found.append(Choice(seen.id, seen.title, seconds_of(seen.text), seen.topic or "", aired, seen.airable))
    return sorted(found, key=lambda one: (not one.airable, one.last or date.min, one.title))


def _fits(one: Choice, asked: str) -> bool:
    return all(word in fold(one.title) for word in fold(asked).split())


def _place(visit: Visit, row: BulletinRow) -> int:
    """Which item the path names, counted from 1; a new one stands behind the last."""
    if visit.param("item") == "moi":
        return len(row.items) + 1
    at = number(visit.param("item"))
    if not 1 <= at <= len(row.items):
        raise MissingError
    return at


def _item(visit: Visit, row: BulletinRow) -> Item | None:
    at = _place(visit, row)
    if at > len(row.items):
        return None
    item = items_from(row.items)[at - 1]
    if item.kind is ItemKind.ENTRY:
        raise MissingError
    return item


def _told(visit: Visit, before: Item | None) -> dict[str, Any]:
    """The form as plain values; a recording stays with its line."""
    held = before.lines if before else ()
    lines: list[dict[str, Any]] = []
    for i in range(LINES_MOST):
        kept = held[i] if i < len(held) else Line()
        text = visit.text(f"text.{i}")
        gender, region = _READERS.get(visit.text(f"reader.{i}", 10), ("", kept.region))
        if text or (kept.recording and f"text.{i}" in visit.form):
            lines.append(
                {
                    **asdict(kept),
                    "text": text,
                    "gender": gender,
                    "region": region,
                    "accepted": kept.accepted and text == kept.text,
                }
            )
    return {
        "kind": visit.text("kind", 20),
        "title": visit.text("title", 200),
        "byline": visit.text("byline", 100),
        "lines": lines,
        "twice": visit.text("twice") == "1",
        "private": visit.text("private") == "1",
        "source": "".join(visit.text("source", 20).split()),
    }


def _written(visit: Visit, row: BulletinRow, item: Item | None, wrong: str = "") -> Response:
    lines = item.lines if item else ()
    empty = tuple(Line() for _ in range(min(_MORE_LINES, LINES_MOST - len(lines))))
    return visit.page(
        "loa_item.html",
        status=400 if wrong else 200,
        wrong=wrong,
        row=row,
        item=item,
        lines=(*lines, *empty),
        place=visit.param("item"),
        kinds=[kind.value for kind in ItemKind if kind is not ItemKind.ENTRY],
        given=visit.form,
    )
