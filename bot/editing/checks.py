"""What is wrong with content being written: the rules of `content check`, personal details, and a plain tongue."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import ValidationError

from bot.editing.kinds import KINDS
from bot.errors import say
from bot.library import Entry, EntryKey, Library
from bot.library.explain import told_plainly
from bot.library.figures import missing_in
from bot.library.findings import Finding
from bot.library.linked import entry_links
from bot.library.private import details, masked
from bot.library.published import SHAPES, from_body
from bot.library.reading import Step
from bot.library.render import day_text
from bot.library.schema.answers import Announcement, EntryWords, Faq
from bot.library.schema.policy import Policy
from bot.library.schema.story import Story
from bot.library.spans import overlapping, soon_over
from bot.library.texts import texts
from bot.library.wording import bare_figures, lengths, phrasing, plainness, story_privacy

#: mend: nobody may publish it so · confirm: a human looks and mends it or lets it stand · note: good to know
Level = Literal["mend", "confirm", "note"]
#: what of a script cannot be read aloud: (piece, whether it could be spelled out). `bot.check.ear.left_over` is one
Unread = Callable[[str], Iterable[tuple[str, bool]]]

#: stands in texts to start from where an official has to write
GAP = "[\u2026]"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing found. `str` of it is the sentence to show."""

    level: Level
    #: dotted name of the field: "answer", "parts.how", "asked_as.2"; "" = the whole
    field: str
    message: str
    mend: str
    #: names this remark as long as field and finding stay: what `drafts.confirm` takes
    mark: str
    #: the field's text with every personal detail masked, "" where nothing is to mask
    masked: str = ""

    def __str__(self) -> str:
        return f"{self.message} {self.mend}".strip()


def remarks(
    library: Library, key: EntryKey, body: Mapping[str, Any], on: date, *, unread: Unread
) -> tuple[Remark, ...]:
    """Everything found in a draft, what must be mended first. Deeper rules wait until the shape is right."""
    kind = KINDS[key.kind]
    if key.kind not in SHAPES:
        return tuple(_words(library, body))
    try:
        entry = from_body(key.kind, body)
    except ValidationError as wrong:
        shape = (
            _remark("mend", name, fault.message, fault.mend)
            for name, fault in told_plainly(wrong, kind.shape, dict(body))
        )
        return (*shape, *_gaps(_unfinished(body)), *_private(library, _unfinished(body)))
    except (KeyError, TypeError, ValueError, ArithmeticError) as wrong:
        return (_remark("mend", "", say("editing.unreadable", problem=str(wrong)), ""),)
    return of_entry(library, key, entry, on, unread=unread)


def of_entry(library: Library, key: EntryKey, entry: Entry, on: date, *, unread: Unread) -> tuple[Remark, ...]:
    """The same of an entry whose shape is right."""
    after = library.with_entry(key, entry)
    broken = [*missing_in(after, entry), *entry_links(after, entry)]
    if broken:
        return tuple(_worded("mend", finding) for finding in broken)
    told = [_worded("mend", finding) for finding in _wrong(after, key, entry, on)]
    told += _said(after, key, entry, on, unread)
    if isinstance(entry, Faq | Announcement):
        told += [_worded("confirm", finding) for finding in plainness(after, entry)]
        if entry.unit != key.unit and not (entry.for_all and key.unit is None):
            told.append(_remark("mend", "unit", say("editing.other_unit"), ""))
    told += _gaps(_public(entry))
    told += _private(after, _public(entry))
    told += [_worded("note", finding) for finding in _noteworthy(entry, on)]
    order = {"mend": 0, "confirm": 1, "note": 2}
    return tuple(sorted(dict.fromkeys(told), key=lambda remark: order[remark.level]))


def open_remarks(found: Iterable[Remark], confirmed: Iterable[str]) -> list[Remark]:
    """Those that keep a draft from going on: to be mended, or not confirmed."""
    stand = set(confirmed)
    return [r for r in found if r.level == "mend" or (r.level == "confirm" and r.mark not in stand)]


