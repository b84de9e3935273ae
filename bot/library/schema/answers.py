"""What a unit's officials say in their own name: answers for everybody, announcements, words for understanding."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from bot.library.schema.base import Basis, Confidence, Dated, Label, LegalBasis, Slug, Strict, Text
from bot.library.schema.phrases import Pattern, Phrases


class NoParts(Strict):
    """Nothing to open after the first text but what the entry names itself."""


_NO_PARTS = NoParts()


class Told(Dated):
    """What answers for all and announcements share. Written at the desk, approved by a second person."""

    id: Slug
    #: of an answer the question, as people ask it
    title: Text
    short: Label
    #: who says it
    unit: Slug
    #: told in every unit of the installation, not only in this one and those below it
    for_all: bool = False
    #: audience groups of `content/phrases/groups.yaml`; none = everybody
    groups: tuple[Slug, ...] = ()
    #: the day it was said, or looked at again
    reviewed_on: date
    formerly: tuple[Slug, ...] = ()
    #: at most 350 characters
    answer: Text
    #: the loudspeaker script; sentences of at most 25 words
    broadcast: Text
    legal_basis: tuple[LegalBasis, ...] = ()
    sources: tuple[Text, ...] = ()
    #: for officials
    notes: Text | None = None
    related: tuple[Slug, ...] = ()
    #: the words people use for it; feeds understanding
    asked_as: tuple[Text, ...] = ()

    @property
    def parts(self) -> NoParts:
        """None; so that every entry can be walked alike."""
        return _NO_PARTS

    @property
    def confidence(self) -> Confidence:
        """The unit's own word needs no other source."""
        return Confidence.HIGH


class Faq(Told):
    """A question many ask, answered once."""

    topic: Slug
    #: what an answer that is too long for one message goes on with
    more: Text | None = None
    #: the policy it speaks about, whose basis decides how it may be phrased
    about: Slug | None = None
    #: the same where it is about no policy of the library
    basis: Basis | None = None


class Announcement(Told):
    """News of the commune with a first and a last day."""

    #: none = of no topic in particular, as a vaccination of cattle
    topic: Slug | None = None
    valid_from: date
    valid_to: date
    #: hamlets of the unit it is meant for; none = all
    hamlets: tuple[Slug, ...] = ()
    #: whom to ask
    contact: Text | None = None


class EntryWords(Strict):
    """Ways of asking for an entry that an official adds; they join the entry's own `asked_as`."""

    #: the entry's
    id: Slug
    reviewed_on: date
    asked_as: tuple[Text, ...] = Field(min_length=1)


class PrivateWords(Strict):
    """What gives a person away. Lists of words; compared with their accents, capital or not."""

    #: in front of a person's name
    titles: tuple[Text, ...]
    surnames: tuple[Text, ...]
    #: in the middle of a name, by which one typed in small letters is known
    middles: tuple[Text, ...] = ()
    #: words that follow a title and are no name
    no_names: tuple[Text, ...] = ()
    #: words behind which a surname is the name of a place, a school, a year
    no_name_after: tuple[Text, ...] = ()
    #: in front of a hamlet's or street's name
    places: tuple[Text, ...]
    #: a house number
    address: Pattern
    #: what few people of a hamlet share: illness, debt, punishment
    rare: tuple[Text, ...]
    #: a birthday
    born: Pattern
    #: kind of detail -> what stands in its place
    masks: dict[Literal["name", "phone", "number", "mail", "code", "address", "place", "born", "rare"], Text]


class AnswerWords(Phrases):
    """content/phrases/answers.yaml: how units' own answers are signed, scripted and checked."""

    #: {co-quan}, {ngay}
    answered: Text
    announced: Text
    #: {ngay}
    answer_ended: Text
    announcement_ended: Text
    announcement_ahead: Text
    #: title of a draft just begun, whose question an official has to write; {linh-vuc}
    question_about: Text
    question: Text
    #: {hoi}, {tra-loi}, {co-quan}
    answer_script: Text
    #: {tieu-de}, {noi-dung}, {co-quan}
    announcement_script: Text
    more: Label
    contact: Label
    #: {tu}, {den}
    until: Text
    #: words of offices -> what people say
    plain: dict[Text, Text]
    #: patterns that promise; allowed where a legal document or a policy's basis carries them
    promises: tuple[Pattern, ...]
    private: PrivateWords
