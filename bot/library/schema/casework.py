"""Rules and words of cases at the desk: limits of time, words of conflict, answers to start from."""

from __future__ import annotations

from itertools import chain
from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bot.library.schema.base import Confidence, Label, LegalBasis, Slug, Strict, Text


class Limit(Strict):
    """How long one kind of case may take. Hours and days of working time; a day has the hours of the calendar."""

    #: to be looked at
    take_hours: int = Field(ge=1, le=80)
    #: to be answered
    answer_days: int = Field(ge=1, le=90)
    confirmed: bool
    legal_basis: LegalBasis | None = None
    source: Text


class CaseRules(Strict):
    """content/phrases/case-rules.yaml"""

    kind: Literal["case-rules"]
    #: kind of case -> its limits
    limits: dict[Slug, Limit]
    #: days after an answer without a word of the household until a case is closed
    close_after_days: int = Field(ge=1, le=90)
    #: what passing on a report rests on
    forwarding: LegalBasis
    forwarding_confidence: Confidence


class ConflictWords(Strict):
    """content/phrases/conflict-words.yaml: how people speak of officials, compared without accents."""

    kind: Literal["conflict-words"]
    #: what a household is asked a report is about -> roles of the desk it may mean
    about: dict[Slug, tuple[Slug, ...]]
    #: role of the desk -> how its holder is called
    posts: dict[Slug, tuple[Text, ...]]
    #: what a report is about -> it goes to the body above, never to the commune's own officials
    upper: tuple[Slug, ...] = ()
    #: words before a name
    titles: tuple[Text, ...]
    #: of these, without accents, those that are other words too
    weak_titles: tuple[Text, ...] = ()
    #: words that may stand between a title and a name
    ranks: tuple[Text, ...] = ()
    #: words of kin: "the wife of", "nephew of" …
    kin: tuple[Text, ...]
    #: words that are last names too: in small letters and without a title they are no names
    everyday_words: tuple[Text, ...] = ()
    #: phrases in which such a word is no name, also behind a title or where a sentence begins
    everyday_phrases: tuple[Text, ...] = ()
    #: words after which words in capitals are a place
    place_words: tuple[Text, ...] = ()
    #: what somebody does, right behind their name
    acts: tuple[Text, ...] = ()
    #: words before whoever did it
    by_words: tuple[Text, ...] = ()
    #: words that tell of wrongdoing by themselves, and those that do where an official is spoken of
    accusing: tuple[Text, ...] = ()
    dubious: tuple[Text, ...] = ()
    #: how somebody behaves: tells of wrongdoing right behind an official
    conduct: tuple[Text, ...] = ()
    #: any official, unnamed
    officials: tuple[Text, ...] = ()
    #: words before, and after, an official who is asked for help
    appeals_before: tuple[Text, ...] = ()
    appeals_after: tuple[Text, ...] = ()


class AnswerTemplate(Strict):
    """An answer to start from. `{figure}` of `entry`, `{entry/figure}` of others, filled in with what holds that day."""

    id: Slug
    title: Label
    kinds: tuple[Slug, ...] = ()
    topics: tuple[Slug, ...] = ()
    entry: Slug | None = None
    text: Text


class AnswerTemplates(Strict):
    """content/phrases/answer-templates.yaml"""

    kind: Literal["answer-templates"]
    templates: tuple[AnswerTemplate, ...]


class CaseLikeness(Strict):
    """content/phrases/case-likeness.yaml: what households call the same thing, the same trouble and the same wish."""

    kind: Literal["case-likeness"]
    things: dict[Slug, tuple[Text, ...]]
    #: things that rather tell where, who or how than what a matter is about
    asides: tuple[Slug, ...] = ()
    #: words that only say where
    places: tuple[Text, ...] = ()
    #: a thing behind one of these only says where
    beside: tuple[Text, ...] = ()
    troubles: dict[Slug, tuple[Text, ...]]
    #: pairs of troubles that are never one matter
    against: tuple[tuple[Slug, Slug], ...] = ()
    #: trouble -> others that are told beside it only to say how bad it is
    instead: dict[Slug, tuple[Slug, ...]] = Field(default_factory=dict)
    #: what is wanted where no trouble is told: an answer how, thanks
    needs: dict[Slug, tuple[Text, ...]] = Field(default_factory=dict)
    #: words of who has one household's own case, and of who speaks for many
    own: tuple[Text, ...] = ()
    common: tuple[Text, ...] = ()
    #: troubles that one household has by itself, whatever befalls others
    each_its_own: tuple[Slug, ...] = ()
    #: needs of whom nothing troubles any more
    settled: tuple[Slug, ...] = ()
    #: need -> pairs of words of which the first stands in a clause that the second ends: a question for yes or no
    closing: dict[Slug, tuple[tuple[Text, Text], ...]] = Field(default_factory=dict)
    #: thing, trouble or need -> concepts of `words-concepts` said of it too
    heard: dict[Slug, tuple[Slug, ...]] = Field(default_factory=dict)
    #: ways of saying one plain word
    same_words: dict[Slug, tuple[Text, ...]] = Field(default_factory=dict)
    #: words that tell nothing about a matter
    empty: tuple[Text, ...]

    @model_validator(mode="after")
    def _known_names(self) -> CaseLikeness:
        named = {*self.things, *self.troubles, *self.needs}
        listed = (self.asides, self.settled, self.each_its_own, self.closing, self.heard, self.instead)
        meant = chain(*listed, *self.against, *self.instead.values())
        if unknown := sorted({name for name in meant if name not in named}):
            raise PydanticCustomError("no_such_name", "no such name: {names}", {"names": ", ".join(unknown)})
        return self
