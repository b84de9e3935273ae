"""Personal details: what is found, what is left alone, and that masking leaves none."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.library import Library
from bot.library.private import details, masked
from tests.faq.conftest import CONTENT

LIBRARY = Library.load(CONTENT)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Bà Vàng Thị Mỷ ở thôn Đông hỏi", ["name"]),
        ("Gọi 0912 000 111 gặp anh Nam", ["phone", "name"]),
        ("gọi +84 912.000.111", ["phone"]),
        ("không chín một hai ba bốn năm sáu bảy tám", ["phone"]),
        ("CCCD 033099001234, mã 521 5026", ["number", "code"]),
        ("nguyen van a hỏi tiền điện", ["name"]),
        ("nguyễn thị hoa hỏi tiền điện", ["name"]),
        ("thư a.b@example.vn", ["mail"]),
        ("thôn Đông có nhà chạy thận", ["place", "rare"]),
        ("số nhà 12 đường Lê Lợi", ["address"]),
        ("cụ sinh năm 1956", ["born"]),
        ("Hộ nghèo ở xã Tứ Kỳ được 1.500.000 đồng từ 14/12/2026", []),
        ("UBND xã Tứ Kỳ trả lời. Bà con ra Phòng Văn hóa.", []),
        ("giá 50.000-60.000 đồng, giai đoạn 2026-2030", []),
        ("Nghị định 277/2025/NĐ-CP, gọi 111", []),
        ("Bà con nào chưa rõ thì nhắn hỏi xã", []),
        ("Thôn Đông họp lúc 19 giờ ngày 21-11-2026", []),
    ],
)
def test_details(text: str, found: list[str]) -> None:
    assert [detail.kind for detail in details(LIBRARY, text)] == found
    assert not [d for d in details(LIBRARY, masked(text, details(LIBRARY, text))) if d.kind != "place"]


def test_no_text_of_the_library_is_held_for_a_person() -> None:
    for policy in LIBRARY.policies.values():
        for text in (policy.answer, policy.broadcast, policy.parts.how):
            assert not [d for d in details(LIBRARY, text) if d.kind != "phone"], (policy.id, text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_taken_apart(text: str) -> None:
    found = details(LIBRARY, text)
    assert all(text[d.start : d.end] == d.found for d in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
