"""Which entries the evidence speaks for: rates of evidence in the words people use for an entry, against all others."""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import nlargest
from itertools import accumulate, chain, count
from operator import itemgetter
from typing import NamedTuple

from bot.understand.names import TWO, WORD

#: how strongly evidence seen once is doubted (in phrases)
_DOUBT = 2.5
#: a rate below which evidence is not called rarer
_RARE = 0.008
#: share of the overall rate added to every entry
_SMOOTH = 0.35
#: weights below this change nothing and are not kept
_SMALL = 0.12
#: evidence for more entries than this tells them apart no longer; the strongest are kept
_CROWD = 120
#: how much the single most similar phrase counts
_NEAREST = 8.0
#: entries compared phrase by phrase
_CANDIDATES = 14
#: stands for a rarity that was not worked out yet
_OPEN = -1.0


class _Weighed(NamedTuple):
    """How rare a piece of evidence is, and the entries it speaks for, each with its weight."""

    rarity: float
    entries: Sequence[int]
    weights: Sequence[float]


class _Alike(NamedTuple):
    """The phrases of one entry, scaled to length one: which part each feature has in them."""

    #: feature -> its place in `ends`; there and at the next stand where its phrases begin and end
    place: Mapping[str, int]
    ends: Sequence[int]
    phrases: Sequence[int]
    parts: Sequence[float]


#: what is said of evidence never seen
_UNKNOWN = _Weighed(0.0, (), ())


