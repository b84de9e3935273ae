"""A policy entry: one approved, dated, cited text that becomes every outlet."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from bot.library.schema.base import Amount, Basis, Confidence, Dated, Label, LegalBasis, Slug, Strict, Text
from bot.library.schema.condition import Condition


class Parts(Strict):
    """What a household can open after the first answer; the legal basis is rendered from the data."""

    who: Text
    what: Text
    how: Text


class Officials(Strict):
    """What the commune's official does. Left empty rather than invented."""

    does: Text
    deadline: Text | None = None
    form: Text | None = None
    signs: Text | None = None


class FittedAnswer(Strict):
    """A first answer for households that meet a condition."""

    when: Condition
    answer: Text


class Policy(Dated):
    """One policy. Texts may hold `{amount}` or `{other-entry/amount}`, rendered with the value of the day."""

    id: Slug
    title: Text
    short: Label
    topic: Slug
    #: audience groups of `content/phrases/groups.yaml`
    groups: tuple[Slug, ...] = Field(min_length=1)
    basis: Basis
    confidence: Confidence
    reviewed_on: date
    superseded_by: Slug | None = None
    #: ids this entry had before; ids are never reused
    formerly: tuple[Slug, ...] = ()
    amounts: dict[Slug, Amount] = Field(default_factory=dict)
    #: who it is for, as far as a household's facts can tell
    conditions: Condition | None = None
    #: at most 350 characters once rendered
    answer: Text
    fitted: tuple[FittedAnswer, ...] = ()
    parts: Parts
    officials: Officials | None = None
    #: the loudspeaker script; sentences of at most 25 words
    broadcast: Text
    legal_basis: tuple[LegalBasis, ...] = ()
    #: addresses that were read; `github-index-file:…` names no publication
    sources: tuple[Text, ...] = ()
    #: for officials: what is doubtful, what to check
    notes: Text | None = None
    related: tuple[Slug, ...] = ()
    #: the words people use for it; feeds understanding
    asked_as: tuple[Text, ...] = ()
