"""Working time as data: hours of offices, days off and days worked in exchange, year by year."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bot.library.schema.base import Slug, Strict, Text

#: hour and minute where the people live
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Span(Strict):
    """One stretch of a working day."""

    start: Clock
    end: Clock

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end <= self.start:
            raise PydanticCustomError("span_reversed", "a stretch of work ends after it starts")
        return self


class NamedDay(Strict):
    """A day that is not what its weekday says. `confirmed`: announced for that year, not only foreseen."""

    day: dt.date
    name: Text
    confirmed: bool
    source: Text


class CalendarYear(Strict):
    """content/calendar/nam-2026.yaml: one year of offices."""

    id: Slug
    year: int = Field(ge=2020, le=2100)
    hours: tuple[Span, ...] = Field(min_length=1)
    hours_source: Text
    #: weekdays on which nobody works
    off: tuple[NamedDay, ...]
    #: weekend days worked in exchange for a day off
    on: tuple[NamedDay, ...] = ()

    @model_validator(mode="after")
    def _within_the_year(self) -> Self:
        days = [named.day for named in (*self.off, *self.on)]
        if wrong := next((day for day in days if day.year != self.year), None):
            raise PydanticCustomError("day_of_other_year", "{day} is no day of that year", {"day": str(wrong)})
        if twice := next((day for day in days if days.count(day) > 1), None):
            raise PydanticCustomError("told_twice", "{what} stands twice", {"what": str(twice)})
        return self
