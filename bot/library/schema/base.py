"""Parts that several kinds of content share."""

from __future__ import annotations

import datetime as dt
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError


class Strict(BaseModel):
    """A content record: frozen, unknown keys refused, text trimmed."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


#: kebab-case without accents, equal to the file name (DESIGN.md, names)
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
#: text that must not be empty
Text = Annotated[str, StringConstraints(min_length=1)]
#: a figure; its schema is said plainly, because pydantic words it differently from release to release
Figure = Annotated[Decimal, WithJsonSchema({"type": "number"})]
#: a button's label: a weak phone shows about 24 letters a row
Label = Annotated[str, StringConstraints(min_length=1, max_length=24)]


class Confidence(StrEnum):
    """How far the sources carry a statement; only `high` may air without an official's signature."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Basis(StrEnum):
    """What kind of right an entry describes; decides how it may be phrased (notes.md, point 5)."""

    #: a right that needs no application
    AUTOMATIC = "duong-nhien"
    #: a right that goes with a paper
    BY_PAPER = "theo-dien"
    #: a decision of the commune (or the bank)
    BY_DECISION = "xa-xet"


class Dated(Strict):
    """A span of validity in whole days, both ends included; an open end is null."""

    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Dated:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise PydanticCustomError("span_reversed", "valid_to is before valid_from")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether the span contains that day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class LegalBasis(Strict):
    """One legal document an entry rests on."""

    number: Text
    issuer: Text
    date: dt.date | None = None
    article: Text | None = None


class DatedValue(Dated):
    """One value of an amount and the days it holds."""

    value: Figure | date | Text
    #: number of the legal document, or a source's address
    source: Text


class Amount(Strict):
    """A figure that stands once and is rendered into every text that needs it."""

    #: key of `content/phrases/measures.yaml`, which says how the figure is worded
    unit: Slug
    values: tuple[DatedValue, ...] = Field(min_length=1)

    def on(self, day: date) -> DatedValue | None:
        """The value that holds on that day, if any."""
        return next((v for v in self.values if v.holds_on(day)), None)
