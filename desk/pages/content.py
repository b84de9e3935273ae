"""Content as officials tend it: what serves and what is being written, versions, back to an older one, YAML."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from bot import faq
from bot.editing import drafts, exchange, publishing, sheet
from bot.editing.bodies import below, topic_of
from bot.editing.exchange import EVERY
from bot.editing.kinds import KINDS, may_approve, may_write
from bot.editing.sheet import Row, Serving
from bot.errors import LoaThonError
from bot.library import Answer, EntryKey, answer, is_signed, spoken
from bot.library.published import SHAPES
from bot.model.fold import fold
from bot.rights import NotAllowedError
from bot.store import edits, officials
from desk.page import Page
from desk.pages import content_draft
from desk.pages.content_draft import ACTIONS, PATH, drawing, heard
from desk.refused import MissingError, number
from desk.visit import Visit

#: lines a page
SHOWN = 25
#: an end this near is worth a look
SOON = timedelta(days=60)
#: views of the list; the first ones are of drafts, the others of what serves
DRAFTS = {"": edits.OPEN, "nhap": ("draft",), "cho-duyet": ("submitted",)}
SERVING = ("dang-dung", "sap-het", "cho-ky", "goc-doi")


@dataclass(frozen=True, slots=True)
class Standing:
    """One entry under its key as it serves. `answer`: none for what does not serve or has no text of its own."""

    key: EntryKey
    title: str
    topic: str | None
    answer: Answer | None
    script: str


async def listed(visit: Visit) -> Response:
    """Drafts, those to approve first; or what serves, narrowed down."""
    return visit.page("content.html", **await _list(visit))


async def part(visit: Visit) -> Response:
    """The list alone, for a page that heard the bell."""
    return visit.page("content_list.html", **await _list(visit))


async def new_form(visit: Visit) -> Response:
    """What kind of entry, and its title."""
    return _new(visit)


async def begin_new(visit: Visit) -> Response:
    """A draft of an entry that is not there yet."""
    kind, title, place = visit.text("kind", 20), visit.text("title", 160), visit.text("place", 60)
    key_unit = None if place == EVERY else place
    if kind not in {"faq", "policies", "stories"} or (kind != "faq" and key_unit is not None):
        raise MissingError
    if not title:
        return _new(visit, status=400, empty=True)
    told = visit.text("answer")
    body: dict[str, Any] = {"title": title, "short": faq.label(title)}
    if told:
        body["answer"] = told
    if kind == "faq":
        unit = key_unit or visit.office.unit or next(iter(places(visit)), "")
        if unit not in visit.library.units:
            raise MissingError
        script = faq.script(visit.library, unit, title, " ".join(told.split()))
        body |= {"unit": unit, "for_all": key_unit is None, "broadcast": script, "asked_as": [title]}
    return await begun(visit, kind, key_unit, body)


async def begin(visit: Visit) -> Response:
    """The open draft of an entry there is, begun now if there is none."""
    key = entry_key(visit)
    if below(visit.library, key) is None:
        raise MissingError
    async with visit.office.store.write() as tx:
        at = visit.office.clock.true()
        edit = await drafts.begin(tx, visit.official, visit.library, key, at=at)
    return visit.onward(f"{PATH}/ban/{edit.id}/sua")


async def begun(visit: Visit, kind: str, unit: str | None, body: Mapping[str, Any]) -> Response:
    """A new draft of that kind, opened; the same form sent twice leads to the same draft."""
    once = visit.text("once", 64) or visit.office.draw(16).hex()
    draw = drawing(f"{visit.official.id}|{once}")
    key = drafts.new_key(visit.library, kind, str(body["title"]), unit, draw=draw)
    async with visit.office.store.write() as tx:
        at = visit.office.clock.true()
        edit = await drafts.begin(tx, visit.official, visit.library, key, body=body, at=at)
    return visit.onward(f"{PATH}/ban/{edit.id}/sua")


async def entry(visit: Visit) -> Response:
    """One entry: what serves, every version, the draft that is open."""
    return await _entry(visit)


async def roll_back(visit: Visit) -> Response:
    """Publish an older version again."""
    key, version = entry_key(visit), number(visit.text("version", 9) or "x")
    try:
        async with visit.office.store.write() as tx:
            at, note = visit.office.clock.true(), visit.text("note", 500)
            await publishing.roll_back(tx, visit.official, visit.library, key, version, note=note, at=at)
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return await _entry(visit, str(error))
    await visit.office.renew()
    return visit.onward(path_of(key), "published")


async def withdraw(visit: Visit) -> Response:
    """Take back what was published at the desk."""
    key = entry_key(visit)
    try:
        async with visit.office.store.write() as tx:
            at, note = visit.office.clock.true(), visit.text("note", 500)
            await publishing.withdraw(tx, visit.official, key, note=note, at=at)
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return await _entry(visit, str(error))
    await visit.office.renew()
    return visit.onward(path_of(key), "withdrawn")


async def download(visit: Visit) -> Response:
    """One entry as its file."""
    key = entry_key(visit)
    held = standing(visit, key)
    library = visit.library
    words = library.overlay.words.get(key)
    if not _may_look(visit, key, held.topic) or (held.answer is None and words is None):
        raise MissingError
    raw = exchange.as_yaml(words if words is not None else library.entry(key.id, key.unit))
    headers = {"content-disposition": f'attachment; filename="{key.id}.yaml"'}
    return Response(raw, media_type="application/yaml", headers=headers)


async def export(visit: Visit) -> Response:
    """Everything of these places as YAML files in one archive; `?du=1`: also what only the files say."""
    mine = {EVERY, *places(visit)}
    whole = visit.query("du", 1) == "1"

    def packed() -> bytes:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, raw in exchange.files(visit.library, whole=whole):
                if path.split("/", 1)[0] in mine:
                    # a day of its own would make two exports of the same content differ
                    archive.writestr(zipfile.ZipInfo(path), raw)
        return held.getvalue()

    headers = {"content-disposition": 'attachment; filename="noi-dung.zip"'}
    return Response(await asyncio.to_thread(packed), media_type="application/zip", headers=headers)


def places(visit: Visit) -> tuple[str, ...]:
    """Units in which this official writes or approves any content, the installation's own first."""
    found = (unit for action in ACTIONS.split("|") for unit in visit.reached(action))
    return tuple(dict.fromkeys(found))


