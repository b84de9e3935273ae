"""Laying what officials published over the files: which of the two serves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import cast

from pydantic import BaseModel

from bot.library.folder import Base
from bot.library.kinds import ENTRIES
from bot.library.overlay import Entry, EntryKey, Overlay, Published
from bot.library.schema.answers import Announcement, EntryWords, Faq
from bot.library.schema.unit import Unit


def laid_over(kind: str, base: Base, overlay: Overlay) -> dict[str, Entry]:
    """The base with what was published for every unit; policies and stories of one unit are looked up unit by unit.

    Answers and announcements name the unit that says them, so all of them lie in one map.
    """
    laid = cast("dict[str, Entry]", dict(base.records[kind]))
    for key, published in overlay.entries.items():
        whole = key.unit is None or isinstance(published.entry, Faq | Announcement)
        if key.kind == kind and whole and serves(published, laid.get(key.id), base, key):
            laid[key.id] = published.entry
    return laid


def filed_in(base: Base) -> dict[tuple[str, str], Entry]:
    """Every entry as its file has it."""
    return {(kind, name): cast("Entry", record) for kind in ENTRIES for name, record in base.records[kind].items()}


def serves(published: Published, own: BaseModel | None, base: Base, key: EntryKey) -> bool:
    """If the base changed after the overlay was made, the later review serves (DESIGN.md, base and overlay)."""
    if own is None or published.base_hash == base.hashes.get((key.kind, key.id)):
        return True
    reviewed: date = getattr(own, "reviewed_on", date.min)
    return published.entry.reviewed_on > reviewed


def words_of(base: Base, overlay: Overlay) -> dict[str, tuple[str, ...]]:
    """Entry id -> ways of asking for it that were added to the entry's own, each once."""
    added: dict[str, list[str]] = {}
    filed = {EntryKey("words", name): cast("EntryWords", record) for name, record in base.records["words"].items()}
    for words in {**filed, **overlay.words}.values():
        added.setdefault(words.id, []).extend(words.asked_as)
    return {name: tuple(dict.fromkeys(told)) for name, told in sorted(added.items())}


def filled_in(units: Mapping[str, Unit], overlay: Overlay) -> dict[str, Unit]:
    """The units with what their officials filled in."""
    filled = dict(units)
    for unit_id, data in overlay.units.items():
        if unit_id in filled:
            filled[unit_id] = filled[unit_id].model_copy(update=data.given())
    return filled


def unnamed(story_id: str) -> str:
    """The number by which a story told without consent is named in addresses."""
    return f"chuyen-{hashlib.sha256(story_id.encode()).hexdigest()[:8]}"


def aliases(records: Mapping[str, Mapping[str, BaseModel]]) -> Iterator[tuple[tuple[str, str], str]]:
    """(space, former id) -> the id of today."""
    for folder, held in records.items():
        space = "entries" if folder in ENTRIES else folder
        for own, record in held.items():
            for name in getattr(record, "formerly", ()):
                yield (space, name), own
            if folder == "stories":
                yield (space, unnamed(own)), own
