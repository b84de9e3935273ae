"""Lunch at kindergarten and meals of boarding pupils share their words; the child's class or age tells them apart."""

from __future__ import annotations

import pytest

from bot.understand import Understanding

KINDERGARTEN, PUPILS = "an-trua-tre-mau-giao", "hoc-sinh-ban-tru-vung-kho-khan"


@pytest.mark.parametrize(
    "text",
    [
        "chau toi hoc lop 2 co duoc an trua mien phi khong",
        "con toi hoc tieu hoc o ban, truong co cho an trua khong mat tien khong",
        "con toi hoc lop 7 co tien an khong",
        "cháu tôi học cấp 2 có được ăn trưa không",
        "con học lớp ba thì tiền cơm trưa có được hỗ trợ không",
        "cháu học trung học cơ sở có tiền ăn trưa không",
        "con 8 tuổi có tiền ăn trưa không",
        "con em vào lớp 1 có tiền ăn không",
    ],
)
def test_a_pupil_is_not_led_to_kindergarten(understanding: Understanding, text: str) -> None:
    ranked = understanding.ranked_ids(text)
    assert PUPILS in ranked
    assert KINDERGARTEN not in ranked[: ranked.index(PUPILS)]


@pytest.mark.parametrize(
    "text",
    [
        "bé 4 tuổi đi học có được ăn trưa không",
        "bé 3 tuổi ăn trưa ở lớp được bao nhiêu tiền",
        "be hoc mau giao co duoc cap gao ban tru khong",
        "năm tuổi sắp vô lớp một còn được tiền cơm không",
        "con hoc lop choi co tien an trua khong",
    ],
)
def test_a_small_child_is_not_led_to_boarding_pupils(understanding: Understanding, text: str) -> None:
    assert understanding.ranked_ids(text)[0] == KINDERGARTEN


@pytest.mark.parametrize(
    "text",
    ["chau toi hoc lop 2 co duoc an trua mien phi khong", "nha toi dot muon sua", "tiền ăn trưa"],
)
def test_a_third_that_little_speaks_for_is_left_out(understanding: Understanding, text: str) -> None:
    assert len(understanding.ranked_ids(text)) == 2