def path_of(key: EntryKey) -> str:
    """The address of an entry's page."""
    return f"{PATH}/muc/{key.kind}/{key.unit or EVERY}/{key.id}"


def writes_for_all(visit: Visit, kind: str) -> bool:
    """Whether this official may write for every unit at once."""
    return may_write(visit.official, EntryKey(kind, ""), None)


def _new(visit: Visit, *, status: int = 200, empty: bool = False) -> Response:
    kinds = ["faq", *(kind for kind in ("policies", "stories") if writes_for_all(visit, kind))]
    mine = [unit for unit in places(visit) if may_write(visit.official, EntryKey("faq", "", unit), None)]
    return visit.page(
        "content_new.html",
        status=status,
        kinds=kinds,
        places=[*mine, *([EVERY] if len(kinds) > 1 else [])],
        given=visit.form,
        once=visit.text("once", 64) or visit.office.draw(16).hex(),
        empty=empty,
    )


async def _list(visit: Visit) -> dict[str, Any]:
    asked = {name: visit.query(name, 60) for name in ("xa", "loai", "buoc", "tim")}
    mine = [*places(visit), *([EVERY] if any(writes_for_all(visit, kind) for kind in KINDS) else [])]
    place = asked["xa"] or next(iter(mine), EVERY)
    kinds = [asked["loai"]] if asked["loai"] else list(KINDS)
    is_known = asked["buoc"] in {*DRAFTS, *SERVING} and set(kinds) <= set(KINDS)
    if not is_known or (mine and place not in mine):
        raise MissingError
    unit = None if place == EVERY else place
    rows: list[Row | Serving] = []
    async with visit.office.store.read() as tx:
        if asked["buoc"] in DRAFTS:
            found = await sheet.listed(tx, visit.official, kind=asked["loai"], states=DRAFTS[asked["buoc"]])
            rows += [row for row in found if row.key.unit in {unit, None}]
        else:
            for kind in kinds:
                rows += await sheet.serving(tx, visit.official, visit.library, kind, unit)
        names = {one.id: one.name for one in await officials.listed(tx)}
    differing = set(sheet.differing(visit.library))
    rows = [row for row in rows if _fits(visit, row, asked["buoc"], fold(asked["tim"]), differing)]
    pages = max(1, -(-len(rows) // SHOWN))
    page = min(max(1, number(visit.query("trang", 6) or "1")), pages)
    return {
        "rows": rows[(page - 1) * SHOWN : page * SHOWN],
        "count": len(rows),
        "asked": {**asked, "xa": place},
        "is_drafts": asked["buoc"] in DRAFTS,
        "places": mine,
        "kinds": [kind for kind in KINDS if kind != "words" or writes_for_all(visit, kind) or places(visit)],
        "names": names,
        "differing": differing,
        "number": page,
        "pages": pages,
    }


def _fits(visit: Visit, row: Row | Serving, view: str, told: str, differing: set[EntryKey]) -> bool:
    """Whether a line belongs to the view, and holds the words looked for, accents or not."""
    if told and told not in fold(row.title):
        return False
    library, key, today = visit.library, row.key, visit.office.clock.today()
    match view:
        case "sap-het":
            end = spoken(library, key.id, today, key.unit).ends_on
            return end is not None and today <= end <= today + SOON
        case "cho-ky":
            return not is_signed(library, key.id, key.unit, today)
        case "goc-doi":
            return key in differing
        case _:
            return True


def entry_key(visit: Visit) -> EntryKey:
    """The key of the path; raises `MissingError` for a kind or a unit there is not."""
    kind, place = visit.param("kind"), visit.param("place")
    if kind not in KINDS or (place != EVERY and place not in visit.library.units):
        raise MissingError
    return EntryKey(kind, visit.param("entry_id"), None if place == EVERY else place)


def standing(visit: Visit, key: EntryKey) -> Standing:
    """What serves under a key."""
    body = below(visit.library, key)
    if body is None or key.kind not in SHAPES:
        title = visit.library.entry(key.id).title if visit.library.has(key.id) else key.id
        return Standing(key, title, None, None, "")
    unit = key.unit or body.get("unit")
    seen = answer(visit.library, key.id, visit.office.clock.today(), unit)
    return Standing(key, seen.title, topic_of(body), seen, seen.script)


def _may_look(visit: Visit, key: EntryKey, topic: str | None) -> bool:
    return may_write(visit.official, key, topic) or may_approve(visit.official, key, topic)


async def _entry(visit: Visit, wrong: str = "") -> Response:
    key = entry_key(visit)
    held = standing(visit, key)
    async with visit.office.store.read() as tx:
        versions = await publishing.history(tx, visit.official, key)
        draft = await edits.open_of(tx, key.kind, key.id, key.unit or "")
        names = {one.who: one.name for one in await officials.listed(tx)}
    is_there = below(visit.library, key) is not None
    topic = held.topic if is_there or not versions else topic_of(versions[0].body)
    if not (is_there or versions) or not _may_look(visit, key, topic):
        raise MissingError
    title = held.title if is_there else str(versions[0].body.get("title") or key.id)
    return visit.page(
        "content_entry.html",
        status=400 if wrong else 200,
        wrong=wrong,
        key=key,
        path=path_of(key),
        title=title,
        seen=held.answer,
        heard=heard(held.script) if held.script else None,
        is_there=is_there,
        is_differing=key in sheet.differing(visit.library),
        versions=versions,
        names=names,
        draft=draft,
        may_write=may_write(visit.official, key, topic),
        may_approve=may_approve(visit.official, key, topic),
    )


_ENTRY = f"{PATH}/muc/{{kind}}/{{place}}/{{entry_id}}"
PAGES = (
    Page(PATH, ACTIONS, listed),
    Page(f"{PATH}/ds", ACTIONS, part),
    Page(f"{PATH}/tai-ve", ACTIONS, export),
    Page(f"{PATH}/moi", "case-answer|entry-correct", new_form, begin_new),
    Page(_ENTRY, ACTIONS, entry),
    Page(f"{_ENTRY}/soan", ACTIONS, post=begin),
    Page(f"{_ENTRY}/lai", ACTIONS, post=roll_back),
    Page(f"{_ENTRY}/rut", ACTIONS, post=withdraw),
    Page(f"{_ENTRY}/tep", ACTIONS, download),
    *content_draft.PAGES,
)
