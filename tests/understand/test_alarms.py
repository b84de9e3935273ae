"""Danger and fraud are heard however they are told, and what only sounds like them is left alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.understand import Kind, Understanding

HERE = Path(__file__).parent / "blind"
ALARMS = frozenset({Kind.DANGER, Kind.FRAUD})
#: entries that answer a danger themselves: a question for them may well ring
NEAR = frozenset({"duong-day-nong", "tro-giup-khan-cap-mai-tang"})


def cases(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines() if line]


@pytest.mark.parametrize(
    ("name", "kind", "floor"),
    [
        ("probe_two", "danger", 0.93),
        ("probe_two", "fraud", 0.92),
        # written by who added the signs, half of it before them
        ("probe_three", "danger", 0.86),
        ("probe_three", "fraud", 0.86),
        # written by a hand that had seen no word list (78 and 65 of 100 the first time, 2026-11-21); read since then
        ("alarms_second", "danger", 0.92),
        ("alarms_second", "fraud", 0.82),
        # the same way, half of them without marks (2026-11-21)
        ("alarms_third", "danger", 0.78),
        ("alarms_third", "fraud", 0.62),
    ],
)
def test_alarms_are_heard(understanding: Understanding, name: str, kind: str, floor: float) -> None:
    told = [case for case in cases(name) if case.get("alarm") == kind]
    missed = [case["id"] for case in told if understanding.read(case["text"]).kind is not Kind(kind)]
    assert len(told) >= 25
    assert 1 - len(missed) / len(told) >= floor, missed


@pytest.mark.parametrize(
    ("name", "most"), [("probe_two", 0.0), ("probe_three", 0.045), ("alarms_second", 0.08), ("alarms_third", 0.09)]
)
def test_what_only_sounds_like_danger_rarely_rings(understanding: Understanding, name: str, most: float) -> None:
    quiet = [case for case in cases(name) if case.get("alarm") == ""]
    rang = [case["id"] for case in quiet if understanding.read(case["text"]).kind in ALARMS]
    assert len(quiet) > 60
    assert len(rang) / len(quiet) <= most, rang


@pytest.mark.parametrize("name", ["dev", "held", "third", "probe", "rambling"])
def test_questions_for_entries_do_not_ring(understanding: Understanding, name: str) -> None:
    answerable = [case for case in cases(name) if case["kind"] != "none" and NEAR.isdisjoint(case["accept"])]
    rang = [case["text"] for case in answerable if understanding.read(case["text"]).kind in ALARMS]
    assert len(rang) <= 1, rang


def test_a_cheat_lends_no_policy_its_name(understanding: Understanding) -> None:
    reading = understanding.read("Có người gọi bảo nộp hai triệu mới được vay vốn hộ nghèo")
    assert reading.kind is Kind.FRAUD
    assert all(answer.startswith("intent:") for answer in reading.ids)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Chuyện năm ngoái đã qua. Chồng tôi đang cầm dao rượt vợ. Còn bò thì vẫn khỏe.", Kind.DANGER),
        ("Nhà dột khổ muốn chết luôn, có được hỗ trợ sửa không", Kind.ANSWER),
        ("Chồng đánh cá xa nhà, em ở nhà muốn vay vốn nuôi heo", Kind.ANSWER),
    ],
)
def test_signs_count_close_together(understanding: Understanding, text: str, kind: Kind) -> None:
    assert understanding.read(text).kind is kind


@pytest.mark.parametrize(
    "text",
    ["Mua bảo hiểm y tế hộ gia đình hết bao nhiêu", "benh vien huyen may gio mo cua", "Rươi sinh sản mùa nào"],
)
def test_a_question_for_next_door_is_refused(understanding: Understanding, text: str) -> None:
    assert understanding.read(text).kind is Kind.REFUSE


def test_a_neighbour_gives_way_to_what_the_library_answers(understanding: Understanding) -> None:
    asked = understanding.read("Bị kiện tranh chấp đất, hộ nghèo có luật sư miễn phí không")
    assert asked.ids[0] == "tro-giup-phap-ly"


@pytest.mark.parametrize(
    ("text", "sub"),
    [
        ("con tôi bị bạn đánh ở trường", "tre-em"),
        ("bị bắt nạt ở trường", "tre-em"),
        ("con tôi bỏ nhà đi 2 ngày rồi", "tre-em"),
        ("thay giao hay so soang hoc sinh nu", "tre-em"),
        ("ốm quá không dậy được", "cuu-giup"),
        ("bà ngoại ngã gãy chân", "cuu-giup"),
        ("Ông cụ nằm im trong buồng, gọi mãi không thưa", "cuu-giup"),
        ("bo song dang lo toi sat nha", "cuu-giup"),
        ("Lửa rừng lan xuống bản", "dang-chay"),
        ("Bà cụ bị con trai xô ngã", "bao-luc"),
        ("Hắn xách can xăng đến dọa đốt", "bao-luc"),
        ("bác trưởng thôn bắt nộp 300k mới cho vào hộ nghèo", "can-bo-doi-tien"),
        ("xã bảo nộp 200 nghìn tiền hồ sơ vay vốn", "can-bo-doi-tien"),
    ],
)
def test_kinds_of_danger_and_of_taking_money(understanding: Understanding, text: str, sub: str) -> None:
    assert understanding.read(text).sub == sub


@pytest.mark.parametrize(
    "text",
    [
        "gọi ai bây giờ",
        "hộ nghèo ngã gãy chân có được trợ cấp không",
        "xã yêu cầu nộp giấy khai sinh mới được nhận tiền",
        "trưởng thôn bảo đóng tiền bảo hiểm y tế",
        "đói chết đi được, mấy giờ ăn cơm",
        "chia sẻ link này cho bà con được không",
        "danh ca dem nay",
    ],
)
def test_what_sounds_like_it_is_left_alone(understanding: Understanding, text: str) -> None:
    assert understanding.read(text).kind not in ALARMS
