"""What officials do with a case: take it, hand it on, ask, wait, answer, close. Each step is chained under the row lock.

Every act names the number of steps the official had before them: if another was there in between, it is refused and
nothing is overwritten. Conversations are locked before cases, in the order in which a household's turn locks them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.casework import limits, words
from bot.casework.life import BY_MACHINE, CITIZEN, CLOSED, OTHERS, RECEIVED, SETTLED, WORKING, check
from bot.casework.routing import route
from bot.errors import LoaThonError
from bot.library import Library
from bot.model.case import CaseKind, CaseState
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.store import Tx, audit, case_desk, case_moves, cases, conversations
from bot.store.case_desk import DeskCase, Eye
from bot.store.cases import Step

Draw = Callable[[int], bytes]
#: signs of a text to a household: what the longest channel carries in one piece
TEXT_MOST = 3500
NOTE_MOST = 2000
REASON_MOST = 300
MACHINE = "may"
#: step by which a matter came under custody
KEPT = "kept-close"


class StaleCaseError(LoaThonError):
    """casework.stale"""


class EmptyTextError(LoaThonError):
    """casework.empty"""


class LongTextError(LoaThonError):
    """casework.long"""


class NoBodyError(LoaThonError):
    """casework.no_body"""


class NoPlaceError(LoaThonError):
    """casework.no_place"""


class WrongHandsError(LoaThonError):
    """casework.wrong_hands"""


@dataclass(frozen=True, slots=True)
class Act:
    """Who acts, on what they saw, and when. `seen`: the number of steps of the case on their page.

    now: the calendar's moment, written into the history; at: the true time, for audit and messages.
    """

    eye: Eye
    library: Library
    code: str
    seen: int
    now: datetime
    at: datetime
    draw: Draw = secrets.token_bytes

    @property
    def official(self) -> Official:
        """Who acts."""
        return self.eye.official


async def hold(tx: Tx, act: Act, action: str = "case-answer") -> DeskCase:
    """The case, locked with its conversations. Raises `NotAllowedError` (also: not there), `StaleCaseError`."""
    found = await case_desk.one(tx, act.eye, act.code, action=action)
    if found is None:
        raise NotAllowedError
    joined = await case_desk.joined_to(tx, found.id)
    asking = await case_desk.askers(tx, [found.id, *joined])
    await conversations.lock_ids(tx, sorted({a.conversation_id for a in asking if a.conversation_id is not None}))
    held = await case_desk.one(tx, act.eye, act.code, action=action, locked=True)
    if held is None:
        raise NotAllowedError
    if held.steps != act.seen:
        raise StaleCaseError
    if held.merged_into is not None:
        raise StaleCaseError
    return held


async def note_step(
    tx: Tx, act: Act, case: DeskCase, what: str, payload: Mapping[str, Any], *, to: CaseState | None = None
) -> None:
    """One step of an official in the history, and who waits for news of cases hears the bell."""
    step = Step(case.id, what, act.official.who, act.now, act.draw(16).hex(), dict(payload))
    await cases.record(tx, [step], state=to.value if to else None)
    tx.ring(case_desk.BELL)


def wording(text: str, most: int = TEXT_MOST) -> str:
    """A text as it is kept. Raises `EmptyTextError`, `LongTextError`."""
    told = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not any(sign.isalnum() for sign in told):
        raise EmptyTextError
    if len(told) > most:
        raise LongTextError(most=most)
    return told


async def receive(tx: Tx, act: Act) -> None:
    """Looked at: the household sees that it was. A new case only."""
    case = await hold(tx, act)
    await note_step(tx, act, case, "received", {}, to=check(CaseState(case.state), RECEIVED))


async def assign(tx: Tx, act: Act, to: Eye | None) -> None:
    """Give it to an official (`sight.eye` of theirs), or to nobody. Raises `WrongHandsError` for who must not see it."""
    case = await hold(tx, act)
    if to is not None and await case_desk.one(tx, to, act.code, action="case-answer") is None:
        raise WrongHandsError
    number = to.official.id if to else None
    if number == case.official_id:
        return
    await case_moves.change(tx, case.id, official_id=number)
    state = CaseState(case.state)
    moved = WORKING if to is not None and state in {CaseState.NEW, RECEIVED} else None
    await note_step(tx, act, case, "assigned", {"official": number}, to=moved)


async def hand_over(
    tx: Tx,
    act: Act,
    *,
    unit: str | None = None,
    topic: str | None = None,
    body: str | None = None,
    hamlet: str | None = None,
) -> None:
    """Correct where it belongs; None leaves a field. Raises `NoPlaceError`, `NoBodyError`.

    A case whose commune was not known is given its unit here. Another unit takes it from whoever had it.
    """
    case = await hold(tx, act)
    library = act.library
    new = replace(
        case,
        unit=case.unit if unit is None else unit,
        topic=case.topic if topic is None else topic,
        hamlet=case.hamlet if hamlet is None else hamlet,
    )
    if new.unit not in library.units or (new.topic and new.topic not in library.topics):
        raise NoPlaceError
    known = {one.id for one in library.units[new.unit].bodies}
    if body:
        if body not in known:
            raise NoBodyError
        new = replace(new, body=body)
    elif body == "" or new.unit != case.unit or new.topic != case.topic:
        named = "" if body == "" else route(library, unit=new.unit, kind=new.kind, topic=new.topic, entry=new.entry)
        new = replace(new, body=named)
    if new.unit != case.unit:
        new = replace(new, official_id=None)
    names = ("unit", "topic", "hamlet", "body", "official_id")
    changed = {name: getattr(new, name) for name in names if getattr(new, name) != getattr(case, name)}
    if not changed:
        return
    # another place has other officials: all of them are matched anew before anybody sees it there
    await case_moves.change(tx, case.id, **changed, screened="unit" not in changed)
    told = {name: value for name, value in changed.items() if name != "official_id"}
    await note_step(tx, act, case, "handed-over", told)
    if "unit" in changed:
        # what is answered with it goes along: nobody there could answer it here
        joined = await case_desk.joined_to(tx, case.id)
        for number in joined:
            await case_moves.change(tx, number, unit=new.unit, body=new.body, official_id=None, screened=False)
        steps = [Step(n, "handed-over", act.official.who, act.now, act.draw(16).hex(), told) for n in joined]
        await cases.record(tx, steps)
        await words.index(tx, [case.id, *joined])


async def wait_for_others(tx: Tx, act: Act, who: str, why: str) -> None:
    """Another body has to answer first; the clock runs on, for the household waits all the same."""
    case = await hold(tx, act)
    to = check(CaseState(case.state), OTHERS)
    told = {"body": wording(who, REASON_MOST), "text": wording(why, REASON_MOST)}
    if CaseState(case.state) is CITIZEN:
        await case_moves.change(tx, case.id, **limits.started(act.library, case, act.now))
    await note_step(tx, act, case, "waits-for-others", told, to=to)


async def resume(tx: Tx, act: Act) -> None:
    """Go on with it: what it waited for is there, or it was closed too early."""
    case = await hold(tx, act)
    state = CaseState(case.state)
    to = check(state, WORKING)
    clock = limits.renewed if state in SETTLED else limits.started
    await case_moves.change(tx, case.id, **clock(act.library, case, act.now), closed_at=None)
    await note_step(tx, act, case, "resumed", {}, to=to)


async def close(tx: Tx, act: Act, why: str) -> None:
    """Close it with a reason: empty, sent by mistake, brought twice."""
    case = await hold(tx, act)
    to = check(CaseState(case.state), CLOSED)
    await note_step(tx, act, case, "closed", {"text": wording(why, REASON_MOST)}, to=to)
    await case_moves.change(tx, case.id, **limits.stopped(act.library, case, act.now), closed_at=act.now)
    await cases.settle(tx, case.id)


async def write_note(tx: Tx, act: Act, text: str) -> None:
    """A note for colleagues; no household ever sees it."""
    case = await hold(tx, act)
    await note_step(tx, act, case, "note", {"text": wording(text, NOTE_MOST)})
    await words.index(tx, [case.id])


async def wake(tx: Tx, library: Library, case: DeskCase, spoke_at: datetime, *, now: datetime) -> None:
    """The household answered what it was asked: the ball is with the office again."""
    held = await case_desk.any_by_id(tx, case.id, locked=True)
    if held is None or held.state != CITIZEN.value:
        return
    to = check(CITIZEN, WORKING, BY_MACHINE)
    await case_moves.change(tx, case.id, **limits.started(library, held, spoke_at))
    await cases.record(tx, [Step(case.id, "woken", MACHINE, now, secrets.token_hex(16), {})], state=to.value)
    tx.ring(case_desk.BELL)


async def close_quiet(tx: Tx, case: DeskCase, *, now: datetime) -> None:
    """Answered and nobody spoke again: closed by itself."""
    held = await case_desk.any_by_id(tx, case.id, locked=True)
    if held is None or held.state != CaseState.ANSWERED.value:
        return
    to = check(CaseState.ANSWERED, CLOSED, BY_MACHINE)
    await cases.record(tx, [Step(case.id, "closed", MACHINE, now, secrets.token_hex(16), {})], state=to.value)
    await case_moves.change(tx, case.id, closed_at=now)


async def note_reading(tx: Tx, act: Act, what: str, detail: Mapping[str, Any]) -> None:
    """A reading that is written down: in the audit, never in the case's own history."""
    await audit.note(tx, act.official.who, what, f"case:{act.code}", at=act.at, detail=dict(detail))


def is_kept(case: DeskCase) -> bool:
    """Whether it is a report of wrongdoing that only its keeper handles."""
    return case.kind == CaseKind.WRONGDOING.value or case.custody in {"giu", "kin"}
