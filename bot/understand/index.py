"""Which entries the evidence speaks for: rates of evidence in the words people use for an entry, against all others."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
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
_CROWD = 200
#: how much the single most similar phrase counts
_NEAREST = 8.0
#: entries compared phrase by phrase
_CANDIDATES = 14


class Index:
    """Evidence -> entries. Built once, in time growing with the number of phrases; weights are worked out when asked."""

    def __init__(self, examples: Mapping[str, Sequence[Mapping[str, float]]]) -> None:
        self._ids = list(examples)
        self._phrases = list(examples.values())
        self._rates: dict[str, dict[int, float]] = {}
        for at, phrases in enumerate(self._phrases):
            share = 1.0 / (len(phrases) + _DOUBT)
            counts: dict[str, float] = {}
            for features in phrases:
                for feature in features:
                    counts[feature] = counts.get(feature, 0.0) + share
            for feature, rate in counts.items():
                self._rates.setdefault(feature, {})[at] = rate
        self._size = max(1, len(self._ids))
        self._known: dict[str, tuple[float, list[tuple[int, float]]]] = {}
        self._norms: dict[int, list[float]] = {}

    def _weigh(self, feature: str) -> tuple[float, list[tuple[int, float]]]:
        """How rare a piece of evidence is, and what it says for each entry."""
        if (known := self._known.get(feature)) is not None:
            return known
        by_entry = self._rates.get(feature)
        if by_entry is None:
            return 0.0, []
        overall = max(sum(by_entry.values()) / self._size, _RARE)
        never = math.log1p(1.0 / self._size / _SMOOTH)
        strongest = list(by_entry.items())
        if len(strongest) > _CROWD:
            strongest = sorted(strongest, key=itemgetter(1), reverse=True)[:_CROWD]
        weights = ((at, math.log1p(rate / (_SMOOTH * overall)) - never) for at, rate in strongest)
        known = math.log(1.0 / overall), [(at, w) for at, w in weights if w > _SMALL]
        self._known[feature] = known
        return known

    def _norm(self, features: Mapping[str, float]) -> float:
        return math.sqrt(sum((w * self._weigh(f)[0]) ** 2 for f, w in features.items())) or 1.0

    def scores(self, features: Mapping[str, float]) -> dict[str, float]:
        """The entries the evidence speaks most for, with their scores."""
        sums: dict[int, float] = defaultdict(float)
        mine: dict[str, float] = {}
        for feature, weight in features.items():
            rarity, weights = self._weigh(feature)
            if not weights:
                continue
            mine[feature] = weight * rarity
            for at, value in weights:
                sums[at] += weight * value
        # the order of `sums` is that of the evidence, so equal sums keep a fixed order
        best = [at for at, _ in sorted(sums.items(), key=itemgetter(1), reverse=True)[:_CANDIDATES]]
        norm = math.sqrt(sum(w * w for w in mine.values())) or 1.0
        return {self._ids[at]: sums[at] + _NEAREST * self._nearest(at, mine, norm) for at in best}

    def _nearest(self, at: int, mine: Mapping[str, float], norm: float) -> float:
        """Likeness (cosine) of the evidence to the entry's most similar phrase."""
        phrases = self._phrases[at]
        norms = self._norms.get(at)
        if norms is None:
            norms = self._norms[at] = [self._norm(features) for features in phrases]
        best = 0.0
        for features, own in zip(phrases, norms, strict=True):
            dot = sum(mine[f] * w * self._known[f][0] for f, w in features.items() if f in mine)
            best = max(best, dot / (own * norm))
        return best

    def because(self, features: Mapping[str, float], entry: str, most: int = 6) -> tuple[str, ...]:
        """The evidence that speaks most for an entry, strongest first."""
        if entry not in self._ids:
            return ()
        at = self._ids.index(entry)
        told = [(w * v, f) for f, w in features.items() for a, v in self._weigh(f)[1] if a == at]
        return tuple(f for _, f in sorted(told, key=lambda x: (-x[0], x[1]))[:most])
