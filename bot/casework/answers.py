"""The answer goes back the way the matter came: to everyone who asked, once each, with the code each of them holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.casework import handling, limits, merging, words
from bot.casework.handling import Act, wording
from bot.casework.life import ANSWERED, CITIZEN, check
from bot.casework.receipt import short
from bot.errors import LoaThonError
from bot.library import Library
from bot.library.answer import answer as entry_answer
from bot.library.render import UnknownFigureError
from bot.library.schema.casework import AnswerTemplate, AnswerTemplates
from bot.library.schema.policy import Policy
from bot.library.schema.says import Says
from bot.model.case import CaseState
from bot.model.outbound import Button, Outbound
from bot.rights import NotAllowedError
from bot.settings import LOCAL
from bot.store import Tx, case_desk, case_moves, cases, conversations
from bot.store.case_desk import Asker, DeskCase
from bot.store.cases import Step
from bot.work import Work

#: how an answer reaches somebody without a channel
#: stands for the entry's own answer while figures are filled in
_MARK = "\x00"
BY_SLIP, BY_PHONE = "phieu", "dien-thoai"


class WrongWayError(LoaThonError):
    """casework.wrong_way"""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an answer."""

    #: conversations that got it
    conversations: int
    #: askers no channel reaches: print the slip or read it out, then tick (`tick`)
    by_hand: tuple[Asker, ...]


async def answer(tx: Tx, act: Act, text: str) -> Told:
    """Answer the case and those joined to it. Raises as `handling` does, `WrongStateError`.

    A joined case that this official must not answer, or that a wall came between, is parted and waits for its own answer.
    """
    case = await handling.hold(tx, act)
    told = wording(text)
    check(CaseState(case.state), ANSWERED)
    joined = await _answered_with(tx, act, case)
    await handling.note_step(tx, act, case, "answered", {"text": told}, to=ANSWERED)
    steps = [
        Step(number, "answered", act.official.who, act.now, act.draw(16).hex(), {"text": told, "with": case.code})
        for number in joined
    ]
    await cases.record(tx, steps, state=ANSWERED.value)
    for number in (case.id, *joined):
        one = case if number == case.id else await case_desk.any_by_id(tx, number)
        if one is not None:
            stopped = limits.stopped(act.library, one, act.now)
            await case_moves.change(tx, number, **stopped, answered_at=act.now, official_id=act.official.id)
            await cases.settle(tx, number)
    await words.index(tx, [case.id, *joined])
    return await _send(tx, act, [case.id, *joined], "case-answered", {"answer": told})


async def _answered_with(tx: Tx, act: Act, case: DeskCase) -> list[int]:
    numbers, together = await case_desk.joined_to(tx, case.id), []
    able = await case_desk.by_ids(tx, act.eye, numbers, action="case-answer")
    for number in numbers:
        one = await case_desk.any_by_id(tx, number, locked=True)
        if one is None:
            continue
        if number in able and not await merging.is_walled(tx, one, case):
            together.append(number)
        else:
            await merging.leave(tx, one, case, now=act.now)
    return together


async def ask(tx: Tx, act: Act, text: str) -> Told:
    """Ask the household for more; the clock stands until it speaks."""
    case = await handling.hold(tx, act)
    told = wording(text)
    to = check(CaseState(case.state), CITIZEN)
    await case_moves.change(tx, case.id, **limits.stopped(act.library, case, act.now))
    await handling.note_step(tx, act, case, "asked-citizen", {"text": told}, to=to)
    return await _send(tx, act, [case.id], "case-asked", {"question": told})


async def tick(tx: Tx, act: Act, asker_id: int, how: str) -> None:
    """The answer was handed over on paper (`BY_SLIP`) or read out by phone (`BY_PHONE`)."""
    case = await handling.hold(tx, act)
    if how not in {BY_SLIP, BY_PHONE}:
        raise WrongWayError
    asking = {asker.id: asker for asker in await case_desk.askers(tx, [case.id])}
    if asker_id not in asking or asking[asker_id].conversation_id is not None or case.answered_at is None:
        raise NotAllowedError
    await case_moves.tick(tx, asker_id, how, act.now)
    await handling.note_step(tx, act, case, "told", {"how": how, "asker": asking[asker_id].code})


