"""Validity: what overlaps, what leaves a gap, what ends soon, what was not looked at for long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.library import Library
from bot.library.answer import STALE_AFTER
from bot.library.findings import Finding
from bot.library.render import day_text
from bot.library.spans import overlapping, value_faults
from bot.library.spans import soon_over as _soon_over


def overlaps(library: Library) -> Iterator[Finding]:
    """Two values of one figure for the same day, days inside a figure's run without one, an entry beside its successor."""
    for policy in library.policies.values():
        yield from overlapping(library, policy)
    for unit in library.units.values():
        for entry_id, override in unit.overrides.items():
            for name, amount in override.amounts.items():
                yield from value_faults("units", unit.id, ("overrides", entry_id, "amounts", name), name, amount)


def soon_over(library: Library, today: date) -> Iterator[Finding]:
    """Entries and figures that end within 30 days."""
    for policy in library.policies.values():
        yield from _soon_over(policy, today)


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
