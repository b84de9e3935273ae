"""Cases as rows, for a spreadsheet: one case a row, no words of households, no names; formulas are only text there."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

from bot.casework import limits
from bot.errors import say
from bot.library import Library
from bot.library.schema.says import Says
from bot.settings import LOCAL
from bot.store import Tx, case_desk
from bot.store.case_desk import Asker, DeskCase, Eye, Filters

#: rows fetched at a time
AT_ONCE = 500
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


def as_csv(lines: Iterable[Sequence[str]]) -> bytes:
    """A CSV file that spreadsheets open with its accents."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(headings())
    writer.writerows([safe(cell) for cell in line] for line in lines)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(lines: Iterable[Sequence[str]]) -> bytes:
    """An XLSX file of one sheet; every cell is text. Blocks: run it in a thread."""
    # imported here: it draws in numpy where that is installed, which a desk without exports does without
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet(say("casework.sheet"))
    sheet.append(list(headings()))
    for line in lines:
        sheet.append([safe(cell) for cell in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


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
