"""A table as CSV or XLSX for an office program. Nothing in it is ever run as a formula."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO

#: signs with which office programs begin a formula (OWASP, CSV injection)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDEST, _NARROWEST = 60, 8

Cell = str | int
Table = Sequence[Sequence[Cell]]


def csv_of(lines: Table) -> bytes:
    """UTF-8 with a byte order mark, without which spreadsheets garble Vietnamese."""
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_harmless(cell) for cell in line] for line in lines)
    return out.getvalue().encode("utf-8-sig")


def xlsx_of(lines: Table, title: str) -> bytes:
    """A workbook of one sheet with a heading that stays in sight."""
    # openpyxl takes numpy along when it is installed; only who asks for a workbook pays for that
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise RuntimeError("a new workbook has no sheet")
    sheet.title = title[:31]
    for number, line in enumerate(lines, start=1):
        for column, value in enumerate(line, start=1):
            cell = sheet.cell(number, column, _harmless(value))
            if number == 1:
                cell.font = Font(bold=True)
    for column in range(1, (len(lines[0]) if lines else 0) + 1):
        width = max(len(str(line[column - 1])) for line in lines) + 2
        sheet.column_dimensions[get_column_letter(column)].width = min(_WIDEST, max(_NARROWEST, width))
    sheet.freeze_panes = "A2"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
