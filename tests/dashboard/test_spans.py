"""Spans of days beside quarters: those of reports, those that were named, and what two of them together must not tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations, product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot import dashboard, report_spans, span_figures
from bot.dashboard import Figures, Quarter
from bot.disclosure import given_away, is_small
from bot.library import Library
from bot.model.official import Official
from bot.report_spans import Span, TooManySpansError, WrongSpanError
from bot.store import Store, audit
from bot.store.case_desk import Eye
from tests.casework.conftest import LIBRARY
from tests.dashboard.test_figures import NOW, OTHER_TOPIC, TOPIC, UNIT, Filling, filling, sees, told, viewer

__all__ = ["filling", "viewer"]
ON = NOW.date()
#: of the plan of Tu Ky: due on 10 November
REPORT = Span(date(2025, 11, 11), date(2026, 11, 10))
PLACE = "xa-dak-doa"


async def look(store: Store, looking: Eye, span: Span, *others: Span, unit: str = UNIT) -> Figures:
    async with store.read() as tx:
        return await span_figures.figures(tx, looking, LIBRARY, unit, span, others=others, now=NOW)


def test_report_spans_follow_the_plan() -> None:
    """Six months due on 20 May begin after the year's report before; the year's take a whole year."""
    days = [
        (one.cycle, one.span, one.due, one.is_past) for one in report_spans.reports(LIBRARY, PLACE, date(2026, 5, 1))
    ]
    half = Span(date(2025, 10, 31), date(2026, 5, 20))
    assert ("half-year", half, date(2026, 5, 20), True) in days
    assert ("year", Span(date(2025, 10, 31), date(2026, 10, 30)), date(2026, 10, 30), True) in days
    assert len(days) == len(set(days)), "several senders on one day are one report"
    [soon] = report_spans.due_soon(LIBRARY, PLACE, date(2026, 5, 1))
    assert soon.span == half
    assert "20/5/2026" in soon.title
    assert "hết kỳ" in soon.title
    assert report_spans.due_soon(LIBRARY, PLACE, date(2026, 5, 21)) == ()
    assert REPORT in {one.span for one in report_spans.reports(LIBRARY, UNIT, ON)}
    assert report_spans.reports(LIBRARY, "nowhere", ON) == ()


def test_a_plan_above_counts_and_a_half_year_alone_goes_back_a_year() -> None:
    plan = LIBRARY.plans["dak-doa-2022-2025"]
    alone = plan.model_copy(update={"reports": tuple(one for one in plan.reports if one.cycle == "half-year")})
    library: Library = replace(LIBRARY, plans={alone.id: alone})
    [one] = [one for one in report_spans.reports(library, PLACE, date(2026, 5, 1)) if one.due.year == 2026]
    assert one.span == Span(date(2025, 5, 21), date(2026, 5, 20))


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("", ""),
        ("2026-02-30", "2026-05-01"),
        ("2026-05-20", "2026-01-01"),
        ("2026-05-01", "2026-05-27"),
        ("2019-12-31", "2020-06-01"),
        ("2020-01-01", "2026-01-01"),
        ("2026-12-01", "2027-06-01"),
        ("2026-10-01", "9999-01-01"),
    ],
)
def test_days_that_are_no_span(since: str, until: str) -> None:
    with pytest.raises(WrongSpanError):
        Span.read(since, until, ON)


def test_a_span_reads_as_it_writes() -> None:
    span = Span.read("2026-01-01", "2026-05-20", ON)
    assert str(span) == "2026-01-01..2026-05-20"
    assert span.bounds[0] == datetime.fromisoformat("2026-01-01T00:00:00+07:00")
    assert span.bounds[1] == datetime.fromisoformat("2026-05-21T00:00:00+07:00")


async def test_a_span_counts_its_days_both_ends_included(store: Store, filling: Filling, viewer: Official) -> None:
    looking = await sees(store, viewer)
    await filling.put(6, opened="2025-11-11T00:00:00+07:00")
    await filling.put(7, opened="2026-11-10T23:59:00+07:00", topic=OTHER_TOPIC, source="tai-cho")
    await filling.put(9, opened="2025-11-10T23:59:00+07:00")
    await filling.put(9, opened="2026-11-11T00:00:00+07:00")
    found = await look(store, looking, REPORT)
    assert found.cases == 13
    assert told(found.table("topic")) == {OTHER_TOPIC: 7, TOPIC: 6}
    assert told(found.table("source")) == {"tai-cho": 7, "bot": 6}
    assert found.table("month").rows == ()
    assert found.table("quarter").rows == ()


async def test_what_a_quarter_leaves_over_is_not_told(store: Store, filling: Filling, viewer: Official) -> None:
    """The span is the quarter and some days more: two cases of one topic in these days would be told by subtracting."""
    looking = await sees(store, viewer)
    span = Span(date(2026, 7, 1), date(2026, 10, 20))
    for topic, inside, after in ((TOPIC, 9, 8), (OTHER_TOPIC, 12, 2), ("", 7, 9)):
        await filling.put(inside, opened="2026-08-02T08:00:00+07:00", topic=topic)
        await filling.put(after, opened="2026-10-05T08:00:00+07:00", topic=topic)
    quarter = await look_quarter(store, looking, Quarter(2026, 3))
    assert told(quarter.table("topic"))[OTHER_TOPIC] == 12
    found = await look(store, looking, span)
    assert found.cases == 47
    topics = told(found.table("topic"))
    assert topics[OTHER_TOPIC] is None
    assert sum(number is None for number in topics.values()) > 1, "one alone would be told by the sum"


async def look_quarter(store: Store, looking: Eye, quarter: Quarter) -> Figures:
    async with store.read() as tx:
        return await dashboard.figures(tx, looking, LIBRARY, UNIT, quarter, now=NOW)


async def test_a_sum_that_nearly_repeats_another_is_not_told(store: Store, filling: Filling, viewer: Official) -> None:
    looking = await sees(store, viewer)
    await filling.put(20, opened="2026-02-02T08:00:00+07:00", answered_at=NOW, state="da-tra-loi")
    await filling.put(3, opened="2026-04-01T08:00:00+07:00")
    found = await look(store, looking, Span(date(2026, 1, 1), date(2026, 4, 1)))
    assert (found.cases, found.late, found.median_days, found.rating) == (None, None, None, None)
    assert not {"topic", "state", "late"} & {one.id for one in found.tables}
    # the other way round: a span that is all of the quarter but a few
    short = await look(store, looking, Span(date(2026, 1, 1), date(2026, 2, 28)))
    assert short.cases == 20
    await filling.put(2, opened="2026-03-03T08:00:00+07:00")
    assert (await look(store, looking, Span(date(2026, 1, 1), date(2026, 2, 28)))).cases is None


async def test_two_quarters_and_a_few_days(store: Store, filling: Filling, viewer: Official) -> None:
    """Neither quarter alone leaves a small rest, both together do."""
    looking = await sees(store, viewer)
    await filling.put(20, opened="2026-02-02T08:00:00+07:00")
    await filling.put(20, opened="2026-05-02T08:00:00+07:00")
    await filling.put(2, opened="2026-07-02T08:00:00+07:00")
    assert (await look(store, looking, Span(date(2026, 1, 1), date(2026, 7, 5)))).cases is None
    assert (await look(store, looking, Span(date(2026, 1, 1), date(2026, 6, 30)))).cases == 40


async def test_two_spans_that_leave_a_day_between_them(store: Store, filling: Filling, viewer: Official) -> None:
    looking = await sees(store, viewer)
    await filling.put(20, opened="2026-02-02T08:00:00+07:00")
    await filling.put(1, opened="2026-02-15T08:00:00+07:00")
    await filling.put(20, opened="2026-03-02T08:00:00+07:00")
    first, second = Span(date(2026, 1, 1), date(2026, 2, 14)), Span(date(2026, 2, 16), date(2026, 3, 31))
    assert (await look_quarter(store, looking, Quarter(2026, 1))).cases == 41
    assert (await look(store, looking, first)).cases == 20
    assert (await look(store, looking, second, first)).cases is None


async def test_a_span_looks_at_those_asked_for_before_it(store: Store, viewer: Official) -> None:
    one, two = Span(date(2026, 1, 1), date(2026, 2, 14)), Span(date(2026, 2, 16), date(2026, 3, 31))
    for span, at in ((one, NOW), (two, NOW + timedelta(minutes=1))):
        async with store.write() as tx:
            await report_spans.ask(tx, viewer, LIBRARY, UNIT, span, on=ON, at=at)
    async with store.read() as tx:
        due = {every.span for every in report_spans.reports(LIBRARY, UNIT, ON)}
        assert await report_spans.before(tx, LIBRARY, UNIT, one, ON) == due
        assert await report_spans.before(tx, LIBRARY, UNIT, two, ON) == due | {one}
        assert await report_spans.before(tx, LIBRARY, UNIT, REPORT, ON) == due - {REPORT}


DAYS = st.integers(0, 180)
SPANS = st.lists(st.tuples(DAYS, DAYS).filter(lambda ends: abs(ends[1] - ends[0]) >= 28), min_size=1, max_size=4)


@given(SPANS, st.dictionaries(DAYS, st.integers(1, 9), max_size=8))
@example([(0, 44), (46, 89)], {10: 20, 45: 1, 60: 20})
@settings(max_examples=150, deadline=None)
def test_no_sum_of_shown_numbers_is_a_small_one(ends: list[tuple[int, int]], days: dict[int, int]) -> None:
    """Up to three shown numbers, added and subtracted so that each day counts once or not at all."""
    new_year = date(2026, 1, 1)
    brought = {new_year + timedelta(days=day): many for day, many in days.items()}

    def many_in(span: Span) -> int:
        return sum(many for day, many in brought.items() if span.has(day))

    quarters = [Span(date(2026, 1, 1), date(2026, 3, 31)), Span(date(2026, 4, 1), date(2026, 6, 30))]
    shown = [one for one in quarters if not is_small(many_in(one))]
    named: list[Span] = []
    for end in ends:
        span = Span(*sorted(new_year + timedelta(days=day) for day in end))
        counts = [{"a": many_in(piece)} for piece in span_figures.pieces(span, named)]
        if not given_away({"a": many_in(span)}, counts):
            shown.append(span)
        named.append(span)
    cuts = {day for span in shown for day in (span.since, span.until + timedelta(days=1))}
    for many in (1, 2, 3):
        for some in combinations(shown, many):
            for signs in product((1, -1), repeat=many):
                signed = list(zip(signs, some, strict=True))
                if {sum(sign for sign, one in signed if one.has(day)) for day in cuts} <= {0, 1}:
                    assert not is_small(sum(sign * many_in(one) for sign, one in signed)), signed


async def test_spans_named_before_count_too(store: Store, filling: Filling, viewer: Official) -> None:
    looking = await sees(store, viewer)
    await filling.put(20, opened="2026-02-02T08:00:00+07:00")
    await filling.put(9, opened="2026-04-02T08:00:00+07:00")
    await filling.put(1, opened="2026-05-20T08:00:00+07:00")
    short, long = Span(date(2026, 1, 15), date(2026, 5, 19)), Span(date(2026, 1, 15), date(2026, 5, 20))
    assert (await look(store, looking, long)).cases == 30
    assert (await look(store, looking, long, short)).cases is None


async def test_a_span_into_days_to_come_is_no_way_round(store: Store, filling: Filling, viewer: Official) -> None:
    """Neither lies within the other, and only one day of what they do not share is over."""
    looking = await sees(store, viewer)
    await filling.put(20, opened="2026-10-05T08:00:00+07:00")
    await filling.put(1, opened="2026-10-01T08:00:00+07:00")
    assert (await look_quarter(store, looking, Quarter(2026, 4))).cases == 21
    later = Span.read("2026-10-02", "2027-01-02", ON)
    assert (await look(store, looking, later)).cases is None


async def test_a_span_is_named_once_and_not_too_often(store: Store, viewer: Official, filling: Filling) -> None:
    async def ask(span: Span, at: datetime = NOW) -> None:
        async with store.write() as tx:
            await report_spans.ask(tx, viewer, LIBRARY, UNIT, span, on=ON, at=at)

    async def shown(span: Span) -> bool:
        async with store.read() as tx:
            return await report_spans.may_show(tx, LIBRARY, UNIT, span, ON)

    assert await shown(REPORT)
    await ask(REPORT)
    spans = [
        Span(date(2026, 1, 1), date(2026, 3, 1) + timedelta(days=by)) for by in range(report_spans.MOST_A_YEAR + 1)
    ]
    assert not await shown(spans[0])
    for span in spans[:-1]:
        await ask(span)
        await ask(span)
    async with store.read() as tx:
        lines = await audit.page(tx, what=report_spans.ASKED, limit=100)
        assert len(lines) == report_spans.MOST_A_YEAR
        assert (lines[-1].ref, lines[-1].detail) == (f"figures:{UNIT}", {"span": "2026-01-01..2026-03-01"})
        assert await report_spans.asked(tx, "xa-muong-ang") == ()
        assert len(await report_spans.asked(tx, UNIT)) == len(lines)
    with pytest.raises(TooManySpansError):
        await ask(spans[-1])
    await ask(spans[-1], NOW + timedelta(days=366))
    assert await shown(spans[-1])


def test_pieces_cut_the_quarters_at_every_end() -> None:
    span, other = Span(date(2026, 2, 1), date(2026, 5, 20)), Span(date(2026, 3, 1), date(2026, 9, 9))
    assert [str(one) for one in span_figures.pieces(span, [other])] == [
        "2026-01-01..2026-01-31",
        "2026-02-01..2026-02-28",
        "2026-03-01..2026-03-31",
        "2026-04-01..2026-05-20",
        "2026-05-21..2026-06-30",
    ]


def test_what_is_given_away() -> None:
    assert given_away({"a": 9, "b": 8}, []) == set()
    assert given_away({"a": 9, "b": 8}, [{"a": 6, "b": 2}, {"a": 0, "b": 0}]) == {"b"}
    assert given_away({"a": 9, "b": 8}, [{"a": 2, "b": 1}]) == {"a", "b"}
