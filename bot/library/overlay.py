"""What officials publish at run time, laid over `content/`: entries, unit overrides, signatures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from bot.library.schema.answers import Announcement, EntryWords, Faq
from bot.library.schema.policy import Policy
from bot.library.schema.story import Story
from bot.library.schema.unit import Override, UnitData

Entry = Policy | Story | Faq | Announcement


class EntryKey(NamedTuple):
    """Names an entry; without a unit it is meant for every unit."""

    kind: str
    id: str
    unit: str | None = None


@dataclass(frozen=True)
class Signature:
    """A unit's official confirmed an entry. It covers the text as reviewed up to that day."""

    unit: str
    signed_on: date
    signed_by_role: str
    document: str | None = None


@dataclass(frozen=True)
class Published:
    """An entry published at run time. `base_hash` is the hash of the base entry it was made from, none if new."""

    entry: Entry
    base_hash: str | None = None


@dataclass(frozen=True)
class Overlay:
    """Everything laid over the base. `revision` identifies this state of it."""

    entries: Mapping[EntryKey, Published] = field(default_factory=lambda: MappingProxyType({}))
    signatures: Mapping[EntryKey, Signature] = field(default_factory=lambda: MappingProxyType({}))
    #: (unit, entry id) -> what that unit says differently; goes before the unit's file
    overrides: Mapping[tuple[str, str], Override] = field(default_factory=lambda: MappingProxyType({}))
    #: entry and unit -> ways of asking for it that an official added
    words: Mapping[EntryKey, EntryWords] = field(default_factory=lambda: MappingProxyType({}))
    #: unit -> what its officials filled in
    units: Mapping[str, UnitData] = field(default_factory=lambda: MappingProxyType({}))
    revision: str = ""


EMPTY = Overlay()
