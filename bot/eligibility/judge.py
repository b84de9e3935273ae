"""What a condition says of a household, what would have to be asked, and what stood against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.library.schema.condition import Condition
from bot.library.truth import Facts, Truth, open_facts, truth

__all__ = ["Facts", "Truth", "Verdict", "judge"]


@dataclass(frozen=True)
class Verdict:
    """The outcome of one condition for one household on one day."""

    truth: Truth
    #: facts not known that could still decide, the most telling first; empty once decided
    missing: tuple[str, ...] = ()
    #: facts that stood against it, in the order of writing; empty unless the truth is NO.
    #: Empty with NO as well when only the date stood against it.
    failed: tuple[str, ...] = ()


def judge(condition: Condition | None, facts: Facts, day: date) -> Verdict:
    """Whether a condition holds. No condition means everybody: YES."""
    if condition is None:
        return Verdict(Truth.YES)
    outcome = truth(condition, facts, day)
    if outcome is Truth.UNKNOWN:
        return Verdict(outcome, missing=_by_use(condition, facts, day))
    if outcome is Truth.NO:
        return Verdict(outcome, failed=tuple(dict.fromkeys(_against(condition, facts, day, wanted=True))))
    return Verdict(outcome)


def _by_use(condition: Condition, facts: Facts, day: date) -> tuple[str, ...]:
    """Unknown facts that matter, those first whose answers settle the matter most often; then as written."""
    scored: list[tuple[float, int, str]] = []
    for place, name in enumerate(open_facts(condition, facts, day)):
        outcomes = [truth(condition, {**facts, name: value}, day) for value in _values(condition, name)]
        settled = sum(outcome is not Truth.UNKNOWN for outcome in outcomes)
        scored.append((-settled / len(outcomes), place, name))
    return tuple(name for _, _, name in sorted(scored))


def _values(condition: Condition, name: str) -> list[bool | int | str]:
    """Values that can tell the tests of one fact apart."""
    values: list[bool | int | str] = []
    for test in _tests(condition, name):
        if test.is_ is not None:
            values += [True, False]
        elif test.in_:
            values += [*test.in_, ""]
        else:
            values += [n for low in (test.at_least,) if low is not None for n in (low - 1, low)]
            values += [n for high in (test.at_most,) if high is not None for n in (high, high + 1)]
    return list(dict.fromkeys(values))


def _tests(condition: Condition, name: str) -> Iterator[Condition]:
    if condition.fact == name:
        yield condition
    for part in (*condition.all, *condition.any, *condition.none):
        yield from _tests(part, name)


def _against(condition: Condition, facts: Facts, day: date, *, wanted: bool) -> Iterator[str]:
    """Facts that keep a condition from being what is wanted."""
    spoiler = Truth.NO if wanted else Truth.YES
    if truth(condition, facts, day) is not spoiler or not condition.holds_on(day):
        return
    if condition.fact is not None:
        yield condition.fact
    for part in (*condition.all, *condition.any):
        yield from _against(part, facts, day, wanted=wanted)
    for part in condition.none:
        yield from _against(part, facts, day, wanted=not wanted)
