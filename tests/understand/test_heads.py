"""Messages of a few words that only name a thing, and entries that replace one another."""

from __future__ import annotations

from datetime import date

import pytest

from bot.understand import Kind, Understanding

BEFORE, AFTER = date(2026, 12, 31), date(2027, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "số điện thoại xã",
        "so dien thoai uy ban xa",
        "cho xin số điện thoại ủy ban",
        "địa chỉ ủy ban xã",
        "ủy ban ở đâu",
        "uy ban xa o dau a",
        "mấy giờ xã làm việc",
        "xã có làm việc thứ bảy không",
        "lịch tiếp dân",
        "hôm nào chủ tịch tiếp dân",
    ],
)
def test_what_is_asked_about_the_office_leads_to_its_screen(understanding: Understanding, text: str) -> None:
    reading = understanding.read(text)
    assert (reading.kind, reading.intent) == (Kind.INTENT, "gap-nguoi")


@pytest.mark.parametrize(
    ("text", "first", "topic"),
    [
        ("bhyt", "bhyt-ho-ngheo", "bhyt"),
        ("bảo hiểm", "bhyt-ho-ngheo", "bhyt"),
        ("bao hiem y te", "bhyt-ho-ngheo", "bhyt"),
        ("vay", "vay-ho-ngheo-ho-can-ngheo", "tin-dung"),
        ("cho hỏi vay vốn ạ", "vay-ho-ngheo-ho-can-ngheo", "tin-dung"),
        ("đất", "dat-dai-vung-dan-toc-thieu-so", "dan-toc-thieu-so"),
        ("gạo", "qua-tet-gao-tet", "tro-giup-xa-hoi"),
        ("nhà", "ho-tro-nha-o-xoa-nha-tam", "nha-o"),
        ("điện", "ho-tro-tien-dien", "tien-dien"),
        ("học", "mien-hoc-phi", "giao-duc"),
        ("con tôi sắp vào lớp 1", "mien-hoc-phi", "giao-duc"),
        ("con vao lop mot", "mien-hoc-phi", "giao-duc"),
    ],
)
def test_a_thing_named_offers_what_is_asked_most_of_it(
    understanding: Understanding, text: str, first: str, topic: str
) -> None:
    reading = understanding.read(text)
    assert (reading.kind, reading.ids[0], reading.topic) == (Kind.UNSURE, first, topic)


@pytest.mark.parametrize("text", ["váy", "dắt", "ngân hàng vay nặng lãi ép nợ tôi phải làm sao", "con chó vào lớp 1"])
def test_other_words_name_nothing(understanding: Understanding, text: str) -> None:
    assert understanding.read(text).topic == ""


@pytest.mark.parametrize(
    "text",
    ["chuẩn nghèo bao nhiêu", "chuẩn nghèo là bao nhiêu", "tiêu chuẩn hộ nghèo", "chuan ngheo nong thon"],
)
def test_the_line_of_the_day_answers_where_no_year_is_named(understanding: Understanding, text: str) -> None:
    before, after = understanding.read(text, BEFORE), understanding.read(text, AFTER)
    assert (before.kind, before.ids[0]) == (Kind.ANSWER, "chuan-ngheo-2022-2026")
    assert (after.kind, after.ids[0]) == (Kind.ANSWER, "chuan-ngheo-2027-2030")


@pytest.mark.parametrize("today", [BEFORE, AFTER])
@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("chuẩn nghèo từ 1/1/2027", "chuan-ngheo-2027-2030"),
        ("chuẩn nghèo tháng 3/2027 là bao nhiêu", "chuan-ngheo-2027-2030"),
        ("chuẩn nghèo ngày 31.12.2026", "chuan-ngheo-2022-2026"),
    ],
)
def test_a_date_in_figures_decides(understanding: Understanding, today: date, text: str, entry: str) -> None:
    reading = understanding.read(text, today)
    assert (reading.kind, reading.ids[0]) == (Kind.ANSWER, entry)


def test_the_number_of_a_document_is_no_date(understanding: Understanding) -> None:
    assert "nam-2027" not in understanding.evidence("chuẩn nghèo theo nghị định 351/2027").concepts
