"""A matter brought in person, by phone or on paper, entered by an official: the same case, with its source."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot import rights
from bot.casework import handling, words
from bot.casework.handling import Draw, NoPlaceError, wording
from bot.errors import LoaThonError
from bot.library import Library
from bot.model.case import CaseKind, CaseState
from bot.model.codes import new_code, new_pin
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.store import Tx, attachments, case_desk, case_moves, cases, contacts, erasures, jobs
from bot.store.cases import Step
from bot.work.intake import ARRIVED, arrived_key, pin_hash

#: how a matter came
SOURCES = ("tai-cho", "goi", "giay")
#: sent by another system (`bot.integration_cases`), no chat leads back to it either
BY_SYSTEM = "he-thong"
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


@dataclass(frozen=True, slots=True)
class Entered:
    """The code and the PIN for the slip: shown once."""

    code: str
    pin: str


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
    """Enter a matter. Needs `case-answer` there; a report of wrongdoing needs `case-keep`.

    Raises `NotAllowedError`, `NoPlaceError`, `WrongSourceError`, `EmptyTextError`, `LongTextError`.
    """
    if brought.source not in SOURCES or brought.kind not in KINDS:
        raise WrongSourceError
    if brought.unit not in library.units or (brought.topic and brought.topic not in library.topics):
        raise NoPlaceError
    action = "case-keep" if brought.kind is CaseKind.WRONGDOING else "case-answer"
    rights.require(official, action, unit=brought.unit, hamlet=brought.hamlet, topic=brought.topic)
    told, seed = wording(brought.text), draw(16)
    code, pin = await _free_code(tx, seed), new_pin(seed)
    payload = {"text": told}
    await write(tx, brought, official.who, code=code, pin=pin, payload=payload, salt=draw(16).hex(), now=now, at=at)
    return Entered(code, pin)


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


async def _free_code(tx: Tx, seed: bytes) -> str:
    for attempt in range(_CODE_TRIES):
        code = new_code(seed, attempt)
        if not await case_moves.is_taken(tx, code):
            return code
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
