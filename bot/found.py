"""Finding words in short texts held in memory: accents or none, exact spelling first. Cases are found by their index
(`bot.store.case_search`); this is for what there are hundreds of.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from bot.library import Entry, EntryKey, Library
from bot.library.schema.answers import Announcement, Faq
from bot.library.schema.base import Dated
from bot.model.fold import clean, fold

_T = TypeVar("_T")
#: words of a search that count, as in a search for cases
WORDS_MOST = 12


@dataclass(frozen=True, slots=True)
class Text:
    """A text ready to be looked through."""

    exact: str
    folded: str

    @classmethod
    def of(cls, *parts: str | None) -> Text:
        """Of some texts together."""
        told = "\n".join(part for part in parts if part)
        return cls(_spaced(clean(told).lower()), _spaced(fold(told)))


@dataclass(frozen=True, slots=True)
class Words:
    """What is looked for: each must begin a word of the text."""

    exact: tuple[str, ...]
    folded: tuple[str, ...]

    @classmethod
    def of(cls, asked: str) -> Words:
        """As typed."""
        return cls(_words(clean(asked).lower()), _words(fold(asked)))

    def rank(self, text: Text) -> int | None:
        """0 where all stand as spelled, 1 where they do without accents, None where one is missing."""
        if not self.folded:
            return None
        if all(f" {word}" in text.exact for word in self.exact):
            return 0
        return 1 if all(f" {word}" in text.folded for word in self.folded) else None


def best(words: Words, texts: Iterable[tuple[_T, Text]], most: int) -> list[_T]:
    """What holds the words, exact spelling first, otherwise in the order given."""
    ranked = [(rank, number, one) for number, (one, text) in enumerate(texts) if (rank := words.rank(text)) is not None]
    return [one for _rank, _number, one in sorted(ranked, key=lambda found: found[:2])[:most]]


@dataclass(frozen=True, slots=True, eq=False)
class _Shelved:
    key: EntryKey
    entry: Entry
    title: Text
    whole: Text


def entries(library: Library, words: Words, units: Iterable[str], on: date, most: int) -> list[tuple[EntryKey, Entry]]:
    """Entries that are published, by title, short name, words they are asked by and answer; answers and announcements of
    other units only where they are for all. Those named so come first, those that have ended last.
    """
    mine = frozenset(units)
    shelf = [one for one in _shelf(library) if _is_told(one.entry, mine)]
    named = best(words, ((one, one.title) for one in shelf), len(shelf))
    found = dict.fromkeys((*named, *best(words, ((one, one.whole) for one in shelf), len(shelf))))
    ordered = sorted(found, key=lambda one: _has_ended(one.entry, on))
    return [(one.key, one.entry) for one in ordered[:most]]


def _has_ended(entry: Entry, on: date) -> bool:
    return isinstance(entry, Dated) and entry.valid_to is not None and entry.valid_to < on


def _shelf(library: Library) -> list[_Shelved]:
    """Read once a library: folding is most of the work."""
    key: Hashable = (__name__, "shelf")
    held = library.memo.get(key)
    if not isinstance(held, list):
        held = [
            _Shelved(
                _key(library, one),
                one,
                Text.of(one.title, one.short),
                Text.of(one.title, one.short, *one.asked_as, one.answer),
            )
            for one in library.entries()
        ]
        library.memo[key] = held
    return held


def _key(library: Library, entry: Entry) -> EntryKey:
    own = entry.unit if isinstance(entry, Faq | Announcement) and not entry.for_all else None
    return EntryKey(library.kind_of(entry.id), entry.id, own)


def _is_told(entry: Entry, units: frozenset[str]) -> bool:
    return not isinstance(entry, Faq | Announcement) or entry.for_all or entry.unit in units


def _words(asked: str) -> tuple[str, ...]:
    return tuple(_spaced(asked).split())[:WORDS_MOST]


def _spaced(text: str) -> str:
    return " " + "".join(sign if sign.isalnum() else " " for sign in text)
