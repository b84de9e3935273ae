"""Labelled pairs, two sets of 200: what is suggested as one matter is one, and most that are one are suggested."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.casework import duplicates
from bot.casework.duplicates import LIKE, Likeness, same_place
from bot.store import case_desk
from tests.casework.conftest import LIBRARY, Desk
from tests.harness.officials import role

LIKENESS = Likeness(LIBRARY)
# Least precision and recall. The second set was written without sight of the rule, and nearly all its pairs that are
# not one matter share the place and the thing spoken of: its floors are what is reached there, not the goal.
FLOORS = {
    "pairs.jsonl": (0.90, 0.80),
    "pairs_second.jsonl": (0.68, 0.75),
}


def suggested(pair: dict[str, str]) -> bool:
    if not same_place(pair["at"], pair["bt"]):
        return False
    return LIKENESS.likeness(LIKENESS.features(pair["a"]), LIKENESS.features(pair["b"])) >= LIKE


@pytest.mark.parametrize(("name", "precision", "recall"), [(name, *floors) for name, floors in FLOORS.items()])
def test_precision_and_recall_on_the_labelled_pairs(name: str, precision: float, recall: float) -> None:
    pairs = [json.loads(line) for line in Path(__file__).with_name(name).read_text("utf-8").splitlines()]
    assert len(pairs) == 200
    right = sum(suggested(pair) and pair["same"] for pair in pairs)
    wrong = sum(suggested(pair) and not pair["same"] for pair in pairs)
    assert right / (right + wrong) >= precision
    assert right / sum(bool(pair["same"]) for pair in pairs) >= recall


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_likeness_is_even_handed_and_bounded(one: str, other: str) -> None:
    a, b = LIKENESS.features(one), LIKENESS.features(other)
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
