"""Drafts: begun, saved while typing, handed in for approval, sent back, given up.

Every change names the version it saw; who saves over one they have not seen gets `StaleError`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.casework.sight import fingerprint
from bot.editing.bodies import below, changed, topic_of
from bot.editing.checks import Unread, open_remarks, remarks
from bot.editing.kinds import KINDS, may_approve, may_write
from bot.errors import LoaThonError
from bot.library import EntryKey, Library
from bot.model.fold import fold
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.store import Tx, audit, case_walls, edits, overlay
from bot.store.case_desk import Eye
from bot.store.edits import Edit

#: gives so many random bytes
Draw = Callable[[int], bytes]
#: longest readable part of an id made of a title: a deep link has 64 letters for unit and entry
_SLUG_MOST = 36


class StaleError(LoaThonError):
    """editing.stale"""


class WrongStateError(LoaThonError):
    """editing.wrong_state"""


class UnmendedError(LoaThonError):
    """editing.unmended"""


class NoNoteError(LoaThonError):
    """editing.no_note"""


class ClosedCaseError(LoaThonError):
    """editing.closed_case"""


def key_of(edit: Edit) -> EntryKey:
    """The key the draft is published under."""
    return EntryKey(edit.kind, edit.entry_id, edit.unit or None)


def ref(key: EntryKey) -> str:
    """How the audit names it."""
    return f"{key.kind}:{key.id}:{key.unit or ''}"


def new_key(library: Library, kind: str, title: str, unit: str | None, *, draw: Draw = secrets.token_bytes) -> EntryKey:
    """A key nobody has: the title in plain letters and some random digits, so that no id is ever used twice."""
    words = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:_SLUG_MOST].strip("-") or kind
    while True:
        entry_id = f"{words}-{int.from_bytes(draw(4)) % 10_000:04d}"
        if not library.has(entry_id):
            return EntryKey(kind, entry_id, unit)


async def begin(
    tx: Tx,
    official: Official,
    library: Library,
    key: EntryKey,
    *,
    body: Mapping[str, Any] | None = None,
    case_id: int | None = None,
    questions: Sequence[int] = (),
    authors: Sequence[int] = (),
    at: datetime,
) -> Edit:
    """The open draft of this entry, begun now if there is none: from `body`, else from what serves.

    `authors`: accounts whose words `body` holds, beside who begins it: they do not approve it either.
    A policy or story that is not there yet can only be begun for every unit (`key.unit` None). Raises `NotAllowedError`.
    """
    serving = below(library, key)
    start = dict(body if body is not None else serving or {})
    start["id"] = key.id
    if key.kind in {"policies", "stories"} and serving is None and key.unit is not None:
        raise NotAllowedError
    if key.unit is not None and key.unit not in library.units:
        raise NotAllowedError
    if not may_write(official, key, topic_of(serving or start)):
        raise NotAllowedError
    known = await edits.open_of(tx, key.kind, key.id, key.unit or "")
    if known is not None:
        if await unseen(tx, official, [known]):
            raise NotAllowedError
        return known
    newest = await overlay.newest(tx, key.kind, key.id, key.unit or "")
    row: dict[str, Any] = {
        "kind": key.kind,
        "entry_id": key.id,
        "unit": key.unit or "",
        "version": 1,
        "body": start,
        "base_hash": library.hashes.get((key.kind, key.id), ""),
        "base_version": newest.version if newest else 0,
        "authors": list(dict.fromkeys([official.id, *authors])),
        "state": "draft",
        "confirmed": [],
        "case_id": case_id,
        "questions": list(questions),
        "note": "",
        "begun_at": at,
        "changed_at": at,
    }
    number = await edits.add(tx, row)
    await audit.note(tx, official.who, "draft-begun", ref(key), at=at, after=start)
    return Edit(id=number, **row)


async def save(
    tx: Tx,
    official: Official,
    edit_id: int,
    version: int,
    changes: Mapping[str, Any],
    *,
    at: datetime,
) -> Edit:
    """Write these fields (see `bodies.changed`); every save counts the version up, also the form's own ones.

    Raises `NotAllowedError`, `StaleError`, `WrongStateError` (handed in: send it back first), and those of `changed`.
    """
    edit = await _held(tx, official, edit_id, version, {"draft"})
    body = changed(edit.kind, edit.body, changes)
    key = key_of(edit)
    if not may_write(official, key, topic_of(body)):
        raise NotAllowedError
    authors = edit.authors if official.id in edit.authors else [*edit.authors, official.id]
    return await _write(tx, edit, at, body=body, authors=authors)


async def confirm(
    tx: Tx, official: Official, edit_id: int, version: int, marks: Collection[str], *, at: datetime
) -> Edit:
    """Let these remarks stand (`Remark.mark` of level "confirm"), and only these."""
    edit = await _held(tx, official, edit_id, version, {"draft"})
    authors = edit.authors if official.id in edit.authors else [*edit.authors, official.id]
    kept = await _write(tx, edit, at, confirmed=sorted(set(marks)), authors=authors)
    detail = {"confirmed": len(kept.confirmed)}
    await audit.note(tx, official.who, "remarks-confirmed", ref(key_of(edit)), at=at, detail=detail)
    return kept


async def submit(
    tx: Tx,
    official: Official,
    library: Library,
    edit_id: int,
    version: int,
    *,
    unread: Unread,
    on: date,
    at: datetime,
) -> Edit:
    """Hand it in for a second person. Raises also `UnmendedError` while remarks are open, and `ClosedCaseError`."""
    edit = await _held(tx, official, edit_id, version, {"draft"})
    await still_open(tx, edit)
    key = key_of(edit)
    dated = with_day(edit.body, on)
    left = open_remarks(remarks(library, key, dated, on, unread=unread), edit.confirmed)
    if left:
        raise UnmendedError(count=len(left))
    sent = await _write(tx, edit, at, body=dated, state="submitted", note="")
    await audit.note(tx, official.who, "draft-submitted", ref(key), at=at, after=dated)
    return sent


async def send_back(tx: Tx, official: Official, edit_id: int, version: int, note: str, *, at: datetime) -> Edit:
    """Open it for writing again: by who wrote it, or with a word of why by who would approve it."""
    edit = await _any(tx, official, edit_id, version, {"submitted"})
    if official.id not in edit.authors and not note.strip():
        raise NoNoteError
    opened = await _write(tx, edit, at, state="draft", note=" ".join(note.split())[:500])
    await audit.note(tx, official.who, "draft-sent-back", ref(key_of(edit)), at=at)
    return opened


async def rebase(tx: Tx, official: Official, library: Library, edit_id: int, version: int, *, at: datetime) -> Edit:
    """Keep the draft's words although what lies below it moved: somebody looked at both."""
    edit = await _held(tx, official, edit_id, version, {"draft", "submitted"})
    key = key_of(edit)
    newest = await overlay.newest(tx, key.kind, key.id, edit.unit)
    return await _write(
        tx,
        edit,
        at,
        base_hash=library.hashes.get((key.kind, key.id), ""),
        base_version=newest.version if newest else 0,
        state="draft",
    )


