"""Labelled pairs: what is suggested as one matter is one, and most that are one are suggested."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.casework import duplicates
from bot.casework.duplicates import same_place
from bot.casework.likeness import LIKE, Likeness
from bot.library.schema.casework import CaseLikeness
from bot.store import case_desk
from tests.casework.conftest import LIBRARY, Desk
from tests.harness.officials import role

LIKENESS = Likeness(LIBRARY)
# Least precision and recall. The second set was written without sight of the rule, and nearly all its pairs that are
# not one matter share the place and the thing spoken of. The others were written before the rule met them (the third by
# kinds, the fourth to the seventh with other things), scored, and then worked with: before that the fifth (rare matters)
# gave 0.61 and 0.50, the sixth 0.82 and 0.80, the seventh 0.81 and 0.70. Only half of the second was never read.
FLOORS = {
    "pairs.jsonl": (0.98, 0.98),
    "pairs_second.jsonl": (0.92, 0.89),
    "pairs_third.jsonl": (0.98, 0.98),
    "pairs_fourth.jsonl": (0.95, 0.95),
    "pairs_fifth.jsonl": (0.84, 0.84),
    "pairs_sixth.jsonl": (0.95, 0.92),
    "pairs_seventh.jsonl": (0.97, 0.93),
}


def alike(one: str, other: str) -> bool:
    return LIKENESS.likeness(LIKENESS.told(one), LIKENESS.told(other)) >= LIKE


def suggested(pair: dict[str, str]) -> bool:
    return same_place(pair["at"], pair["bt"]) and alike(pair["a"], pair["b"])


def labelled(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in Path(__file__).with_name(name).read_text("utf-8").splitlines()]


def unseen(pairs: list[dict[str, str]]) -> list[dict[str, str]]:
    """Every second group of four pairs: those not read while the rule was worked on."""
    return [pair for at, pair in enumerate(pairs) if at // 4 % 2]


def precision_and_recall(pairs: list[dict[str, str]]) -> tuple[float, float]:
    right = sum(suggested(pair) and bool(pair["same"]) for pair in pairs)
    wrong = sum(suggested(pair) and not pair["same"] for pair in pairs)
    return right / (right + wrong), right / sum(bool(pair["same"]) for pair in pairs)


@pytest.mark.parametrize(("name", "precision", "recall"), [(name, *floors) for name, floors in FLOORS.items()])
def test_precision_and_recall_on_the_labelled_pairs(name: str, precision: float, recall: float) -> None:
    found = precision_and_recall(labelled(name))
    assert found[0] >= precision
    assert found[1] >= recall


def test_precision_and_recall_on_the_half_that_was_not_read() -> None:
    precision, recall = precision_and_recall(unseen(labelled("pairs_second.jsonl")))
    assert precision >= 0.90
    assert recall >= 0.80


def matters() -> Iterator[tuple[str, str, bool]]:
    """Every two texts about one thing, and whether they tell of one matter."""
    for told in yaml.safe_load(Path(__file__).with_name("matters.yaml").read_text("utf-8")).values():
        texts = [(number, text) for number, matter in enumerate(told) for text in matter]
        for (one, first), (other, second) in combinations(texts, 2):
            yield first, second, one == other


def test_many_matters_of_one_thing_are_told_apart() -> None:
    pairs = list(matters())
    same = [alike(one, other) for one, other, is_same in pairs if is_same]
    different = [alike(one, other) for one, other, is_same in pairs if not is_same]
    assert sum(same) / len(same) >= 0.92
    assert sum(different) / len(different) <= 0.02


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        # nobody waits for what another has too much of
        ("Loa đầu làng câm mấy hôm nay", "Loa đầu làng phát to quá, mới năm giờ sáng", False),
        (
            "Danh sách hộ nghèo bỏ sót nhà bà Tư",
            "Danh sách hộ nghèo vẫn có tên nhà ông Ba giàu có, nhà lầu xe hơi",
            False,
        ),
        # a question when is a word that it has not come
        ("Khi nào phát thẻ bảo hiểm y tế", "Thẻ bảo hiểm y tế năm nay chưa thấy phát", True),
        # a question how is not
        ("Thẻ bảo hiểm y tế năm nay chưa thấy phát", "Làm thẻ bảo hiểm y tế cần giấy tờ gì", False),
        ("Đường làng hỏng nặng", "Cảm ơn xã đã sửa xong đường làng", False),
        # what one household has by itself is not what befell many, but an outage is
        ("Bò nhà tôi ốm bỏ ăn, nhờ thú y", "Bò trong thôn ốm hàng loạt, xin thú y xuống", False),
        ("Nhà tôi mất nước ba ngày nay", "Cả bản mất nước từ hôm kia", True),
        # a place is not a thing
        ("Rác chất đống gần cầu", "Cầu bị gãy lan can", False),
        ("duong lang hu het tron", "Đường làng hỏng nặng, xe không đi được", True),
        # one letter of a text without marks may be many words, of a text with marks only one
        ("Xin xã cho đèn đường", "Chó nhà bên cắn người", False),
    ],
)
def test_thing_trouble_and_wish_are_compared_apart(one: str, other: str, *, is_one: bool) -> None:
    assert alike(one, other) is is_one


def test_a_name_that_stands_for_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="no such name: den"):
        CaseLikeness(kind="case-likeness", things={"loa": ("loa",)}, troubles={}, asides=("den",), empty=())


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_likeness_is_even_handed_and_bounded(one: str, other: str) -> None:
    a, b = LIKENESS.told(one), LIKENESS.told(other)
    there = LIKENESS.likeness(a, b)
    assert abs(there - LIKENESS.likeness(b, a)) < 1e-9
    assert 0 <= there <= 1 + 1e-9
    assert not a or abs(LIKENESS.likeness(a, a) - 1) < 1e-9


async def test_near_ones_are_suggested_and_never_across_a_wall(desk: Desk) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"), name="Lê Thị Lan")
    await desk.official("anh-tu", role("can-bo-xu-ly"), name="Trần Văn Tú")
    first = await desk.brings("Đường vào thôn Đông nhiều ổ gà, lầy lội", chat="nha-1", hamlet="Thôn Đông")
    same = await desk.brings("duong vao thon dong nhieu o ga lay loi qua", chat="nha-2", hamlet="Thôn Đông")
    await desk.brings("Đường vào thôn Đông nhiều ổ gà, ông Tú không sửa", chat="nha-3", hamlet="Thôn Đông")
    await desk.brings("Đường vào thôn nhiều ổ gà, lầy lội", chat="nha-4", hamlet="Thôn Tây")
    await desk.brings(
        "Đường vào thôn Đông nhiều ổ gà", chat="nha-5", hamlet="Thôn Đông", identity={"ho-ten": "Nguyễn Văn A"}
    )
    await desk.brings("Rác ở cổng chợ không ai dọn", chat="nha-6", hamlet="Thôn Đông")
    async with desk.store.read() as tx:
        act = await desk.act(clerk, first)
        case = await case_desk.one(tx, act.eye, first)
        assert case is not None
        near = await duplicates.near(tx, act.eye, LIBRARY, case)
    assert [one.case.code for one in near] == [same]
    assert near[0].likeness >= LIKE
