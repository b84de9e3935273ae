"""An entry as JSON and back, exactly: what is published at run time is kept so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bot.library.overlay import Entry
from bot.library.schema.answers import Announcement, Faq
from bot.library.schema.policy import Policy
from bot.library.schema.story import Story

#: folder of the base -> the shape of its entries
SHAPES: Mapping[str, type[Entry]] = {
    "policies": Policy,
    "stories": Story,
    "faq": Faq,
    "announcements": Announcement,
}


def to_body(entry: Entry) -> dict[str, Any]:
    """The entry as JSON. A figure's value says its type, for JSON has none for sums and days: {"number"|"day": text}."""
    body = entry.model_dump(mode="json", by_alias=True)
    if isinstance(entry, Policy):
        for name, amount in entry.amounts.items():
            for kept, value in zip(body["amounts"][name]["values"], amount.values, strict=True):
                kept["value"] = _tagged(value.value)
    return body


def from_body(kind: str, body: Mapping[str, Any]) -> Entry:
    """The entry behind a body. Raises pydantic's `ValidationError`, `KeyError` for a kind that is none."""
    plain = {**body}
    if plain.get("amounts"):
        plain["amounts"] = {name: _untagged(amount) for name, amount in plain["amounts"].items()}
    return SHAPES[kind].model_validate(plain)


def _tagged(value: Decimal | date | str) -> object:
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return {"number": str(value)} if isinstance(value, Decimal) else value


def _untagged(amount: Mapping[str, Any]) -> dict[str, Any]:
    return {**amount, "values": [{**value, "value": _value(value["value"])} for value in amount["values"]]}


def _value(kept: object) -> object:
    if isinstance(kept, dict):
        return date.fromisoformat(kept["day"]) if "day" in kept else Decimal(kept["number"])
    return kept
