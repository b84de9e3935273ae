"""Spans of days figures are taken for beside quarters: those of the reports a plan asks for, and any other that was asked
for by name. Which were asked for stands in the audit: what is shown of one must not tell of another.

A report's span is from the day after the year's report before it to the day it is due. Plans name the day a report is due,
none names the days it is about; so that reports of one plan never overlap but in the year, this was chosen here. Whoever
counts otherwise asks for the days they need.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.errors import LoaThonError, say
from bot.library import Library
from bot.library.render import day_text
from bot.library.schema.plan import DayOfYear, Plan
from bot.model.official import Official
from bot.settings import LOCAL
from bot.store import Tx, audit

#: shorter spans tell of single days
LEAST_DAYS = 28
MOST_DAYS = 3 * 366
#: spans of a unit that may be named in a year, beside those of its reports
MOST_A_YEAR = 24
#: so long before it is due a report stands on the checklist
AHEAD = timedelta(days=30)
#: how the audit names it
ASKED = "figures-span"
_FIRST = date(2020, 1, 1)
_DAY = timedelta(days=1)


class WrongSpanError(LoaThonError):
    """figures.wrong_span"""


class TooManySpansError(LoaThonError):
    """figures.too_many_spans"""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days where the people live, both ends included."""

    since: date
    until: date

    @classmethod
    def read(cls, since: str, until: str, today: date) -> Span:
        """As a form sends it (YYYY-MM-DD). Raises `WrongSpanError` for what cannot be shown."""
        try:
            read = cls(date.fromisoformat(since), date.fromisoformat(until))
        except ValueError:
            raise WrongSpanError(least=LEAST_DAYS) from None
        is_long = timedelta(days=LEAST_DAYS - 1) <= read.until - read.since < timedelta(days=MOST_DAYS)
        if not is_long or read.since < _FIRST or read.since > today or read.until > today + timedelta(days=366):
            raise WrongSpanError(least=LEAST_DAYS)
        return read

    def __str__(self) -> str:
        return f"{self.since.isoformat()}..{self.until.isoformat()}"

    @property
    def title(self) -> str:
        """In words."""
        return say("figures.span", since=day_text(self.since), until=day_text(self.until))

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """Its first moment and the first one after it."""
        return datetime.combine(self.since, time(), LOCAL), datetime.combine(self.until + _DAY, time(), LOCAL)

    def has(self, day: date) -> bool:
        """Whether that day lies within it."""
        return self.since <= day <= self.until


@dataclass(frozen=True, slots=True)
class Report:
    """One report that a plan asks for, and the days it is about."""

    span: Span
    #: last day to send it
    due: date
    cycle: str
    plan: str
    #: whether the plan itself has run out by the day it is due
    is_past: bool

    @property
    def title(self) -> str:
        """In words."""
        told = say(f"figures.report.{self.cycle}", due=day_text(self.due), plan=self.plan)
        return f"{told} {say('figures.report.past')}" if self.is_past else told


def reports(library: Library, unit: str, on: date) -> tuple[Report, ...]:
    """Reports of the plans of a unit and of those above it that were due within the last year or will be within the next
    half, those due last first. Reports of several senders due on one day are one here."""
    found: dict[Span, Report] = {}
    for plan in library.plans.values():
        if plan.unit not in _line(library, unit):
            continue
        for one in _of_plan(plan, on):
            found.setdefault(one.span, one)
    return tuple(sorted(found.values(), key=lambda one: (one.due, one.cycle), reverse=True))


def due_soon(library: Library, unit: str, on: date) -> tuple[Report, ...]:
    """Those due within the next days, the next first."""
    return tuple(one for one in reversed(reports(library, unit, on)) if on <= one.due <= on + AHEAD)


async def asked(tx: Tx, unit: str) -> tuple[Span, ...]:
    """Every span that was asked for of a unit, the newest first."""
    return tuple(dict.fromkeys(_read(detail["span"]) for detail in await audit.told(tx, ASKED, _ref(unit))))


async def before(tx: Tx, library: Library, unit: str, span: Span, on: date) -> frozenset[Span]:
    """What one must not be compared with to learn a small number: spans of reports, and those asked for before it. What
    was asked for later looks out for itself: whoever names an odd span hides that one, not those of others."""
    told = await asked(tx, unit)
    due = {one.span for one in reports(library, unit, on)}
    older = () if span in due else told[told.index(span) + 1 :] if span in told else told
    return frozenset({*due, *older} - {span})


async def may_show(tx: Tx, library: Library, unit: str, span: Span, on: date) -> bool:
    """Whether its figures may be shown without asking for it by name: it is a report's, or was asked for before."""
    return span in {one.span for one in reports(library, unit, on)} or span in await asked(tx, unit)


async def ask(tx: Tx, official: Official, library: Library, unit: str, span: Span, *, on: date, at: datetime) -> None:
    """Name a span to be shown from now on. Raises `TooManySpansError`."""
    if await may_show(tx, library, unit, span, on):
        return
    if len(await audit.told(tx, ASKED, _ref(unit), since=at - timedelta(days=365))) >= MOST_A_YEAR:
        raise TooManySpansError(most=MOST_A_YEAR)
    await audit.note(tx, official.who, ASKED, _ref(unit), at=at, detail={"span": str(span)})


def _line(library: Library, unit: str) -> set[str]:
    """A unit and those above it."""
    found: set[str] = set()
    above = unit
    while above in library.units and above not in found:
        found.add(above)
        above = library.units[above].parent or ""
    return found


def _of_plan(plan: Plan, on: date) -> Iterator[Report]:
    named = {(one.cycle, (one.before.month, one.before.day)): one.before for one in plan.reports if one.before}
    yearly = [day for (cycle, _), day in named.items() if cycle == "year"]
    for (cycle, _), day in named.items():
        if cycle not in {"year", "half-year"}:
            continue
        for year in (on.year - 1, on.year, on.year + 1):
            due = day.in_year(year)
            if on - timedelta(days=366) <= due <= on + timedelta(days=183):
                span = Span(_before(yearly or [day], due) + _DAY, due)
                yield Report(span, due, cycle, plan.short, plan.ends_on < due)


def _before(yearly: list[DayOfYear], due: date) -> date:
    """The last day a year's report was due before this one."""
    days = (day.in_year(year) for day in yearly for year in (due.year - 1, due.year))
    return max(day for day in days if day < due)


def _ref(unit: str) -> str:
    return f"figures:{unit}"


def _read(told: str) -> Span:
    since, _, until = told.partition("..")
    return Span(date.fromisoformat(since), date.fromisoformat(until))
