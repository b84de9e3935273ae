"""One draft: its form that saves while typing, how it will look and sound, what it changes, and its next step."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from starlette.responses import JSONResponse, Response

from audio.normalise import read
from bot import faq
from bot.check.ear import left_over
from bot.editing import drafts, publishing, sheet
from bot.editing.bodies import WrongTextError, topic_of
from bot.editing.checks import Remark
from bot.editing.drafts import StaleError
from bot.editing.kinds import KINDS, may_write
from bot.editing.sheet import Change, Sheet
from bot.engine.index import understanding_of
from bot.errors import LoaThonError
from bot.library import Library
from bot.library.private import details
from bot.rights import NotAllowedError
from bot.store import Tx, edits, officials
from bot.store.edits import Edit
from desk.page import Page
from desk.pages import content_form, content_rule
from desk.pages.content_form import PARTS, Shown, field_of, page_of
from desk.pages.content_rule import in_words, place_of
from desk.refused import MissingError, number
from desk.visit import Visit, texts

PATH = "/ban/noi-dung"
#: who writes or approves any kind of content
ACTIONS = "|".join(dict.fromkeys(a for kind in KINDS.values() for a in (*kind.writes, *kind.approves)))
#: fields of a body that no reader needs compared
_SILENT = frozenset({"id", "unit", "for_all", "formerly"})
_DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")


@dataclass(frozen=True, slots=True)
class Found:
    """A remark beside its field. `pieces`: the text with what gives a person away marked, () where nothing does."""

    remark: Remark
    is_open: bool
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """A script: (piece, "" or "soft" or "hard" where it cannot be read), and the words a voice would say."""

    pieces: tuple[tuple[str, str], ...]
    spoken: str


async def shown(visit: Visit) -> Response:
    """The draft as somebody who decides about it sees it."""
    return await _paper(visit)


async def form(visit: Visit) -> Response:
    """The draft's fields; one that is not open for writing is shown instead."""
    edit_id, held = await look(visit)
    if not held.may_write:
        return visit.onward(f"{PATH}/ban/{edit_id}")
    shown_ = content_form.shown(visit.library, held.key.kind, held.edit.body, held.key.unit)
    return _form(visit, held, shown_, part_=visit.query("phan", 2))


async def part(visit: Visit) -> Response:
    """What was found and the first answer, after a save: the remark of each field, in its place."""
    _, held = await look(visit)
    if not held.may_write:
        raise MissingError
    part_ = _part(visit.query("phan", 2))
    live = _live(held.key.kind, held.edit.body)
    return visit.page("content_live.html", **_about(visit, held), is_part=True, part=part_, live_fields=live)


async def autosave(visit: Visit) -> Response:
    """What was typed so far, from the page's script. Gives the new version, or why it was not kept."""
    try:
        edit = await _saved(visit)
    except NotAllowedError:
        raise
    except LoaThonError as error:
        status = 409 if isinstance(error, StaleError) else 400
        return JSONResponse({"told": str(error)}, status)
    return JSONResponse({"version": edit.version})


async def save(visit: Visit) -> Response:
    """Write the form, then do what its button says: nothing more, another row, mask a text, or hand the draft in."""
    step, edit_id = visit.text("step", 200), number(visit.param("edit"))
    spot = ""
    try:
        if step.startswith(content_rule.STEPS):
            edit, spot = await _turned(visit, step)
        else:
            edit = await _saved(visit)
        if step.startswith("mask:"):
            await _mask(visit, edit, step.removeprefix("mask:"))
        elif step == "submit":
            async with visit.office.store.write() as tx:
                on, at = visit.office.clock.today(), visit.office.clock.true()
                await drafts.submit(
                    tx, visit.official, visit.library, edit.id, edit.version, unread=left_over, on=on, at=at
                )
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return await _refused(visit, error)
    if step == "submit":
        return visit.onward(f"{PATH}/ban/{edit_id}", "handed-in")
    part_ = _part(visit.text("part", 2))
    query = "&".join((*([f"phan={part_}"] if part_ else []), "xong=saved"))
    return visit.onward(f"{PATH}/ban/{edit_id}/sua?{query}" + (f"#f-{spot.replace('.', '-')}" if spot else ""))


