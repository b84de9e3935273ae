"""Questions nothing answers yet, grouped by meaning: a new entry, words that lead to one, or set aside."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import Response

from bot import faq, worklist
from bot.engine.index import understanding_of
from bot.errors import LoaThonError
from bot.library import Entry, Library
from bot.library.published import SHAPES
from bot.model.fold import fold
from bot.rights import NotAllowedError
from bot.worklist import DONE, IGNORED, Group
from desk.page import Page
from desk.pages.content_draft import PATH as CONTENT
from desk.pages.content_draft import drawing
from desk.refused import MissingError, number
from desk.visit import Visit

PATH = f"{CONTENT}/cau-hoi"
ACTIONS = "|".join(worklist.ACTIONS)
#: groups a page, and entries offered for a search
SHOWN, OFFERED = 15, 10
#: groupings remembered: the same questions of the same library give the same groups, and every bell asks for them
_REMEMBERED = 8
_GROUPED: dict[tuple[str, tuple[tuple[int, str], ...]], list[Group]] = {}


async def listed(visit: Visit) -> Response:
    """Groups of one unit, most people first."""
    return visit.page("worklist.html", **await _list(visit))


async def part(visit: Visit) -> Response:
    """The list alone, for a page that heard the bell."""
    return visit.page("worklist_list.html", **await _list(visit))


async def one(visit: Visit) -> Response:
    """One group: how it was asked, and which entries might answer it."""
    return await _one(visit)


async def write(visit: Visit) -> Response:
    """A draft of an answer to this group."""
    group = await _group(visit)
    try:
        async with visit.office.store.write() as tx:
            edit = await faq.from_questions(
                tx,
                visit.official,
                visit.library,
                _seen(visit, group),
                at=visit.office.clock.true(),
                draw=drawing(f"{group.key}|{visit.official.id}"),
            )
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return await _one(visit, wrong=str(error))
    return visit.onward(f"{CONTENT}/ban/{edit.id}/sua")


async def teach(visit: Visit) -> Response:
    """A draft of words that lead from this group to an entry there is."""
    group, entry = await _group(visit), visit.text("entry", 60)
    if not visit.library.has(entry) or visit.library.kind_of(entry) not in SHAPES:
        raise MissingError
    try:
        async with visit.office.store.write() as tx:
            at = visit.office.clock.true()
            ids = _seen(visit, group)
            edit = await faq.words_for(tx, visit.official, visit.library, entry, ids, at=at)
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return await _one(visit, wrong=str(error))
    return visit.onward(f"{CONTENT}/ban/{edit.id}/sua")


async def settle(visit: Visit) -> Response:
    """It is done, or not for us."""
    group, told = await _group(visit), visit.text("settled", 20)
    if told not in {DONE, IGNORED}:
        raise MissingError
    async with visit.office.store.write() as tx:
        at = visit.office.clock.true()
        await worklist.settle(tx, visit.official, visit.library, _seen(visit, group), told, at=at)
    return visit.onward(f"{PATH}?xa={group.unit}", "settled")


def units(visit: Visit) -> tuple[str, ...]:
    """Units whose questions this official sees."""
    found = (unit for action in worklist.ACTIONS for unit in visit.reached(action))
    return tuple(dict.fromkeys(found))


async def _groups(visit: Visit, unit: str | None) -> list[Group]:
    async with visit.office.store.read() as tx:
        rows = await worklist.rows(tx, visit.official, unit=unit)
    library = visit.library
    key = (library.revision, tuple((row.id, row.settled) for row in rows))
    known = _GROUPED.get(key)
    if known is None:
        # thousands of questions take seconds of thought: beside, so that nobody else waits
        known = await asyncio.to_thread(worklist.grouped, library, understanding_of(library), rows)
        while len(_GROUPED) >= _REMEMBERED:
            _GROUPED.pop(next(iter(_GROUPED)))
        _GROUPED[key] = known
    return known


async def _group(visit: Visit) -> Group:
    """The group of the path; raises `MissingError` for one that is settled or beyond reach."""
    key, unit = visit.param("group"), visit.text("unit", 60) or visit.query("xa", 60)
    if unit and unit not in units(visit):
        raise MissingError
    found = next((group for group in await _groups(visit, unit or None) if group.key == key), None)
    if found is None:
        raise MissingError
    return found


def _seen(visit: Visit, group: Group) -> list[int]:
    """The group's questions as far as the page knew them: what was asked since is looked at again."""
    last = number(visit.text("last", 15) or "x")
    return [question for question in group.ids if question <= last]


async def _one(visit: Visit, wrong: str = "") -> Response:
    group, told = await _group(visit), visit.query("tim", 80)
    library = visit.library
    found = _found(library, told) if told else []
    return visit.page(
        "worklist_one.html",
        status=400 if wrong else 200,
        wrong=wrong,
        group=group,
        looked_for=told,
        found=found[:OFFERED],
        guesses=[library.entry(entry) for entry in group.guesses if library.has(entry)],
        is_few=group.people < worklist.SHOWN_FROM,
    )


def _found(library: Library, told: str) -> list[Entry]:
    """Entries with all these words, accents or not; those with the words in their title first."""
    words = fold(told).split()
    found = []
    for entry in library.entries():
        title = fold(entry.title)
        every = f"{title} {fold(' '.join(entry.asked_as))}"
        if all(word in every for word in words):
            found.append((sum(word not in title for word in words), title, entry))
    return [entry for _, _, entry in sorted(found, key=lambda one: one[:2])]


async def _list(visit: Visit) -> dict[str, Any]:
    mine = units(visit)
    unit = visit.query("xa", 60) or next(iter(mine), "")
    if unit not in mine:
        raise MissingError
    groups = await _groups(visit, unit)
    pages = max(1, -(-len(groups) // SHOWN))
    page = min(max(1, number(visit.query("trang", 6) or "1")), pages)
    return {
        "unit": unit,
        "places": mine,
        "groups": groups[(page - 1) * SHOWN : page * SHOWN],
        "count": len(groups),
        "people": sum(group.people for group in groups),
        "answered": {group.key: group.entry for group in groups if group.entry and visit.library.has(group.entry)},
        "number": page,
        "pages": pages,
    }


_ONE = f"{PATH}/{{group}}"
PAGES = (
    Page(PATH, ACTIONS, listed),
    Page(f"{PATH}/ds", ACTIONS, part),
    Page(_ONE, ACTIONS, one),
    Page(f"{_ONE}/soan", ACTIONS, post=write),
    Page(f"{_ONE}/day", ACTIONS, post=teach),
    Page(f"{_ONE}/xong", ACTIONS, post=settle),
)