async def _send(tx: Tx, act: Act, case_ids: Sequence[int], key: str, slots: dict[str, str]) -> Told:
    asking = await case_desk.askers(tx, case_ids)
    codes: dict[int, Asker] = {}
    for asker in asking:
        if asker.conversation_id is not None:
            # who asked twice is told once
            codes.setdefault(asker.conversation_id, asker)
    present = {c.id: c for c in await conversations.lock_ids(tx, sorted(codes)) if not c.is_gone}
    heads = {number: one.head for number in case_ids if (one := await case_desk.any_by_id(tx, number)) is not None}
    work = Work(tx, now=act.now, at=act.at)
    for number, conversation in present.items():
        asker = codes[number]
        receipt = short(heads[asker.case_id])
        work.say(conversation, _message(act.library, key, asker.code, {**slots, "receipt": receipt}))
    await work.write()
    return Told(len(present), tuple(a for a in asking if a.conversation_id is None and a.told_at is None))


def _message(library: Library, key: str, code: str, slots: dict[str, str]) -> Outbound:
    says = library.phrase(Says)
    say = says.says[key]
    values = {**slots, "code": spaced(code)}
    rows: tuple[tuple[Button, ...], ...] = ((Button(says.labels["add-words"], f"c:{code}:add"),),)
    if key == "case-answered":
        rows = (
            (
                Button(says.labels["rate-good"], f"c:{code}:rate:5"),
                Button(says.labels["rate-fair"], f"c:{code}:rate:3"),
            ),
            (Button(says.labels["not-done"], f"c:{code}:again"), *rows[0]),
        )
    return Outbound(_fill(say.text, values), heading=_fill(say.heading or "", values), rows=rows, said=f"says/{key}")


def spaced(code: str) -> str:
    """A code as it is read aloud: in groups, "521 5026"."""
    return f"{code[:3]} {code[3:]}"


def _fill(template: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return template


@dataclass(frozen=True, slots=True)
class Ready:
    """An answer to start from, with today's facts."""

    id: str
    title: str
    text: str


def templates(library: Library, case: DeskCase, on: date) -> list[Ready]:
    """The answers to start from that fit a case; one whose figures have no value that day is left out."""
    fitting = []
    for one in library.phrase(AnswerTemplates).templates:
        kinds_fit = not one.kinds or case.kind in one.kinds
        topics_fit = not one.topics or case.topic in one.topics or (case.entry and case.entry == one.entry)
        if kinds_fit and topics_fit and (text := _filled(library, one, case.unit, on)):
            fitting.append(Ready(one.id, one.title, text))
    return fitting


def _filled(library: Library, one: AnswerTemplate, unit: str, on: date) -> str:
    """The text with the figures of that day; "" where the entry does not hold, or has no figure, that day."""
    if one.entry is None:
        return one.text
    if not library.has(one.entry):
        return ""
    entry = library.entry(one.entry, unit)
    own = one.text.replace("{answer}", _MARK)
    if isinstance(entry, Policy) and not (entry.holds_on(on) and library.figures_hold(own, entry, on, unit)):
        return ""
    try:
        told = library.text(own, entry, on, unit)
    except UnknownFigureError:
        return ""
    return told.replace(_MARK, entry_answer(library, one.entry, on, unit or None).text)


def today(act: Act) -> date:
    """The calendar's day where the people live."""
    return act.now.astimezone(LOCAL).date()


def slip(library: Library, case: DeskCase, steps: Sequence[Any], asker: Asker) -> dict[str, str]:
    """What a printed slip says: code, kind, day, answer, receipt. Names stand on none."""
    says = library.phrase(Says).labels
    answered = [one for one in steps if one.what == "answered" and one.payload]
    return {
        "code": spaced(asker.code),
        "kind": says.get(f"case-{case.kind}", case.kind),
        "opened": f"{case.opened_at.astimezone(LOCAL):%d/%m/%Y}",
        "answered": f"{answered[-1].at.astimezone(LOCAL):%d/%m/%Y}" if answered else "",
        "answer": str(answered[-1].payload.get("text", "")) if answered else "",
        "receipt": short(case.head),
    }