def _wrong(library: Library, key: EntryKey, entry: Entry, on: date) -> Iterator[Finding]:
    yield from lengths(library, entry, on, key.unit)
    yield from phrasing(library, entry, on, key.unit)
    yield from bare_figures(library, entry)
    if isinstance(entry, Policy):
        yield from overlapping(library, entry)
        if not entry.sources:
            yield Finding("policies", entry.id, ("sources",), "no_sources")
    if isinstance(entry, Story):
        yield from story_privacy(library, entry)
    if isinstance(entry, Announcement) and entry.valid_to < on:
        yield Finding("announcements", entry.id, ("valid_to",), "over_already", {"day": day_text(entry.valid_to)})


def _noteworthy(entry: Entry, on: date) -> Iterator[Finding]:
    if isinstance(entry, Policy):
        yield from soon_over(entry, on)
        if not entry.legal_basis:
            yield Finding("policies", entry.id, ("legal_basis",), "no_legal_basis")


def _said(library: Library, key: EntryKey, entry: Entry, on: date, unread: Unread) -> Iterator[Remark]:
    """What the loudspeaker cannot read, and what it would spell out."""
    pieces = list(unread(library.text(entry.broadcast, entry, on, key.unit)))
    for soft, name in ((False, "not_speakable"), (True, "spelled_out")):
        found = list(dict.fromkeys(piece for piece, is_soft in pieces if is_soft is soft))
        if found:
            finding = Finding(key.kind, entry.id, ("broadcast",), name, {"found": ", ".join(found)})
            yield _worded("note" if soft else "mend", finding)


def _public(entry: Entry) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Every text people see, and the words that teach understanding; notes are officials' own."""
    yield from texts(entry)
    yield from ((("asked_as", place), text) for place, text in enumerate(entry.asked_as))


def _unfinished(body: Mapping[str, Any]) -> Iterator[tuple[tuple[Step, ...], str]]:
    """The same of a body whose shape is not right yet, as far as it has texts."""
    for name, value in body.items():
        if name == "notes":
            continue
        if isinstance(value, str):
            yield (name,), value
        held = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
        for inner, text in held:
            if isinstance(text, str):
                yield (name, inner), text


def _gaps(told: Iterable[tuple[tuple[Step, ...], str]]) -> Iterator[Remark]:
    """Places that wait for an official's words."""
    for where, text in told:
        if GAP in text:
            yield _remark("mend", ".".join(map(str, where)), say("editing.gap", gap=GAP), "")


def _private(library: Library, told: Iterable[tuple[tuple[Step, ...], str]]) -> Iterator[Remark]:
    """Personal details."""
    for where, text in told:
        found = details(library, text)
        clean = masked(text, found)
        for detail in found:
            level: Level = "confirm" if detail.may_stand else "mend"
            message = say(f"editing.private.{detail.kind}", found=detail.found)
            yield _remark(level, ".".join(map(str, where)), message, say("editing.private.mend"), masked=clean)


def _words(library: Library, body: Mapping[str, Any]) -> Iterator[Remark]:
    """Ways of asking added to an entry: the entry is there, and nobody is named."""
    try:
        words = EntryWords.model_validate(dict(body))
    except ValidationError as wrong:
        for name, fault in told_plainly(wrong, EntryWords, dict(body)):
            yield _remark("mend", name, fault.message, fault.mend)
        return
    if not library.has(words.id):
        yield _worded("mend", Finding("words", words.id, ("id",), "unknown_entry", {"id": words.id}))
    for place, text in enumerate(words.asked_as):
        found = details(library, text)
        for detail in found:
            told = say(f"editing.private.{detail.kind}", found=detail.found)
            level: Level = "confirm" if detail.may_stand else "mend"
            field = f"asked_as.{place}"
            yield _remark(level, field, told, say("editing.private.mend"), masked=masked(text, found))


def _worded(level: Level, finding: Finding) -> Remark:
    message = say(f"content.{finding.key}.wrong", **finding.told)
    mend = say(f"content.{finding.key}.mend", **finding.told)
    return _remark(level, ".".join(map(str, finding.where)), message, mend)


def _remark(level: Level, field: str, message: str, mend: str, *, masked: str = "") -> Remark:
    mark = hashlib.sha256(f"{field}\n{message}".encode()).hexdigest()[:16]
    return Remark(level, field, message, mend, mark, masked)
