"""Which entries the evidence speaks for: rates of evidence in the words people use for an entry, against all others."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

#: how strongly evidence seen once is doubted (in phrases)
_DOUBT = 2.5
#: a rate below which evidence is not called rarer
_RARE = 0.008
#: share of the overall rate added to every entry
_SMOOTH = 0.35
#: weights below this change nothing and are not kept
_SMALL = 0.12
#: how much the single most similar phrase counts
_NEAREST = 8.0
#: entries compared phrase by phrase
_CANDIDATES = 14


@dataclass(frozen=True, slots=True)
class Example:
    """One phrase of an entry as evidence."""

    features: Mapping[str, float]


class Index:
    """Evidence -> entries. Built once, in time growing with the number of phrases."""

    def __init__(self, examples: Mapping[str, Sequence[Mapping[str, float]]]) -> None:
        self._ids = list(examples)
        rates: dict[str, dict[int, float]] = defaultdict(dict)
        for at, phrases in enumerate(examples.values()):
            share = 1.0 / (len(phrases) + _DOUBT)
            counts: dict[str, float] = defaultdict(float)
            for features in phrases:
                for feature in features:
                    counts[feature] += share
            for feature, rate in counts.items():
                rates[feature][at] = rate
        size = max(1, len(self._ids))
        self._weights: dict[str, list[tuple[int, float]]] = {}
        self._rarity: dict[str, float] = {}
        for feature, by_entry in rates.items():
            overall = max(sum(by_entry.values()) / size, _RARE)
            self._rarity[feature] = math.log(1.0 / overall)
            kept = []
            for at, rate in by_entry.items():
                weight = math.log1p(rate / (_SMOOTH * overall)) - math.log1p(1.0 / size / _SMOOTH)
                if weight > _SMALL:
                    kept.append((at, weight))
            self._weights[feature] = kept
        self._phrases: list[list[tuple[Mapping[str, float], float]]] = [
            [(f, self._norm(f)) for f in phrases] for phrases in examples.values()
        ]

    def _norm(self, features: Mapping[str, float]) -> float:
        return math.sqrt(sum((w * self._rarity.get(f, 0.0)) ** 2 for f, w in features.items())) or 1.0

    def scores(self, features: Mapping[str, float]) -> dict[str, float]:
        """Entries that any evidence speaks for, with their scores."""
        sums: dict[int, float] = defaultdict(float)
        for feature, weight in features.items():
            for at, value in self._weights.get(feature, ()):
                sums[at] += weight * value
        best = sorted(sums, key=lambda at: (-sums[at], at))[:_CANDIDATES]
        mine = {f: w * self._rarity[f] for f, w in features.items() if f in self._rarity}
        norm = self._norm(features)
        found = {self._ids[at]: sums[at] for at in best}
        for at in best:
            found[self._ids[at]] += _NEAREST * self._nearest(self._phrases[at], mine, norm)
        return found

    def _nearest(
        self, phrases: Iterable[tuple[Mapping[str, float], float]], mine: Mapping[str, float], norm: float
    ) -> float:
        best = 0.0
        for features, own in phrases:
            dot = sum(mine[f] * w * self._rarity[f] for f, w in features.items() if f in mine)
            best = max(best, dot / (own * norm))
        return best

    def because(self, features: Mapping[str, float], entry: str, most: int = 6) -> tuple[str, ...]:
        """The evidence that speaks most for an entry, strongest first."""
        at = self._ids.index(entry)
        told = [(w * v, f) for f, w in features.items() for a, v in self._weights.get(f, ()) if a == at]
        return tuple(f for _, f in sorted(told, key=lambda x: (-x[0], x[1]))[:most])
