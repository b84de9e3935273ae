"""Validity: what overlaps, what leaves a gap, what ends soon, what was not looked at for long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from bot.library import Library
from bot.library.answer import STALE_AFTER
from bot.library.findings import Finding
from bot.library.reading import Step
from bot.library.render import day_text
from bot.library.schema.base import Amount, DatedValue
from bot.library.schema.policy import Policy

#: how long ahead the commune is warned (facts/notes.md, point 2)
WARN_AHEAD = timedelta(days=30)
_DAY = timedelta(days=1)


def overlaps(library: Library) -> Iterator[Finding]:
    """Two values of one figure for the same day, days inside a figure's run without one, an entry beside its successor."""
    for policy in library.policies.values():
        for name, amount in policy.amounts.items():
            yield from _values("policies", policy.id, ("amounts", name), name, amount)
        following = library.policies.get(policy.superseded_by or "")
        if following and _meet(policy, following):
            told = {"other": following.id, "day": day_text(following.valid_from or policy.valid_to or date.min)}
            yield Finding("policies", policy.id, ("superseded_by",), "entries_overlap", told)
    for unit in library.units.values():
        for entry_id, override in unit.overrides.items():
            for name, amount in override.amounts.items():
                yield from _values("units", unit.id, ("overrides", entry_id, "amounts", name), name, amount)


def _values(folder: str, record: str, where: tuple[Step, ...], name: str, amount: Amount) -> Iterator[Finding]:
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


def soon_over(library: Library, today: date) -> Iterator[Finding]:
    """Entries and figures that end within 30 days."""
    soon = today + WARN_AHEAD
    for policy in library.policies.values():
        if policy.valid_to and today <= policy.valid_to <= soon:
            yield Finding("policies", policy.id, ("valid_to",), "expires_soon", {"day": day_text(policy.valid_to)})
        for name, amount in policy.amounts.items():
            last = max(_last(value) for value in amount.values)
            if today <= last <= soon and last != policy.valid_to:
                told = {"amount": name, "day": day_text(last)}
                yield Finding("policies", policy.id, ("amounts", name), "value_expires_soon", told)


def reviews(library: Library, today: date) -> tuple[list[Finding], list[Finding]]:
    """Reviews dated ahead of today (errors), and those more than 90 days old (warnings)."""
    ahead, old = [], []
    for entry in library.entries():
        told = {"day": day_text(entry.reviewed_on)}
        folder = library.kind_of(entry.id)
        if entry.reviewed_on > today:
            ahead.append(Finding(folder, entry.id, ("reviewed_on",), "reviewed_later", told))
        elif today - entry.reviewed_on > STALE_AFTER:
            old.append(Finding(folder, entry.id, ("reviewed_on",), "reviewed_long_ago", told))
    return ahead, old
