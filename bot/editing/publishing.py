"""Approval by a second person, published versions, withdrawal, and back to an older version."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from bot import faq, rights, signing
from bot.editing.bodies import topic_of
from bot.editing.checks import Unread, open_remarks, remarks
from bot.editing.drafts import (
    Draw,
    NoNoteError,
    UnmendedError,
    key_of,
    known,
    moved,
    ref,
    seen,
    still_open,
    with_day,
)
from bot.editing.kinds import KINDS, may_approve
from bot.errors import LoaThonError
from bot.library import EntryKey, Library, Signature
from bot.library.published import SHAPES, from_body
from bot.library.schema.answers import Faq
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.settings import LOCAL
from bot.store import Tx, audit, edits, overlay
from bot.store.overlay import WITHDRAWN, EntryRow, SignatureRow, Version


class BaseMovedError(LoaThonError):
    """editing.base_moved"""


class NoVersionError(LoaThonError):
    """editing.no_version"""


class OlderBaseError(LoaThonError):
    """editing.older_base"""


class NothingPublishedError(LoaThonError):
    """editing.nothing_published"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an approval."""

    version: int
    #: conversations that were told: who had asked
    told: int


async def approve(
    tx: Tx,
    official: Official,
    library: Library,
    edit_id: int,
    version: int,
    *,
    unread: Unread,
    also: Sequence[int] = (),
    now: datetime,
    at: datetime,
    draw: Draw = secrets.token_bytes,
) -> Outcome:
    """Publish what was handed in, as it was at `version`; those who asked are told in the same transaction.

    `also`: questions that mean the same as an answer for everybody (`faq.asked_alike`, asked before). A policy or story of
    one unit is signed by it at once. Raises `NotAllowedError` (also for who wrote in it),
    `StaleError`, `WrongStateError`, `BaseMovedError` (see `drafts.rebase`), `UnmendedError`,
    `ClosedCaseError` when the case it was made of became hidden from somebody, or kept close, meanwhile.
    """
    edit = await known(tx, official, edit_id)
    key = key_of(edit)
    if not may_approve(official, key, topic_of(edit.body), edit.authors):
        raise NotAllowedError
    seen(edit, version, {"submitted"})
    await still_open(tx, edit)
    if await moved(tx, library, edit):
        raise BaseMovedError
    on = now.astimezone(LOCAL).date()
    body = with_day(edit.body, on)
    left = open_remarks(remarks(library, key, body, on, unread=unread), edit.confirmed)
    if left:
        raise UnmendedError(count=len(left))
    number = await overlay.next_version(tx, key.kind, key.id, edit.unit)
    row = EntryRow(key.kind, key.id, edit.unit, number, body, edit.base_hash)
    await overlay.publish(tx, row, by=official.who, at=at, authors=edit.authors)
    await edits.change(tx, edit.id, edit.version, at, state="published")
    told = 0
    if key.kind in SHAPES:
        entry = from_body(key.kind, body)
        after = library.with_entry(key, entry)
        if isinstance(entry, Faq):
            told = await faq.tell(tx, after, entry, edit, also=also, now=now, at=at)
        elif key.kind in {"policies", "stories"} and key.unit is not None:
            signed = await _sign(tx, official, key, on, body)
            after = after.with_published(key, signed)
            told = await signing.settle_askers(tx, official, after, key, now=now, at=at, draw=draw)
    else:
        told = await faq.settle_questions(tx, edit, key.id, at=at)
    detail = {"version": number, "told": told}
    await audit.note(tx, official.who, "content-published", ref(key), at=at, detail=detail, after=body)
    return Outcome(number, told)


async def history(tx: Tx, official: Official, key: EntryKey) -> list[Version]:
    """Every published version of an entry in a unit, newest first; [] where there is none or the official may not look."""
    versions = await overlay.history(tx, key.kind, key.id, key.unit or "")
    topic = topic_of(versions[0].body) if versions else None
    actions = (*KINDS[key.kind].writes, *KINDS[key.kind].approves)
    allowed = any(rights.may(official, action, unit=key.unit or "", topic=topic) for action in actions)
    return versions if allowed else []


