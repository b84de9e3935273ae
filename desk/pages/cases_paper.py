"""One case as a paper: its words, files and history, who else has it open, what can be done with it now."""

from __future__ import annotations

import re
from typing import Any

from starlette.responses import Response

from bot import faq, officials, rights
from bot.casework import answers, custody, duplicates, handling, inbox, sight
from bot.casework.clocks import Calendar
from bot.casework.handling import Act
from bot.casework.inbox import Opened
from bot.casework.life import BY_OFFICIAL
from bot.editing.kinds import may_write
from bot.library import EntryKey
from bot.library.schema.says import Says
from bot.model.case import CaseState
from bot.model.official import Official, OfficialState
from bot.store import Tx, case_desk, case_moves, case_readers, case_walls
from bot.store.case_desk import KEEP, DeskCase, Eye
from bot.work.intake import OWN_WORDS
from desk.pages.cases_list import PATH
from desk.refused import MissingError, number
from desk.visit import Visit

#: steps of a long history shown at first
STEPS_SHOWN = 30
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def eye_of(visit: Visit) -> Eye:
    """The official's eye on cases."""
    return sight.eye(visit.official, visit.library)


def act_of(visit: Visit, seen: str = "") -> Act:
    """What the official is about to do, on the steps their page had."""
    clock = visit.office.clock
    steps = number(seen or visit.text("buoc", 9) or "0")
    draw = visit.office.draw
    return Act(eye_of(visit), visit.library, visit.param("code"), steps, clock.now(), clock.true(), draw)


async def shown(visit: Visit) -> Response:
    """The paper."""
    return await show(visit)


async def show(visit: Visit, wrong: str = "", **more: Any) -> Response:
    """The paper, with what went wrong and what was typed."""
    async with visit.office.store.read() as tx:
        told = await _told(visit, tx)
    return visit.page(
        "case.html",
        status=400 if wrong or "has_gap" in more else 200,
        wrong=wrong,
        given=visit.form,
        **{**told, **more},
    )


async def moved(visit: Visit) -> Response:
    """History and clock alone, for a page that heard the bell; says so when there is more than the page had."""
    async with visit.office.store.read() as tx:
        opened = await _open(visit, tx)
        names = await _names(visit, tx)
    before = visit.query("buoc", 9)
    fresh = [one for one in opened.steps if before.isdigit() and one.step > int(before)]
    return visit.page(
        "case_steps.html",
        **_clocked(visit, opened),
        names=names,
        is_part=True,
        fresh=[one for one in fresh if one.who != visit.official.who],
        by_household=any(one.who == "dan" for one in fresh),
    )


async def near(visit: Visit) -> Response:
    """Cases that may be the same matter; asked for after the paper is there."""
    async with visit.office.store.read() as tx:
        eye = eye_of(visit)
        case = await case_desk.one(tx, eye, visit.param("code"), action="case-answer")
        if case is None:
            raise MissingError
        found = await duplicates.near(tx, eye, visit.library, case)
        lines = await inbox.lines(tx, [one.case for one in found], now=visit.office.clock.now())
    return visit.page("case_near.html", case=case, lines=lines, near=found, seen=number(visit.query("buoc", 9) or "0"))


async def present(visit: Visit) -> Response:
    """This page is open; who else has the case open."""
    at = visit.office.clock.true()
    async with visit.office.store.write() as tx:
        case = await case_desk.one(tx, eye_of(visit), visit.param("code"))
        if case is None:
            raise MissingError
        await case_readers.note(tx, case.id, visit.official.id, at)
        others = await case_readers.others(tx, case.id, visit.official.id, at)
        names = await _names(visit, tx) if others else {}
    return visit.page("case_present.html", others=[names.get(f"official:{one}", "") for one in others])


async def file(visit: Visit) -> Response:
    """A file: pictures and sound in the page, everything else as a download; never as something that runs."""
    held = await inbox.file(visit.office.store, eye_of(visit), visit.param("code"), number(visit.param("number")))
    headers = {
        "content-disposition": f'{"inline" if held.is_inline else "attachment"}; filename="{held.name}"',
        "content-security-policy": "default-src 'none'; sandbox",
        "accept-ranges": "bytes",
    }
    mime = held.mime if held.is_inline else "application/octet-stream"
    return _ranged(visit.request.headers.get("range", ""), held.data, mime, headers)


async def slip(visit: Visit) -> Response:
    """The answer on paper, for somebody no channel reaches."""
    async with visit.office.store.read() as tx:
        opened = await _open(visit, tx)
    wanted = number(visit.param("number"))
    asker = next((one for one in opened.askers if one.id == wanted), None)
    if asker is None:
        raise MissingError
    told = answers.slip(visit.library, opened.case, opened.steps, asker)
    return visit.page("case_slip.html", slip=told, case=opened.case)


