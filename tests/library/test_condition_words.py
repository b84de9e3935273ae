"""Conditions in the words of a household."""

from __future__ import annotations

from typing import Any

import pytest

from bot.library import Library
from bot.library.condition_words import lines, phrase, plain
from bot.library.schema.condition import Condition
from tests.harness.site import CONTENT

LIBRARY = Library.load(CONTENT)
OLD = {"fact": "tuoi", "at_least": 75}
POOR = {"fact": "loai-ho", "in": ["ngheo", "can-ngheo"]}
PENSION = {"fact": "co-luong-huu", "is": True}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (OLD, "người cần hỏi từ 75 tuổi trở lên"),
        ({"fact": "tuoi", "at_most": 15}, "người cần hỏi không quá 15 tuổi"),
        ({"fact": "tuoi", "at_least": 70, "at_most": 74}, "người cần hỏi từ 70 đến 74 tuổi"),
        ({"fact": "tuoi", "at_least": 75, "at_most": 75}, "người cần hỏi đúng 75 tuổi"),
        (POOR, "nhà là hộ nghèo hoặc hộ cận nghèo"),
        ({**POOR, "valid_to": "2026-12-31"}, "nhà là hộ nghèo hoặc hộ cận nghèo (đến hết ngày 31/12/2026)"),
        ({"fact": "nha-tam", "is": True}, "nhà dột nát, tạm bợ"),
        ({"fact": "nha-tam", "is": False}, "nhà không dột nát, tạm bợ"),
        ({"none": [{"fact": "nha-tam", "is": True}]}, "nhà không dột nát, tạm bợ"),
        ({"none": [OLD]}, "không phải (người cần hỏi từ 75 tuổi trở lên)"),
        (
            {"all": [OLD, {"any": [POOR, {"fact": "nha-tam", "is": True}]}]},
            "người cần hỏi từ 75 tuổi trở lên, và (nhà là hộ nghèo hoặc hộ cận nghèo; hoặc nhà dột nát, tạm bợ)",
        ),
    ],
)
def test_inside_a_sentence(rule: dict[str, Any], told: str) -> None:
    assert phrase(LIBRARY, plain(Condition.model_validate(rule))) == told


def test_the_whole_has_a_line_for_each_way() -> None:
    assert lines(LIBRARY, None) == ("Không đặt điều kiện riêng.",)
    assert lines(LIBRARY, plain(Condition.model_validate(OLD))) == ("Được nếu: người cần hỏi từ 75 tuổi trở lên.",)
    ways = lines(LIBRARY, plain(Condition.model_validate({"any": [OLD, POOR]})))
    assert ways[0] == "Được nếu có một trong các điều sau:"
    assert ways[1:] == ("người cần hỏi từ 75 tuổi trở lên", "nhà là hộ nghèo hoặc hộ cận nghèo")
    none = lines(LIBRARY, plain(Condition.model_validate({"none": [OLD, PENSION]})))
    assert none[0] == "Được nếu không có điều nào sau đây:"


@pytest.mark.parametrize(
    "rule",
    [{}, {"fact": None}, {"fact": "tuoi"}, {"fact": "loai-ho", "in": []}, {"any": []}, {"all": [{"fact": None}]}],
)
def test_what_is_not_written_yet_is_a_gap(rule: dict[str, Any]) -> None:
    """Drafts hold it; nothing breaks, and the reader of the draft sees where something is missing."""
    assert "(chưa ghi)" in " ".join(lines(LIBRARY, rule))


def test_every_fact_is_worded() -> None:
    for fact in LIBRARY.household.values():
        tests: list[dict[str, Any]] = [{"is": True}, {"is": False}] if fact.kind == "yes-no" else []
        tests += [{"in": [value]} for value in fact.options]
        tests += [{"at_least": 1}] if fact.kind == "number" else []
        told = [phrase(LIBRARY, plain(Condition.model_validate({"fact": fact.id, **test}))) for test in tests]
        assert len(set(told)) == len(told), fact.id
        assert not any("{" in one for one in told)
