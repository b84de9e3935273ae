"""Figures and days in Vietnamese writing, and texts with their figures filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Protocol

from bot.library.schema.base import Amount, DatedValue
from bot.library.schema.phrases import Stamps

#: `{amount}` of the same entry, or `{entry/amount}`
PLACEHOLDER = re.compile(r"\{([a-z0-9-]+)(?:/([a-z0-9-]+))?\}")


class UnknownFigureError(LookupError):
    """A text names a figure no entry holds; the library refuses to load such a text."""


class Dating(Protocol):
    """What has a first and a last day, either open."""

    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_to(self) -> date | None: ...


def day_text(day: date) -> str:
    """14/12/2026."""
    return f"{day.day}/{day.month}/{day.year}"


def figure_text(value: Decimal | date | str) -> str:
    """A figure in Vietnamese writing: 1.500.000 and 7,488; a day as 14/12/2026; words as they are."""
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, str):
        return value
    whole, _, part = f"{value:f}".partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    dotted = f"{int(digits):,}".replace(",", ".")
    part = part.rstrip("0")
    return f"{sign}{dotted},{part}" if part else f"{sign}{dotted}"


def told_day(span: Dating, day: date) -> date:
    """The day an entry is told for: its last one once it has ended, its first while it lies ahead."""
    if span.valid_to and day > span.valid_to:
        return span.valid_to
    if span.valid_from and day < span.valid_from:
        return span.valid_from
    return day


def value_on(amount: Amount, day: date) -> DatedValue:
    """The value of a day; in a gap the last one before it, before all of them the first."""
    held = amount.on(day)
    if held:
        return held
    before = [v for v in amount.values if v.valid_to and v.valid_to < day]
    if before:
        return max(before, key=lambda v: v.valid_to or date.max)
    return min(amount.values, key=lambda v: v.valid_from or date.min)


def amount_text(amount: Amount, measures: Mapping[str, str], stamps: Stamps, day: date) -> str:
    """The value of a day in the words of its unit; a value of another day says which.

    Raises `UnknownFigureError` for a unit that `content/phrases/measures.yaml` does not word.
    """
    if amount.unit not in measures:
        raise UnknownFigureError(amount.unit)
    value = value_on(amount, day)
    text = measures[amount.unit].replace("{so}", figure_text(value.value))
    if value.valid_to and value.valid_to < day:
        return fill(stamps.lapsed, muc=text, ngay=day_text(value.valid_to))
    if value.valid_from and value.valid_from > day:
        return fill(stamps.coming, muc=text, ngay=day_text(value.valid_from))
    return text


def fill(template: str, **told: str) -> str:
    """A template of `stamps.yaml` with its own braces filled; `_` in a name stands for `-`."""
    for name, value in told.items():
        template = template.replace(f"{{{name.replace('_', '-')}}}", value)
    return template
