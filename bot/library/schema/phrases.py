"""Shared wordings of `content/phrases/`: one model a kind (see `bot.library.kinds`)."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from bot.library.schema.base import Basis, Label, Slug, Strict, Text
from bot.library.schema.condition import HouseholdFact


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise PydanticCustomError("bad_pattern", "not a pattern: {problem}", {"problem": str(error)}) from error
    return text


def _with_figure(text: str) -> str:
    if "{so}" not in text:
        raise PydanticCustomError("measure_without_figure", "a measure holds {{so}}")
    return text


#: a regular expression
Pattern = Annotated[Text, AfterValidator(_pattern)]


class Phrases(Strict):
    """A file of `content/phrases/`. `kind` picks the model in `bot.library.kinds.PHRASES`."""

    kind: Slug


class Measures(Phrases):
    """How a figure of each unit is worded; `{so}` is the figure in Vietnamese writing."""

    measures: dict[Slug, Annotated[Text, AfterValidator(_with_figure)]]


class Groups(Phrases):
    """The audience groups entries are for."""

    groups: dict[Slug, Label]


class RuleWords(Strict):
    """Words between the tests of a condition. `{ke}`: what is listed, `{so}` and `{den}`: numbers, `{don-vi}`: their unit,
    `{ngay}`: a day."""

    #: in front of a whole condition; of one for anybody; of a list with several ways
    lead: Text
    lead_any: Text
    lead_none: Text
    anybody: Text
    #: between the last two of several
    all: Text
    any: Text
    none: Text
    #: the same between the values of one choice
    chosen: Text
    at_least: Text
    at_most: Text
    between: Text
    exactly: Text
    #: a part that is not written yet
    gap: Text
    since: Text
    until: Text


class Household(Phrases):
    """What the bot may ask of a household, and the words of conditions over it."""

    words: RuleWords
    facts: tuple[HouseholdFact, ...]


class Likeness(Phrases):
    """The tags by which a household finds a story like its own."""

    livelihoods: dict[Slug, Label]
    place_kinds: dict[Slug, Label] = Field(default_factory=dict)
    difficulties: dict[Slug, Label] = Field(default_factory=dict)


class BasisRule(Strict):
    """Regular expressions over an answer: each of `must` is found, none of `must_not` is; `mend` says what to write."""

    must: tuple[Pattern, ...]
    must_not: tuple[Pattern, ...] = ()
    mend: Text


class BasisPhrases(Phrases):
    """How an answer of each basis has to be phrased (facts/notes.md, point 5)."""

    rules: dict[Basis, BasisRule]

    @model_validator(mode="after")
    def _every_basis(self) -> BasisPhrases:
        if missing := [basis.value for basis in Basis if basis not in self.rules]:
            raise PydanticCustomError("basis_without_rule", "no rule for {what}", {"what": ", ".join(missing)})
        return self


class Guards(Phrases):
    """Patterns the content check looks for in texts, and what may never stand in them."""

    #: a figure with money or a quantity behind it, written out instead of rendered
    bare_figure: Pattern
    #: words that say a household left poverty; only where the source itself says so
    escaped: Pattern
    #: words in front of a name of the story's own commune or district
    local_place: Pattern
    #: initials of a person (N.V.H.)
    initials: Pattern


class PlaceTitles(Phrases):
    """The words in front of a place's name and their short forms."""

    titles: dict[Text, tuple[Text, ...]]
    #: how people begin to say where they live, before the place
    living: tuple[Text, ...] = ()
    #: words that may stand between and behind the names of an address
    around: tuple[Text, ...] = ()


class Stamps(Phrases):
    """What the machine itself adds around an entry's text. Words in braces are filled in."""

    #: {ngay}: the day an official last read the entry against its sources
    reviewed: Text
    #: {ngay}: the same day, when it lies more than 90 days back
    stale: Text
    story_reviewed: Text
    story_stale: Text
    #: {ngay}: last day of validity
    ended: Text
    #: {ten}: title of what replaced it
    replaced: Text
    #: {ngay}: first day of validity
    future: Text
    #: {ten}: title of what holds until then
    until_then: Text
    #: {muc}, {ngay}: a figure whose last value ended before the day, and one whose first lies ahead
    lapsed: Text
    coming: Text
    unsigned: Text
    #: {co-quan}, {ngay}
    signed: Text
    #: {van-ban}, appended to `signed` where a document is named
    signed_document: Text
    no_basis: Text
    #: {so}, {dieu}, {co-quan}, {ngay}
    basis_line: Text
    basis_article: Text
    basis_issuer: Text
    basis_date: Text
    titles: PartTitles
    officials: OfficialTitles


class PartTitles(Strict):
    """Headings of the parts a household can open."""

    who: Label
    what: Label
    how: Label
    grounds: Label
    officials: Label
    start: Label
    did: Label
    helped: Label
    result: Label
    copy_this: Label


class OfficialTitles(Strict):
    """Lines of the part for officials; `{viec}` is the text."""

    does: Text
    deadline: Text
    form: Text
    signs: Text
