"""The word files of a library, typed; empty where a library has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bot.library.schema.answers import Told
from bot.library.schema.policy import Policy
from bot.library.schema.story import Story
from bot.library.schema.words import (
    ConceptWords,
    CueWords,
    DangerWords,
    HeadWords,
    IntentWords,
    NumberWords,
    OutsideWords,
    SituationWords,
    SpellingWords,
)

W = TypeVar("W")


class Shelf(Protocol):
    """What understanding needs of a library."""

    @property
    def policies(self) -> Mapping[str, Policy]:
        """Policies by id."""

    @property
    def stories(self) -> Mapping[str, Story]:
        """Stories by id."""

    @property
    def faq(self) -> Mapping[str, Told]:
        """Answers for everybody by id."""

    @property
    def announcements(self) -> Mapping[str, Told]:
        """Announcements by id."""

    @property
    def words(self) -> Mapping[str, tuple[str, ...]]:
        """Entry -> ways of asking for it that officials added."""

    @property
    def phrases(self) -> Mapping[str, object]:
        """Phrase records by kind."""


@dataclass(frozen=True)
class Vocabulary:
    """All word files."""

    spelling: SpellingWords
    numbers: NumberWords
    concepts: ConceptWords
    situations: SituationWords
    intents: IntentWords
    heads: HeadWords
    outside: OutsideWords
    danger: DangerWords
    cues: CueWords

    @classmethod
    def of(cls, library: Shelf) -> Vocabulary:
        """The vocabulary of a library; a kind it lacks is empty."""
        return cls(
            _kind(library, SpellingWords, SpellingWords(kind="words-spelling", short={}, empty=())),
            _kind(
                library,
                NumberWords,
                NumberWords(
                    kind="words-numbers", digits={}, fillers=(), powers={}, half=(), glued={}, age=(), ages=(), sums=(),
                    years=(), relative_years={},
                ),
            ),
            _kind(library, ConceptWords, ConceptWords(kind="words-concepts", concepts={})),
            _kind(library, SituationWords, SituationWords(kind="words-situations", concepts={})),
            _kind(library, IntentWords, IntentWords(kind="words-intents", intents={})),
            _kind(library, HeadWords, HeadWords(kind="words-heads", heads=())),
            _kind(library, OutsideWords, OutsideWords(kind="words-outside", areas={})),
            _kind(library, DangerWords, DangerWords(kind="words-danger", concepts={}, alarms=())),
            _kind(library, CueWords, CueWords(kind="words-cues", cues=())),
        )  # fmt: skip


def _kind(library: Shelf, model: type[W], otherwise: W) -> W:
    return next((p for p in library.phrases.values() if isinstance(p, model)), otherwise)
