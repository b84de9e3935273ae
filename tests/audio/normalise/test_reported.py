"""What is read all the same and reported: pictures that nobody hears, and days that no calendar has."""

from __future__ import annotations

import pytest

from audio.normalise import read


@pytest.mark.parametrize(
    ("written", "spoken", "found"),
    [
        ("☺ 🎉 ★ Chúc mừng", "Chúc mừng", ["☺", "🎉", "★"]),
        ("Chúc mừng ☺ bà con 🎉", "Chúc mừng bà con", ["☺", "🎉"]),
        ("Họp thôn ❖ lúc 7 giờ", "Họp thôn lúc bảy giờ", ["❖"]),
        ("• Họp thôn", "Họp thôn", []),
        ("✔ Họp thôn", "Họp thôn", []),
    ],
)
def test_a_picture_is_silent_and_reported_a_list_mark_is_not(written: str, spoken: str, found: list[str]) -> None:
    told = read(written)
    assert told.text == spoken
    assert [(one.kind, one.text) for one in told.residue] == [("decoration", one) for one in found]
    assert all(written[one.start : one.end] == one.text for one in told.residue)
    assert told.unread == (), "no official is asked for a word about it"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Họp ngày 31/4/2026.", ["31/4/2026"]),
        ("Hạn đến 29/2/2027", ["29/2/2027"]),
        ("Hạn đến 29/2/2028", []),
        ("Hạn đến ngày 29/2", []),
        ("Họp ngày 30/2", ["30/2"]),
        ("Từ 1/2 đến 31/6/2026", ["31/6/2026"]),
        ("Từ ngày 10-31/4/2026", ["10-31/4/2026"]),
        ("Từ ngày 1-15/9/2026, tháng 9/2026, 31/12/2026", []),
    ],
)
def test_a_day_no_calendar_has_is_reported(written: str, found: list[str]) -> None:
    told = read(written)
    assert [(one.kind, one.text, one.soft) for one in told.residue] == [
        ("impossible-date", one, False) for one in found
    ]
    assert told.unread == told.residue


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("P. Văn hoá - XH xã", "phòng Văn hoá - xã hội xã"),
        ("P. Kinh tế", "phòng Kinh tế"),
        ("P. VHXH", "phòng văn hóa xã hội"),
        ("P. Bến Nghé", "phường Bến Nghé"),
    ],
)
def test_an_office_is_no_ward(written: str, spoken: str) -> None:
    assert read(written).text == spoken
