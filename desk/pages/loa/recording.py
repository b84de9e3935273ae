"""Human voices: a text cut for breath, recorded line by line in the browser or uploaded, each take measured at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.responses import Response

from audio.normalise import breath_lines
from bot.bulletins import recording
from bot.bulletins.item import LINES_MOST, Item, ItemKind, Line, WrongItemError, items_from, to_plain
from bot.bulletins.recording import BadRecordingError, Heard
from bot.errors import LoaThonError
from bot.rights import NotAllowedError
from bot.store.bulletins import BulletinRow
from desk.pages.loa.items import edit, open_row
from desk.pages.loa.paper import path_of, played, row_of
from desk.refused import MissingError, number
from desk.visit import Visit, file

#: only here may the browser open the microphone
_MICROPHONE = "microphone=(self), camera=(), geolocation=(), interest-cohort=()"
#: beginnings of the files a player is given; others it finds out itself
_TYPES = ((b"RIFF", "audio/wav"), (b"OggS", "audio/ogg"), (b"fLaC", "audio/flac"))


async def kit(visit: Visit) -> Response:
    """Every line of an item, to be read aloud and recorded."""
    row = await open_row(visit)
    return _kit(visit, row, _item(visit, row))


async def cut(visit: Visit) -> Response:
    """Cut what is not recorded yet into lines of one breath."""
    row = await open_row(visit)
    item = _item(visit, row)
    at = number(visit.param("item"))
    items = list(items_from(row.items))
    items[at - 1 : at] = [replace(item, lines=recording.cut(item.lines, breath_lines))]
    return await _written(visit, row, tuple(items))


async def heard(visit: Visit) -> Response:
    """A recording, to be listened to."""
    async with visit.office.store.read() as tx:
        row = await row_of(visit, tx)
    line = _line(visit, row)
    if not line.recording:
        raise MissingError
    path = visit.office.store.blobs.path(line.recording)
    try:
        with path.open("rb") as opened:
            head = opened.read(4)
    except FileNotFoundError:
        raise MissingError from None
    return await played(visit, line.recording, next((told for begins, told in _TYPES if head == begins), "audio/mpeg"))


async def take(visit: Visit) -> Response:
    """Keep a take for a line, or for a new line behind the last, and say what was heard of it."""
    row = await open_row(visit)
    item = _item(visit, row)
    at = number(visit.param("line"))
    text = item.lines[at - 1].text if 1 <= at <= len(item.lines) else visit.text("words", 3000)
    sound = await file(visit.form, "sound")
    try:
        if not sound:
            raise BadRecordingError
        measured = await visit.office.listen(sound, text)
        sha256 = await visit.office.store.blobs.put(sound)
        told = Line(text=text, recording=sha256)
        items = recording.with_line(items_from(row.items), number(visit.param("item")), at, told)
        await edit(visit, row, {"items": to_plain(items)})
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return _kit(visit, row, item, wrong=str(error), at=at)
    async with visit.office.store.read() as tx:
        row = await row_of(visit, tx)
    return _kit(visit, row, _item(visit, row), measured=measured, at=at)


async def accept(visit: Visit) -> Response:
    """Somebody listened and lets the faults of a take pass."""
    row = await open_row(visit)
    line = _line(visit, row)
    if not line.recording:
        raise MissingError
    told = Line(line.text, line.recording, line.gender, line.region, accepted=True)
    return await _put(visit, row, told)


async def drop(visit: Visit) -> Response:
    """The take is not wanted; the words stay. A line without words goes whole."""
    row = await open_row(visit)
    line = _line(visit, row)
    return await _put(visit, row, Line(line.text) if line.text else None)


async def _put(visit: Visit, row: BulletinRow, told: Line | None) -> Response:
    try:
        at = number(visit.param("line"))
        items = recording.with_line(items_from(row.items), number(visit.param("item")), at, told)
    except WrongItemError as error:
        return _kit(visit, row, _item(visit, row), wrong=str(error))
    return await _written(visit, row, items)


async def _written(visit: Visit, row: BulletinRow, items: tuple[Item, ...]) -> Response:
    try:
        await edit(visit, row, {"items": to_plain(items)})
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return _kit(visit, row, _item(visit, row), wrong=str(error))
    return visit.onward(f"{path_of(row)}/bai/{visit.param('item')}/thu", "saved")


def _kit(
    visit: Visit, row: BulletinRow, item: Item, *, wrong: str = "", measured: Heard | None = None, at: int = 0
) -> Response:
    shown: dict[str, Any] = {"row": row, "item": item, "place": visit.param("item"), "measured": measured, "at": at}
    is_full = len(item.lines) >= LINES_MOST
    answer = visit.page("loa_record.html", status=400 if wrong else 200, wrong=wrong, is_full=is_full, **shown)
    answer.headers["permissions-policy"] = _MICROPHONE
    return answer


def _item(visit: Visit, row: BulletinRow) -> Item:
    at = number(visit.param("item"))
    items = items_from(row.items)
    if not 1 <= at <= len(items) or items[at - 1].kind is ItemKind.ENTRY:
        raise MissingError
    return items[at - 1]


def _line(visit: Visit, row: BulletinRow) -> Line:
    try:
        return recording.line_of(items_from(row.items), number(visit.param("item")), number(visit.param("line")))
    except WrongItemError:
        raise MissingError from None
