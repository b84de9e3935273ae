"""Conditions over a household's facts: shared by fitted answers, audiences and the benefit finder."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictInt, model_validator
from pydantic_core import PydanticCustomError

from bot.library.schema.base import Dated, Label, Slug, Strict, Text


class HouseholdFact(Strict):
    """One thing the bot may know of a household, always skippable."""

    id: Slug
    kind: Literal["yes-no", "choice", "number"]
    #: how officials find it when they write a condition
    name: Text
    #: what the bot asks, once, when an answer depends on it
    ask: Text
    #: a test that holds, as people say it; `{chon}` stands for the values chosen, `{so}` for the span of a number
    holds: Text
    #: for `yes-no`: the same where it must not be so
    lacks: Text | None = None
    #: for `number`: what is counted
    unit: Text | None = None
    #: for `choice`: value -> button label
    options: dict[Slug, Label] = Field(default_factory=dict)
    #: for `choice`: value -> its words inside a sentence, where the label in small letters will not do
    said: dict[Slug, Text] = Field(default_factory=dict)
    #: health, disability, ethnicity: never kept without a consent of its own (Law 91/2025/QH15)
    sensitive: bool = False

    @model_validator(mode="after")
    def _worded(self) -> HouseholdFact:
        wanted = {"yes-no": self.lacks, "choice": self.options, "number": self.unit}[self.kind]
        mark = {"yes-no": "", "choice": "{chon}", "number": "{so}"}[self.kind]
        if not wanted or mark not in self.holds or not set(self.said) <= set(self.options):
            raise PydanticCustomError("fact_words", "the words of a fact do not go with its kind")
        return self


class Condition(Dated):
    """Exactly one of: `all`, `any`, `none`, or a test of one `fact`. Outside its dates it does not hold."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()
    fact: Slug | None = None
    #: yes-no facts
    is_: bool | None = Field(default=None, alias="is")
    #: choice facts
    in_: tuple[Slug, ...] = Field(default=(), alias="in")
    #: number facts, both ends included; a text is none, though pydantic would take "1.000" for 1
    at_least: StrictInt | None = None
    at_most: StrictInt | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Condition:
        forms = [bool(self.all), bool(self.any), bool(self.none), self.fact is not None]
        if sum(forms) != 1:
            raise PydanticCustomError("condition_form", "a condition is exactly one of: all, any, none, fact")
        tests = [self.is_ is not None, bool(self.in_), self.at_least is not None or self.at_most is not None]
        if sum(tests) != (1 if self.fact else 0):
            raise PydanticCustomError("condition_test", "a fact is tested by exactly one of: is, in, at_least/at_most")
        if self.at_least is not None and self.at_most is not None and self.at_most < self.at_least:
            raise PydanticCustomError("condition_range", "at_most is below at_least: nobody meets it")
        return self

    def facts(self) -> tuple[str, ...]:
        """Every fact tested anywhere in it, in the order of writing, each once."""
        own = (self.fact,) if self.fact else ()
        deeper = (name for part in (*self.all, *self.any, *self.none) for name in part.facts())
        return tuple(dict.fromkeys((*own, *deeper)))
