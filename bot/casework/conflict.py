"""Whom a case may concern: by post, by name without accents, by kin. Doubt means yes.

Every kind is matched by name: the accused must not read what somebody told "the office" under another heading. A report of
wrongdoing is matched in full. What is told as something else and accuses is its keeper's too, and matched by the posts in
its words; so is an urgent matter, but for an official who is asked for help in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.library import Library
from bot.library.schema.casework import ConflictWords
from bot.model.case import CaseKind
from bot.model.fold import fold
from bot.model.official import Official
from bot.understand.named import Accusing, Names, Text, any_of

#: moved when the way of matching changes: then every official is matched against every case anew
RULES = 3

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
    #: whether it is, or was, with its keeper though the household did not call it a report
    is_kept: bool = False
    #: whether the custodian settled whom it concerns: then posts no longer count
    is_settled: bool = False


class Matcher:
    """Matches cases against officials, with the words of one library."""

    def __init__(self, library: Library) -> None:
        words = library.phrase(ConflictWords)
        self._about = words.about
        self._names = Names(words)
        self._posts = {role: any_of(said) for role, said in words.posts.items()}
        self._kin = any_of(words.kin)
        self._accusing = Accusing(words)
        self._before = any_of(words.appeals_before, r"(?<!\S)(?:{})\s+(?:\S+\s+)?$")
        self._after = any_of(words.appeals_after, r"\s+(?:\S+\s+)?(?:{})(?!\S)")
        self._above = _above(library)
        self._hamlets = {
            (unit.id, fold(spelled)): hamlet.id
            for unit in library.units.values()
            for hamlet in unit.hamlets
            for spelled in (hamlet.id, hamlet.name)
        }
        self._read: tuple[str, Text] = ("", Text(""))

    def why(self, told: Told, official: Official) -> str:
        """Why this official must not see the case: `POST`, `NAME`, `KIN`; "" when nothing speaks for it."""
        text = self._words(told.text)
        if self._names.has(text, official.name):
            return KIN if self._kin.search(text.keys) else NAME
        is_report = told.kind == CaseKind.WRONGDOING
        if told.is_settled or not (is_report or told.is_kept or told.kind == CaseKind.URGENT):
            return ""
        meant = any(self._is_meant(told, text, role, place) for role, place in self._held(told, official))
        return POST if meant else ""

    def accuses(self, told: Told, staff: Iterable[Official]) -> bool:
        """Whether it is a report of wrongdoing in all but name: by its own words, or by words of doubt about an official.

        Never an urgent matter: that must not wait for one person.
        """
        if told.kind in {CaseKind.WRONGDOING, CaseKind.URGENT}:
            return False
        text = self._words(told.text)
        if self._accusing.surely(text):
            return True
        return self._accusing.maybe(text) and any(self._names.has(text, one.name) for one in staff)

    def _words(self, text: str) -> Text:
        """The text in words. One case is matched against everybody in a row."""
        if self._read[0] != text:
            self._read = (text, Text(text))
        return self._read[1]

    def _held(self, told: Told, official: Official) -> Iterable[tuple[str, str]]:
        """(role, hamlet) the official holds where the case plays, or above it."""
        places = self._above.get(told.unit, frozenset({told.unit}))
        for held in official.assignments:
            if not held.unit or not told.unit or held.unit in places:
                yield held.role, held.hamlet

    def _is_meant(self, told: Told, text: Text, role: str, hamlet: str) -> bool:
        here, there = self._hamlet(told.unit, hamlet), self._hamlet(told.unit, told.about_hamlet)
        if here and there and here != there:
            return False
        # a household that was asked and named nobody may mean anybody
        if told.kind == CaseKind.WRONGDOING and role in self._about.get(told.about_role or "khong-ro", ()):
            return True
        said = self._posts.get(role)
        if said is None:
            return False
        found = said.finditer(text.keys)
        if told.kind == CaseKind.URGENT:
            return any(not self._is_asked(text.keys, one) for one in found)
        return next(found, None) is not None

    def _is_asked(self, keys: str, post: re.Match[str]) -> bool:
        """Whether that official is called upon, not spoken of."""
        return bool(self._before.search(keys[: post.start()]) or self._after.match(keys[post.end() :]))

    def _hamlet(self, unit: str, told: str) -> str:
        """The hamlet as the unit knows it; "" when it does not: then it may be any."""
        return self._hamlets.get((unit, fold(told)), "") if told else ""


_LATEST: list[tuple[str, Matcher]] = []


def matcher_of(library: Library) -> Matcher:
    """The matcher of the library that serves: made once a revision."""
    if not _LATEST or _LATEST[0][0] != library.revision:
        _LATEST[:] = [(library.revision, Matcher(library))]
    return _LATEST[0][1]


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
