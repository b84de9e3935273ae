"""The words people type: spelling, concepts, intents, danger, what lies outside, and cues that tie them to entries."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bot.library.schema.base import Slug, Strict, Text

#: an entry id, an intent, or an area outside
Target = Annotated[str, StringConstraints(pattern=r"^((intent|outside):)?[a-z0-9]+(-[a-z0-9]+)*$", max_length=70)]


class Span(Strict):
    """A number range with both ends included that counts as having said a concept."""

    concept: Slug
    at_least: float
    at_most: float


class SpellingWords(Strict):
    """How people shorten words, and words too common to carry meaning."""

    kind: Literal["words-spelling"]
    #: typed -> meant; up to three syllables on the left
    short: dict[Text, Text]
    #: words that say nothing about what is asked
    empty: tuple[Text, ...]


class NumberWords(Strict):
    """Numbers in words and what a number beside a measure tells."""

    kind: Literal["words-numbers"]
    digits: dict[Text, int]
    #: words between digits that count nothing
    fillers: tuple[Text, ...]
    #: ten, hundred, thousand, million, billion
    powers: dict[Text, int]
    half: tuple[Text, ...]
    #: letters glued to a figure -> the measure in words
    glued: dict[Text, Text]
    #: the word that makes a number an age, and persons whose age stands without it
    age: tuple[Text, ...]
    ages: tuple[Span, ...]
    #: sums a head and month, in dong
    sums: tuple[Span, ...]
    years: tuple[Span, ...]
    #: words for a year counted from today's: 0 this year, 1 the next
    relative_years: dict[Text, int]


class ConceptWords(Strict):
    """Concepts and every way of saying them. A phrase may stand under several concepts."""

    kind: Literal["words-concepts"]
    concepts: dict[Slug, tuple[Text, ...]]


class SituationWords(Strict):
    """Life situations, in the same shape as concepts: what people tell instead of naming a policy."""

    kind: Literal["words-situations"]
    concepts: dict[Slug, tuple[Text, ...]]


class IntentWords(Strict):
    """What the bot does, and how people ask for it."""

    kind: Literal["words-intents"]
    intents: dict[Slug, tuple[Text, ...]]
    #: intent -> words that only say what somebody came for; the matter itself is still to be told
    naming: dict[Slug, tuple[Text, ...]] = Field(default_factory=dict)
    #: kind of courtesy -> how it is said; answered kindly, never a question for an official. The first kind counts
    courtesies: dict[Slug, tuple[Text, ...]] = Field(default_factory=dict)
    #: words that may stand beside a courtesy or a naming and mean nothing of their own
    beside: tuple[Text, ...] = ()


class Head(Strict):
    """What a message that only names a thing leads to."""

    #: whole messages; patterns, as in the concepts
    said: tuple[Text, ...] = Field(min_length=1)
    #: best first: one entry or intent is opened, several are offered
    to: tuple[Target, ...] = Field(min_length=1, max_length=3)
    #: whose other entries stand behind "more"
    topic: Slug | None = None


class HeadWords(Strict):
    """Short messages that only name a thing, by what they lead to."""

    kind: Literal["words-heads"]
    heads: tuple[Head, ...]
    #: words that may stand around a head and say nothing
    beside: tuple[Text, ...] = ()


class Neighbour(Strict):
    """Words that turn a question away from the entries whose words it shares, to an area outside."""

    area: Slug
    #: phrases and patterns; one of them, where the question is asked, is enough
    said: tuple[Text, ...]
    #: concepts of which one must be said with it, where the words alone say too little
    beside: tuple[Slug, ...] = ()
    #: concepts that make it a question for the library after all
    unless: tuple[Slug, ...] = ()


class OutsideWords(Strict):
    """What the library does not answer, by area: typed examples that teach a refusal, and what lies next door."""

    kind: Literal["words-outside"]
    areas: dict[Slug, tuple[Text, ...]]
    neighbours: tuple[Neighbour, ...] = ()


class When(Strict):
    """Concepts that must all be there, of which one must be there, and that must not be there."""

    all: tuple[Slug, ...] = ()
    any: tuple[Slug, ...] = ()
    #: a second group of which one must be there
    also: tuple[Slug, ...] = ()
    none: tuple[Slug, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> When:
        if not (self.all or self.any):
            raise PydanticCustomError("rule_says_nothing", "a rule needs `all` or `any`")
        return self


class Alarm(When):
    """Danger or fraud, seen by concepts and signs said close together. `answer` leads the ranking, if anything."""

    id: Slug
    #: what must not be said in the same breath; `none` holds for the whole text
    none_near: tuple[Slug, ...] = ()
    kind: Literal["danger", "fraud"]
    answer: Target | None = None


class DangerWords(Strict):
    """Danger and fraud: their concepts, and when they count."""

    kind: Literal["words-danger"]
    concepts: dict[Slug, tuple[Text, ...]]
    #: like concepts, but only alarms hear them: they speak for no entry and hide no concept they lie across
    signs: dict[Slug, tuple[Text, ...]] = Field(default_factory=dict)
    #: alarm -> how people tell of it, for what no rule foresees; it rings when nothing else is so alike
    told: dict[Slug, tuple[Text, ...]] = Field(default_factory=dict)
    alarms: tuple[Alarm, ...]


class Cue(When):
    """Concepts that together speak for an entry (or, with a negative weight, against it)."""

    to: tuple[Target, ...] = Field(min_length=1)
    #: in the units of the scores; 2 is a nudge, 6 settles it
    weight: float = Field(ge=-12, le=12)


class CueWords(Strict):
    """Cues in order; all that hold are added up."""

    kind: Literal["words-cues"]
    cues: tuple[Cue, ...]


#: the kinds of this module by the name in `kind:`
WORD_KINDS: dict[str, type[Strict]] = {
    "words-spelling": SpellingWords,
    "words-numbers": NumberWords,
    "words-concepts": ConceptWords,
    "words-situations": SituationWords,
    "words-intents": IntentWords,
    "words-heads": HeadWords,
    "words-outside": OutsideWords,
    "words-danger": DangerWords,
    "words-cues": CueWords,
}
