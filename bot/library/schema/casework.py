"""Rules and words of cases at the desk: limits of time, words of conflict, answers to start from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

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
    #: words of kin: "the wife of", "nephew of" …
    kin: tuple[Text, ...]


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
    """content/phrases/case-likeness.yaml: what households call the same thing and the same trouble."""

    kind: Literal["case-likeness"]
    things: dict[Slug, tuple[Text, ...]]
    troubles: dict[Slug, tuple[Text, ...]]
    #: words that tell nothing about a matter
    empty: tuple[Text, ...]
