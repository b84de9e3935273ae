"""What a condition says of a household's facts: yes, no, or not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import Enum

from bot.library.schema.condition import Condition

#: fact id -> value; a fact that is absent or None is not known
Facts = Mapping[str, bool | int | str | None]


class Truth(Enum):
    """Kleene's three values."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def truth(condition: Condition, facts: Facts, day: date) -> Truth:
    """Whether the condition holds on that day. Outside its dates it does not hold, whatever is known."""
    if not condition.holds_on(day):
        return Truth.NO
    if condition.fact is not None:
        return _test(condition, facts.get(condition.fact))
    if condition.all:
        return _all([truth(part, facts, day) for part in condition.all])
    if condition.any:
        return _inverted(_all([_inverted(truth(part, facts, day)) for part in condition.any]))
    return _all([_inverted(truth(part, facts, day)) for part in condition.none])


def _all(truths: list[Truth]) -> Truth:
    if Truth.NO in truths:
        return Truth.NO
    return Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.YES


def _inverted(one: Truth) -> Truth:
    return {Truth.YES: Truth.NO, Truth.NO: Truth.YES}.get(one, Truth.UNKNOWN)


def _test(condition: Condition, value: bool | int | str | None) -> Truth:
    """One fact against one test; a value of the wrong kind tells nothing."""
    if value is None:
        return Truth.UNKNOWN
    if condition.is_ is not None:
        return _truth_of(value is condition.is_) if isinstance(value, bool) else Truth.UNKNOWN
    if condition.in_:
        return _truth_of(value in condition.in_) if isinstance(value, str) else Truth.UNKNOWN
    if isinstance(value, bool) or not isinstance(value, int):
        return Truth.UNKNOWN
    low = condition.at_least is None or condition.at_least <= value
    high = condition.at_most is None or value <= condition.at_most
    return _truth_of(low and high)


def _truth_of(held: bool) -> Truth:
    return Truth.YES if held else Truth.NO


def open_facts(condition: Condition, facts: Facts, day: date) -> tuple[str, ...]:
    """Facts not known that stand in a part still undecided, in the order of writing; empty once it is decided."""
    if truth(condition, facts, day) is not Truth.UNKNOWN:
        return ()
    if condition.fact is not None:
        return (condition.fact,)
    deeper = (
        name for part in (*condition.all, *condition.any, *condition.none) for name in open_facts(part, facts, day)
    )
    return tuple(dict.fromkeys(deeper))
