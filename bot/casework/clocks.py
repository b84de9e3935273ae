"""Working time: how much of it lies between two moments, and when so much of it has passed. Pure.

Hours, days off and days worked in exchange are data (`content/calendar/`). A day off that is not confirmed yet counts as
off: nobody is late for a day that may be free. A year without a file has its weekends off and no other day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.library import Library
from bot.library.schema.calendar import CalendarYear, NamedDay
from bot.settings import LOCAL

#: hours where no year says any: the usual ones of commune offices
USUAL = ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))
#: days looked through before a search for working time is given up: a calendar that is off for ever
_DAYS_MOST = 4000
#: under which a library remembers its calendar
_MEMO = "casework.calendar"

Spans = tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working time of offices."""

    off: frozenset[date]
    on: frozenset[date]
    #: year -> stretches of its working days
    hours: dict[int, Spans]

    @classmethod
    def of(cls, library: Library) -> Calendar:
        """The calendar of a library; remembered with it."""
        known = library.memo.get(_MEMO)
        if not isinstance(known, Calendar):
            known = cls.of_years(list(library.calendar.values()))
            library.memo[_MEMO] = known
        return known

    @classmethod
    def of_years(cls, years: list[CalendarYear]) -> Calendar:
        """The calendar of these years."""
        return cls(
            off=frozenset(named.day for year in years for named in year.off),
            on=frozenset(named.day for year in years for named in year.on),
            hours={
                year.year: tuple((time.fromisoformat(s.start), time.fromisoformat(s.end)) for s in year.hours)
                for year in years
            },
        )

    def is_working(self, day: date) -> bool:
        """Whether offices work that day."""
        return day in self.on or (day.weekday() < 5 and day not in self.off)

    def day_s(self, day: date) -> int:
        """Working seconds of a full working day of that year."""
        return sum(_seconds(day, start, end) for start, end in self.hours.get(day.year, USUAL))

    def spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of a day in which offices work, aware UTC."""
        if self.is_working(day):
            for start, end in self.hours.get(day.year, USUAL):
                yield _at(day, start), _at(day, end)

    def is_open(self, at: datetime) -> bool:
        """Whether offices work at that moment."""
        return any(start <= at < end for start, end in self.spans(at.astimezone(LOCAL).date()))

    def between(self, start: datetime, end: datetime) -> int:
        """Working seconds from one moment to a later one; 0 when it is not later."""
        if end <= start:
            return 0
        day, last = start.astimezone(LOCAL).date(), end.astimezone(LOCAL).date()
        total = timedelta()
        while day <= last:
            for opens, closes in self.spans(day):
                total += max(min(closes, end) - max(opens, start), timedelta())
            day += timedelta(days=1)
        return int(total.total_seconds())

    def after(self, start: datetime, seconds: int) -> datetime:
        """The first moment by which so much working time has passed since `start`; `start` itself for none.

        Raises `OverflowError` when there is not so much working time within some ten years.
        """
        if seconds <= 0:
            return start
        left = timedelta(seconds=seconds)
        day = start.astimezone(LOCAL).date()
        for _ in range(_DAYS_MOST):
            for opens, closes in self.spans(day):
                begins = max(opens, start)
                if closes - begins >= left:
                    return begins + left
                left -= max(closes - begins, timedelta())
            day += timedelta(days=1)
        raise OverflowError(seconds)

    def opens(self, at: datetime) -> datetime:
        """That moment if offices work then, else when they next open."""
        day = at.astimezone(LOCAL).date()
        for _ in range(_DAYS_MOST):
            for opens, closes in self.spans(day):
                if at < closes:
                    return max(opens, at)
            day += timedelta(days=1)
        raise OverflowError(at)


def unconfirmed(library: Library, year: int) -> tuple[NamedDay, ...]:
    """The days of a year that are only foreseen; for the list of what a unit has to look at."""
    known = [record for record in library.calendar.values() if record.year == year]
    return tuple(named for record in known for named in (*record.off, *record.on) if not named.confirmed)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, LOCAL).astimezone(UTC)


def _seconds(day: date, start: time, end: time) -> int:
    return int((_at(day, end) - _at(day, start)).total_seconds())
