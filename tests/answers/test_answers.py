"""Ids are not answers: what the first message must and must not say, for a question on a day in a unit."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.library import Library, answer
from bot.understand import Kind, Understanding

HERE = Path(__file__).parent
CASES = [
    pytest.param(case, id=f"{file.stem}-{n:02}")
    for file in sorted(HERE.glob("*.yaml"))
    for n, case in enumerate(yaml.safe_load(file.read_text(encoding="utf-8")), 1)
]


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(HERE.parents[1] / "content")


@pytest.fixture(scope="module")
def understanding(library: Library) -> Understanding:
    return Understanding.build(library)


def day(case: dict[str, Any]) -> date:
    on = case["on"]
    return on if isinstance(on, date) else date.fromisoformat(on)


@pytest.mark.parametrize("case", CASES)
def test_the_question_leads_to_the_entry(case: dict[str, Any], library: Library, understanding: Understanding) -> None:
    reading = understanding.read(case["question"], day(case))
    assert reading.kind in {Kind.ANSWER, Kind.UNSURE, Kind.DANGER}, reading
    # a clear reading answers at once; an unsure one shows buttons, and the entry must be among them
    shown = reading.ids[:1] if reading.kind == Kind.ANSWER else reading.ids
    assert case["entry"] in {library.successor(i, day(case)) for i in shown if library.has(i)}, reading


@pytest.mark.parametrize("case", CASES)
def test_the_first_message_says_it(case: dict[str, Any], library: Library) -> None:
    entry = library.successor(case["entry"], day(case))
    said = answer(library, entry, day(case), case["unit"]).first
    missing = [w for w in case["must"] if w not in said]
    forbidden = [w for w in case["must_not"] if w in said]
    assert not missing, said
    assert not forbidden, said


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 100
