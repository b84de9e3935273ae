"""Which entries the evidence speaks for: rates of evidence in the words people use for an entry, against all others."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from heapq import nlargest
from operator import itemgetter

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
#: how the name of a word and of a pair of words begins, as evidence
WORD, PAIR = "w:", "b:"
#: what is said of evidence never seen
_UNKNOWN: tuple[float, dict[int, float]] = (0.0, {})


class Index:
    """Evidence -> entries. Built once, in time growing with the number of phrases; weights are worked out when asked."""

    def __init__(self, examples: Mapping[str, Sequence[Mapping[str, float]]]) -> None:
        self._ids = list(examples)
        self._place = {entry: at for at, entry in enumerate(self._ids)}
        self._phrases = list(examples.values())
        #: feature -> the entry of every phrase that has it, in order; an entry stands as often as phrases have it
        self._seen: dict[str, list[int]] = defaultdict(list)
        for at, phrases in enumerate(self._phrases):
            for features in phrases:
                for feature in features:
                    self._seen[feature].append(at)
        self._shares = [1.0 / (len(phrases) + _DOUBT) for phrases in self._phrases]
        self._size = max(1, len(self._ids))
        self._known: dict[str, tuple[float, dict[int, float]]] = {}
        self._likeness: dict[int, dict[str, list[tuple[int, float]]]] = {}

    def _weigh(self, feature: str) -> tuple[float, dict[int, float]]:
        """How rare a piece of evidence is, and what it says for each entry."""
        if (known := self._known.get(feature)) is not None:
            return known
        if feature not in self._seen:
            return _UNKNOWN
        by_entry = [(at, n * self._shares[at]) for at, n in Counter(self._seen[feature]).items()]
        overall = max(sum(rate for _, rate in by_entry) / self._size, _RARE)
        never = math.log1p(1.0 / self._size / _SMOOTH)
        if len(by_entry) > _CROWD:
            by_entry = sorted(by_entry, key=itemgetter(1), reverse=True)[:_CROWD]
        weights = ((at, math.log1p(rate / (_SMOOTH * overall)) - never) for at, rate in by_entry)
        known = math.log(1.0 / overall), {at: w for at, w in weights if w > _SMALL}
        self._known[feature] = known
        return known

    def scores(self, features: Mapping[str, float]) -> dict[str, float]:
        """The entries the evidence speaks most for, with their scores."""
        sums: dict[int, float] = defaultdict(float)
        mine: dict[str, float] = {}
        for feature, weight in features.items():
            rarity, weights = self._weigh(feature)
            if not weights:
                continue
            mine[feature] = weight * rarity
            for at, value in weights.items():
                sums[at] += weight * value
        # the order of `sums` is that of the evidence, so equal sums keep a fixed order
        best = nlargest(_CANDIDATES, sums.items(), key=itemgetter(1))
        norm = math.sqrt(sum(w * w for w in mine.values())) or 1.0
        return {self._ids[at]: total + _NEAREST * self._nearest(at, mine) / norm for at, total in best}

    def _nearest(self, at: int, mine: Mapping[str, float]) -> float:
        """How far the evidence goes in the direction of the entry's most similar phrase."""
        alike = self._likeness.get(at)
        if alike is None:
            alike = self._likeness[at] = self._directions(at)
        dots: dict[int, float] = defaultdict(float)
        for feature, weight in mine.items():
            for phrase, part in alike.get(feature, ()):
                dots[phrase] += weight * part
        return max(dots.values(), default=0.0)

    def _directions(self, at: int) -> dict[str, list[tuple[int, float]]]:
        """Feature -> its part in each phrase of an entry, the phrases scaled to length one."""
        found: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for phrase, features in enumerate(self._phrases[at]):
            weighed = [(f, w * self._weigh(f)[0]) for f, w in features.items()]
            norm = math.sqrt(sum(w * w for _, w in weighed)) or 1.0
            for feature, weight in weighed:
                found[feature].append((phrase, weight / norm))
        return dict(found)

    def strange(self, features: Mapping[str, float], entry: str) -> float:
        """The share of the word pairs of the evidence, 0-1, that no phrase of an entry of `scores` has."""
        own = self._likeness.get(self._place[entry], {})
        pairs = [f for f in features if f.startswith(PAIR)]
        return sum(f not in own for f in pairs) / len(pairs) if pairs else 0.0

    def knows(self, features: Mapping[str, float], entry: str) -> bool:
        """Whether some phrase of an entry of `scores` has each word of the evidence."""
        own = self._likeness.get(self._place[entry], {})
        return all(f in own for f in features if f.startswith(WORD))

    def because(self, features: Mapping[str, float], entry: str, most: int = 6) -> tuple[str, ...]:
        """The evidence that speaks most for an entry, strongest first."""
        at = self._place.get(entry)
        if at is None:
            return ()
        told = [(w * v, f) for f, w in features.items() if (v := self._weigh(f)[1].get(at)) is not None]
        return tuple(f for _, f in sorted(told, key=lambda x: (-x[0], x[1]))[:most])
