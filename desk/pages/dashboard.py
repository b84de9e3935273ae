"""Figures: a unit's quarter, or another span of days, as charts and tables, all units of a quarter, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from starlette.responses import Response

from bot import dashboard, report_spans, span_figures
from bot.casework import export, sight
from bot.dashboard import Figures, Quarter, Table
from bot.errors import LoaThonError, say, told_under
from bot.report_spans import Span
from bot.store import Tx, case_moves
from bot.store.case_desk import Eye
from desk.office import opens
from desk.page import Page
from desk.refused import MissingError
from desk.visit import Visit

PATH = "/ban/so-lieu"
#: bars of a chart; what comes after them stands in the table alone
BARS = 12


async def shown(visit: Visit) -> Response:
    """One unit and quarter, or a span of days that may be shown."""
    unit, period, today = visit.unit("report-read"), _period(visit), visit.office.clock.today()
    async with visit.office.store.read() as tx:
        eye = sight.eye(visit.official, visit.library)
        figures = await _figures(tx, eye, visit, unit, period)
        is_matched = (await case_moves.fingerprints(tx)).get(visit.official.id) == eye.fingerprint
    span = period if isinstance(period, Span) else None
    return visit.page(
        "dashboard.html",
        figures=figures,
        unit=unit,
        places=visit.reached("report-read"),
        quarter=period,
        span=span,
        query=f"tu={span.since}&den={span.until}" if span else f"quy={period}",
        quarters=dashboard.quarters(today),
        is_matched=is_matched,
        may_answer=opens(visit.official, "entry-correct|case-answer"),
        measures=told_under("figures.measure"),
        spelled=spelled,
        bars=BARS,
    )


async def spans(visit: Visit) -> Response:
    """The spans there are besides quarters, and a form to name another."""
    return await _spans(visit, {"tu": visit.query("tu", 10), "den": visit.query("den", 10)})


async def named(visit: Visit) -> Response:
    """A span of days named for the first time: written down, then shown."""
    unit, office, typed = visit.unit("report-read"), visit.office, {one: visit.text(one, 10) for one in ("tu", "den")}
    on = office.clock.today()
    try:
        span = Span.read(typed["tu"], typed["den"], on)
        async with office.store.write() as tx:
            at = office.clock.true()
            await report_spans.ask(tx, visit.official, visit.library, unit, span, on=on, at=at)
    except LoaThonError as error:
        return await _spans(visit, typed, str(error))
    return visit.onward(f"{PATH}?xa={unit}&tu={span.since}&den={span.until}")


async def _spans(visit: Visit, typed: Mapping[str, str], wrong: str = "") -> Response:
    unit = visit.unit("report-read")
    async with visit.office.store.read() as tx:
        asked = await report_spans.asked(tx, unit)
    return visit.page(
        "dashboard_spans.html",
        status=400 if wrong else 200,
        wrong=wrong,
        unit=unit,
        places=visit.reached("report-read"),
        reports=report_spans.reports(visit.library, unit, visit.office.clock.today()),
        spans=asked,
        typed=typed,
    )


async def by_unit(visit: Visit) -> Response:
    """All units within reach in one quarter."""
    quarter = _quarter(visit)
    async with visit.office.store.read() as tx:
        table = await dashboard.by_unit(tx, sight.eye(visit.official, visit.library), visit.library, quarter)
    return visit.page(
        "dashboard_units.html",
        table=table,
        quarter=quarter,
        quarters=dashboard.quarters(visit.office.clock.today()),
        measures=told_under("figures.measure"),
        spelled=spelled,
        bars=BARS,
    )


async def as_csv(visit: Visit) -> Response:
    """The same figures as a file, with the same numbers hidden."""
    unit, period = visit.unit("report-read"), _period(visit)
    async with visit.office.store.read() as tx:
        figures = await _figures(tx, sight.eye(visit.official, visit.library), visit, unit, period)
    if figures is None:
        raise MissingError
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(told_under("figures.columns").values())
    writer.writerows([export.safe(cell) for cell in line] for line in _lines(figures))
    name = f"{say('figures.file')}-{unit}-{period}.csv"
    held = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=held)


PAGES: tuple[Page, ...] = (
    Page(PATH, "report-read", shown),
    Page(f"{PATH}/ky", "report-read", spans, named),
    Page(f"{PATH}/noi", "report-read", by_unit),
    Page(f"{PATH}/so-lieu.csv", "report-read", as_csv),
)


def spelled(number: float | None) -> str:
    """As it is written in Vietnam: a comma before the decimals, a point after thousands."""
    if number is None:
        return say("figures.hidden")
    told = f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"
    return told.translate(str.maketrans(",.", ".,"))


def _lines(figures: Figures) -> list[tuple[str, ...]]:
    whole, measures = told_under("figures.whole"), told_under("figures.measure")
    numbers = {
        "cases": (figures.cases, "ho-so"),
        "late": (figures.late, "ho-so"),
        "median_days": (figures.median_days, "ngay"),
        "median_hours": (figures.median_hours, "gio"),
        "rating": (figures.rating, "diem"),
    }
    first = [
        (figures.quarter.title, whole[name], spelled(number), measures[unit])
        for name, (number, unit) in numbers.items()
    ]
    return first + [line for table in figures.tables for line in _of_table(table, measures)]


def _of_table(table: Table, measures: dict[str, str]) -> list[tuple[str, ...]]:
    return [(table.title, row.title, spelled(row.number), measures[table.measure]) for row in table.rows]


async def _figures(tx: Tx, eye: Eye, visit: Visit, unit: str, period: Quarter | Span) -> Figures | None:
    """The figures; None for a span that has to be named first."""
    library, now, today = visit.library, visit.office.clock.now(), visit.office.clock.today()
    if isinstance(period, Quarter):
        return await dashboard.figures(tx, eye, library, unit, period, now=now)
    if not await report_spans.may_show(tx, library, unit, period, today):
        return None
    others = await report_spans.before(tx, library, unit, period, today)
    return await span_figures.figures(tx, eye, library, unit, period, others=others, now=now)


def _period(visit: Visit) -> Quarter | Span:
    """The span meant by `?tu=` and `?den=`, else the quarter; raises `MissingError` for none that can be shown."""
    since, until = visit.query("tu", 10), visit.query("den", 10)
    try:
        return Span.read(since, until, visit.office.clock.today()) if since or until else _quarter(visit)
    except report_spans.WrongSpanError:
        raise MissingError from None


def _quarter(visit: Visit) -> Quarter:
    """The quarter meant by `?quy=`, else this one; raises `MissingError` for none that can be shown."""
    today = visit.office.clock.today()
    asked = visit.query("quy", 8)
    try:
        return Quarter.read(asked, today) if asked else Quarter.of(today)
    except ValueError:
        raise MissingError from None
