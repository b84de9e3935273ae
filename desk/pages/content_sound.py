"""Content as it sounds: asked for with one tap, made beside, played in the page."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from starlette.responses import FileResponse, Response

from bot import clips, previews
from bot.clips import Wanted
from bot.editing import sheet
from bot.editing.kinds import may_approve, may_write
from bot.errors import LoaThonError
from bot.library.published import SHAPES
from bot.rights import NotAllowedError
from bot.store import Tx
from bot.store.clips import ClipRow
from desk.page import Page
from desk.pages.content import entry_key, standing
from desk.pages.content_draft import ACTIONS, PATH, look
from desk.refused import MissingError
from desk.visit import Visit

_ENTRY = f"{PATH}/muc/{{kind}}/{{place}}/{{entry_id}}"
_DRAFT = f"{PATH}/ban/{{edit}}"


@dataclass(frozen=True, slots=True)
class Sound:
    """What a page shows of it. `path`: address of the paper; `faults`: why a clip was refused."""

    path: str
    is_ready: bool
    is_ordered: bool
    is_lesser: bool
    faults: tuple[str, ...]
    wrong: str = ""


async def of_draft(visit: Visit) -> Response:
    """The sound of a draft, or how far it is."""
    return visit.page("content_sound.html", sound=await _draft(visit))


async def order_draft(visit: Visit) -> Response:
    """Have it read aloud."""
    wrong = ""
    try:
        async with visit.office.store.write() as tx:
            _, held = await look(visit, tx)
            if previews.wanted(visit.library, held.edit, visit.office.clock.today()) is None:
                raise MissingError
            await previews.order(tx, held, visit.office.clock.true())
    except NotAllowedError:
        raise
    except LoaThonError as error:
        wrong = str(error)
    if visit.request.headers.get("hx-request") == "true":
        return visit.page("content_sound.html", sound=await _draft(visit, wrong))
    return visit.onward(f"{PATH}/ban/{visit.param('edit')}#nghe")


async def play_draft(visit: Visit) -> Response:
    """The file."""
    async with visit.office.store.read() as tx:
        _, held = await look(visit, tx)
        one = previews.wanted(visit.library, held.edit, visit.office.clock.today())
        row = await previews.found(tx, one) if one is not None else None
    return await _played(visit, row)


async def of_entry(visit: Visit) -> Response:
    """The sound of an entry that serves."""
    return visit.page("content_sound.html", sound=await _entry(visit))


async def order_entry(visit: Visit) -> Response:
    """Have it made now and not at night."""
    one = _wanted(visit)
    async with visit.office.store.write() as tx:
        await clips.order(tx, one.note.entry, one.note.unit, visit.office.clock.true())
    if visit.request.headers.get("hx-request") == "true":
        return visit.page("content_sound.html", sound=await _entry(visit))
    return visit.onward(visit.request.url.path.removesuffix("/nghe") + "#nghe")


async def play_entry(visit: Visit) -> Response:
    """The file."""
    async with visit.office.store.read() as tx:
        row = await previews.found(tx, _wanted(visit))
    return await _played(visit, row)


async def _draft(visit: Visit, wrong: str = "") -> Sound:
    async with visit.office.store.read() as tx:
        edit_id, held = await look(visit, tx)
        return await draft_sound(visit, tx, held, f"{PATH}/ban/{edit_id}", wrong)


async def draft_sound(visit: Visit, tx: Tx, held: sheet.Sheet, path: str, wrong: str = "") -> Sound:
    """How far the sound of a draft is. Raises `MissingError` while it has no script."""
    one = previews.wanted(visit.library, held.edit, visit.office.clock.today())
    if one is None:
        raise MissingError
    return _told(path, await previews.found(tx, one), await previews.is_ordered(tx, held.edit.id), wrong)


async def _entry(visit: Visit) -> Sound:
    one = _wanted(visit)
    async with visit.office.store.read() as tx:
        row, is_ordered = await previews.found(tx, one), await previews.is_entry_ordered(tx, one)
    return _told(visit.request.url.path.removesuffix("/nghe"), row, is_ordered)


def _told(path: str, row: ClipRow | None, is_ordered: bool, wrong: str = "") -> Sound:
    faults: Any = row.sound.get("faults", ()) if row is not None and not row.files else ()
    told = tuple(str(fault.get("told", "")) for fault in faults)
    is_ready = row is not None and "mp3" in row.files
    return Sound(path, is_ready, is_ordered and not is_ready, row is not None and row.lesser, told, wrong)


def _wanted(visit: Visit) -> Wanted:
    """The voice note of the entry of the path; raises `MissingError` for one that has none or lies beyond reach."""
    key = entry_key(visit)
    held = standing(visit, key)
    is_theirs = may_write(visit.official, key, held.topic) or may_approve(visit.official, key, held.topic)
    unit = key.unit or (held.answer.unit if held.answer else None) or ""
    one = clips.wanted(visit.library, key.id, unit, visit.office.clock.today()) if key.kind in SHAPES else None
    if one is None or not is_theirs:
        raise MissingError
    return one


async def _played(visit: Visit, row: ClipRow | None) -> Response:
    if row is None or "mp3" not in row.files:
        raise MissingError
    sha256 = row.files["mp3"]["sha256"]
    path = visit.office.store.blobs.path(sha256)
    try:
        found = await asyncio.to_thread(path.stat)
    except FileNotFoundError:
        raise MissingError from None
    headers = {"etag": f'"{sha256[:40]}"', "cache-control": "private, no-cache"}
    return FileResponse(path, headers=headers, media_type="audio/mpeg", stat_result=found)


PAGES = (
    Page(f"{_DRAFT}/nghe", ACTIONS, of_draft, order_draft),
    Page(f"{_DRAFT}/tieng.mp3", ACTIONS, play_draft),
    Page(f"{_ENTRY}/nghe", ACTIONS, of_entry, order_entry),
    Page(f"{_ENTRY}/tieng.mp3", ACTIONS, play_entry),
)
