"""Concepts found in words: the longest phrases, with accents, without, or as they sound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

from bot.understand.accents import LEAST, Accents, Hand
from bot.understand.syllable import bare, sound
from bot.understand.tokens import Token

T = TypeVar("T")

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


class _Node(Generic[T]):
    __slots__ = ("ends", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node[T]] = {}
        #: what ends here
        self.ends: list[T] = []

    def add(self, keys: Sequence[str], end: T) -> None:
        """Something below this node, by its keys."""
        node = self
        for key in keys:
            further = node.next.get(key)
            if further is None:
                further = node.next[key] = _Node()
            node = further
        node.ends.append(end)


#: a concept, and a phrase's spelling with accents
_Said = tuple[str, tuple[str, ...]]


class _Forest:
    """Phrases by one key a syllable; those that begin alike become a trie when something typed begins so too."""

    def __init__(self, phrases: Sequence[tuple[str, tuple[Token, ...]]], key: Callable[[Token], str]) -> None:
        self._key = key
        self._seeds: dict[str, list[tuple[str, tuple[Token, ...]]]] = defaultdict(list)
        for phrase in phrases:
            self._seeds[key(phrase[1][0])].append(phrase)
        self._grown: dict[str, _Node[_Said]] = {}

    def get(self, first: str) -> _Node[_Said] | None:
        """The trie of what begins with a key."""
        if (node := self._grown.get(first)) is None and first in self._seeds:
            node = _Node()
            for concept, words in self._seeds[first]:
                node.add([self._key(t) for t in words[1:]], (concept, tuple([t.mark for t in words])))
            self._grown[first] = node
        return node


class Lexicon:
    """All phrases of all concepts: by their exact spelling, by folded letters, and by sound (of two syllables or more).

    The last two are for what people type, not for the library's own phrases, and grow with what is typed.
    """

    def __init__(self, concepts: Iterable[tuple[str, Iterable[Sequence[Token]]]], accents: Accents) -> None:
        self._accents = accents
        self._phrases = [(concept, tuple(words)) for concept, phrases in concepts for words in phrases if words]
        self._folded = _Forest(self._phrases, lambda t: t.folded)
        self._sound = _Forest([p for p in self._phrases if len(p[1]) > 1], lambda t: sound(t.folded))
        #: spelling -> concepts of one syllable; the first two spellings of longer phrases -> how these go on
        self._single: dict[str, list[str]] = defaultdict(list)
        self._longer: dict[tuple[str, str], _Node[str]] = defaultdict(_Node)
        for concept, words in self._phrases:
            marks = tuple([t.mark for t in words])
            if len(marks) == 1:
                self._single[marks[0]].append(concept)
            else:
                self._longer[marks[0], marks[1]].add(marks[2:], concept)

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

    def verbatim(self, tokens: Sequence[Token]) -> list[tuple[str, int, int]]:
        """Concepts said letter by letter and mark by mark by tokens `start` to `end`, for phrases of the library.

        Those inside a longer one are left out, as `find` does.
        """
        marks = [t.mark for t in tokens]
        single, longer = self._single, self._longer
        # start, end with the wrong sign: sorted, the longer of two from the same place comes first
        spans: list[tuple[int, int, str]] = []
        for i, two in enumerate(pairwise(marks)):
            if (node := longer.get(two)) is None:
                continue
            end = i + 2
            while node is not None:
                spans.extend([(i, -end, concept) for concept in node.ends])
                node, end = (node.next.get(marks[end]) if end < len(marks) else None), end + 1
        for i, mark in enumerate(marks):
            if mark in single:
                spans += [(i, -i - 1, concept) for concept in single[mark]]
        if len(spans) > 1:
            spans.sort()
        found: list[tuple[str, int, int]] = []
        widest, reach = -1, 0
        for start, end, concept in spans:
            if end < reach:
                widest, reach = start, end
            elif start > widest or end > reach:
                continue
            found.append((concept, start, -end))
        return found

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
            node, i = forest.get(keys[start]), start + 1
            while node is not None:
                for concept, marks in node.ends:
                    quality = worth
                    alone = i - start == 1
                    for t, mark in zip(tokens[start:i], marks, strict=True):
                        if worth == 1.0:
                            quality *= self._accents.agreement(t, mark, hand, alone=alone)
                        elif t.mark != mark:
                            quality *= _UNLIKE if bare(t.mark) or hand.trust < 0.5 else _UNLIKE_TRUSTED
                    if i - start > 2:
                        # three syllables in a row are rarely an accident, whatever their marks
                        quality = quality**0.5
                    if quality >= LEAST:
                        certain = self._accents.certainty(tokens[start:i], marks) if worth == 1.0 else 0.0
                        place = (concept, start, i)
                        best[place] = max(best.get(place, (0.0, 0.0)), (quality, certain))
                node, i = (node.next.get(keys[i]) if i < len(keys) else None), i + 1
        return [Match(c, s, e, q, sure) for (c, s, e), (q, sure) in best.items()]
