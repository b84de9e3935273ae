"""Hamlets from a spreadsheet: one row a hamlet and year, counts only. Faults are told row by row."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import yaml

from bot.errors import say
from bot.library.schema.unit import Hamlet, HamletCounts
from bot.model.fold import clean, fold

#: an official's list of hamlets; a larger file is some other table
_MOST_ROWS = 2_000
_LARGEST_BYTES = 5_000_000
#: unpacked; a sheet that swells beyond this was made to exhaust the reader
_LARGEST_UNPACKED_BYTES = 60_000_000
#: what openpyxl lets through of its zip and XML readers, and runs into itself, on a file that is no workbook or is spoilt
_SPOILT = (KeyError, ValueError, IndexError, OSError, EOFError, SyntaxError, TypeError, AttributeError, RuntimeError)
#: years the review of households can belong to
_FIRST_YEAR, _LAST_YEAR = 2015, 2100
_COUNTS = ("households", "poor", "near_poor", "escaped")


@dataclass(frozen=True)
class RowFault:
    """What is wrong in one row (1 is the heading; 0: the whole file)."""

    row: int
    message: str
    mend: str


@dataclass(frozen=True)
class Imported:
    """The hamlets read. With any fault there are none: a half-read table would look complete."""

    hamlets: tuple[Hamlet, ...]
    faults: tuple[RowFault, ...]


def read_hamlets(raw: bytes, known: Iterable[Hamlet] = ()) -> Imported:
    """Read an XLSX of hamlet counts and join it with the hamlets already known.

    Headings are found by their words (`content.sheet.headings` of the messages), in any order and with or without
    accents. A hamlet already known keeps its id, zones and languages; a year in the file replaces that year.
    Never raises for a bad file: the faults say what is wrong.
    """
    rows, fault = _rows(raw)
    if fault:
        return Imported((), (fault,))
    columns, missing = _columns(rows[0] if rows else ())
    if missing:
        return Imported((), (_fault(1, "sheet_heading", heading=missing),))
    table = _Table(columns, {fold(hamlet.name): hamlet for hamlet in known})
    for number, row in enumerate(rows[1:], start=2):
        if any(cell not in {None, ""} for cell in row):
            table.take(number, row)
    if not table.faults and not table.seen:
        table.faults.append(_fault(0, "sheet_empty"))
    return Imported(() if table.faults else tuple(table.hamlets.values()), tuple(table.faults))


def blank_sheet() -> bytes:
    """An empty XLSX with the right headings, to be filled in."""
    from openpyxl import Workbook  # noqa: PLC0415 - see `_rows`

    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise RuntimeError("a new workbook has no sheet")
    sheet.append([words[0] for words in _headings().values()])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def to_yaml(hamlets: Iterable[Hamlet]) -> str:
    """The `hamlets:` block of a unit's file."""
    plain = [hamlet.model_dump(mode="json", exclude_defaults=True) for hamlet in hamlets]
    return yaml.safe_dump({"hamlets": plain}, allow_unicode=True, sort_keys=False, width=120)


def _headings() -> dict[str, list[str]]:
    """Column -> the words that may stand over it, the usual ones first."""
    lines = say("content.sheet.headings").strip().splitlines()
    named = (line.split(":", 1) for line in lines)
    return {column.strip(): [word.strip() for word in words.split("|")] for column, words in named}


def _fault(row: int, key: str, **told: object) -> RowFault:
    return RowFault(row, say(f"content.{key}.wrong", **told), say(f"content.{key}.mend", **told))


