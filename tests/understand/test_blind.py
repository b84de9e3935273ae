"""Floors on questions that are in no word list.

`dev`, `held` and `third` were written by other hands and looked at while words were added; `probe` was written by who
added the words, each third of it before the words of its kind. None of them says what new questions will get.
`probe_two` was written kind by kind before the words of each: reports told in passing, questions for next door, short
hand. `fourth` was written by another hand; the first time it was asked, 93.4 of 100 were right at once and 10 of 100
unanswerable ones got an entry; since then it was looked at while words were added (2026-11-21).
`fifth` was written by a hand that had read neither the words nor, but for two lines, the other sets: a quarter of it is
unanswerable and most of that in the entries' own words; its floors are from the first time it was asked (2026-11-21:
92 of 100 right at once).
`sixth` came the same way, by another hand that had seen the usual words of one entry only and the first two lines of one
set: eight askings of every entry, one in each style, and a quarter unanswerable; floors from the first time it was asked
(2026-11-21: 92 of 100 right at once, 5 of 100 unanswerable ones got an entry).
`rambling` are stories of 60 to 90 words that tell of much else, written by who changed how stories are weighed, before
the change; those noted "giữ lại" were asked but not read while it was made (2026-11-21: 93 of 100 right at once).
`fifth` and `rambling` were read while words were added later that day; they say nothing of new questions any more.
`probe_four` was written by who added those words, before them: long stories, dialects, situations that name no policy,
questions for next door (84 of 100 right at once the first time it was asked, 91 in the first three).
`probe_five` was written by the same hand after those words and before what was changed next: 87 of 100 right at once
the first time, 94 in the first three. `probe_six` came third, nearly all of it scenes that name neither policy nor need:
71 of 100 right at once before all these changes, 79 after the first two rounds of words, read then.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.understand import Understanding

HERE = Path(__file__).parent / "blind"
#: the least share right at 1, by kind; some points under what was measured, so that honest changes pass
FLOORS = {
    "dev": {"policy": 0.96, "story": 0.96, "feedback": 0.95, "menu": 0.95, "none": 0.93},
    "held": {"policy": 0.94, "story": 0.95, "feedback": 0.94, "menu": 0.93, "none": 0.95},
    "third": {"policy": 0.95, "story": 0.94, "feedback": 0.95, "menu": 0.95, "none": 0.88},
    "probe": {"policy": 0.94, "story": 0.93, "feedback": 0.95, "menu": 0.95, "none": 0.95},
    "probe_two": {"policy": 0.93, "feedback": 0.86, "none": 0.95},
    "fourth": {"policy": 0.95, "story": 0.93, "feedback": 0.93, "menu": 0.95, "none": 0.95},
    "fifth": {"policy": 0.92, "story": 0.91, "feedback": 0.88, "menu": 0.93, "none": 0.93},
    "sixth": {"policy": 0.90, "story": 0.88, "feedback": 0.90, "menu": 0.88, "none": 0.90},
    "rambling": {"policy": 0.87, "none": 0.83},
    "probe_four": {"policy": 0.93, "none": 0.90},
    "probe_five": {"policy": 0.94, "feedback": 0.90, "none": 0.90},
    "probe_six": {"policy": 0.92, "none": 0.92},
}
#: the most that may be refused of what can be answered; 0.02 where nothing else is said
REFUSED = {
    "probe_two": 0.05,
    "fifth": 0.03,
    "rambling": 0.04,
    "probe_four": 0.02,
    "probe_five": 0.03,
    "probe_six": 0.04,
}
#: the most that may be shown an entry of what cannot be answered; 0.04 where nothing else is said
MISLED = {"fifth": 0.05, "sixth": 0.06, "rambling": 0.12, "probe_four": 0.05, "probe_five": 0.05}

#: the least share with the right one among three; 0.96 where nothing else is said
AMONG = {"probe_six": 0.95}


def cases(name: str) -> list[dict[str, Any]]:
    """Questions with their answers; those about alarms are for `test_alarms`."""
    lines = (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [case for line in lines if line and "alarm" not in (case := json.loads(line))]


def right(case: dict[str, Any], ranked: list[str]) -> bool:
    return ranked[0] == "none" if case["kind"] == "none" else ranked[0] in case["accept"]


#: a set's name -> its questions, each with the ids it was answered with, best first
Asked = Callable[[str], list[tuple[dict[str, Any], list[str]]]]


@pytest.fixture(scope="module")
def asked(understanding: Understanding) -> Asked:
    """Asks a set once for all that is measured on it."""

    @cache
    def ask(name: str) -> list[tuple[dict[str, Any], list[str]]]:
        return [(case, understanding.ranked_ids(case["text"])) for case in cases(name)]

    return ask


@pytest.mark.parametrize("name", FLOORS)
def test_right_at_once(asked: Asked, name: str) -> None:
    by_kind: dict[str, list[bool]] = defaultdict(list)
    for case, ranked in asked(name):
        by_kind[case["kind"]].append(right(case, ranked))
    shares = {kind: sum(rights) / len(rights) for kind, rights in by_kind.items()}
    assert all(shares[kind] >= floor for kind, floor in FLOORS[name].items()), shares


@pytest.mark.parametrize("name", FLOORS)
def test_what_can_be_answered_is_rarely_refused(asked: Asked, name: str) -> None:
    refused = [ranked[0] == "none" for case, ranked in asked(name) if case["kind"] != "none"]
    assert sum(refused) / len(refused) <= REFUSED.get(name, 0.02)


@pytest.mark.parametrize("name", FLOORS)
def test_what_cannot_be_answered_rarely_gets_an_entry(asked: Asked, name: str) -> None:
    firsts = [ranked[0] for case, ranked in asked(name) if case["kind"] == "none"]
    entries = [first != "none" and not first.startswith("intent:") for first in firsts]
    assert sum(entries) / len(entries) <= MISLED.get(name, 0.04)


@pytest.mark.parametrize("name", FLOORS)
def test_the_right_one_is_among_three(asked: Asked, name: str) -> None:
    answerable = [(case, ranked) for case, ranked in asked(name) if case["kind"] != "none"]
    among = [not {*case["accept"], *case["also"]}.isdisjoint(ranked[:3]) for case, ranked in answerable]
    assert sum(among) / len(among) >= AMONG.get(name, 0.96)
