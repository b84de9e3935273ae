"""The written Bot API: methods, parameters, types and limits, and the check of a value against them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_SIMPLE = frozenset({"String", "Integer", "Float", "Boolean", "InputFile"})


@dataclass(frozen=True, slots=True)
class Limit:
    """A stated range: `unit` is chars, bytes, value or items; `parsed` = counted after markup is taken out."""

    low: int
    high: int
    unit: str
    parsed: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter of a method or field of a type."""

    name: str
    types: tuple[str, ...]
    required: bool
    limit: Limit | None

    @classmethod
    def read(cls, name: str, line: str) -> Field:
        """From the short line that `make_spec` writes."""
        kinds, *rest = line.split(" ")
        limit = None
        if rest:
            low, high = rest[0].split("..")
            limit = Limit(int(low), int(high), rest[1], "parsed" in rest)
        return cls(name, tuple(kinds.lstrip("!").split("|")), kinds.startswith("!"), limit)

    @property
    def is_json(self) -> bool:
        """Whether a form carries this value as JSON."""
        return any(t.startswith("[") or t not in _SIMPLE for t in self.types)


@dataclass(frozen=True, slots=True)
class Method:
    """One method of the Bot API."""

    name: str
    fields: dict[str, Field]
    returns: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a value. `path` leads to it, `code` is a short name of the rule."""

    path: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Spec:
    """All methods and types of one Bot API version."""

    version: str
    methods: dict[str, Method]
    #: fields of every concrete type
    types: dict[str, dict[str, Field]]
    subtypes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def check(self, kinds: tuple[str, ...], value: Any, path: str) -> list[Fault]:
        """Faults of a decoded value that may be any of `kinds`; of several kinds the best fitting one speaks."""
        best: list[Fault] | None = None
        for kind in self._concrete(kinds):
            faults = self._check_one(kind, value, path)
            if not faults:
                return []
            if best is None or len(faults) < len(best):
                best = faults
        return best or []

    def _concrete(self, kinds: tuple[str, ...]) -> list[str]:
        out: list[str] = []
        for kind in kinds:
            out.extend(self._concrete(self.subtypes[kind]) if kind in self.subtypes else [kind])
        return out

    def _check_one(self, kind: str, value: Any, path: str) -> list[Fault]:
        if kind.startswith("["):
            if not isinstance(value, list):
                return [Fault(path, "type", "expected an array")]
            inner = (kind[1:-1],)
            return [f for i, item in enumerate(value) for f in self.check(inner, item, f"{path}[{i}]")]
        if kind in _SIMPLE:
            return [] if _is_simple(kind, value) else [Fault(path, "type", f"expected {kind}")]
        if not isinstance(value, dict):
            return [Fault(path, "type", f"expected {kind}, an object")]
        return self._check_object(kind, value, path)

    def _check_object(self, kind: str, value: dict[str, Any], path: str) -> list[Fault]:
        fields = self.types[kind]
        faults = [
            Fault(f"{path}.{name}", "unknown-field", f"{kind} has no such field")
            for name in value.keys() - fields.keys()
        ]
        for name, spec_field in fields.items():
            if name in value:
                here = f"{path}.{name}"
                faults += self.check(spec_field.types, value[name], here) or check_limit(spec_field, value[name], here)
            elif spec_field.required:
                faults.append(Fault(f"{path}.{name}", "missing", f"{kind} needs it"))
        return faults


def check_limit(spec_field: Field, value: Any, path: str) -> list[Fault]:
    """Whether a value of the right type keeps the stated range; text with markup is measured elsewhere."""
    limit = spec_field.limit
    if limit is None or limit.parsed:
        return []
    match value:
        case str():
            size = len(value.encode("utf-8", "surrogatepass")) if limit.unit == "bytes" else len(value)
        case list():
            size = len(value)
        case _:
            size = value
    if limit.low <= size <= limit.high or (size == 0 and limit.unit == "chars" and not spec_field.required):
        return []
    return [Fault(path, "range", f"{size} is outside {limit.low}-{limit.high} {limit.unit}")]


def _is_simple(kind: str, value: Any) -> bool:
    match kind:
        case "String" | "InputFile":
            return isinstance(value, str)
        case "Boolean":
            return isinstance(value, bool)
        case "Integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case _:
            return isinstance(value, (int, float)) and not isinstance(value, bool)


@cache
def load() -> Spec:
    """The specification beside this file."""
    raw = json.loads(Path(__file__).with_name("spec.json").read_text(encoding="utf-8"))

    def fields(lines: dict[str, str]) -> dict[str, Field]:
        return {name: Field.read(name, line) for name, line in lines.items()}

    return Spec(
        version=raw["version"],
        methods={n: Method(n, fields(m["fields"]), m["returns"]) for n, m in raw["methods"].items()},
        types={n: fields(t["fields"]) for n, t in raw["types"].items() if "fields" in t},
        subtypes={n: tuple(t["subtypes"]) for n, t in raw["types"].items() if "subtypes" in t},
    )