async def roll_back(
    tx: Tx,
    official: Official,
    library: Library,
    key: EntryKey,
    version: int,
    *,
    note: str,
    at: datetime,
) -> int:
    """Publish an older version again, as a new one; its number. It was approved once, so one approver is enough: not who
    wrote it.

    Raises `NotAllowedError`, `NoVersionError`, `NoNoteError`, `OlderBaseError` when the file below was reviewed since.
    """
    versions = {one.version: one for one in await overlay.history(tx, key.kind, key.id, key.unit or "")}
    old = versions.get(version)
    if not versions or not may_approve(official, key, topic_of(versions[max(versions)].body)):
        raise NotAllowedError
    if old is None or old.state == WITHDRAWN or not _readable(key, old.body):
        raise NoVersionError(version=version)
    if not may_approve(official, key, topic_of(old.body), old.authors):
        raise NotAllowedError
    if not note.strip():
        raise NoNoteError
    if _outdated(library, key, old):
        raise OlderBaseError
    row = EntryRow(key.kind, key.id, key.unit or "", max(versions) + 1, old.body, old.base_hash)
    await overlay.publish(tx, row, by=official.who, at=at, authors=old.authors, note=_short(note))
    detail = {"version": row.version, "as": version}
    before = versions[max(versions)].body
    await audit.note(
        tx, official.who, "content-rolled-back", ref(key), at=at, detail=detail, before=before, after=old.body
    )
    return row.version


async def withdraw(tx: Tx, official: Official, key: EntryKey, *, note: str, at: datetime) -> int:
    """Take back what was published: the file below serves again, or nothing. The number of the version that says so.

    Raises `NotAllowedError`, `NothingPublishedError`, `NoNoteError`.
    """
    newest = await overlay.newest(tx, key.kind, key.id, key.unit or "")
    if newest is None or not may_approve(official, key, topic_of(newest.body)):
        raise NotAllowedError
    latest = (await overlay.history(tx, key.kind, key.id, key.unit or ""))[0]
    if latest.state == WITHDRAWN:
        raise NothingPublishedError
    if not note.strip():
        raise NoNoteError
    row = EntryRow(key.kind, key.id, key.unit or "", newest.version + 1, newest.body, newest.base_hash)
    await overlay.publish(tx, row, by=official.who, at=at, authors=latest.authors, note=_short(note), state=WITHDRAWN)
    if key.kind in {"policies", "stories"} and key.unit is not None:
        # a unit's signature covered the text that is gone
        await overlay.unsign(tx, key.kind, key.id, key.unit)
    detail = {"version": row.version}
    await audit.note(tx, official.who, "content-withdrawn", ref(key), at=at, detail=detail, before=newest.body)
    return row.version


async def _sign(tx: Tx, official: Official, key: EntryKey, on: date, body: dict[str, Any]) -> Signature:
    unit = key.unit or ""
    role = next((a.role for a in official.assignments if "entry-sign" in rights.roles()[a.role].may), "")
    row = SignatureRow(key.kind, key.id, unit, on, role, "")
    await overlay.sign(tx, row, by=official.who, text_hash=audit.object_hash(body) or "")
    return Signature(unit, on, role)


def _outdated(library: Library, key: EntryKey, old: Version) -> bool:
    """Whether the file below was reviewed after that version: it would serve instead (DESIGN.md, base and overlay)."""
    if old.base_hash == library.hashes.get((key.kind, key.id), "") or key.kind not in SHAPES:
        return False
    base = library.filed.get((key.kind, key.id))
    return base is not None and from_body(key.kind, old.body).reviewed_on <= base.reviewed_on


def _readable(key: EntryKey, body: dict[str, Any]) -> bool:
    """Whether this release still takes it."""
    try:
        KINDS[key.kind].shape.model_validate(body) if key.kind not in SHAPES else from_body(key.kind, body)
    except (ValidationError, KeyError, TypeError, ValueError, ArithmeticError):
        return False
    return True


def _short(note: str) -> str:
    return " ".join(note.split())[:500]
