"""What goes in and out of the API for cases."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from bot.integration_cases import KINDS
from bot.model.case import CaseKind, CaseState
from desk.api.shapes import ID, ID_MOST, Listed, Number, Shape, Unit, Words

#: holds at least one digit or letter: Latin (Vietnamese and the highland languages), Khmer or Tai Viet
_SAYING = r"[0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1ea0-\u1ef9\u1780-\u17b3\uaa80-\uaaaf]"


class CasesAsked(Listed):
    """Which cases; an empty field narrows nothing."""

    unit: Unit = ""
    state: CaseState | None = None
    kind: CaseKind | None = None
    after: Number = Field(0, ge=0, le=ID_MOST, description="`next` of the page before")


class CaseLine(Shape):
    """How far a case is. Words and names of households are in no answer of this API."""

    code: str
    kind: CaseKind
    state: CaseState
    unit: str
    topic: str
    opened_at: AwareDatetime
    updated_at: AwareDatetime
    due_at: AwareDatetime | None
    answered_at: AwareDatetime | None
    closed_at: AwareDatetime | None


class Cases(Shape):
    """A page of cases, opened last first. Reports of wrongdoing and whatever is hidden from anyone are left out."""

    items: list[CaseLine]
    next: int | None


class CaseTold(CaseLine):
    """One case; the answer and the receipt only of a case this key sent."""

    answer: str
    receipt: str


class Person(Shape):
    """Who brings it, kept apart from the case."""

    name: Words = Field("", max_length=80)
    phone: Words = Field("", max_length=20)


class Consent(Shape):
    """The household agreed to these words (see /units) at that moment."""

    version: str = Field(min_length=1, max_length=20)
    given_at: AwareDatetime


class CaseSent(Shape):
    """A household's matter."""

    request_id: str = Field(
        pattern=r"^[0-9A-Za-z._:-]{8,80}$", description="the sender's own id; sent twice, the same case comes back"
    )
    kind: CaseKind = Field(json_schema_extra={"enum": [kind.value for kind in KINDS]})
    unit: str = Field(pattern=ID, max_length=60)
    text: Words = Field(pattern=_SAYING, max_length=3500)
    hamlet: str = Field("", pattern=f"{ID}|^$", max_length=60)
    topic: str = Field("", pattern=f"{ID}|^$", max_length=60)
    consent: Consent
    #: left out: anonymous
    person: Person | None = None


class CaseTaken(Shape):
    """Tell both to the household: with the code it asks how far it is, with the PIN it reads the answer."""

    code: str
    pin: str
    url: str
