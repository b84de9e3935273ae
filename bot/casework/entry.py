"""A matter brought in person, by phone or on paper, entered by an official: the same case, with its source."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot import rights
from bot.casework import handling, words
from bot.casework.handling import Draw, NoPlaceError, wording
from bot.casework.receipt import short
from bot.errors import LoaThonError
from bot.library import Library
from bot.library.schema.casework import ConflictWords
from bot.model.case import CaseKind, CaseState
from bot.model.codes import new_code, new_pin
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.store import Tx, attachments, case_desk, case_moves, cases, contacts, erasures, jobs
from bot.store.case_desk import KEEP
from bot.store.cases import Step
from bot.store.store import RefusedError
from bot.understand.named import Accusing, Text
from bot.work.intake import ARRIVED, arrived_key, pin_hash

#: how a matter came
SOURCES = ("tai-cho", "goi", "giay")
#: sent by another system (`bot.integration_cases`), no chat leads back to it either
BY_SYSTEM = "he-thong"
#: right of who writes for a household without a telephone, and reads nothing
HELP = "household-enter"
#: kinds an official may enter; the bot's own kinds are not among them
KINDS = (
    CaseKind.QUESTION,
    CaseKind.FEEDBACK,
    CaseKind.PROPOSAL,
    CaseKind.WRONGDOING,
    CaseKind.DIALOGUE,
    CaseKind.NOMINATION,
    CaseKind.DATA,
    CaseKind.URGENT,
)
_CODE_TRIES = 8


class WrongSourceError(LoaThonError):
    """casework.wrong_source"""


class NoCodeError(LoaThonError):
    """casework.no_code"""


class NotAgreedError(LoaThonError):
    """casework.not_agreed"""


class NotForHelpersError(LoaThonError):
    """casework.not_for_helpers"""


@dataclass(frozen=True, slots=True)
class Brought:
    """What somebody said, and where. `identity`: name and phone, kept apart; {} = they gave none."""

    kind: CaseKind
    source: str
    unit: str
    text: str
    hamlet: str = ""
    topic: str = ""
    about_role: str = ""
    about_hamlet: str = ""
    identity: dict[str, str] = field(default_factory=dict)
    #: whether the household agreed that a helper writes for it
    is_agreed: bool = False
    #: the same words of the same official under the same mark (of one form shown) are one matter; "" = each time a new one
    once: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """The code and the PIN for the slip: shown once."""

    code: str
    pin: str
    #: it was entered before, nothing was written now
    is_again: bool = False
    #: beginning of the history's last link, to be checked on a public page
    receipt: str = ""


async def enter(
    tx: Tx,
    official: Official,
    library: Library,
    brought: Brought,
    *,
    now: datetime,
    at: datetime,
    draw: Draw = secrets.token_bytes,
) -> Entered:
    """Enter a matter. Needs `case-answer` there, or `household-enter` of who helps a household that agreed; a report of
    wrongdoing needs `case-keep`, and a helper enters nothing that accuses.

    Raises `NotAllowedError`, `NoPlaceError`, `WrongSourceError`, `EmptyTextError`, `LongTextError`, `NotAgreedError`,
    `NotForHelpersError`.
    """
    if brought.source not in SOURCES or brought.kind not in KINDS:
        raise WrongSourceError
    if brought.unit not in library.units or (brought.topic and brought.topic not in library.topics):
        raise NoPlaceError
    action = _action(official, brought)
    rights.require(official, action, unit=brought.unit, hamlet=brought.hamlet, topic=brought.topic)
    told = wording(brought.text)
    if action == HELP:
        if not brought.is_agreed:
            raise NotAgreedError
        if Accusing(library.phrase(ConflictWords)).surely(Text(told)):
            raise NotForHelpersError
    seed, salt = _drawn(tx, official, brought, draw)
    pin = new_pin(seed)
    code, is_there = await _code(tx, seed, salt)
    if not is_there:
        payload = {"text": told}
        try:
            async with tx.apart():
                await write(tx, brought, official.who, code=code, pin=pin, payload=payload, salt=salt, now=now, at=at)
        except RefusedError:
            # a second tap while the first was under way: that one has the code by now
            if not await case_moves.was_entered(tx, code, salt):
                raise
            is_there = True
    (held,) = (await cases.by_codes(tx, [code])).values()
    return Entered(code, pin, is_again=is_there, receipt=short(held.case.head))


def may_enter(official: Official, kind: CaseKind) -> bool:
    """Whether there is a place where the official may enter that kind."""
    wanted = (KEEP,) if kind is CaseKind.WRONGDOING else ("case-answer", HELP)
    return any(rights.may_anywhere(official, action) for action in wanted)


def _action(official: Official, brought: Brought) -> str:
    if brought.kind is CaseKind.WRONGDOING:
        return KEEP
    answers = rights.may(official, "case-answer", unit=brought.unit, hamlet=brought.hamlet, topic=brought.topic)
    return "case-answer" if answers else HELP


def _drawn(tx: Tx, official: Official, brought: Brought, draw: Draw) -> tuple[bytes, str]:
    """Seed of code and PIN, and the salt of the first step; the same for what was entered once under the same mark."""
    if not brought.once:
        return draw(16), draw(16).hex()
    told = repr((brought, official.id)).encode()
    keyed = hashlib.blake2b(told, digest_size=32, key=tx.key, person=b"entered").digest()
    return keyed[:16], keyed[16:].hex()


async def write(
    tx: Tx,
    brought: Brought,
    who: str,
    *,
    code: str,
    pin: str,
    payload: Mapping[str, object],
    salt: str,
    now: datetime,
    at: datetime,
) -> None:
    """Open the case of a free code. `who` stands in its history, `payload` holds its words under `text`."""
    body = {name: value.strip() for name, value in brought.identity.items() if value.strip()}
    identity = await contacts.add_named(tx, body, now) if body else None
    row = {
        "code": code,
        "kind": brought.kind.value,
        "state": CaseState.NEW.value,
        "unit": brought.unit,
        "hamlet": brought.hamlet,
        "topic": brought.topic,
        "identity_id": identity,
        "anonymous": identity is None,
        "about_role": brought.about_role,
        "about_hamlet": brought.about_hamlet,
        "source": brought.source,
        "custody": "giu" if brought.kind is CaseKind.WRONGDOING else "",
        "opened_at": now,
        "updated_at": now,
    }
    (number,) = await cases.add(tx, [row])
    asker = {"case_id": number, "code": code, "pin_hash": pin_hash(tx, code, pin), "asked_at": now}
    await cases.add_askers(tx, [asker])
    await cases.record(tx, [Step(number, "entered", who, now, salt, dict(payload))])
    await words.index(tx, [number])
    await jobs.add(tx, ARRIVED, [({"case": number}, arrived_key(number))], at)
    tx.ring(case_desk.BELL)


async def attach(tx: Tx, act: handling.Act, *, sha256: str, mime: str, size_bytes: int, kind: str) -> None:
    """Add a cleaned, kept file (`bot.files.clean`, `store.blobs.put`) an official scanned or photographed."""
    case = await handling.hold(tx, act)
    row = {
        "case_id": case.id,
        "kind": kind,
        "channel": "ban",
        "account": "",
        "ref": "",
        "mime": mime,
        "size_bytes": size_bytes,
        "added_at": act.now,
    }
    (number,) = await attachments.add(tx, [row])
    await attachments.keep(tx, number, sha256=sha256, mime=mime, size_bytes=size_bytes)
    await handling.note_step(tx, act, case, "file-added", {"files": 1})


async def _code(tx: Tx, seed: bytes, salt: str) -> tuple[str, bool]:
    """A free code of that seed; or that of the matter that was entered so already, and True."""
    for attempt in range(_CODE_TRIES):
        code = new_code(seed, attempt)
        if not await case_moves.is_taken(tx, code):
            return code, False
        if await case_moves.was_entered(tx, code, salt):
            return code, True
    raise NoCodeError


async def forget(tx: Tx, act: handling.Act, reason: str) -> list[str]:
    """Who brought it in person wants it erased: words, name and files go, that there was a case stays.

    For who may open names; a matter of a chat is erased from its chat. Gives the sha256 of files to drop from the blobs
    after the commit. Raises `NotAllowedError`, `EmptyTextError`, `LongTextError`.
    """
    why = wording(reason, handling.REASON_MOST)
    case = await handling.hold(tx, act, "identity-read")
    if case.source not in {*SOURCES, BY_SYSTEM}:
        raise NotAllowedError
    await handling.note_step(tx, act, case, "erased", {})
    files = await erasures.erase_entered(tx, case.id, case.identity_id, act.at)
    await handling.note_reading(tx, act, "case-erased", {"reason": why})
    return files
