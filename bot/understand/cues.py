"""Rules over concepts: what speaks for an entry together, and what is danger or fraud."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from bot.library.schema.words import Alarm, Cue, When

#: how surely a concept must be there to stand against a rule
_DENIED = 0.3


#: in a story: the share of what a rule needs that a concept must weigh to stand against it (chosen on half of the
#: stories of `rambling`): an old loan told of in passing takes nothing from what is asked for
_DENIED_ASIDE = 0.95


def holds(when: When, concepts: Mapping[str, float], least: float = 0.0, *, story: bool = False) -> float:
    """How far a rule holds, 0 (not at all) to 1: the weakest of the concepts it needs."""
    strength = 1.0
    for c in when.all:
        strength = min(strength, concepts.get(c, 0.0))
    for group in (when.any, when.also):
        if group:
            strength = min(strength, max(concepts.get(c, 0.0) for c in group))
    if strength <= least:
        return 0.0
    denied = max(_DENIED, _DENIED_ASIDE * strength) if story else _DENIED
    return 0.0 if any(concepts.get(c, 0.0) > denied for c in when.none) else strength


#: how surely the words of an alarm must have been meant: without accents "tu van" is far more often advice than suicide
_SURELY = 0.25


def alarm(alarms: Iterable[Alarm], spoken: Sequence[Mapping[str, float]]) -> Alarm | None:
    """The first alarm whose words were surely said close together; they stand in the file most urgent first.

    `spoken` is what each sentence said. Who, what and when are often told in two sentences, hardly in three.
    """
    everything = _together(spoken)
    pairs = [_together(two) for two in pairwise(spoken)] or [everything]
    return next((a for a in alarms if _rings(a, everything, pairs)), None)


def _rings(rule: Alarm, everything: Mapping[str, float], pairs: Iterable[Mapping[str, float]]) -> bool:
    if not holds(rule, everything, _SURELY):
        return False
    return any(
        holds(rule, pair, _SURELY) and not any(pair.get(c, 0.0) > _DENIED for c in rule.none_near) for pair in pairs
    )


def _together(said: Iterable[Mapping[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for sentence in said:
        for concept, sure in sentence.items():
            found[concept] = max(found.get(concept, 0.0), sure)
    return found


class Cues:
    """All cues, found by a concept that each of them cannot do without."""

    def __init__(self, cues: Iterable[Cue]) -> None:
        self._cues = tuple(cues)
        self._needing: dict[str, list[int]] = defaultdict(list)
        for at, cue in enumerate(self._cues):
            for concept in cue.all[:1] or cue.any:
                self._needing[concept].append(at)

    def add_up(self, concepts: Mapping[str, float], scores: dict[str, float], *, story: bool) -> None:
        """Adds what the cues say to the scores, in place; in a `story` concepts weigh by where they stand."""
        for at in sorted({at for c in concepts for at in self._needing.get(c, ())}):
            cue = self._cues[at]
            if strength := holds(cue, concepts, story=story):
                for target in cue.to:
                    scores[target] = scores.get(target, 0.0) + cue.weight * min(1.0, strength * 1.25)