class Index:
    """Evidence -> entries. Built once, in time growing with the number of phrases; weights are worked out when asked.

    A library gives some hundred thousand pieces of evidence. They stand as numbers in arrays, and so does what is worked
    out: as dictionaries and lists they took several times the memory.
    """

    def __init__(
        self, examples: Iterable[tuple[str, Iterable[Mapping[int, float]]]], names: Callable[[], Mapping[str, int]]
    ) -> None:
        """Of each entry the features of its phrases by number, with weights of which there are 256 at most; `names` gives
        the numbers by name once all are read, counted from 0 without gaps.
        """
        self._ids: list[str] = []
        kinds: defaultdict[float, int] = defaultdict(count().__next__)
        #: the features of all phrases, phrase by phrase, and beside each which weight it has there
        self._features, self._kinds = array("I"), array("B")
        #: where each phrase begins in these and where the last ends; the same of entries among the phrases
        self._phrases, self._entries = array("I", [0]), array("I", [0])
        for entry, phrases in examples:
            self._ids.append(entry)
            for features in phrases:
                self._features.fromlist(list(features))
                self._kinds.frombytes(bytes(map(kinds.__getitem__, features.values())))
                self._phrases.append(len(self._features))
            self._entries.append(len(self._phrases) - 1)
        self._numbers = names()
        self._names = sorted(self._numbers, key=self._numbers.__getitem__)
        self._weights = list(kinds)
        seen: list[list[int]] = [[] for _ in self._names]
        for at in range(len(self._ids)):
            for number in self._features[self._phrases[self._entries[at]] : self._phrases[self._entries[at + 1]]]:
                seen[number].append(at)
        #: the entry of every phrase that has a feature, feature by feature, and where each feature begins there
        self._seen = array("I", chain.from_iterable(seen))
        self._starts = array("I", accumulate(map(len, seen), initial=0))
        self._place = {entry: at for at, entry in enumerate(self._ids)}
        #: the one number of each entry: the same everywhere, it is found and added to faster
        self._every = list(self._place.values())
        self._size = max(1, len(self._ids))
        self._rarities = array("d", [_OPEN]) * len(seen)
        self._known: dict[str, _Weighed] = {}
        self._likeness: dict[int, _Alike] = {}

    def _rates(self, number: int) -> list[tuple[int, float]]:
        """The entries that have a feature, and how often a phrase of theirs has it."""
        times = Counter(self._seen[self._starts[number] : self._starts[number + 1]])
        return [(at, n * (1.0 / (self._entries[at + 1] - self._entries[at] + _DOUBT))) for at, n in times.items()]

    def _overall(self, rates: Iterable[tuple[int, float]]) -> float:
        return max(sum(rate for _, rate in rates) / self._size, _RARE)

    def _rarity(self, number: int) -> float:
        """How rare a feature is."""
        if (known := self._rarities[number]) == _OPEN:
            known = self._rarities[number] = math.log(1.0 / self._overall(self._rates(number)))
        return known

    def _weigh(self, feature: str) -> _Weighed:
        """What a piece of evidence says."""
        if (known := self._known.get(feature)) is not None:
            return known
        if (number := self._numbers.get(feature)) is None:
            return _UNKNOWN
        by_entry = self._rates(number)
        overall = self._overall(by_entry)
        never = math.log1p(1.0 / self._size / _SMOOTH)
        if len(by_entry) > _CROWD:
            by_entry = sorted(by_entry, key=itemgetter(1), reverse=True)[:_CROWD]
        weights = ((at, math.log1p(rate / (_SMOOTH * overall)) - never) for at, rate in by_entry)
        kept = [(at, w) for at, w in weights if w > _SMALL]
        # tuples: every question goes through these, and what stands in an array is made anew each time
        entries = tuple([self._every[at] for at, _ in kept])
        known = _Weighed(math.log(1.0 / overall), entries, tuple([w for _, w in kept]))
        self._known[feature] = known
        return known

    def scores(self, features: Mapping[str, float]) -> dict[str, float]:
        """The entries the evidence speaks most for, with their scores."""
        sums: dict[int, float] = defaultdict(float)
        mine: dict[str, float] = {}
        for feature, weight in features.items():
            rarity, entries, weights = self._known.get(feature) or self._weigh(feature)
            if not entries:
                continue
            mine[feature] = weight * rarity
            for at, value in zip(entries, weights, strict=True):
                sums[at] += weight * value
        # the order of `sums` is that of the evidence, so equal sums keep a fixed order
        best = nlargest(_CANDIDATES, sums.items(), key=itemgetter(1))
        norm = math.sqrt(sum(w * w for w in mine.values())) or 1.0
        return {self._ids[at]: total + _NEAREST * self._nearest(at, mine) / norm for at, total in best}

    def _nearest(self, at: int, mine: Mapping[str, float]) -> float:
        """How far the evidence goes in the direction of the entry's most similar phrase."""
        known = self._likeness.get(at)
        if known is None:
            known = self._likeness[at] = self._directions(at)
        place, ends, phrases, parts = known
        dots: dict[int, float] = defaultdict(float)
        for here, weight in zip(map(place.get, mine), mine.values(), strict=True):
            if here is not None:
                for alike in range(ends[here], ends[here + 1]):
                    dots[phrases[alike]] += weight * parts[alike]
        return max(dots.values(), default=0.0)

    def _directions(self, at: int) -> _Alike:
        """What the phrases of an entry are made of."""
        found: dict[int, list[tuple[int, float]]] = defaultdict(list)
        first = self._entries[at]
        for phrase in range(first, self._entries[at + 1]):
            here = slice(self._phrases[phrase], self._phrases[phrase + 1])
            told = zip(self._features[here], self._kinds[here], strict=True)
            weighed = [(number, self._weights[kind] * self._rarity(number)) for number, kind in told]
            norm = math.sqrt(sum(w * w for _, w in weighed)) or 1.0
            for number, weight in weighed:
                found[number].append((phrase - first, weight / norm))
        ends = accumulate(map(len, found.values()), initial=0)
        every = list(chain.from_iterable(found.values()))
        return _Alike(
            {self._names[number]: here for here, number in enumerate(found)},
            array("I", ends),
            array("I", [phrase for phrase, _ in every]),
            array("d", [part for _, part in every]),
        )

    def strange(self, features: Mapping[str, float], entry: str) -> float:
        """The share of the word pairs of the evidence, 0-1, that no phrase of an entry of `scores` has."""
        own = self._of(entry)
        pairs = [f for f in features if f.startswith(TWO)]
        return sum(f not in own for f in pairs) / len(pairs) if pairs else 0.0

    def knows(self, features: Mapping[str, float], entry: str) -> bool:
        """Whether some phrase of an entry of `scores` has each word of the evidence."""
        own = self._of(entry)
        return all(f in own for f in features if f.startswith(WORD))

    def _of(self, entry: str) -> Mapping[str, int]:
        known = self._likeness.get(self._place[entry])
        return known.place if known else {}

    def because(self, features: Mapping[str, float], entry: str, most: int = 6) -> tuple[str, ...]:
        """The evidence that speaks most for an entry, strongest first."""
        at = self._place.get(entry)
        if at is None:
            return ()
        told = []
        for feature, weight in features.items():
            _, entries, weights = self._weigh(feature)
            if at in entries:
                told.append((weight * weights[entries.index(at)], feature))
        return tuple(f for _, f in sorted(told, key=lambda x: (-x[0], x[1]))[:most])