async def approve(visit: Visit) -> Response:
    """Publish what this official had before them."""
    edit_id, version = number(visit.param("edit")), _version(visit)
    office = visit.office
    # thousands of questions take a second of thought: not inside the transaction that writes, and not for who may not
    _, held = await look(visit)
    if not held.may_approve:
        raise MissingError
    async with office.store.read() as tx:
        also = await faq.asked_alike(tx, understanding_of(visit.library), edit_id)
    try:
        async with office.store.write() as tx:
            await publishing.approve(
                tx,
                visit.official,
                visit.library,
                edit_id,
                version,
                unread=left_over,
                also=also,
                now=office.clock.now(),
                at=office.clock.true(),
                draw=office.draw,
            )
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return await _paper(visit, wrong=str(error))
    await office.renew()
    return visit.onward(f"{PATH}/muc/{held.key.kind}/{held.key.unit or 'chung'}/{held.key.id}", "published")


async def send_back(visit: Visit) -> Response:
    """Open it for writing again, with a word of why."""
    note = visit.text("note", 500)
    return await _step(visit, "back", lambda tx, e, v, at: drafts.send_back(tx, visit.official, e, v, note, at=at))


async def rebase(visit: Visit) -> Response:
    """Keep the draft's words although what lies below moved."""
    library = visit.library
    return await _step(visit, "saved", lambda tx, e, v, at: drafts.rebase(tx, visit.official, library, e, v, at=at))


async def drop(visit: Visit) -> Response:
    """It is not wanted."""
    told = await _step(visit, "", lambda tx, e, v, at: drafts.drop(tx, visit.official, e, v, at=at))
    return told if told.status_code >= 400 else visit.onward(PATH, "dropped")


async def _step(visit: Visit, done: str, act: Callable[[Tx, int, int, Any], Awaitable[object]]) -> Response:
    edit_id, version = number(visit.param("edit")), _version(visit)
    try:
        async with visit.office.store.write() as tx:
            await act(tx, edit_id, version, visit.office.clock.true())
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return await _paper(visit, wrong=str(error))
    return visit.onward(f"{PATH}/ban/{edit_id}", done)


async def look(visit: Visit, tx: Tx | None = None) -> tuple[int, Sheet]:
    """The draft of the path, and its number."""
    edit_id = number(visit.param("edit"))
    on = visit.office.clock.today()
    if tx is not None:
        return edit_id, await sheet.look(tx, visit.official, visit.library, edit_id, on, unread=left_over)
    async with visit.office.store.read() as fresh:
        return edit_id, await sheet.look(fresh, visit.official, visit.library, edit_id, on, unread=left_over)


async def _turned(visit: Visit, step: str) -> tuple[Edit, str]:
    """The form written with one row more or less, in one go; and the field to go on with."""
    spots: list[str] = []

    def more(body: Mapping[str, Any]) -> dict[str, Any]:
        changed, spot = content_rule.stepped(body, step)
        spots.append(spot)
        return changed

    return await _saved(visit, more), spots[0]


async def _saved(visit: Visit, more: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None) -> Edit:
    """The draft after what the form says differently was written, and what `more` makes of that.

    What stands there already is not written again, whatever version the page saw: an answer that was lost on its way
    is asked for twice.
    """
    edit_id, version, at = number(visit.param("edit")), _version(visit), visit.office.clock.true()
    async with visit.office.store.write() as tx:
        edit = await edits.get(tx, edit_id, locked=True)
        if edit is None or edit.kind not in KINDS:
            raise NotAllowedError
        changed = content_form.changes(edit.kind, edit.body, visit.form)
        if not may_write(visit.official, drafts.key_of(edit), topic_of(edit.body)):
            raise NotAllowedError
        changed |= more({**edit.body, **changed}) if more else {}
        if changed or edit.state != "draft":
            edit = await drafts.save(tx, visit.official, edit_id, version, changed, at=at)
        marks = set(texts(visit.form, "mark"))
        if "marks" in visit.form and marks != set(edit.confirmed):
            edit = await drafts.confirm(tx, visit.official, edit_id, edit.version, marks, at=at)
    return edit


