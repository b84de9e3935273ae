"""Words and rules of understanding: every rule names entries and concepts that exist."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bot.library import Library
from bot.library.findings import Finding
from bot.library.reading import Step
from bot.library.schema.words import (
    Alarm,
    ConceptWords,
    CueWords,
    DangerWords,
    HeadWords,
    IntentWords,
    NumberWords,
    OutsideWords,
    SituationWords,
    When,
)
from bot.understand.patterns import unbalanced


def word_faults(library: Library) -> Iterator[Finding]:
    """Rules that lead to nothing, and rules that wait for a concept nobody defines."""
    yield from _patterns(library)
    concepts = _concepts(library)
    if "words-cues" in library.phrases:
        for place, cue in enumerate(library.phrase(CueWords).cues):
            yield from _rule("words-cues", ("cues", place), cue, concepts)
            yield from _targets(library, "words-cues", ("cues", place), cue.to)
    if "words-heads" in library.phrases:
        for place, head in enumerate(library.phrase(HeadWords).heads):
            yield from _targets(library, "words-heads", ("heads", place), head.to)
            if head.topic is not None and head.topic not in library.topics:
                yield Finding("phrases", "words-heads", ("heads", place), "unknown_topic", {"id": head.topic})
    if "words-outside" in library.phrases:
        yield from _neighbours(library, concepts)
    if "words-danger" in library.phrases:
        for place, alarm in enumerate(library.phrase(DangerWords).alarms):
            yield from _rule("words-danger", ("alarms", place), alarm, concepts)
            yield from _targets(library, "words-danger", ("alarms", place), (alarm.answer,) if alarm.answer else ())
        alarms = library.phrase(DangerWords).alarms
        for name in library.phrase(DangerWords).told.keys() - {alarm.id for alarm in alarms}:
            yield Finding("phrases", "words-danger", ("told", name), "unknown_entry", {"id": name})


def _patterns(library: Library) -> Iterator[Finding]:
    """Patterns whose brackets do not close: they would stand for phrases nobody types."""
    for kind, held in library.phrases.items():
        for where, said in _lists(held):
            for at, pattern in enumerate(said):
                if unbalanced(pattern):
                    yield Finding("phrases", kind, (*where, at), "unbalanced_brackets", {"pattern": pattern})


def _lists(held: object) -> Iterator[tuple[tuple[Step, ...], tuple[str, ...]]]:
    """The lists of a word file that may hold patterns, and where they stand."""
    if isinstance(held, ConceptWords | SituationWords | DangerWords):
        yield from ((("concepts", name), said) for name, said in held.concepts.items())
    if isinstance(held, DangerWords):
        yield from ((("signs", name), said) for name, said in held.signs.items())
    if isinstance(held, HeadWords):
        yield from ((("heads", at, "said"), head.said) for at, head in enumerate(held.heads))
    if isinstance(held, OutsideWords):
        yield from ((("neighbours", at, "said"), n.said) for at, n in enumerate(held.neighbours))


def _neighbours(library: Library, concepts: Collection[str]) -> Iterator[Finding]:
    """Neighbours of an area nobody describes, or held back by a concept nobody defines."""
    outside = library.phrase(OutsideWords)
    for place, neighbour in enumerate(outside.neighbours):
        where: tuple[Step, ...] = ("neighbours", place)
        if neighbour.area not in outside.areas:
            yield Finding("phrases", "words-outside", where, "unknown_entry", {"id": neighbour.area})
        for concept in (*neighbour.beside, *neighbour.unless):
            if concept not in concepts:
                yield Finding("phrases", "words-outside", where, "unknown_concept", {"id": concept})


def _concepts(library: Library) -> set[str]:
    """Everything a rule may wait for, wherever it is defined."""
    known: set[str] = set()
    for held in library.phrases.values():
        if isinstance(held, ConceptWords | SituationWords | DangerWords):
            known |= set(held.concepts)
        if isinstance(held, DangerWords):
            known |= set(held.signs)
    if "words-numbers" in library.phrases:
        numbers = library.phrase(NumberWords)
        known |= {span.concept for span in (*numbers.ages, *numbers.sums, *numbers.years)}
    return known


def _rule(kind: str, where: tuple[Step, ...], rule: When, concepts: set[str]) -> Iterator[Finding]:
    near = rule.none_near if isinstance(rule, Alarm) else ()
    for concept in (*rule.all, *rule.any, *rule.also, *rule.none, *near):
        if concept not in concepts:
            yield Finding("phrases", kind, where, "unknown_concept", {"id": concept})


def _targets(library: Library, kind: str, where: tuple[Step, ...], targets: tuple[str, ...]) -> Iterator[Finding]:
    for target in targets:
        space, _, name = target.rpartition(":")
        if name not in _named(library, space) and not (space == "" and library.has(name)):
            yield Finding("phrases", kind, where, "unknown_entry", {"id": target})


def _named(library: Library, space: str) -> Collection[str]:
    """What a target with that prefix may name, besides entries."""
    if space == "intent" and "words-intents" in library.phrases:
        return library.phrase(IntentWords).intents
    if space == "outside" and "words-outside" in library.phrases:
        return library.phrase(OutsideWords).areas
    return ()
