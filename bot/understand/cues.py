"""Rules over concepts: what speaks for an entry together, and what is danger or fraud."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.library.schema.words import Alarm, Cue, When


def holds(when: When, concepts: Mapping[str, float], least: float = 0.0) -> float:
    """How far a rule holds, 0 (not at all) to 1: the weakest of the concepts it needs."""
    if any(concepts.get(c, 0.0) > 0.3 for c in when.none):
        return 0.0
    strength = 1.0
    for c in when.all:
        strength = min(strength, concepts.get(c, 0.0))
    for group in (when.any, when.also):
        if group:
            strength = min(strength, max(concepts.get(c, 0.0) for c in group))
    return strength if strength > least else 0.0


def alarm(alarms: Iterable[Alarm], concepts: Mapping[str, float]) -> Alarm | None:
    """The first alarm that clearly holds; they stand in the file most urgent first."""
    return next((a for a in alarms if holds(a, concepts, 0.5)), None)


def add_up(cues: Iterable[Cue], concepts: Mapping[str, float], scores: dict[str, float]) -> None:
    """Adds what the cues say to the scores, in place."""
    for cue in cues:
        if strength := holds(cue, concepts):
            for target in cue.to:
                scores[target] = scores.get(target, 0.0) + cue.weight * min(1.0, strength * 1.25)