async def _mask(visit: Visit, edit: Edit, name: str) -> None:
    """Write a text with every personal detail masked."""
    async with visit.office.store.write() as tx:
        _, held = await look(visit, tx)
        clean = next((r.masked for r in held.remarks if r.field == name and r.masked), "")
        if clean:
            changed = content_form.put(held.edit.body, name, clean)
            at = visit.office.clock.true()
            await drafts.save(tx, visit.official, edit.id, edit.version, changed, at=at)


async def _refused(visit: Visit, error: LoaThonError) -> Response:
    """The form with what was typed: nothing of it is lost, whoever else saved meanwhile."""
    _, held = await look(visit)
    kind, unit, body = held.key.kind, held.key.unit, held.edit.body
    typed = content_form.typed(visit.library, kind, body, visit.form, unit)
    standing = content_form.shown(visit.library, kind, body, unit)
    theirs = {
        mine.field.name: _theirs(visit.library, other, body)
        for mine, other in zip(typed, standing, strict=True)
        if isinstance(error, StaleError) and mine.value != other.value
    }
    field = field_of(kind, error.field) if isinstance(error, WrongTextError) else ""
    told = {"wrong": str(error), "theirs": {k: v for k, v in theirs.items() if v is not None}, "wrong_field": field}
    return _form(visit, held, typed, part_=visit.text("part", 2), status=400, **told)


def _form(
    visit: Visit, held: Sheet, fields: Sequence[Shown], *, part_: str, status: int = 200, **values: Any
) -> Response:
    part_ = _part(part_)
    shown_ = [one for one in fields if one.field.page == part_]
    about = _about(visit, held)
    kind = held.key.kind
    asked = {
        found.remark.mark
        for mine in about["beside"].values()
        for found in mine
        if not field_of(kind, found.remark.field) or page_of(kind, found.remark.field) == part_
    }
    # what was let stand on another page of the form stays so
    about["marks_kept"] = sorted(about["confirmed"] - asked)
    shared = {"theirs": {}, "wrong_field": "", "is_part": False, "part": part_, **values}
    return visit.page("content_form.html", status=status, fields=shown_, **about, **shared)


def _part(told: str) -> str:
    """The page of a form an address names."""
    return told if told in PARTS else ""


def _theirs(library: Library, other: Shown, body: Mapping[str, Any]) -> str | None:
    """What a colleague wrote into a field, where it can be told in words."""
    if other.field.shape in {"rule", "fitted"}:
        return in_words(library, other.field.name, body.get(other.field.name))
    return other.value if isinstance(other.value, str) else None


async def _paper(visit: Visit, wrong: str = "") -> Response:
    async with visit.office.store.read() as tx:
        _, held = await look(visit, tx)
        names = {one.id: one.name for one in await officials.listed(tx, held.edit.authors)}
    told = _about(visit, held)
    changes = [told_change(visit.library, one) for one in held.changes if one.field not in _SILENT]
    heard_ = heard(held.script) if held.script else None
    status = 400 if wrong else 200
    return visit.page(
        "content_draft.html", status=status, wrong=wrong, names=names, changes=changes, heard=heard_, **told
    )


