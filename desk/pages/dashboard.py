"""Figures: a unit's quarter as charts and tables, all units of a quarter, and the same as CSV."""

from __future__ import annotations

import csv
import io

from starlette.responses import Response

from bot import dashboard
from bot.casework import export, sight
from bot.dashboard import Figures, Quarter, Table
from bot.errors import say, told_under
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
    """One unit and quarter."""
    unit, quarter = visit.unit("report-read"), _quarter(visit)
    async with visit.office.store.read() as tx:
        eye = sight.eye(visit.official, visit.library)
        figures = await _figures(tx, eye, visit, unit, quarter)
        is_matched = (await case_moves.fingerprints(tx)).get(visit.official.id) == eye.fingerprint
    return visit.page(
        "dashboard.html",
        figures=figures,
        unit=unit,
        places=visit.reached("report-read"),
        quarter=quarter,
        quarters=dashboard.quarters(visit.office.clock.today()),
        is_matched=is_matched,
        may_answer=opens(visit.official, "entry-correct|case-answer"),
        measures=told_under("figures.measure"),
        spelled=spelled,
        bars=BARS,
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
    unit, quarter = visit.unit("report-read"), _quarter(visit)
    async with visit.office.store.read() as tx:
        figures = await _figures(tx, sight.eye(visit.official, visit.library), visit, unit, quarter)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(told_under("figures.columns").values())
    writer.writerows([export.safe(cell) for cell in line] for line in _lines(figures))
    name = f"{say('figures.file')}-{unit}-{quarter}.csv"
    held = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=held)


PAGES: tuple[Page, ...] = (
    Page(PATH, "report-read", shown),
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


async def _figures(tx: Tx, eye: Eye, visit: Visit, unit: str, quarter: Quarter) -> Figures:
    return await dashboard.figures(tx, eye, visit.library, unit, quarter, now=visit.office.clock.now())


def _quarter(visit: Visit) -> Quarter:
    """The quarter meant by `?quy=`, else this one; raises `MissingError` for none that can be shown."""
    today = visit.office.clock.today()
    asked = visit.query("quy", 8)
    try:
        return Quarter.read(asked, today) if asked else Quarter.of(today)
    except ValueError:
        raise MissingError from None