def _rows(raw: bytes) -> tuple[list[tuple[Any, ...]], RowFault | None]:
    # openpyxl takes numpy along when it is installed; only who reads a sheet pays for that
    from openpyxl import load_workbook  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    if len(raw) > _LARGEST_BYTES:
        return [], _fault(0, "sheet_large", limit=_LARGEST_BYTES // 1_000_000)
    try:
        with zipfile.ZipFile(BytesIO(raw)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > _LARGEST_UNPACKED_BYTES:
            return [], _fault(0, "sheet_large", limit=_LARGEST_UNPACKED_BYTES // 1_000_000)
        book = load_workbook(BytesIO(raw), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = list(sheet.iter_rows(max_row=_MOST_ROWS + 1, max_col=50, values_only=True))
    except (InvalidFileException, zipfile.BadZipFile, zlib.error, *_SPOILT):
        return [], _fault(0, "sheet_unreadable")
    if len(rows) > _MOST_ROWS:
        return [], _fault(0, "sheet_long", limit=_MOST_ROWS)
    return rows, None


def _columns(heading: Iterable[Any]) -> tuple[dict[str, int], str | None]:
    """Column -> place, and the first needed heading that is missing."""
    written = {fold(str(cell)): place for place, cell in enumerate(heading) if cell is not None}
    columns: dict[str, int] = {}
    for column, words in _headings().items():
        place = next((written[fold(word)] for word in words if fold(word) in written), None)
        if place is not None:
            columns[column] = place
        elif column in {"name", "year", "households"}:
            return {}, words[0]
    return columns, None


class _Table:
    """The rows taken so far."""

    def __init__(self, columns: Mapping[str, int], known: dict[str, Hamlet]) -> None:
        self.columns = columns
        self.hamlets = known
        self.seen: dict[tuple[str, int], int] = {}
        self.faults: list[RowFault] = []

    def take(self, number: int, row: tuple[Any, ...]) -> None:
        """Take one row, or note what is wrong with it."""
        faults: list[RowFault] = []
        name = clean(str(self._cell(row, "name") or ""))
        if not name:
            faults.append(_fault(number, "sheet_no_name"))
        year = _whole(self._cell(row, "year"))
        if year is None or not _FIRST_YEAR <= year <= _LAST_YEAR:
            faults.append(_fault(number, "sheet_year", value=self._cell(row, "year")))
        counts: dict[str, int | None] = {}
        for column in _COUNTS:
            cell = self._cell(row, column)
            counts[column] = _whole(cell)
            if cell not in {None, ""} and (counts[column] is None or (counts[column] or 0) < 0):
                faults.append(_fault(number, "sheet_count", column=_headings()[column][0], value=cell))
        difficult = self._difficult(number, row, faults)
        if not faults:
            faults += self._sums(number, counts)
        if faults or year is None:
            self.faults += faults
            return
        key = (fold(name), year)
        if key in self.seen:
            self.faults.append(_fault(number, "sheet_twice", name=name, year=year, other=self.seen[key]))
            return
        self.seen[key] = number
        self._keep(name, year, HamletCounts(**counts, difficult=difficult))

    def _cell(self, row: tuple[Any, ...], column: str) -> Any:
        place = self.columns.get(column)
        return row[place] if place is not None and place < len(row) else None

    def _difficult(self, number: int, row: tuple[Any, ...], faults: list[RowFault]) -> bool | None:
        cell = self._cell(row, "difficult")
        if cell in {None, ""}:
            return None
        words = {fold(word): value for value in ("yes", "no") for word in say(f"content.sheet.{value}").split("|")}
        told = words.get(fold(str(cell)))
        if told is None:
            faults.append(_fault(number, "sheet_yes_no", value=cell))
        return told == "yes"

    @staticmethod
    def _sums(number: int, counts: Mapping[str, int | None]) -> Iterator[RowFault]:
        households = counts["households"]
        if households is None:
            yield _fault(number, "sheet_no_households")
        elif sum(counts[name] or 0 for name in ("poor", "near_poor", "escaped")) > households:
            yield _fault(number, "sheet_over", households=households)

    def _keep(self, name: str, year: int, counts: HamletCounts) -> None:
        key = fold(name)
        hamlet = self.hamlets.get(key)
        if hamlet is None:
            hamlet = Hamlet(id=self._id(key), name=name)
        self.hamlets[key] = hamlet.model_copy(update={"years": {**hamlet.years, year: counts}})

    def _id(self, folded: str) -> str:
        """A slug not used yet: the folded name, a number behind it if it is taken."""
        slug = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in folded).split())[:50] or "thon"
        taken = {hamlet.id for hamlet in self.hamlets.values()}
        if slug not in taken:
            return slug
        return next(f"{slug}-{n}" for n in range(2, _MOST_ROWS + 3) if f"{slug}-{n}" not in taken)


def _whole(cell: object) -> int | None:
    """A whole number from a cell: 120, 120.0 or "1.200" as it is typed in Vietnam."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else None
    text = str(cell or "").strip()
    parts = text.split(".")
    grouped = len(parts) == 1 or (1 <= len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:]))
    digits = "".join(parts)
    return int(digits) if grouped and digits.isascii() and digits.isdigit() and len(digits) <= 9 else None
