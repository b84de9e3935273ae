"""Matters that other systems send, and what they may read of cases: states and dates, an answer only of their own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.casework import entry, sight
from bot.casework.entry import BY_SYSTEM, Brought, NoCodeError
from bot.casework.handling import NoPlaceError, wording
from bot.casework.receipt import short
from bot.errors import LoaThonError
from bot.integrations import Caller
from bot.library import Library
from bot.library.schema.says import Consents
from bot.model.case import CaseKind
from bot.model.codes import is_code, new_code, new_pin
from bot.rights import NotAllowedError
from bot.store import Tx, audit, case_moves, case_outside, cases, guesses
from bot.store.case_desk import DeskCase, Filters

#: what may be sent; danger is to be called in, and reports of wrongdoing pass through no other system's hands
KINDS = (CaseKind.QUESTION, CaseKind.FEEDBACK, CaseKind.PROPOSAL, CaseKind.DIALOGUE)
#: the purpose a household agrees to when it brings a matter
PURPOSE = "luu-viec"
#: a consent given long ago was not given for this matter
CONSENT_FOR = timedelta(days=30)
#: clocks of other systems run ahead a little
_AHEAD = timedelta(minutes=5)
_CODE_TRIES = 8


class NoConsentError(LoaThonError):
    """integrations.no_consent"""


class OtherMatterError(LoaThonError):
    """integrations.other_matter"""


@dataclass(frozen=True, slots=True)
class Sent:
    """A matter of a household as another system hands it on."""

    #: the sender's own id: sent again, the same case comes back
    request_id: str
    kind: CaseKind
    unit: str
    text: str
    #: version of `content/phrases/consents.yaml` that was read to the household, and when it agreed
    consent_version: str
    consent_at: datetime
    hamlet: str = ""
    topic: str = ""
    #: name and phone, kept apart; {} = anonymous
    identity: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """The case: its code and the PIN for the household."""

    code: str
    pin: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class State:
    """How far a case is. `answer` and `receipt` are only of a case this key sent."""

    case: DeskCase
    is_own: bool
    answer: str = ""
    receipt: str = ""


async def send(tx: Tx, caller: Caller, library: Library, sent: Sent, *, now: datetime, at: datetime) -> Taken:
    """Open a case for a household that agreed.

    Raises `NotAllowedError`, `NoPlaceError`, `NoConsentError`, `EmptyTextError`, `LongTextError`, and `OtherMatterError`
    when the request was used for another text.
    """
    if sent.kind not in KINDS:
        raise NotAllowedError
    if sent.unit not in caller.units or sent.unit not in library.units or _is_elsewhere(library, sent):
        raise NoPlaceError
    _check_consent(library, sent, now)
    told = wording(sent.text)
    # the same request gives the same code and PIN, so that nothing is opened twice and nothing has to be kept for that
    seed = bytes.fromhex(guesses.digest(tx, "api", caller.who, sent.request_id))
    mark = hashlib.sha256(seed).hexdigest()[:32]
    pin = new_pin(seed)
    for attempt in range(_CODE_TRIES):
        code = new_code(seed, attempt)
        if not await case_moves.is_taken(tx, code):
            break
        held = await case_outside.sent_by(tx, caller.who, code)
        # erased meanwhile: it stays erased, whoever sends it again
        first = json.loads(held[1]) if held and held[1] is not None else {"request": mark, "text": told}
        if held and first.get("request") == mark:
            if first["text"] != told:
                raise OtherMatterError
            return Taken(code, pin, is_new=False)
    else:
        raise NoCodeError
    given_at = sent.consent_at.isoformat()
    consent = {"purpose": PURPOSE, "version": sent.consent_version, "given_at": given_at}
    brought = Brought(sent.kind, BY_SYSTEM, sent.unit, told, sent.hamlet, sent.topic, identity=sent.identity)
    payload = {"text": told, "request": mark, "consent": consent}
    salt = hashlib.blake2b(seed, digest_size=16, person=b"salt").hexdigest()
    await entry.write(tx, brought, caller.who, code=code, pin=pin, payload=payload, salt=salt, now=now, at=at)
    # kept also when the words are erased: that it was agreed to has to be shown
    await audit.note(tx, caller.who, "case-sent", f"case:{code}", at=at, detail=consent)
    return Taken(code, pin, is_new=True)


async def state(tx: Tx, caller: Caller, library: Library, code: str) -> State:
    """How far a case is: one this key sent, or one it may read. Raises `NotAllowedError`, also when it is not there."""
    if not is_code(code):
        raise NotAllowedError
    own = await case_outside.sent_by(tx, caller.who, code) if caller.may("cases-send") else None
    if own is not None:
        told = await cases.words(tx, [own[0].id], ("answered",))
        answers = [text for _what, text in told[own[0].id]]
        return State(own[0], is_own=True, answer=answers[-1] if answers else "", receipt=short(own[0].head))
    if not caller.may("cases-read"):
        raise NotAllowedError
    found = await case_outside.one(tx, sight.eye(caller.maker, library), caller.units, code)
    if found is None:
        raise NotAllowedError
    return State(found, is_own=False)


async def listed(
    tx: Tx, caller: Caller, library: Library, wanted: Filters, *, before: int = 0, limit: int
) -> Sequence[DeskCase]:
    """Cases the key may read, opened last first."""
    return await case_outside.page(
        tx, sight.eye(caller.maker, library), caller.units, wanted, before=before, limit=limit
    )


def _is_elsewhere(library: Library, sent: Sent) -> bool:
    hamlets = {one.id for one in library.units[sent.unit].hamlets}
    return bool(sent.hamlet and sent.hamlet not in hamlets) or bool(sent.topic and sent.topic not in library.topics)


def _check_consent(library: Library, sent: Sent, now: datetime) -> None:
    version = library.phrase(Consents).consents[PURPOSE].version
    if sent.consent_version != version or not now - CONSENT_FOR <= sent.consent_at <= now + _AHEAD:
        raise NoConsentError(version=version)
