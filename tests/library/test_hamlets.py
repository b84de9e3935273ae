"""Counts of hamlets from a spreadsheet, fault by fault."""

from __future__ import annotations

from io import BytesIO

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.hamlets import blank_sheet, read_hamlets, to_yaml
from bot.library.schema.unit import Hamlet, HamletCounts

HEAD = ["Thôn", "Năm", "Số hộ", "Hộ nghèo", "Hộ cận nghèo", "Hộ mới thoát nghèo", "Đặc biệt khó khăn"]


def sheet(*rows: list[object], head: list[str] | None = None) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in (head or HEAD, *rows):
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_rows_become_hamlets() -> None:
    read = read_hamlets(
        sheet(["Thôn An Lạc", 2026, 120, 5, 7.0, "1", "có"], ["Thôn An Lạc", 2025, "1.120", 6, None, "", "không"])
    )
    assert not read.faults
    (hamlet,) = read.hamlets
    assert hamlet.id == "thon-an-lac"
    assert hamlet.years[2026] == HamletCounts(households=120, poor=5, near_poor=7, escaped=1, difficult=True)
    assert hamlet.years[2025] == HamletCounts(households=1120, poor=6, difficult=False)


def test_a_known_hamlet_keeps_what_the_sheet_does_not_say() -> None:
    known = Hamlet(id="ban-1", name="Bản Lao", zones=("cum-1",), years={2025: HamletCounts(households=10)})
    (hamlet,) = read_hamlets(sheet(["ban lao", 2026, 12, None, None, None, None]), [known]).hamlets
    assert hamlet.id == "ban-1"
    assert hamlet.zones == ("cum-1",)
    assert set(hamlet.years) == {2025, 2026}


def test_headings_in_any_order_and_without_accents() -> None:
    read = read_hamlets(sheet([2026, "Bản Lao", 12], head=["nam", "ten thon", "tong so ho"]))
    assert read.hamlets[0].name == "Bản Lao"


def test_each_fault_names_its_row_and_nothing_is_half_read() -> None:
    read = read_hamlets(
        sheet(
            ["Thôn A", 2026, 10, 1, 1, 1, "có"],
            ["", 2026, 10, 1, 1, 1, None],
            ["Thôn B", "năm nay", 10, 1, 1, 1, None],
            ["Thôn C", 2026, "mười", 1, 1, 1, None],
            ["Thôn D", 2026, 10, 9, 9, 9, None],
            ["Thôn A", 2026, 11, 1, 1, 1, None],
            ["Thôn E", 2026, 10, -1, 1, 1, None],
            ["Thôn G", 2026, 10, 1, 1, 1, "chắc vậy"],
            ["Thôn H", 2026, None, 1, 1, 1, None],
        )
    )
    assert [fault.row for fault in read.faults] == [3, 4, 5, 6, 7, 8, 9, 10]
    assert all(fault.message and fault.mend for fault in read.faults)
    assert read.hamlets == ()


def test_a_missing_heading_and_an_empty_table_are_told() -> None:
    (fault,) = read_hamlets(sheet(["A", 2026], head=["Thôn", "Năm"])).faults
    assert fault.row == 1
    assert "Số hộ" in fault.message
    assert read_hamlets(blank_sheet()).faults[0].row == 0


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_told_not_raised(raw: bytes) -> None:
    for data in (raw, b"PK\x03\x04" + raw, sheet()[: len(raw) * 3]):
        assert read_hamlets(data).faults


WHOLE = sheet(["Thôn A", 2026, 10, 1, 1, 1, "có"], ["Thôn B", 2026, 12, 1, 1, 1, None])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=40))
def test_a_spoilt_sheet_is_told_not_raised(spoilt: list[tuple[int, int]]) -> None:
    raw = bytearray(WHOLE)
    for place, byte in spoilt:
        raw[place] = byte
    read = read_hamlets(bytes(raw))
    assert read.faults or read.hamlets


def test_what_is_read_can_be_put_into_the_units_file() -> None:
    hamlets = read_hamlets(sheet(["Thôn An Lạc", 2026, 120, 5, 7, 1, "có"])).hamlets
    block = yaml.safe_load(to_yaml(hamlets))["hamlets"]
    assert tuple(Hamlet.model_validate(one) for one in block) == hamlets
