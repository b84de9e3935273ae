"""The reader on cases written without sight of its tables: a floor per file, so that new rules break no old reading."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from audio.normalise import read, to_spoken
from tests.audio.normalise.test_cases import heard

FLOORS = {
    "blind.jsonl": 1.0,
    "blind_second.jsonl": 0.99,
    "blind_third.jsonl": 1.0,
    "blind_fourth.jsonl": 1.0,
    "blind_fifth.jsonl": 0.99,
    "sixth_dev.jsonl": 0.99,
    "blind_sixth.jsonl": 0.98,
    "eighth_dev.jsonl": 0.99,
    "blind_seventh.jsonl": 0.98,
}


@cache
def wording(pattern: str) -> re.Pattern[str]:
    """A wording with choices, "ngày {mồng|mùng|} năm", as an expression over words each followed by a space.

    Macros of the scorer ("{@d}", "{:b}") are left as they stand and match nothing: only spelled-out choices count here.
    """
    marks = {"{": "(?:", "}": ")", "|": "|"}
    pieces = re.split(r"([{}|])", pattern)
    return re.compile("".join(marks.get(p) or "".join(f"{re.escape(word)} " for word in p.split()) for p in pieces))


def missed(name: str) -> tuple[list[str], int]:
    """Ids read otherwise than in any accepted wording, and how many cases the file holds."""
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    wrong = [
        case["id"]
        for case in cases
        if not any(wording(s).fullmatch(heard(to_spoken(case["written"])) + " ") for s in case["spoken"])
        or read(case["written"]).unread
    ]
    return wrong, len(cases)


@pytest.mark.parametrize(("name", "floor"), FLOORS.items())
def test_unseen_kinds_stay_above_the_floor(name: str, floor: float) -> None:
    wrong, count = missed(name)
    assert count >= 28
    assert 1 - len(wrong) / count >= floor, wrong


def test_a_known_end_is_said_in_words_and_the_rest_spelled() -> None:
    spoken = read("WWUBND")
    assert spoken.text.endswith("ủy ban nhân dân")
    assert [r.text for r in spoken.residue] == ["WWUBND"]


def test_a_school_named_in_initials_keeps_its_initials() -> None:
    assert heard(to_spoken("số 25/QĐ-THPTLQĐ")).endswith("trung học phổ thông lờ quy đê")


def test_a_guessed_run_is_said_in_words_and_reported() -> None:
    spoken = read("Hội thi ATGTHS xã")
    assert spoken.text == "Hội thi an toàn giao thông học sinh xã"
    assert [(r.kind, r.text) for r in spoken.residue] == [("unknown-abbreviation", "ATGTHS")]