def _about(visit: Visit, held: Sheet) -> dict[str, Any]:
    """What every page of a draft shows."""
    confirmed = set(held.edit.confirmed)
    beside: dict[str, list[Found]] = {}
    for remark in held.remarks:
        is_open = remark.level == "mend" or (remark.level == "confirm" and remark.mark not in confirmed)
        pieces = _marked(visit.library, held.edit.body, remark)
        mine = field_of(held.key.kind, remark.field)
        spot = place_of(remark.field) if mine in {"conditions", "fitted"} else mine
        beside.setdefault(spot, []).append(Found(remark, is_open, pieces))
    pages = {spot: page_of(held.key.kind, spot) for spot in beside}
    has_parts = any(field.page for field in content_form.FIELDS[held.key.kind])
    told = {"sheet": held, "edit": held.edit, "beside": beside, "confirmed": confirmed}
    return {**told, "pages": pages, "has_parts": has_parts, "facts": visit.library.household}


def _live(kind: str, body: Mapping[str, Any]) -> tuple[str, ...]:
    """Fields and rows whose remarks are shown anew after a save; "" = those of the whole."""
    rows = content_rule.places(body) if kind == "policies" else ()
    return tuple(dict.fromkeys(("", *(field.name for field in content_form.FIELDS[kind]), *rows)))


def _marked(library: Library, body: Mapping[str, Any], remark: Remark) -> tuple[tuple[str, bool], ...]:
    """A text with what gives a person away set apart."""
    told = content_form.held(body, remark.field) if remark.masked else None
    if not isinstance(told, str):
        return ()
    pieces, last = [], 0
    for detail in details(library, told):
        pieces += [(told[last : detail.start], False), (told[detail.start : detail.end], True)]
        last = detail.end
    return tuple(piece for piece in (*pieces, (told[last:], False)) if piece[0])


def heard(script: str) -> Heard:
    """A script as a voice would say it, with what it cannot say set apart."""
    told = read(script)
    pieces, last = [], 0
    for left in sorted(told.residue, key=lambda one: one.start):
        if left.start >= last:
            pieces += [
                (script[last : left.start], ""),
                (
                    script[left.start : left.end],
                    "silent" if left.kind == "decoration" else "soft" if left.soft else "hard",
                ),
            ]
            last = left.end
    return Heard(tuple(piece for piece in (*pieces, (script[last:], "")) if piece[0]), told.text)


def drawing(seed: str) -> drafts.Draw:
    """Random digits that come out the same for the same seed: a form sent twice names the same entry."""
    drawn = count()

    def draw(many: int) -> bytes:
        return hashlib.blake2b(f"{seed}|{next(drawn)}".encode(), digest_size=many).digest()

    return draw


def told_change(library: Library, change: Change) -> dict[str, Any]:
    """A change as a page shows it: lists and rows as lines of text."""
    is_rule = change.field in {"conditions", "fitted"}
    before, after = (
        in_words(library, change.field, side) if is_rule and side else _lines(side)
        for side in (change.before, change.after)
    )
    lines = {"before": before, "after": after}
    return {"field": change.field, "pieces": change.pieces, **lines}


def _lines(value: Any) -> str:
    """A value of a body as plain text."""
    if isinstance(value, Mapping):
        told = (f"{name}: {_lines(one)}" for name, one in value.items() if one not in (None, "", [], {}))
        return "; ".join(told)
    if isinstance(value, list):
        return "\n".join(_lines(one) for one in value)
    return _DAY.sub(lambda day: f"{day[3]}/{day[2]}/{day[1]}", "" if value is None else str(value))


def _version(visit: Visit) -> int:
    return number(visit.text("version", 12) or "x")


_ONE = f"{PATH}/ban/{{edit}}"
PAGES = (
    Page(_ONE, ACTIONS, shown),
    Page(f"{_ONE}/sua", ACTIONS, form, save),
    Page(f"{_ONE}/luu", ACTIONS, post=autosave),
    Page(f"{_ONE}/xem", ACTIONS, part),
    Page(f"{_ONE}/duyet", ACTIONS, post=approve),
    Page(f"{_ONE}/tra", ACTIONS, post=send_back),
    Page(f"{_ONE}/giu", ACTIONS, post=rebase),
    Page(f"{_ONE}/bo", ACTIONS, post=drop),
)
