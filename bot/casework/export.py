"""Cases as rows, for a spreadsheet: one case a row, no words of households, no names; formulas are only text there."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import BinaryIO

from bot.casework import limits
from bot.errors import LoaThonError, say
from bot.library import Library
from bot.library.schema.says import Says
from bot.settings import LOCAL
from bot.store import Tx, case_desk
from bot.store.case_desk import Asker, DeskCase, Eye, Filters

#: rows fetched at a time
AT_ONCE = 500
#: rows of a spreadsheet: making a larger one would keep the machine from its other work for minutes
XLSX_MOST = 50_000
#: signs by which a spreadsheet takes a cell for a formula (OWASP, CSV injection); tab and return hide them
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
COLUMNS = (
    "code",
    "kind",
    "state",
    "unit",
    "hamlet",
    "topic",
    "body",
    "source",
    "opened",
    "due",
    "answered",
    "closed",
    "late",
    "cause",
    "reopened",
    "askers",
    "rating",
)


async def rows(tx: Tx, eye: Eye, library: Library, wanted: Filters, *, now: datetime) -> AsyncIterator[tuple[str, ...]]:
    """One row a case the official sees, in the order of `COLUMNS`, newest first."""
    after: tuple[datetime | None, int] | None = None
    while True:
        found = await case_desk.page(tx, eye, wanted, order="new", after=after, limit=AT_ONCE)
        waiting = await case_desk.askers(tx, [one.id for one in found])
        by_case: dict[int, list[Asker]] = {}
        for asker in waiting:
            by_case.setdefault(asker.case_id, []).append(asker)
        for one in found:
            yield _row(library, one, by_case.get(one.id, []), now)
        if len(found) < AT_ONCE:
            return
        after = (found[-1].opened_at, found[-1].id)


def headings() -> tuple[str, ...]:
    """The titles of the columns."""
    return tuple(say(f"casework.columns.{name}") for name in COLUMNS)


class TooManyRowsError(LoaThonError):
    """casework.too_many_rows"""


async def write(tx: Tx, eye: Eye, library: Library, wanted: Filters, *, form: str, out: BinaryIO, now: datetime) -> int:
    """Write the cases as `csv` or `xlsx`, some at a time, so that memory does not grow with them; how many they were.

    Raises `TooManyRowsError` for more than `XLSX_MOST` in a spreadsheet, `KeyError` for another form.
    """
    if form == XLSX and await case_desk.count(tx, eye, wanted) > XLSX_MOST:
        raise TooManyRowsError(most=XLSX_MOST)
    file = _FILES[form](out)
    count, batch = 0, []
    try:
        async for row in rows(tx, eye, library, wanted, now=now):
            batch.append(row)
            if len(batch) == AT_ONCE:
                count += len(batch)
                await asyncio.to_thread(file.add, batch)
                batch = []
        await asyncio.to_thread(file.add, batch)
    finally:
        # a sheet half written holds a file of its own
        await asyncio.to_thread(file.end)
    return count + len(batch)


class _Csv:
    """A CSV file that spreadsheets open with its accents. Blocks."""

    def __init__(self, out: BinaryIO) -> None:
        self._text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
        self._writer = csv.writer(self._text, lineterminator="\r\n")
        self._writer.writerow(headings())

    def add(self, lines: Iterable[Sequence[str]]) -> None:
        self._writer.writerows([safe(cell) for cell in line] for line in lines)

    def end(self) -> None:
        self._text.detach()


class _Xlsx:
    """An XLSX file of one sheet; every cell is text. Blocks."""

    def __init__(self, out: BinaryIO) -> None:
        # imported here: it draws in numpy where that is installed, which a desk without exports does without
        from openpyxl import Workbook  # noqa: PLC0415

        self._out, self._book = out, Workbook(write_only=True)
        self._sheet = self._book.create_sheet(say("casework.sheet"))
        self._sheet.append(list(headings()))

    def add(self, lines: Iterable[Sequence[str]]) -> None:
        for line in lines:
            self._sheet.append([safe(cell) for cell in line])

    def end(self) -> None:
        self._book.save(self._out)


CSV, XLSX = "csv", "xlsx"
_FILES: dict[str, type[_Csv | _Xlsx]] = {CSV: _Csv, XLSX: _Xlsx}


def safe(cell: str) -> str:
    """A cell no spreadsheet runs: what begins like a formula gets an apostrophe in front; control signs go."""
    plain = "".join(sign for sign in cell if sign.isprintable() or sign in "\t\r\n")
    return f"'{plain}" if plain.lstrip(" ").startswith(_FORMULA) else plain


def _row(library: Library, one: DeskCase, asking: Sequence[Asker], now: datetime) -> tuple[str, ...]:
    labels = library.phrase(Says).labels
    unit, topic = library.units.get(one.unit), library.topics.get(one.topic)
    body = next((b.name for b in unit.bodies if b.id == one.body), "") if unit else ""
    rated = [asker.rating for asker in asking if asker.rating is not None]
    late = limits.is_late(one, now)
    return (
        one.code,
        labels.get(f"case-{one.kind}", one.kind),
        labels.get(f"state-{one.state}", one.state),
        unit.name if unit else "",
        one.hamlet,
        topic.title if topic else "",
        body,
        say(f"casework.source.{one.source}"),
        _moment(one.opened_at),
        _moment(one.due_at),
        _moment(one.answered_at),
        _moment(one.closed_at),
        say("casework.yes") if late else "",
        say(f"casework.late.{limits.cause(one).value}") if late else "",
        str(one.reopened or ""),
        str(len(asking)),
        f"{sum(rated) / len(rated):.1f}" if rated else "",
    )


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(LOCAL):%d/%m/%Y %H:%M}" if at else ""
