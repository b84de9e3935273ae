"""One box for everything: cases, content, messages, bulletins, questions, people, places. Each within one's rights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from bot import broadcast_sheet, officials, worklist
from bot.casework import inbox, sight
from bot.casework.inbox import Line
from bot.editing import sheet
from bot.editing.kinds import may_approve, may_write
from bot.found import Text, Words, best, entries
from bot.library import Entry, EntryKey
from bot.library.schema.answers import Announcement, Faq
from bot.library.schema.says import Says
from bot.store import Tx, bulletins
from bot.store.case_desk import Filters
from desk.office import opens
from desk.page import Page
from desk.pages import content, people, units
from desk.pages import worklist as questions
from desk.pages.broadcast_draft import PATH as MESSAGES
from desk.pages.cases import READ
from desk.pages.cases_list import PATH as CASES
from desk.pages.content_draft import PATH as CONTENT
from desk.visit import Visit

PATH = "/ban/tim"
#: lines of each kind; the list of that kind has them all
SHOWN = 8
#: newest messages and bulletins looked at, and days back and ahead of these
_MESSAGES, _BULLETINS, _DAYS = 500, 2000, timedelta(days=60)
#: public pages of entries (`desk.public.views.Scope.entry_path`)
_STEMS = {"policies": "cs", "stories": "chuyen", "faq": "hoi-dap", "announcements": "tin"}


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of what was found."""

    title: str
    path: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """What was found of one kind."""

    id: str
    hits: tuple[Hit, ...]


async def shown(visit: Visit) -> Response:
    """What holds the words."""
    asked = visit.query("q")
    words = Words.of(asked)
    lines: Sequence[Line] = ()
    found: list[Kind] = []
    if words.folded:
        async with visit.office.store.read() as tx:
            lines = await _cases(visit, tx, asked)
            found = [
                Kind("content", _entries(visit, words)),
                Kind("drafts", await _drafts(visit, tx, words)),
                Kind("messages", await _messages(visit, tx, words)),
                Kind("bulletins", await _bulletins(visit, tx, words)),
                Kind("questions", await _questions(visit, tx, words)),
                Kind("people", await _people(visit, tx, words)),
                Kind("places", _places(visit, words)),
            ]
    return visit.page(
        "search.html",
        asked=asked,
        lines=lines[:SHOWN],
        onward=f"{CASES}?{urlencode({'q': asked, 'xem': 'het'})}" if len(lines) > SHOWN else "",
        found=[kind for kind in found if kind.hits],
        labels=visit.library.phrase(Says).labels,
    )


PAGES: tuple[Page, ...] = (Page(PATH, "desk", shown),)


async def _cases(visit: Visit, tx: Tx, asked: str) -> Sequence[Line]:
    if not opens(visit.official, READ):
        return ()
    eye, now = sight.eye(visit.official, visit.library), visit.office.clock.now()
    page = await inbox.search(tx, eye, asked, Filters(with_merged=True), now=now, limit=SHOWN + 1)
    return page.lines


def _entries(visit: Visit, words: Words) -> tuple[Hit, ...]:
    library = visit.library
    found = entries(library, words, visit.reached("desk"), visit.office.clock.today(), SHOWN)
    return tuple(Hit(one.title, _entry_path(visit, key, one)) for key, one in found)


def _entry_path(visit: Visit, key: EntryKey, entry: Entry) -> str:
    """Where the official tends it, else where everybody reads it."""
    topic = getattr(entry, "topic", None)
    mine = [key]
    if not isinstance(entry, Faq | Announcement):
        mine += [EntryKey(key.kind, key.id, unit) for unit in content.places(visit)]
    for one in mine:
        if may_write(visit.official, one, topic) or may_approve(visit.official, one, topic):
            return content.path_of(one)
    return f"/{_STEMS[key.kind]}/{visit.library.open_id(entry.id)}" + (f"?xa={key.unit}" if key.unit else "")


async def _drafts(visit: Visit, tx: Tx, words: Words) -> tuple[Hit, ...]:
    rows = await sheet.listed(tx, visit.official)
    found = best(words, ((row, Text.of(row.title)) for row in rows), SHOWN)
    return tuple(Hit(row.title, f"{CONTENT}/ban/{row.id}") for row in found)


async def _messages(visit: Visit, tx: Tx, words: Words) -> tuple[Hit, ...]:
    if not opens(visit.official, "broadcast-write|broadcast-approve"):
        return ()
    rows = await broadcast_sheet.listed(tx, visit.official, limit=_MESSAGES)
    found = best(words, ((one, Text.of(one.title, one.outbound.text)) for one in rows), SHOWN)
    return tuple(Hit(one.title, f"{MESSAGES}/{one.id}", _unit(visit, one.unit)) for one in found)


async def _bulletins(visit: Visit, tx: Tx, words: Words) -> tuple[Hit, ...]:
    mine = {
        unit for action in ("broadcast-write", "broadcast-approve", "clip-record") for unit in visit.reached(action)
    }
    if not mine:
        return ()
    today = visit.office.clock.today()
    rows = await bulletins.listed(tx, since=today - _DAYS, until=today + _DAYS, limit=_BULLETINS)
    told = [one for one in reversed(rows) if one.unit in mine]
    texts = [(one, Text.of(one.title, *(line.get("title", "") for line in one.script))) for one in told]
    return tuple(
        Hit(one.title or _unit(visit, one.unit), f"/ban/loa/tin/{one.id}", f"{one.slot_at} {one.air_on:%d/%m/%Y}")
        for one in best(words, texts, SHOWN)
    )


async def _questions(visit: Visit, tx: Tx, words: Words) -> tuple[Hit, ...]:
    if not any(visit.reached(action) for action in worklist.ACTIONS):
        return ()
    rows = await worklist.rows(tx, visit.official)
    found = best(words, ((one, Text.of(one.text)) for one in reversed(rows)), SHOWN)
    return tuple(
        Hit(
            worklist.shown(visit.library, one.text, people=1), f"{questions.PATH}?xa={one.unit}", _unit(visit, one.unit)
        )
        for one in found
    )


async def _people(visit: Visit, tx: Tx, words: Words) -> tuple[Hit, ...]:
    if not opens(visit.official, "officials"):
        return ()
    rows = await officials.visible_to(tx, visit.official, visit.library, visit.office.clock.today())
    found = best(words, ((one, Text.of(one.name, one.login)) for one in rows), SHOWN)
    return tuple(Hit(one.name, f"{people.PATH}/{one.id}", one.login) for one in found)


def _places(visit: Visit, words: Words) -> tuple[Hit, ...]:
    mine = [visit.library.units[unit] for unit in visit.reached("units")]
    texts = [(Hit(one.name, f"{units.PATH}/{one.id}"), Text.of(one.name, one.office)) for one in mine]
    texts += [
        (Hit(hamlet.name, f"{units.PATH}/{one.id}/thon/{hamlet.id}", one.name), Text.of(hamlet.name))
        for one in mine
        for hamlet in one.hamlets
    ]
    return tuple(best(words, texts, SHOWN))


def _unit(visit: Visit, unit: str) -> str:
    return visit.library.units[unit].name if unit in visit.library.units else ""
