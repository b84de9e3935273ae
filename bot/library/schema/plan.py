"""A communication plan as data: who does what by when, each item with its place in the plan."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bot.library.schema.base import Label, Slug, Strict, Text


class DayOfYear(Strict):
    """A day that comes back every year."""

    day: int = Field(ge=1, le=31)
    month: int = Field(ge=1, le=12)

    @model_validator(mode="after")
    def _exists(self) -> DayOfYear:
        try:
            date(2024, self.month, self.day)
        except ValueError as error:
            raise PydanticCustomError("no_such_day", "no such day of the year") from error
        return self

    def in_year(self, year: int) -> date:
        """That day in a year; 29 February falls on the 28th in a common year."""
        try:
            return date(year, self.month, self.day)
        except ValueError:
            return date(year, 2, 28)


class PlanItem(Strict):
    """One point of the plan and where it stands in it (section, point)."""

    id: Slug
    text: Text
    place: Text


class TargetGroup(PlanItem):
    """Whom the plan wants to reach; `groups` are those of `content/phrases/groups.yaml` it covers."""

    groups: tuple[Slug, ...] = ()
    #: named by the plan as the ones to put first
    priority: bool = False


class PlanForm(PlanItem):
    """A form of communication; `channel` says which of our outlets serves it."""

    channel: Literal[
        "loa",
        "mang-xa-hoi",
        "bao-dai",
        "an-pham",
        "doi-thoai",
        "tap-huan",
        "sinh-hoat",
        "hoi-nghi",
        "hoi-thi",
        "thi-dua",
    ]


class PlanTask(PlanItem):
    """A task. Bodies carry the names the plan uses; some are gone today."""

    lead: tuple[Text, ...] = ()
    doing: tuple[Text, ...] = ()
    coordinating: tuple[Text, ...] = ()


class PlanReport(Strict):
    """A report the plan asks for. Internal ones stay within the issuing body's own area."""

    id: Slug
    internal: bool
    sender: Text
    #: none where the plan names nobody
    addressee: Text | None = None
    #: through whom it goes
    via: Text | None = None
    #: `unspecified`: the plan asks for it without saying how often
    cycle: Literal["year", "half-year", "ad-hoc", "unspecified"]
    #: last day; none where the plan names no day
    before: DayOfYear | None = None
    contents: tuple[Text, ...] = ()
    place: Text


class PlanCampaign(Strict):
    """A campaign that comes back every year."""

    id: Slug
    title: Text
    starts: DayOfYear | None = None
    ends: DayOfYear | None = None
    #: the body that calls for it
    called_by: Text | None = None
    place: Text


class Plan(Strict):
    """One plan, as issued; what became of its bodies since is said in `today`."""

    id: Slug
    title: Text
    short: Label
    #: number as far as the copy gives one
    number: Text | None = None
    issuer: Text
    issued_on: date | None = None
    #: what the copy says about the date when the day is missing
    issued_note: Text | None = None
    #: the area under its name of then
    area: Text
    #: the demo unit that stands for it today
    unit: Slug
    starts_on: date
    ends_on: date
    period_place: Text
    grounds: tuple[Text, ...] = ()
    purposes: tuple[PlanItem, ...] = ()
    target_groups: tuple[TargetGroup, ...] = Field(min_length=1)
    contents: tuple[PlanItem, ...] = Field(min_length=1)
    forms: tuple[PlanForm, ...] = ()
    solutions: tuple[PlanItem, ...] = ()
    tasks: tuple[PlanTask, ...] = Field(min_length=1)
    reports: tuple[PlanReport, ...] = ()
    campaigns: tuple[PlanCampaign, ...] = ()
    money: tuple[PlanItem, ...] = ()
    #: what has changed since: names, levels, programme
    today: Text | None = None
    formerly: tuple[Slug, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> Plan:
        if self.ends_on < self.starts_on:
            raise PydanticCustomError("span_reversed", "ends_on is before starts_on")
        return self
