"""Days as browsers' date fields send them."""

from __future__ import annotations

from datetime import date

#: no act of an official lies outside; what does cannot be counted on from without running over the calendar's end
FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)


def day_told(told: str) -> date:
    """The day of a text such as 2026-11-21; raises `ValueError` for what is none, or lies outside `FIRST` to `LAST`."""
    day = date.fromisoformat(told)
    if not FIRST <= day <= LAST:
        raise ValueError(told)
    return day
