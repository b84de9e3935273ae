"""Concepts found in words: the longest phrases, with accents, without, or as they sound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from bot.understand.accents import LEAST, Accents, Hand
from bot.understand.syllable import bare, sound
from bot.understand.tokens import Token

#: a phrase matched only by its sound counts this much
_BY_SOUND = 0.7
#: what each syllable counts that only sounds right; less where the marks beside it are as they should be
_UNLIKE, _UNLIKE_TRUSTED = 0.9, 0.6
#: a difference in quality that counts where one match lies inside another
_WORSE = 0.25


class Match(NamedTuple):
    """A concept said by tokens `start` to `end` (end not included), with a quality up to 1."""

    concept: str
    start: int
    end: int
    quality: float
    #: how surely these were the words meant, whatever else is written with the same letters; 0 when only they sound so
    certain: float


#: a concept, and a phrase people use for it, of one word at least
Said = tuple[str, tuple[Token, ...]]


class _Forest:
    """Phrases by one key a syllable, looked through from those that begin with the same two."""

    def __init__(self, phrases: Iterable[Said], key: Callable[[Token], str]) -> None:
        self._key = key
        self._first: dict[str, list[Said]] = defaultdict(list)
        for phrase in phrases:
            self._first[key(phrase[1][0])].append(phrase)
        #: by the second and the third key too, shorter ones first, for first ones that were typed
        self._further: dict[str, dict[str, list[Said]]] = {}

    def standing(self, keys: Sequence[str], start: int) -> list[Said]:
        """The phrases that stand at a place of what was typed, shorter ones first."""
        if not (beginning := self._beginning(keys[start])):
            return []
        found = beginning.get("", [])[:]
        if start + 1 < len(keys):
            found += beginning.get(keys[start + 1], ())
        if start + 2 < len(keys):
            for phrase in beginning.get(f"{keys[start + 1]} {keys[start + 2]}", ()):
                rest = phrase[1][3:]
                if not rest or [self._key(t) for t in rest] == keys[start + 3 : start + 3 + len(rest)]:
                    found.append(phrase)
        return found

    def _beginning(self, first: str) -> dict[str, list[Said]]:
        known = self._further.get(first)
        if known is None and first in self._first:
            known = defaultdict(list)
            for phrase in sorted(self._first[first], key=lambda said: len(said[1])):
                known[" ".join([self._key(t) for t in phrase[1][1:3]])].append(phrase)
            # only now, whole: another thread may be reading
            self._further[first] = known
        return known or {}


class Verbatim:
    """All phrases of all concepts by their exact spelling: for the library's own phrases, not for what people type."""

    def __init__(self, phrases: Iterable[Said]) -> None:
        #: spelling -> concepts of one syllable
        self._single: dict[str, list[str]] = defaultdict(list)
        #: the spellings of the first two syllables -> concepts of just these, and by the third syllable the
        #: longer phrases
        self._double: dict[tuple[str, str], tuple[list[str], dict[str, list[Said]]]] = {}
        for concept, words in phrases:
            marks = [t.mark for t in words[:3]]
            if len(marks) == 1:
                self._single[marks[0]].append(concept)
                continue
            two = (marks[0], marks[1])
            if (beginning := self._double.get(two)) is None:
                beginning = self._double[two] = ([], {})
            if len(marks) == 2:
                beginning[0].append(concept)
            else:
                beginning[1].setdefault(marks[2], []).append((concept, words))

    def find(self, marks: Sequence[str]) -> list[tuple[str, int, int]]:
        """Concepts said letter by letter and mark by mark by syllables `start` to `end`.

        Those inside a longer one are left out, as `Lexicon.find` does.
        """
        single = self._single
        # start, end with the wrong sign: sorted, the longer of two from the same place comes first
        spans: list[tuple[int, int, str]] = []
        last = len(marks) - 2
        for i, double in enumerate(map(self._double.get, pairwise(marks))):
            if double is None:
                continue
            both, longer = double
            for concept in both:
                spans.append((i, -i - 2, concept))  # noqa: PERF401 - mostly none or one: a list more costs more
            if longer and i < last and (three := longer.get(marks[i + 2])) is not None:
                for concept, words in three:
                    end = i + len(words)
                    if len(words) == 3 or [t.mark for t in words[3:]] == marks[i + 3 : end]:
                        spans.append((i, -end, concept))
        if not single.keys().isdisjoint(marks):
            spans += [
                (i, -i - 1, concept) for i, mark in enumerate(marks) if mark in single for concept in single[mark]
            ]
        if len(spans) > 1:
            spans.sort()
        widest_only: list[tuple[str, int, int]] = []
        widest, reach = -1, 0
        for start, end, concept in spans:
            if end < reach:
                widest, reach = start, end
            elif start > widest or end > reach:
                continue
            widest_only.append((concept, start, -end))
        return widest_only


