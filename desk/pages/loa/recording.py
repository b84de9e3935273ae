"""Human voices: a text cut for breath, recorded line by line in the browser or uploaded, each take measured at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.responses import Response

from audio.normalise import breath_lines
from bot.bulletins import recording
from bot.bulletins.item import LINES_MOST, Item, ItemKind, Line, WrongItemError, items_from, to_plain
from bot.bulletins.sound_file import HEAD_BYTES, SoundKind, kind, kind_of
from bot.errors import LoaThonError
from bot.rights import NotAllowedError
from bot.store.bulletins import BulletinRow
from desk.pages.loa.items import edit, open_row
from desk.pages.loa.paper import path_of, played, row_of
from desk.refused import MissingError, number
from desk.visit import Visit, file

#: ten minutes of WAV as browsers record it, an hour of MP3; the servers of `deploy/` let 64 MB through
RECORDING_BYTES = 60_000_000
#: only here may the browser open the microphone
MICROPHONE = "microphone=(self), camera=(), geolocation=(), interest-cohort=()"


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
    """A recording, to be listened to or, with `?tai`, carried away; `?goc` gives the file a browser read for us."""
    async with visit.office.store.read() as tx:
        row = await row_of(visit, tx)
    sha256, told = kept_file(visit, _line(visit, row))
    name = f"ban-thu-{row.id}-{visit.param('item')}-{visit.param('line')}.{told.ending}"
    return await played(visit, sha256, told.media_type, name)


def kept_file(visit: Visit, line: Line) -> tuple[str, SoundKind]:
    """The file of a line that is asked for, `?goc` the one a browser read for us; raises `MissingError`."""
    sha256 = line.original if "goc" in visit.request.query_params else line.recording
    if not sha256:
        raise MissingError
    try:
        with visit.office.store.blobs.path(sha256).open("rb") as opened:
            return sha256, kind_of(opened.read(HEAD_BYTES)) or kind("mp3")
    except FileNotFoundError:
        raise MissingError from None


async def kept_take(visit: Visit, text: str) -> Line:
    """The take a form carries, measured and kept: the line it makes. Raises as `recording.line_for` does.

    A file that the browser could read and we cannot comes twice: as samples, and as it was.
    """
    sound, original = await file(visit.form, "sound"), await file(visit.form, "original")
    blobs = visit.office.store.blobs
    told = await recording.line_for(visit.office.listen, sound, text)
    is_kept = not told.kept_as and kind_of(original[:HEAD_BYTES]) is not None
    return replace(told, recording=await blobs.put(sound), original=await blobs.put(original) if is_kept else "")


async def take(visit: Visit) -> Response:
    """Keep a take for a line, or for a new line behind the last, and say what was heard of it."""
    row = await open_row(visit)
    item = _item(visit, row)
    at = number(visit.param("line"))
    text = item.lines[at - 1].text if 1 <= at <= len(item.lines) else visit.text("words", 3000)
    try:
        told = await kept_take(visit, text)
        items = recording.with_line(items_from(row.items), number(visit.param("item")), at, told)
        await edit(visit, row, {"items": to_plain(items)})
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return _kit(visit, row, item, wrong=str(error))
    return visit.onward(f"{path_of(row)}/bai/{visit.param('item')}/thu#doan-{at}")


async def accept(visit: Visit) -> Response:
    """Somebody listened and lets the faults of a take pass."""
    row = await open_row(visit)
    line = _line(visit, row)
    if not line.recording:
        raise MissingError
    return await _put(visit, row, replace(line, accepted=True))


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


def _kit(visit: Visit, row: BulletinRow, item: Item, *, wrong: str = "") -> Response:
    is_full = len(item.lines) >= LINES_MOST
    shown: dict[str, Any] = {"row": row, "item": item, "place": visit.param("item"), "most": RECORDING_BYTES}
    answer = visit.page("loa_record.html", status=400 if wrong else 200, wrong=wrong, is_full=is_full, **shown)
    answer.headers["permissions-policy"] = MICROPHONE
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
