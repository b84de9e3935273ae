"""Validity of one policy: what overlaps, what leaves a gap, what ends soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.library.findings import Finding
from bot.library.reading import Step
from bot.library.render import day_text
from bot.library.schema.base import Amount, DatedValue
from bot.library.schema.policy import Policy

if TYPE_CHECKING:
    from bot.library.library import Library

#: how long ahead the commune is warned (facts/notes.md, point 2)
WARN_AHEAD = timedelta(days=30)
_DAY = timedelta(days=1)


def overlapping(library: Library, policy: Policy) -> Iterator[Finding]:
    """Two values of one figure for the same day, days inside a figure's run without one, an entry beside its successor."""
    for name, amount in policy.amounts.items():
        yield from value_faults("policies", policy.id, ("amounts", name), name, amount)
    following = library.policies.get(policy.superseded_by or "")
    if following and _meet(policy, following):
        told = {"other": following.id, "day": day_text(following.valid_from or policy.valid_to or date.min)}
        yield Finding("policies", policy.id, ("superseded_by",), "entries_overlap", told)


def value_faults(folder: str, record: str, where: tuple[Step, ...], name: str, amount: Amount) -> Iterator[Finding]:
    """Values of one figure that overlap or leave a gap."""
    ordered = sorted(amount.values, key=lambda value: value.valid_from or date.min)
    for earlier, later in pairwise(ordered):
        here = (*where, "values", amount.values.index(later))
        starts = later.valid_from
        if starts is None or _last(earlier) >= starts:
            told = {"amount": name, "day": day_text(starts or earlier.valid_to or date.min)}
            yield Finding(folder, record, here, "values_overlap", told)
        elif _last(earlier) + _DAY < starts:
            told = {"amount": name, "day": day_text(_last(earlier) + _DAY)}
            yield Finding(folder, record, here, "values_gap", told)


def _last(value: DatedValue) -> date:
    return value.valid_to or date.max


def _meet(earlier: Policy, later: Policy) -> bool:
    return later.valid_from is None or earlier.valid_to is None or earlier.valid_to >= later.valid_from


def soon_over(policy: Policy, today: date) -> Iterator[Finding]:
    """What of it ends within 30 days."""
    soon = today + WARN_AHEAD
    if policy.valid_to and today <= policy.valid_to <= soon:
        told, key = {"day": day_text(policy.valid_to)}, "expires_soon"
        if policy.superseded_by is not None:
            told, key = {**told, "by": policy.superseded_by}, "expires_replaced"
        yield Finding("policies", policy.id, ("valid_to",), key, told)
    for name, amount in policy.amounts.items():
        last = max(_last(value) for value in amount.values)
        if today <= last <= soon and last != policy.valid_to:
            yield Finding(
                "policies", policy.id, ("amounts", name), "value_expires_soon", {"amount": name, "day": day_text(last)}
            )
