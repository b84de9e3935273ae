"""Conditions over a household's facts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.eligibility import Truth, Verdict, judge
from bot.library.schema.condition import Condition

DAY = date(2026, 11, 21)


def cond(**shape: Any) -> Condition:
    return Condition.model_validate(shape)


POOR = {"fact": "loai-ho", "in": ["ngheo", "can-ngheo"]}
OLD = {"fact": "tuoi", "at_least": 75}
NO_PENSION = {"fact": "co-luong-huu", "is": False}


def test_no_condition_means_everybody() -> None:
    assert judge(None, {}, DAY) == Verdict(Truth.YES)


@pytest.mark.parametrize(
    ("shape", "facts", "truth"),
    [
        (POOR, {"loai-ho": "ngheo"}, Truth.YES),
        (POOR, {"loai-ho": "khac"}, Truth.NO),
        (POOR, {}, Truth.UNKNOWN),
        (POOR, {"loai-ho": None}, Truth.UNKNOWN),
        (OLD, {"tuoi": 75}, Truth.YES),
        (OLD, {"tuoi": 74}, Truth.NO),
        ({"fact": "tuoi", "at_most": 5}, {"tuoi": 5}, Truth.YES),
        ({"fact": "tuoi", "at_least": 3, "at_most": 5}, {"tuoi": 6}, Truth.NO),
        (OLD, {"tuoi": "bảy mươi"}, Truth.UNKNOWN),
        (OLD, {"tuoi": True}, Truth.UNKNOWN),
        (NO_PENSION, {"co-luong-huu": False}, Truth.YES),
        (NO_PENSION, {"co-luong-huu": 0}, Truth.UNKNOWN),
        ({"all": [POOR, OLD]}, {"loai-ho": "khac"}, Truth.NO),
        ({"all": [POOR, OLD]}, {"loai-ho": "ngheo"}, Truth.UNKNOWN),
        ({"any": [POOR, OLD]}, {"loai-ho": "ngheo"}, Truth.YES),
        ({"any": [POOR, OLD]}, {"loai-ho": "khac"}, Truth.UNKNOWN),
        ({"none": [POOR, OLD]}, {"loai-ho": "ngheo"}, Truth.NO),
        ({"none": [POOR, OLD]}, {"loai-ho": "khac", "tuoi": 30}, Truth.YES),
        ({"none": [POOR, OLD]}, {"tuoi": 30}, Truth.UNKNOWN),
    ],
)
def test_three_values(shape: dict[str, Any], facts: dict[str, Any], truth: Truth) -> None:
    assert judge(cond(**shape), facts, DAY).truth is truth


def test_outside_its_dates_a_condition_does_not_hold() -> None:
    dated = cond(**POOR, valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31))
    facts = {"loai-ho": "ngheo"}
    assert judge(dated, facts, date(2026, 12, 31)).truth is Truth.YES
    after = judge(dated, facts, date(2027, 1, 1))
    assert after == Verdict(Truth.NO)
    younger = cond(
        any=[{"fact": "tuoi", "at_least": 80, "valid_to": date(2026, 6, 30)}, {**OLD, "valid_from": date(2026, 7, 1)}]
    )
    assert judge(younger, {"tuoi": 76}, date(2026, 6, 30)).truth is Truth.NO
    assert judge(younger, {"tuoi": 76}, date(2026, 7, 1)).truth is Truth.YES


def test_the_most_telling_question_comes_first() -> None:
    either = cond(any=[{"all": [{"fact": "tuoi", "at_least": 70}, POOR]}, {"fact": "mo-coi", "is": True}])
    assert judge(either, {}, DAY).missing[0] == "mo-coi"
    both = cond(all=[OLD, NO_PENSION])
    assert judge(both, {}, DAY).missing == ("tuoi", "co-luong-huu")


def test_questions_that_cannot_matter_are_not_asked() -> None:
    shape = cond(all=[{"any": [POOR, OLD]}, NO_PENSION])
    assert judge(shape, {"loai-ho": "ngheo"}, DAY).missing == ("co-luong-huu",)
    assert judge(shape, {"co-luong-huu": True}, DAY).missing == ()


def test_what_stood_against_it_is_named() -> None:
    shape = cond(all=[POOR, NO_PENSION, {"none": [{"fact": "mo-coi", "is": True}]}])
    facts = {"loai-ho": "khac", "co-luong-huu": False, "mo-coi": True}
    assert judge(shape, facts, DAY).failed == ("loai-ho", "mo-coi")


_FACTS = {"a": st.booleans(), "b": st.sampled_from(["x", "y"]), "c": st.integers(0, 9)}
_TESTS = st.one_of(
    st.booleans().map(lambda v: {"fact": "a", "is": v}),
    st.sampled_from([["x"], ["y"], ["x", "y"]]).map(lambda v: {"fact": "b", "in": v}),
    st.integers(0, 9).map(lambda v: {"fact": "c", "at_least": v}),
    st.integers(0, 9).map(lambda v: {"fact": "c", "at_most": v}),
)
_SHAPES = st.recursive(
    _TESTS,
    lambda inner: st.tuples(st.sampled_from(["all", "any", "none"]), st.lists(inner, min_size=1, max_size=3)).map(
        lambda pair: {pair[0]: pair[1]}
    ),
    max_leaves=6,
)


@given(_SHAPES, st.fixed_dictionaries(_FACTS), st.sets(st.sampled_from("abc")))
def test_knowing_more_never_turns_a_verdict_round(
    shape: dict[str, Any], facts: dict[str, Any], hidden: set[str]
) -> None:
    condition = cond(**shape)
    part = {name: value for name, value in facts.items() if name not in hidden}
    early, late = judge(condition, part, DAY), judge(condition, facts, DAY)
    assert late.truth is not Truth.UNKNOWN
    if early.truth is not Truth.UNKNOWN:
        assert early.truth is late.truth
        assert early.missing == ()
    else:
        assert early.missing
        assert set(early.missing) <= hidden
        told = judge(condition, {name: v for name, v in facts.items() if name not in hidden - set(early.missing)}, DAY)
        assert told.truth is late.truth
    assert bool(late.failed) == (late.truth is Truth.NO)
