"""Whoever knows the sum, what is shown and the rule cannot work out what is hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.disclosure import LEAST, hidden, is_small

#: the salt is secret: for who does not know it, each order is as likely
SALTS = [bytes([number]) for number in range(1, 16)]


def sums(number: int, total: int) -> Iterator[tuple[int, ...]]:
    """All ways to make a total of so many numbers from 1 on: a row that is not there is 0."""
    if number == 1:
        yield (total,)
        return
    for first in range(1, total - number + 2):
        for rest in sums(number - 1, total - first):
            yield (first, *rest)


def guesses(parts: Mapping[str, int], gone: frozenset[str]) -> list[dict[str, int]]:
    """Every state of things that may look the same to someone who also knows the rule."""
    names = sorted(gone)
    shown = {name: number for name, number in parts.items() if name not in gone}
    total = sum(parts.values()) - sum(shown.values())
    possible = [dict(zip(names, one, strict=True)) for one in sums(len(names), total)]
    return [one for one in possible if any(hidden({**shown, **one}, salt) == gone for salt in SALTS)]


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9), min_size=1), st.sampled_from(SALTS))
@settings(max_examples=100, deadline=None)
def test_a_hidden_number_cannot_be_worked_out(parts: dict[str, int], salt: bytes) -> None:
    gone = hidden(parts, salt)
    assert all(name in gone for name, number in parts.items() if is_small(number))
    assert not any(parts[name] == 0 for name in gone)
    if not gone or is_small(sum(parts.values())):
        return
    assert len(gone) > 1
    found = guesses(parts, gone)
    for name in gone:
        assert len({one[name] for one in found}) > 1, (parts, name)


@pytest.mark.parametrize(
    ("parts", "gone"),
    [
        ({"a": 20, "b": 7, "c": 0}, ""),
        ({"a": 9, "b": 2}, "ab"),
        # who knows that both are small would know that both are four
        ({"a": 9, "b": 4, "c": 4}, "abc"),
        # two small ones that may be many things need no other
        ({"a": 20, "b": 4, "c": 2}, "bc"),
        ({"a": 3, "b": 1}, "ab"),
        ({"a": 3}, "a"),
        ({"a": 0}, ""),
        ({}, ""),
    ],
)
def test_what_goes_with_a_small_number(parts: dict[str, int], gone: str) -> None:
    assert hidden(parts, b"s") == set(gone)


def test_a_lone_small_number_takes_one_of_the_next_along() -> None:
    parts = {"a": 40, "b": 30, "c": 20, "d": 10, "e": 3}
    taken = {hidden(parts, salt) - {"e"} for salt in SALTS}
    assert taken == {frozenset("b"), frozenset("c"), frozenset("d")}
    assert hidden(parts, b"s") == hidden(parts, b"s")


def test_two_that_are_one_each_take_along_what_hides_it() -> None:
    gone = hidden({"a": 20, "b": 1, "c": 1, "d": 6}, b"s")
    assert {"b", "c"} < gone


def test_five_may_be_shown() -> None:
    assert [number for number in range(10) if is_small(number)] == list(range(1, LEAST))
