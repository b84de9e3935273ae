"""What a household sees, by day, unit and what is known of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.library import EntryKey, Library, Overlay, Published, Signature, Status, airable, answer, is_signed
from bot.library.render import day_text, figure_text
from bot.library.schema.policy import Policy

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal(1500000), "1.500.000"),
        (Decimal("7.488"), "7,488"),
        (Decimal("7.80"), "7,8"),
        (Decimal(540), "540"),
        (Decimal("1E+3"), "1.000"),
        (Decimal("-12.5"), "-12,5"),
        (date(2026, 12, 4), "4/12/2026"),
        ("111", "111"),
    ],
)
def test_figures_are_written_the_vietnamese_way(value: Any, text: str) -> None:
    assert figure_text(value) == text


def test_the_figure_is_that_of_the_day(shelf: Any) -> None:
    shelf.policy()
    library = shelf.load()
    assert "500.000 đồng một tháng" in answer(library, "tien-dien", date(2026, 6, 30)).text
    assert "540.000 đồng một tháng" in answer(library, "tien-dien", date(2026, 7, 1)).text


def test_a_figure_of_another_day_says_so_and_stays_off_the_air(shelf: Any) -> None:
    record = shelf.policy()
    record["amounts"]["muc"]["values"][1]["valid_to"] = date(2026, 12, 31)
    shelf.put("policies", record)
    library = shelf.load()
    assert airable(library, "tien-dien", date(2026, 12, 31))
    later = answer(library, "tien-dien", date(2027, 1, 1))
    assert "540.000 đồng một tháng (mức đến ngày 31/12/2026)" in later.text
    assert not later.airable


def test_an_ended_entry_says_so_and_keeps_its_last_figure(shelf: Any) -> None:
    shelf.policy(valid_to=date(2026, 8, 31))
    seen = answer(shelf.load(), "tien-dien", TODAY)
    assert seen.status is Status.ENDED
    assert seen.text.startswith("Chính sách này đã kết thúc ngày 31/8/2026.")
    assert "540.000" in seen.text
    assert "(mức" not in seen.text
    assert seen.instead is None
    assert not seen.airable


def test_old_and_new_swap_at_midnight(shelf: Any) -> None:
    shelf.policy(valid_to=date(2026, 12, 31), superseded_by="tien-dien-moi")
    shelf.policy(id="tien-dien-moi", title="Tiền điện mới", valid_from=date(2027, 1, 1))
    library = shelf.load()
    last, first = date(2026, 12, 31), date(2027, 1, 1)
    assert library.current("tien-dien", last) == "tien-dien"
    assert library.current("tien-dien-moi", last) == "tien-dien"
    assert library.current("tien-dien", first) == "tien-dien-moi"
    assert library.successor("tien-dien", first) == "tien-dien-moi"
    assert library.successor("tien-dien-moi", last) == "tien-dien-moi"
    ended = answer(library, "tien-dien", first)
    assert ended.instead == "tien-dien-moi"
    assert "Nay áp dụng: Tiền điện mới." in ended.text
    ahead = answer(library, "tien-dien-moi", last)
    assert ahead.status is Status.FUTURE
    assert ahead.instead == "tien-dien"
    assert "1/1/2027" in ahead.text
    assert "Hỗ trợ tiền điện" in ahead.text


def test_a_circle_of_successors_ends(shelf: Any) -> None:
    shelf.policy(valid_to=date(2026, 1, 31), superseded_by="b")
    shelf.policy(id="b", valid_to=date(2026, 1, 31), superseded_by="tien-dien")
    library = shelf.load()
    assert library.current("tien-dien", TODAY) in {"tien-dien", "b"}


def test_the_stamp_prints_the_review_and_tells_when_it_is_old(shelf: Any) -> None:
    shelf.policy(reviewed_on=date(2026, 8, 23))
    library = shelf.load()
    fresh = answer(library, "tien-dien", TODAY).stamp
    assert fresh == "Theo quy định đến ngày 23/8/2026."
    assert "chưa kiểm lại" in answer(library, "tien-dien", date(2026, 11, 22)).stamp


def test_grounds_are_rendered_from_the_data(shelf: Any) -> None:
    shelf.policy()
    parts = {part.key: part for part in answer(shelf.load(), "tien-dien", TODAY).parts}
    assert list(parts) == ["who", "what", "how", "grounds"]
    assert parts["grounds"].text == "- 1/2026/NĐ-CP, Điều 2, Chính phủ, ngày 1/1/2026"
    assert parts["what"].text == "Được 540.000 đồng một tháng."


def test_officials_part_only_where_the_sources_say_something(shelf: Any) -> None:
    shelf.policy()
    assert answer(shelf.load(), "tien-dien", TODAY).officials is None
    shelf.policy(officials={"does": "Lập danh sách {muc}.", "form": "Mẫu số 1"})
    part = answer(shelf.load(), "tien-dien", TODAY).officials
    assert part is not None
    assert part.text == "Cán bộ làm: Lập danh sách 540.000 đồng một tháng.\nMẫu: Mẫu số 1"


def test_the_answer_is_fitted_to_what_is_known(shelf: Any) -> None:
    fitted = [
        {"when": {"fact": "loai-ho", "in": ["ngheo"]}, "answer": "Nhà bác được {muc}, không phải làm đơn."},
        {"when": {"fact": "tuoi", "at_least": 70}, "answer": "Cụ được, không phải làm đơn."},
    ]
    shelf.policy(fitted=fitted)
    library = shelf.load()
    unknown = answer(library, "tien-dien", TODAY)
    assert unknown.fitted is None
    assert unknown.depends_on == ("loai-ho", "tuoi")
    assert unknown.first == unknown.text
    poor = answer(library, "tien-dien", TODAY, facts={"loai-ho": "ngheo"})
    assert poor.first == "Nhà bác được 540.000 đồng một tháng, không phải làm đơn."
    assert poor.depends_on == ()
    other = answer(library, "tien-dien", TODAY, facts={"loai-ho": "khac", "tuoi": 71})
    assert other.fitted == "Cụ được, không phải làm đơn."


@pytest.mark.parametrize(
    ("changes", "signed"),
    [
        ({}, True),
        ({"confidence": "medium"}, False),
        ({"confidence": "low"}, False),
        ({"sources": ["github-index-file:1"]}, False),
        ({"sources": ["github-index-file:1", "https://example.vn"]}, True),
        ({"sources": []}, False),
    ],
)
def test_what_the_sources_carry_counts_as_signed(shelf: Any, changes: dict[str, Any], signed: bool) -> None:
    shelf.policy(**changes)
    seen = answer(shelf.load(), "tien-dien", TODAY)
    assert seen.signed is signed
    assert seen.airable is signed
    assert bool(seen.signed_line) is not signed


def test_a_story_read_in_excerpt_is_unsigned(shelf: Any) -> None:
    shelf.story()
    assert is_signed(shelf.load(), "nuoi-de", None, TODAY)
    shelf.story(read_extent="trich-doan")
    assert not is_signed(shelf.load(), "nuoi-de", None, TODAY)


def test_a_commune_does_not_hear_its_own_story_without_consent(shelf: Any) -> None:
    shelf.unit()
    shelf.unit(id="xa-khac", name="xã Khác")
    shelf.story()
    library = shelf.load()
    assert not airable(library, "nuoi-de", TODAY, "xa-lac-phuong")
    assert airable(library, "nuoi-de", TODAY, "xa-khac")
    shelf.story(consent={"recorded_on": TODAY, "recorded_by": "Cán bộ", "scope": "loa"})
    assert airable(shelf.load(), "nuoi-de", TODAY, "xa-lac-phuong")


def _signed(library_base: Any, unit: str, on: date) -> Library:
    key = EntryKey("policies", "tien-dien", unit)
    signature = Signature(unit, on, "Chủ tịch UBND xã", "12/CV-UBND")
    return Library.build(library_base, Overlay(signatures={key: signature}, revision="1"))


def test_a_signature_covers_its_unit_and_those_below(shelf: Any) -> None:
    shelf.policy(confidence="low")
    shelf.unit(id="tinh", name="tỉnh Thử", office="UBND tỉnh Thử", level="tinh")
    shelf.unit(parent="tinh")
    base = shelf.base()
    library = _signed(base, "tinh", TODAY)
    seen = answer(library, "tien-dien", TODAY, "xa-lac-phuong")
    assert seen.signed
    assert seen.airable
    assert seen.signed_line == "UBND tỉnh Thử xác nhận ngày 21/11/2026. Văn bản: 12/CV-UBND."
    assert not answer(library, "tien-dien", TODAY).signed


def test_a_signature_does_not_cover_a_later_review(shelf: Any) -> None:
    shelf.policy(confidence="low")
    shelf.unit()
    library = _signed(shelf.base(), "xa-lac-phuong", date(2026, 11, 20))
    assert not answer(library, "tien-dien", TODAY, "xa-lac-phuong").signed


def test_the_overlay_lies_over_the_base_until_the_base_is_reviewed_later(shelf: Any) -> None:
    record = shelf.policy()
    base = shelf.base()
    laid = Policy.model_validate({**record, "title": "Bản mới"})
    current = base.hashes["policies", "tien-dien"]
    key = EntryKey("policies", "tien-dien")
    fresh = Library.build(base, Overlay({key: Published(laid, current)}, revision="1"))
    assert fresh.entry("tien-dien").title == "Bản mới"
    assert fresh.policies["tien-dien"].title == "Bản mới"
    stale = Library.build(base, Overlay({key: Published(laid, "hash-cu")}, revision="1"))
    assert stale.entry("tien-dien").title == "Hỗ trợ tiền điện"
    later = laid.model_copy(update={"reviewed_on": date(2026, 12, 1)})
    newest = Library.build(base, Overlay({key: Published(later, "hash-cu")}, revision="1"))
    assert newest.entry("tien-dien").title == "Bản mới"
    assert len({fresh.revision, Library.build(base).revision}) == 2


def test_what_is_published_for_one_unit_is_told_there_only(shelf: Any) -> None:
    record = shelf.policy()
    shelf.unit()
    own = Policy.model_validate({**record, "id": "cua-xa", "title": "Việc của xã"})
    overlay = Overlay({EntryKey("policies", "cua-xa", "xa-lac-phuong"): Published(own)}, revision="1")
    library = Library.build(shelf.base(), overlay)
    assert library.entry("cua-xa", "xa-lac-phuong").title == "Việc của xã"
    assert answer(library, "cua-xa", TODAY, "xa-lac-phuong").title == "Việc của xã"
    with pytest.raises(KeyError):
        library.entry("cua-xa")


def test_a_province_may_set_a_higher_line(shelf: Any) -> None:
    shelf.policy()
    higher = {"unit": "dong-thang", "values": [{"value": 700000, "source": "NQ tỉnh"}]}
    override = {
        "reviewed_on": TODAY,
        "valid_from": date(2026, 10, 1),
        "amounts": {"muc": higher},
        "addition": "Mức này do tỉnh đặt.",
        "legal_basis": [{"number": "5/NQ-HĐND", "issuer": "HĐND tỉnh"}],
    }
    shelf.unit(id="tinh", name="tỉnh Thử", level="tinh", overrides={"tien-dien": override})
    shelf.unit(parent="tinh")
    library = shelf.load()
    here = answer(library, "tien-dien", TODAY, "xa-lac-phuong")
    assert here.text == "Hộ nghèo được 700.000 đồng một tháng, không phải làm đơn. Mức này do tỉnh đặt."
    assert "700.000" in here.script
    assert here.parts[-1].text.startswith("- 5/NQ-HĐND, HĐND tỉnh\n- 1/2026/NĐ-CP")
    assert "540.000" in answer(library, "tien-dien", TODAY).text
    assert "540.000" in answer(library, "tien-dien", date(2026, 9, 30), "xa-lac-phuong").text


def test_another_entrys_figure_is_that_of_the_unit_and_day_too(shelf: Any) -> None:
    shelf.policy()
    shelf.policy(
        id="vay",
        amounts={},
        answer="Bằng {tien-dien/muc}, không phải làm đơn.",
        parts={"who": "a", "what": "b", "how": "c"},
        broadcast="Thưa bà con.",
    )
    library = shelf.load()
    assert "500.000" in answer(library, "vay", date(2026, 3, 1)).text
    assert "540.000" in answer(library, "vay", TODAY).text


def test_days_are_told_in_the_order_people_say_them() -> None:
    assert day_text(date(2027, 1, 1)) == "1/1/2027"


def test_unknown_entry_is_a_key_error(shelf: Any) -> None:
    shelf.policy()
    with pytest.raises(KeyError):
        answer(shelf.load(), "khong-co", TODAY)


def test_a_rendering_is_kept_by_what_it_depends_on(shelf: Any) -> None:
    shelf.policy(
        fitted=[{"when": {"fact": "tuoi", "at_least": 1, "at_most": 1}, "answer": "Một tuổi, không phải làm đơn."}]
    )
    library = shelf.load()
    one = answer(library, "tien-dien", TODAY, facts={"tuoi": 1, "noi-o": "nong-thon"})
    assert answer(library, "tien-dien", TODAY, facts={"noi-o": "thanh-thi", "tuoi": 1}) is one
    assert answer(library, "tien-dien", TODAY, facts={"tuoi": True}).fitted is None
    assert answer(library, "tien-dien", date(2026, 6, 1), facts={"tuoi": 1}) != one