class Lexicon:
    """All phrases of all concepts, by folded letters and by sound (of two syllables or more): for what people type."""

    def __init__(self, phrases: Sequence[Said], accents: Accents) -> None:
        self._accents = accents
        self._folded = _Forest(phrases, lambda t: t.folded)
        self._sound = _Forest((p for p in phrases if len(p[1]) > 1), lambda t: sound(t.folded))

    def find(self, tokens: Sequence[Token], hand: Hand) -> tuple[list[Match], dict[str, float]]:
        """Concept matches of one clause, without those inside a longer good one, and how surely each concept was said.

        For the second the shorter ones count too: who says more than a cry for help still cried for help.
        """
        keys = [t.folded for t in tokens]
        found = self._walk(self._folded, keys, tokens, hand, 1.0)
        if not hand.careful:
            seen = {(m.concept, m.start, m.end) for m in found}
            heard = self._walk(self._sound, [sound(k) for k in keys], tokens, hand, _BY_SOUND)
            found += [m for m in heard if (m.concept, m.start, m.end) not in seen]
        said: dict[str, float] = {}
        for m in found:
            said[m.concept] = max(said.get(m.concept, 0.0), m.certain)
        return self._longest(found), said

    @staticmethod
    def _longest(found: list[Match]) -> list[Match]:
        """Without the matches inside a longer good one, or a clearly better one."""
        if len(found) < 2:
            return found
        found.sort(key=lambda m: (m.start - m.end, -m.quality))
        kept: list[Match] = []
        for m in found:
            inside = (k for k in kept if k.start <= m.start and m.end <= k.end)
            # a longer one may be a little worse, one of the same length must be clearly better
            margins = ((-_WORSE if k.end - k.start > m.end - m.start else _WORSE, k.quality) for k in inside)
            if not any(quality > m.quality + margin for margin, quality in margins):
                kept.append(m)
        return kept

    def _walk(
        self, forest: _Forest, keys: Sequence[str], tokens: Sequence[Token], hand: Hand, worth: float
    ) -> list[Match]:
        best: dict[tuple[str, int, int], tuple[float, float]] = {}
        for start in range(len(keys)):
            for concept, words in forest.standing(keys, start):
                marks = [t.mark for t in words]
                end = start + len(marks)
                typed = tokens[start:end]
                quality = worth
                alone = len(marks) == 1
                for t, mark in zip(typed, marks, strict=True):
                    if worth == 1.0:
                        quality *= self._accents.agreement(t, mark, hand, alone=alone)
                    elif t.mark != mark:
                        quality *= _UNLIKE if bare(t.mark) or hand.trust < 0.5 else _UNLIKE_TRUSTED
                if len(marks) > 2:
                    # three syllables in a row are rarely an accident, whatever their marks
                    quality = quality**0.5
                if quality >= LEAST:
                    certain = self._accents.certainty(typed, marks) if worth == 1.0 else 0.0
                    place = (concept, start, end)
                    best[place] = max(best.get(place, (0.0, 0.0)), (quality, certain))
        return [Match(c, s, e, q, sure) for (c, s, e), (q, sure) in best.items()]