def _ranged(asked: str, data: bytes, mime: str, headers: dict[str, str]) -> Response:
    """The file, or the one piece of it that a player asks for (RFC 9110, 14): some play nothing without."""
    found = _RANGE.fullmatch(asked.strip())
    if not found or not any(found.groups()):
        return Response(data, media_type=mime, headers=headers)
    first, last = found.groups()
    begin = int(first) if first else max(0, len(data) - int(last))
    end = min(int(last), len(data) - 1) if first and last else len(data) - 1
    if begin > end:
        return Response(status_code=416, headers={"content-range": f"bytes */{len(data)}"})
    headers = {**headers, "content-range": f"bytes {begin}-{end}/{len(data)}"}
    return Response(data[begin : end + 1], 206, headers, media_type=mime)


async def _open(visit: Visit, tx: Tx) -> Opened:
    return await inbox.opened(tx, eye_of(visit), visit.library, visit.param("code"), now=visit.office.clock.now())


async def _names(visit: Visit, tx: Tx) -> dict[str, str]:
    """How histories name an official -> their name."""
    return {one.who: one.name for one in await officials.every(tx, visit.library, visit.office.clock.today())}


def _clocked(visit: Visit, opened: Opened) -> dict[str, Any]:
    case = opened.case
    left = None if case.allowed_s is None else max(0, case.allowed_s - opened.spent_s)
    return {
        "opened": opened,
        "case": case,
        "steps": opened.steps if visit.query("het", 1) else opened.steps[-STEPS_SHOWN:],
        "is_running": case.clock_since is not None,
        "left_s": left,
        "day_s": Calendar.of(visit.library).day_s(visit.office.clock.today()),
        "labels": visit.library.phrase(Says).labels,
        "bodies": {one.id: one.name for unit in visit.library.units.values() for one in unit.bodies},
    }


async def _told(visit: Visit, tx: Tx) -> dict[str, Any]:
    eye, library = eye_of(visit), visit.library
    opened = await _open(visit, tx)
    case = opened.case
    act = act_of(visit, str(case.steps))
    staff = await officials.every(tx, library, visit.office.clock.today())
    may_answer = await case_desk.one(tx, eye, case.code, action="case-answer") is not None
    is_keeper = bool(case.custody) and await case_desk.one(tx, eye, case.code, action=KEEP) is not None
    may_erase = case.source != "bot" and rights.may(
        visit.official, "identity-read", unit=case.unit, hamlet=case.hamlet, topic=case.topic
    )
    is_settling = is_keeper and case.custody == "giu" and may_answer
    own = [one for one in opened.steps if one.what in OWN_WORDS]
    on = visit.office.clock.today()
    return {
        **_clocked(visit, opened),
        "names": {one.who: one.name for one in staff},
        "own": own,
        "may_answer": may_answer and case.merged_into is None,
        "is_keeper": is_keeper,
        "nexts": {to.value for to in BY_OFFICIAL[CaseState(case.state)]},
        "staff": await _hands(tx, case, staff) if may_answer else [],
        "templates": answers.templates(library, case, on) if may_answer else [],
        "has_identity": await custody.has_identity(tx, act),
        "may_erase": may_erase,
        "suspects": await case_moves.hidden(tx, case.id) if is_settling else {},
        "concerned": [one for one in staff if one.state is not OfficialState.DISABLED and one.id != visit.official.id]
        if is_settling
        else [],
        "forwarded": await custody.forwardings(tx, case),
        "basis": custody.forwarding_basis(library),
        "unit_bodies": library.units[case.unit].bodies if case.unit in library.units else (),
        "may_share": _may_share(visit, opened) and not await case_walls.closed(tx, [case.id]),
        "may_share_widely": may_write(visit.official, EntryKey("faq", "", None), case.topic or None),
        "fresh": [],
        "by_household": False,
        "text_most": handling.TEXT_MOST,
        "path": PATH,
        "sound": inbox.SOUND,
    }


async def _hands(tx: Tx, case: DeskCase, staff: list[Official]) -> list[Official]:
    """To whom it can be given: who may answer it there and is not kept from it."""
    hidden = await case_moves.hidden(tx, case.id)
    action = KEEP if case.custody in {"giu", "kin"} else "case-answer"
    return [
        one
        for one in staff
        if one.state is OfficialState.ACTIVE
        and one.id not in hidden
        and rights.may(one, action, unit=case.unit, hamlet=case.hamlet, topic=case.topic)
    ]


def _may_share(visit: Visit, opened: Opened) -> bool:
    """Whether its answer may become one for everybody, drafted by this official."""
    case = opened.case
    return (
        case.kind in faq.OPEN_KINDS
        and not case.custody
        and case.unit in visit.library.units
        and any(one.what == "answered" and one.payload for one in opened.steps)
        and may_write(visit.official, EntryKey("faq", "", case.unit), case.topic or None)
    )
