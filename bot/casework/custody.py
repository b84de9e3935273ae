"""Reports of wrongdoing: with their keeper alone until it is settled whom they concern; and who may learn a name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot import rights
from bot.casework import handling, limits
from bot.casework.conflict import KEEPER
from bot.casework.handling import KEPT, Act, wording
from bot.casework.life import CITIZEN, OTHERS, check
from bot.errors import LoaThonError
from bot.library import Library
from bot.library.schema.base import Confidence, LegalBasis
from bot.library.schema.casework import CaseRules
from bot.model.case import CaseState
from bot.rights import NotAllowedError
from bot.store import Tx, audit, case_desk, case_moves, officials
from bot.store.case_desk import KEEP, DeskCase

#: step by which a keeper said whom a report concerns; `conflict.Told` reads the words behind it
SETTLED = "settled"
#: signs of the reason for opening a name, so that it is one
REASON_LEAST = 10


class NoReasonError(LoaThonError):
    """casework.no_reason"""


class NoReceiverError(LoaThonError):
    """casework.no_receiver"""


class FutureDayError(LoaThonError):
    """casework.future_day"""


@dataclass(frozen=True, slots=True)
class Suspect:
    """An official the report may be about, for the keeper to decide."""

    official_id: int
    name: str
    #: `conflict.POST`, `NAME`, `KIN`, `KEEPER`
    why: str


async def suspects(tx: Tx, act: Act) -> list[Suspect]:
    """Who is kept from the report and why. For its keeper alone; raises `NotAllowedError`."""
    case = await handling.hold(tx, act, KEEP)
    hidden = await case_moves.hidden(tx, case.id)
    known = {one.id: one.name for one in await officials.listed(tx, sorted(hidden))} if hidden else {}
    return [Suspect(number, known.get(number, ""), why) for number, why in sorted(hidden.items())]


async def settle(tx: Tx, act: Act, concerned: Collection[int]) -> None:
    """Say whom the report concerns: they never see it; all others with the right now may. For its keeper alone.

    Who was cleared stays so for the words told until now, however often they are matched; words told later count anew.
    """
    case = await handling.hold(tx, act, KEEP)
    if case.custody != "giu" or act.official.id in concerned:
        raise NotAllowedError
    await case_moves.show_to_all(tx, case.id)
    await case_moves.hide(tx, [(case.id, number, KEEPER) for number in sorted(concerned)])
    await case_moves.change(tx, case.id, custody="xong")
    # how many, not who: the history is read by those who may see the case, the audit holds the hash of who
    await handling.note_step(tx, act, case, SETTLED, {"concerned": len(set(concerned))})
    ref = f"case:{case.code}"
    await audit.note(tx, act.official.who, "case-settled", ref, at=act.at, after=sorted(set(concerned)))


async def keep_close(tx: Tx, act: Act) -> None:
    """Take a matter under custody that turned out to be a report of wrongdoing; from then on its keeper alone sees it.

    Nobody does before it was matched as such a report (`arrivals.catch_up`): a keeper may be whom it is about.
    """
    case = await handling.hold(tx, act)
    if case.custody:
        raise NotAllowedError
    await case_moves.change(tx, case.id, custody="giu", official_id=None, screened=False)
    await handling.note_step(tx, act, case, KEPT, {})


def forwarding_basis(library: Library) -> tuple[LegalBasis, Confidence]:
    """What passing on rests on, and how sure that is (Law 25/2018/QH14, article 25 clause 2)."""
    rules = library.phrase(CaseRules)
    return rules.forwarding, rules.forwarding_confidence


async def forward(tx: Tx, act: Act, *, receiver: str, on: date, document: str = "", today: date) -> None:
    """ "Chuyen thong tin": record to whom it was passed on, on which day, by which document.

    A report under custody is passed on by its keeper. Raises `NoReceiverError`, `FutureDayError`, `WrongStateError`.
    """
    found = await case_desk.one(tx, act.eye, act.code)
    if found is None:
        raise NotAllowedError
    case = await handling.hold(tx, act, KEEP if handling.is_kept(found) else "case-answer")
    to = " ".join(receiver.split())
    if not to or len(to) > handling.REASON_MOST:
        raise NoReceiverError
    if on > today:
        raise FutureDayError
    basis, confidence = forwarding_basis(act.library)
    told = {
        "receiver": to,
        "on": on.isoformat(),
        "document": " ".join(document.split())[:80],
        "basis": f"{basis.number} {basis.article or ''}".strip(),
        "confidence": confidence.value,
    }
    state = CaseState(case.state)
    if state is CITIZEN:
        await case_moves.change(tx, case.id, **limits.started(act.library, case, act.now))
    await handling.note_step(tx, act, case, "forwarded", told, to=None if state is OTHERS else check(state, OTHERS))


async def identity(tx: Tx, act: Act, reason: str) -> Mapping[str, str]:
    """Name and phone of who brought it, {} when they named none. Each reading stands in the audit with its reason.

    Needs the right to names besides the right to see the case. Raises `NoReasonError`, `NotAllowedError`.
    """
    why = wording(reason, handling.REASON_MOST)
    if len(why) < REASON_LEAST:
        raise NoReasonError(least=REASON_LEAST)
    case = await _named(tx, act)
    told = {"reason": why, "found": case.identity_id is not None}
    await handling.note_reading(tx, act, "identity-read", told)
    return await case_moves.identity(tx, case.identity_id) if case.identity_id is not None else {}


async def has_identity(tx: Tx, act: Act) -> bool:
    """Whether there is a name to open, for who may open it; False for everybody else."""
    try:
        case = await _named(tx, act)
    except NotAllowedError:
        return False
    return case.identity_id is not None


async def _named(tx: Tx, act: Act) -> DeskCase:
    """The case, for who may open names there: also who may not read cases, but never one it may concern."""
    for action in ("case-read", "identity-read"):
        case = await case_desk.one(tx, act.eye, act.code, action=action)
        if case is not None:
            rights.require(act.official, "identity-read", unit=case.unit, hamlet=case.hamlet, topic=case.topic)
            return case
    raise NotAllowedError


@dataclass(frozen=True, slots=True)
class Forwarded:
    """One passing on, as the history has it."""

    receiver: str
    on: str
    document: str
    at: datetime


async def forwardings(tx: Tx, case: DeskCase) -> list[Forwarded]:
    """To whom a case was passed on so far."""
    steps = (await case_desk.history(tx, [case.id]))[case.id]
    return [
        Forwarded(s.payload["receiver"], s.payload["on"], s.payload["document"], s.at)
        for s in steps
        if s.what == "forwarded" and s.payload
    ]


async def sealed(tx: Tx, act: Act) -> str:
    """The sealed words of a report nobody here can read, for its keeper to pass on; "" when there are none.

    Who holds the private key opens them with `loathon seal open`. The reading stands in the audit.
    """
    case = await case_desk.one(tx, act.eye, act.code, action=KEEP)
    if case is None or case.custody != "kin":
        raise NotAllowedError
    steps = (await case_desk.history(tx, [case.id]))[case.id]
    found = [str(step.payload["sealed"]) for step in steps if step.payload and "sealed" in step.payload]
    await handling.note_reading(tx, act, "case-sealed-read", {"parts": len(found)})
    return "\n".join(found)
