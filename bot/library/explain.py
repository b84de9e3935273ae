"""pydantic's findings, put into words an official can act on."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from bot.library.faults import Fault, fault, has_wording
from bot.library.reading import Lines

#: pydantic's error types that mean the same to whoever mends the file
_SAME = {
    "string_type": "wanted_text",
    "bool_type": "wanted_bool",
    "bool_parsing": "wanted_bool",
    "int_type": "wanted_number",
    "int_parsing": "wanted_number",
    "int_from_float": "wanted_number",
    "decimal_parsing": "wanted_number",
    "decimal_type": "wanted_number",
    "date_type": "wanted_date",
    "date_parsing": "wanted_date",
    "date_from_datetime_parsing": "wanted_date",
    "date_from_datetime_inexact": "wanted_date",
    "dict_type": "wanted_map",
    "model_type": "wanted_map",
    "model_attributes_type": "wanted_map",
    "tuple_type": "wanted_list",
    "list_type": "wanted_list",
    "enum": "not_among",
    "literal_error": "not_among",
    "too_short": "list_short",
}


def explain(error: ValidationError, model: type[BaseModel], path: str, raw: bytes) -> list[Fault]:
    """One fault a finding, with the line it stands on; findings of one union are told once."""
    lines = Lines(raw)
    found: dict[tuple[int, str], Fault] = {}
    for item in error.errors(include_url=False):
        # pydantic puts names of union branches into its locations; the file has no such steps
        steps = lines.present(item["loc"])
        if item["type"] == "missing":
            steps = (*steps, item["loc"][-1])
        line = lines.at(item["loc"])
        name = ".".join(map(str, steps)) or "-"
        found.setdefault((line, name), _fault(item, model, path, line, name))
    return list(found.values())


def plainly(error: ValidationError, model: type[BaseModel], given: object) -> tuple[str, str]:
    """(field, what is wrong and how to mend it) of the first finding, for data that came from no file."""
    raw = yaml.safe_dump(given, allow_unicode=True).encode()
    first = explain(error, model, "", raw)[0]
    field = ".".join(str(step) for step in error.errors()[0]["loc"])
    return field, f"{first.message} {first.mend}".strip()


def told_plainly(error: ValidationError, model: type[BaseModel], given: object) -> list[tuple[str, Fault]]:
    """(field, fault) of every finding, for data that came from no file; the fault's path and line say nothing."""
    raw = yaml.safe_dump(given, allow_unicode=True).encode()
    lines = Lines(raw)
    found: dict[str, Fault] = {}
    for item in error.errors(include_url=False):
        steps = lines.present(item["loc"])
        if item["type"] == "missing":
            steps = (*steps, item["loc"][-1])
        name = ".".join(map(str, steps))
        found.setdefault(name, _fault(item, model, "", 0, name or "-"))
    return list(found.items())


def _fault(item: Mapping[str, Any], model: type[BaseModel], path: str, line: int, name: str) -> Fault:
    kind = _SAME.get(item["type"], item["type"])
    context = {key: str(value) for key, value in item.get("ctx", {}).items()}
    told = {"field": name, "value": _short(item.get("input")), **context}
    if kind == "extra_forbidden":
        near = get_close_matches(str(item["loc"][-1]), _names(model), n=1)
        return fault("unknown_key_near" if near else "unknown_key", path, line, near=near[0] if near else "", **told)
    if has_wording(kind):
        return fault(kind, path, line, **{"expected": "", "pattern": "", "max_length": "", **told})
    return fault("other", path, line, problem=str(item["msg"]), **{**told, "error": ""})


def _names(model: type[BaseModel], seen: frozenset[type] = frozenset()) -> list[str]:
    """Every key a file of this kind may hold, at any depth: enough to guess a slip of the finger."""
    names: list[str] = []
    for name, info in model.model_fields.items():
        names.append(info.alias or name)
        for inner in _models(info.annotation):
            if inner not in seen and inner is not model:
                names += _names(inner, seen | {model})
    return names


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _models(part)]


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
