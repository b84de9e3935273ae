"""A draft as it lies before an official: what was found, how it will look and sound, what it changes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from pydantic import ValidationError

from bot.editing.bodies import below, title_of, topic_of
from bot.editing.checks import Remark, Unread, open_remarks, remarks
from bot.editing.drafts import key_of, moved, unseen, with_day
from bot.editing.kinds import KINDS, may_approve, may_write
from bot.library import Answer, Entry, EntryKey, Library, Signature, answer
from bot.library.condition_words import lines, phrase
from bot.library.published import SHAPES, from_body, to_body
from bot.library.render import UnknownFigureError
from bot.library.schema.answers import Announcement, Faq
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.store import Tx, edits
from bot.store.edits import OPEN, Edit


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words of a compared text: in both, only before, only after."""

    where: Literal["both", "before", "after"]
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs. `pieces`: of two texts, word by word; () for lists and values."""

    field: str
    before: Any
    after: Any
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything about one draft."""

    edit: Edit
    key: EntryKey
    title: str
    remarks: tuple[Remark, ...]
    #: how many of them keep it from being handed in or approved
    open: int
    #: as a household will see it: first answer and parts; None while the shape is wrong or a figure is missing
    preview: Answer | None
    #: the loudspeaker script, figures filled in; the desk turns it into spoken words
    script: str
    #: against what serves now
    changes: tuple[Change, ...]
    #: the file or a published version below it moved since it was begun; then `drafts.rebase` or drop it
    base_moved: bool
    #: what serves now, for both to be shown
    below: Mapping[str, Any] | None
    may_write: bool
    may_approve: bool
    #: of a policy: for whom it is, in words, as far as it is written
    rules: tuple[str, ...] = ()
    #: of a policy: (households, in words; what they are told), in the order they are tried
    fitted: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list of drafts."""

    id: int
    version: int
    key: EntryKey
    title: str
    topic: str | None
    state: str
    authors: tuple[int, ...]
    changed_at: datetime
    note: str
    may_write: bool
    may_approve: bool


@dataclass(frozen=True, slots=True)
class Serving:
    """One entry of the list of content: what serves, and whether somebody is writing it."""

    key: EntryKey
    title: str
    topic: str | None
    reviewed_on: date
    #: published at the desk, not only in the files
    published: bool
    draft_id: int | None
    may_write: bool


async def look(tx: Tx, official: Official, library: Library, edit_id: int, on: date, *, unread: Unread) -> Sheet:
    """The draft before the official. Raises `NotAllowedError` also for what is not there."""
    edit = await edits.get(tx, edit_id)
    if edit is None or edit.kind not in KINDS:
        raise NotAllowedError
    key, topic = key_of(edit), topic_of(edit.body)
    writes, approves = may_write(official, key, topic), may_approve(official, key, topic)
    if (not writes and not approves) or await unseen(tx, official, [edit]):
        raise NotAllowedError
    body = with_day(edit.body, on)
    found = remarks(library, key, body, on, unread=unread)
    preview, script = previewed(library, key, body, on)
    serving = below(library, key)
    return Sheet(
        edit,
        key,
        title_of(edit.body),
        found,
        len(open_remarks(found, edit.confirmed)),
        preview,
        script,
        differences(serving or {}, edit.body),
        edit.state in OPEN and await moved(tx, library, edit),
        serving,
        may_write=writes and edit.state == "draft",
        may_approve=approves and official.id not in edit.authors and edit.state == "submitted",
        rules=lines(library, body.get("conditions")) if key.kind == "policies" else (),
        fitted=fitted(library, key, body, on) if key.kind == "policies" else (),
    )


def fitted(library: Library, key: EntryKey, body: Mapping[str, Any], on: date) -> tuple[tuple[str, str], ...]:
    """A policy's fitted answers: for which households, and their text on that day; figures stay in braces while the shape
    of the rest is wrong."""
    told = [(phrase(library, one.get("when") or {}), str(one.get("answer") or "")) for one in body.get("fitted") or ()]
    try:
        entry = from_body(key.kind, body)
        after = library.with_entry(key, entry)
        return tuple((who, after.text(text, entry, on, key.unit)) for who, text in told)
    except (ValidationError, KeyError, TypeError, ValueError, ArithmeticError, UnknownFigureError):
        return tuple(told)


def previewed(library: Library, key: EntryKey, body: Mapping[str, Any], on: date) -> tuple[Answer | None, str]:
    """The answer and the script as they will be once approved on that day; (None, "") while they cannot be made."""
    if key.kind not in SHAPES:
        return None, ""
    try:
        entry = from_body(key.kind, body)
    except (ValidationError, KeyError, TypeError, ValueError, ArithmeticError):
        return None, ""
    unit = key.unit or (entry.unit if isinstance(entry, Faq | Announcement) else None)
    after = library.with_entry(key, entry)
    if not isinstance(entry, Faq | Announcement) and unit is not None:
        after = after.with_published(key, Signature(unit, on, ""), entry)
    try:
        seen = answer(after, entry.id, on, unit)
    except UnknownFigureError:
        return None, ""
    return seen, seen.script


async def listed(tx: Tx, official: Official, *, kind: str = "", states: tuple[str, ...] = OPEN) -> list[Row]:
    """Drafts the official may write or approve, changed last first; those waiting for approval in front."""
    rows = []
    found = await edits.listed(tx, states, kinds=[kind] if kind else ())
    kept = await unseen(tx, official, found)
    for edit in found:
        if edit.kind not in KINDS or edit.id in kept:
            continue
        key, topic = key_of(edit), topic_of(edit.body)
        writes, approves = may_write(official, key, topic), may_approve(official, key, topic, edit.authors)
        if writes or approves:
            rows.append(
                Row(
                    edit.id,
                    edit.version,
                    key,
                    title_of(edit.body),
                    topic,
                    edit.state,
                    tuple(edit.authors),
                    edit.changed_at,
                    edit.note,
                    may_write=writes and edit.state == "draft",
                    may_approve=approves and edit.state == "submitted",
                )
            )
    return sorted(rows, key=lambda row: row.state != "submitted")


async def serving(tx: Tx, official: Official, library: Library, kind: str, unit: str | None) -> list[Serving]:
    """Every entry of a kind as that unit (None = every unit) tells it, by title, that the official may write."""
    if kind not in SHAPES:
        return []
    drafted = {(e.entry_id, e.unit): e.id for e in await edits.listed(tx, kinds=[kind])}
    held: Mapping[str, Entry] = getattr(library, kind)
    found = []
    for entry_id in held:
        entry = library.entry(entry_id, unit)
        key = EntryKey(kind, entry_id, unit)
        if isinstance(entry, Faq | Announcement):
            own = None if entry.for_all else entry.unit
            if own != unit:
                continue
        topic = topic_of(to_body(entry))
        if may_write(official, key, topic):
            found.append(
                Serving(
                    key,
                    entry.title,
                    topic,
                    entry.reviewed_on,
                    key in library.overlay.entries,
                    drafted.get((entry_id, unit or "")),
                    may_write=True,
                )
            )
    return sorted(found, key=lambda one: one.title)


def differing(library: Library) -> list[EntryKey]:
    """Published entries whose file changed since: the later review serves, officials see both (`library.filed`)."""
    return sorted(
        (
            key
            for key, published in library.overlay.entries.items()
            if (key.kind, key.id) in library.filed and published.base_hash != library.hashes.get((key.kind, key.id))
        ),
        key=lambda key: (key.kind, key.id, key.unit or ""),
    )


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Field by field, in the order of the later body; the day of review and empty values say nothing."""
    flat_before, flat_after = _flat(before), _flat(after)
    names = [*flat_after, *(name for name in flat_before if name not in flat_after)]
    return tuple(
        Change(name, flat_before.get(name), flat_after.get(name), _pieces(flat_before.get(name), flat_after.get(name)))
        for name in names
        if name != "reviewed_on" and (flat_before.get(name) or None) != (flat_after.get(name) or None)
    )


def _flat(body: Mapping[str, Any]) -> dict[str, Any]:
    """Fields, and the fields of texts' groups (`parts.how`); lists and figures stay whole."""
    flat: dict[str, Any] = {}
    for name, value in body.items():
        if isinstance(value, Mapping) and name in {"parts", "officials"}:
            flat |= {f"{name}.{inner}": told for inner, told in value.items()}
        else:
            flat[name] = value
    return flat


def _pieces(before: Any, after: Any) -> tuple[Piece, ...]:
    """Two texts compared word by word."""
    if not isinstance(before, str) or not isinstance(after, str):
        return ()
    old, new = before.split(), after.split()
    found: list[Piece] = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(Piece("both", " ".join(old[a:b])))
            continue
        if a < b:
            found.append(Piece("before", " ".join(old[a:b])))
        if c < d:
            found.append(Piece("after", " ".join(new[c:d])))
    return tuple(found)
