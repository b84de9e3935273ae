"""Whom a case may concern: by post, by name without accents, by kin. Doubt means yes.

A report of wrongdoing is matched in full. Feedback and proposals are matched by name alone: whoever reads "the commune's
official" there is the one who has to answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.library import Library
from bot.library.schema.casework import ConflictWords
from bot.model.case import CaseKind
from bot.model.fold import clean, fold
from bot.model.official import Official

#: kinds in which a named official is kept from reading
NAMED: frozenset[str] = frozenset({CaseKind.WRONGDOING.value, CaseKind.FEEDBACK.value, CaseKind.PROPOSAL.value})
#: words that may stand between a title and a name: "chu nhiem Tu", "ong pho Tu"
_BETWEEN = r"(?:\s+[^\W\d_]+){0,2}?\s+"
_NOT_LETTERS = re.compile(r"[^\w\s]+|_")

POST, NAME, KIN, KEEPER = "vai", "ten", "ho-hang", "nguoi-giu"


@dataclass(frozen=True, slots=True)
class Told:
    """What a case says, as far as conflicts go."""

    kind: str
    unit: str
    hamlet: str
    about_role: str
    about_hamlet: str
    text: str
    #: whether the custodian settled whom it concerns: then posts no longer count
    is_settled: bool = False


class Matcher:
    """Matches cases against officials, with the words of one library."""

    def __init__(self, library: Library) -> None:
        words = library.phrase(ConflictWords)
        self._about = words.about
        self._posts = {role: _any_of(said) for role, said in words.posts.items()}
        self._title = _as_spelled(words.titles)
        self._kin = re.compile(rf"\b(?:{_as_spelled(words.kin)})\b")
        self._above = _above(library)
        self._hamlets = {
            (unit.id, fold(spelled)): hamlet.id
            for unit in library.units.values()
            for hamlet in unit.hamlets
            for spelled in (hamlet.id, hamlet.name)
        }

    def why(self, told: Told, official: Official) -> str:
        """Why this official must not see the case: `POST`, `NAME`, `KIN`; "" when nothing speaks for it."""
        if told.kind not in NAMED:
            return ""
        text = _plain(told.text)
        if self._is_named(text, official.name):
            return KIN if self._kin.search(text) else NAME
        if told.kind != CaseKind.WRONGDOING or told.is_settled:
            return ""
        return (
            POST if any(self._is_meant(told, text, role, place) for role, place in self._held(told, official)) else ""
        )

    def _held(self, told: Told, official: Official) -> Iterable[tuple[str, str]]:
        """(role, hamlet) the official holds where the case plays, or above it."""
        places = self._above.get(told.unit, frozenset({told.unit}))
        for held in official.assignments:
            if not held.unit or not told.unit or held.unit in places:
                yield held.role, held.hamlet

    def _is_meant(self, told: Told, text: str, role: str, hamlet: str) -> bool:
        here, there = self._hamlet(told.unit, hamlet), self._hamlet(told.unit, told.about_hamlet)
        if here and there and here != there:
            return False
        # a household that named nobody may mean anybody
        named = self._about.get(told.about_role or "khong-ro", ())
        if role in named:
            return True
        said = self._posts.get(role)
        return said is not None and said.search(fold(text)) is not None

    def _hamlet(self, unit: str, told: str) -> str:
        """The hamlet as the unit knows it; "" when it does not: then it may be any."""
        return self._hamlets.get((unit, fold(told)), "") if told else ""

    def _is_named(self, text: str, name: str) -> bool:
        bare, words = _bare(name).split(), _plain(name).split()
        if not words:
            return False
        folded = fold(text)
        if len(bare) > 1 and re.search(rf"\b{_spaced(bare)}\b", folded):
            return True
        # people are called by the last word of their name, behind a title: "ong Tu", "bac ca Tu". A short name spelled
        # with other accents is another word
        last = _either(words[-1])
        two = r"\s+".join(map(_either, words[-2:]))
        called = rf"\b(?:{self._title}){_BETWEEN}{last}\b"
        return bool(re.search(called, text) or (len(words) > 2 and re.search(rf"\b{two}\b", text)))


def _plain(text: str) -> str:
    """Small letters with their accents, words with one space between."""
    return " ".join(_NOT_LETTERS.sub(" ", clean(text).lower()).split())


def _bare(text: str) -> str:
    """The same without accents."""
    return fold(_plain(text))


def _either(word: str) -> str:
    """A word as it is spelled, or with no accents at all."""
    return f"(?:{re.escape(word)}|{re.escape(fold(word))})"


def _spaced(words: Sequence[str]) -> str:
    return r"\s+".join(map(re.escape, words))


def _as_spelled(phrases: Iterable[str]) -> str:
    longest = sorted({_plain(phrase) for phrase in phrases}, key=len, reverse=True)
    return "|".join(r"\s+".join(map(_either, phrase.split())) for phrase in longest)


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    folded = sorted({_bare(phrase) for phrase in phrases}, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(_spaced(phrase.split()) for phrase in folded)})\b")


def _above(library: Library) -> dict[str, frozenset[str]]:
    """Each unit with those above it."""
    found = {}
    for unit in library.units.values():
        line, at = {unit.id}, unit.parent
        while at and at not in line:
            line.add(at)
            above = library.units.get(at)
            at = above.parent if above else None
        found[unit.id] = frozenset(line)
    return found