async def drop(tx: Tx, official: Official, edit_id: int, version: int, *, at: datetime) -> None:
    """It is not wanted."""
    edit = await _any(tx, official, edit_id, version, {"draft", "submitted"})
    await _write(tx, edit, at, state="dropped")
    await audit.note(tx, official.who, "draft-dropped", ref(key_of(edit)), at=at, before=edit.body)


async def moved(tx: Tx, library: Library, edit: Edit) -> bool:
    """Whether the file below it, or what is published, changed since it was begun."""
    key = key_of(edit)
    newest = await overlay.newest(tx, key.kind, key.id, edit.unit)
    return edit.base_hash != library.hashes.get((key.kind, key.id), "") or edit.base_version != (
        newest.version if newest else 0
    )


def with_day(body: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The body as looked at on that day."""
    return {**body, "reviewed_on": on.isoformat()}


async def _held(tx: Tx, official: Official, edit_id: int, version: int, states: Collection[str]) -> Edit:
    """The draft, locked, for who may write it."""
    edit = await known(tx, official, edit_id)
    if not may_write(official, key_of(edit), topic_of(edit.body)):
        raise NotAllowedError
    return seen(edit, version, states)


async def _any(tx: Tx, official: Official, edit_id: int, version: int, states: Collection[str]) -> Edit:
    """The draft, locked, for who wrote in it and still may, or who may approve it."""
    edit = await known(tx, official, edit_id)
    key, topic = key_of(edit), topic_of(edit.body)
    if not (official.id in edit.authors and may_write(official, key, topic)) and not may_approve(official, key, topic):
        raise NotAllowedError
    return seen(edit, version, states)


async def known(tx: Tx, official: Official, edit_id: int) -> Edit:
    """The draft, locked until the transaction ends; what is not there, or not for them, is not allowed either."""
    edit = await edits.get(tx, edit_id, locked=True)
    if edit is None or edit.kind not in KINDS or await unseen(tx, official, [edit]):
        raise NotAllowedError
    return edit


async def unseen(tx: Tx, official: Official, found: Sequence[Edit]) -> set[int]:
    """Those of these drafts, by id, that were made of a case the official must learn nothing of."""
    made_of = {edit.id: edit.case_id for edit in found if edit.case_id is not None}
    eye = Eye(official, frozenset(), fingerprint(official))
    kept = await case_walls.kept_from(tx, eye, set(made_of.values()))
    return {number for number, case_id in made_of.items() if case_id in kept}


async def still_open(tx: Tx, edit: Edit) -> None:
    """Raises `ClosedCaseError` when the case it was made of may no longer be told of to everybody."""
    if edit.case_id is not None and await case_walls.closed(tx, [edit.case_id]):
        raise ClosedCaseError


def seen(edit: Edit, version: int, states: Collection[str]) -> Edit:
    """The draft, if it is the version the official had before them and at that step."""
    if edit.version != version:
        raise StaleError
    if edit.state not in states:
        raise WrongStateError
    return edit


async def _write(tx: Tx, edit: Edit, at: datetime, **changes: Any) -> Edit:
    if not await edits.change(tx, edit.id, edit.version, at, **changes):
        raise StaleError
    return replace(edit, version=edit.version + 1, changed_at=at, **changes)
