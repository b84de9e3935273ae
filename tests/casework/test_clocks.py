"""Working time: monotone, additive, and never a minute of a night, a weekend or Tết."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.casework.clocks import Calendar, unconfirmed
from bot.library import Library
from bot.settings import LOCAL

LIBRARY = Library.load(Path(__file__).parents[2] / "content")
CALENDAR = Calendar.of(LIBRARY)
DAY_S = 7 * 3600 + 1800

moments = st.integers(0, 760 * 86_400).map(lambda s: datetime(2025, 12, 1, tzinfo=UTC) + timedelta(seconds=s))
spans = st.timedeltas(timedelta(), timedelta(days=60))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@settings(max_examples=60, deadline=None)
@given(moments, spans, spans)
def test_time_adds_up(start: datetime, first: timedelta, second: timedelta) -> None:
    middle, end = start + first, start + first + second
    whole = CALENDAR.between(start, end)
    # both parts are cut to whole seconds
    assert abs(whole - CALENDAR.between(start, middle) - CALENDAR.between(middle, end)) <= 1
    assert 0 <= whole <= (end - start).total_seconds()


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(0, 40 * DAY_S), st.integers(0, 5 * DAY_S))
def test_more_work_ends_later_and_within_working_hours(start: datetime, seconds: int, more: int) -> None:
    end = CALENDAR.after(start, seconds)
    assert start <= end <= CALENDAR.after(start, seconds + more)
    assert CALENDAR.between(start, end) == seconds
    if seconds:
        assert CALENDAR.is_open(end - timedelta(microseconds=1))


@settings(max_examples=60, deadline=None)
@given(moments)
def test_nights_and_days_off_never_count(at: datetime) -> None:
    here = at.astimezone(LOCAL)
    if CALENDAR.is_open(at):
        assert CALENDAR.is_working(here.date())
        assert "07:30" <= f"{here:%H:%M}" < "11:30" or "13:30" <= f"{here:%H:%M}" < "17:00"
    assert CALENDAR.is_open(CALENDAR.opens(at))
    assert CALENDAR.between(at, CALENDAR.opens(at)) == 0


@pytest.mark.parametrize(
    ("start", "seconds", "end"),
    [
        pytest.param("2026-11-20T16:30", 3600, "2026-11-23T08:00", id="over a weekend"),
        pytest.param("2026-11-23T11:00", 3600, "2026-11-23T14:00", id="over noon"),
        pytest.param("2026-02-13T16:00", DAY_S, "2026-02-23T16:00", id="over Tết"),
        pytest.param("2026-08-21T17:00", DAY_S, "2026-08-22T17:00", id="a Saturday worked in exchange"),
        pytest.param("2026-08-28T17:00", 60, "2026-09-03T07:31", id="over the days it was exchanged for"),
        pytest.param("2026-11-23T02:00", 60, "2026-11-23T07:31", id="from the night"),
    ],
)
def test_known_spans(start: str, seconds: int, end: str) -> None:
    assert CALENDAR.after(local(start), seconds) == local(end)
    assert CALENDAR.between(local(start), local(end)) == seconds


def test_the_day_has_seven_and_a_half_hours() -> None:
    assert CALENDAR.day_s(date(2026, 11, 23)) == DAY_S
    assert CALENDAR.day_s(date(2031, 1, 2)) == DAY_S


def test_what_is_only_foreseen_is_listed() -> None:
    foreseen = {named.day for named in unconfirmed(LIBRARY, 2027)}
    assert date(2027, 2, 8) in foreseen
    assert date(2027, 4, 30) not in foreseen


def test_a_calendar_without_work_says_so() -> None:
    never = Calendar(frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(6000)), frozenset(), {})
    with pytest.raises(OverflowError):
        never.after(local("2026-11-23T08:00"), 60)
