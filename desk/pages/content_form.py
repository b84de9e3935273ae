"""Forms of content: which fields a kind has, how a draft's body fills them, and what was changed in them.

A field is shown and read in one shape, so that what nobody touched is never written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from starlette.datastructures import FormData

from bot.editing import rules
from bot.library import Library
from bot.library.schema.base import Basis, Confidence
from bot.library.schema.phrases import Likeness
from desk.pages import content_rule
from desk.visit import text, texts

#: the longest text of one field; the checks ask for far shorter ones
TEXT_MOST = 8_000
#: empty rows offered at the end of a list of rows
_ROWS_MORE = 1
_LAW = ("number", "issuer", "date", "article")
_VALUE = ("value", "valid_from", "valid_to", "source")
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?")
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")

Shape = Literal["line", "area", "lines", "day", "year", "choice", "tick", "ticks", "laws", "amounts", "rule", "fitted"]
#: pages of a form beside its first: figures and documents; conditions; answers for some households
PARTS = ("so", "dk", "lr")
FIGURES, RULES, FITTED = PARTS


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `name`: dotted as `bodies.changed` takes it; `of`: where its choices come from."""

    name: str
    shape: Shape
    of: str = ""
    most: int = TEXT_MOST
    #: stands below, folded, until it is needed
    is_seldom: bool = False
    #: the page of the form it stands on, "" = the first: a form stays small on a weak line
    page: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One field as the page shows it. `value`: text, bool, tuple of texts or of rows; `options`: (id, name or "")."""

    field: Field
    value: Any
    options: tuple[tuple[str, str], ...]


_HEAD = (Field("title", "line", most=160), Field("short", "line", most=24), Field("topic", "choice", "topics"))
_SPAN = (Field("valid_from", "day"), Field("valid_to", "day"))
_TOLD = (Field("answer", "area", most=1_500), Field("broadcast", "area"))
_TAIL = (
    Field("asked_as", "lines"),
    Field("related", "lines", is_seldom=True),
    Field("legal_basis", "laws", is_seldom=True),
    Field("sources", "lines", is_seldom=True),
    Field("notes", "area", is_seldom=True),
)
_GROUPS = Field("groups", "ticks", "groups", is_seldom=True)

FIELDS: Mapping[str, tuple[Field, ...]] = {
    "faq": (
        *_HEAD,
        *_TOLD,
        Field("about", "choice", "policies"),
        Field("basis", "choice", "basis"),
        *_SPAN,
        Field("more", "area", is_seldom=True),
        _GROUPS,
        *_TAIL,
    ),
    "announcements": (
        *_HEAD[:2],
        Field("topic", "choice", "free-topics"),
        *_SPAN,
        *_TOLD,
        Field("contact", "line"),
        Field("hamlets", "ticks", "hamlets"),
        _GROUPS,
        *_TAIL,
    ),
    "policies": (
        *_HEAD,
        Field("basis", "choice", "basis"),
        Field("confidence", "choice", "confidence"),
        *_SPAN,
        _GROUPS,
        *_TOLD,
        *(Field(f"parts.{name}", "area") for name in ("who", "what", "how")),
        *(Field(f"officials.{name}", "area", is_seldom=True) for name in ("does", "deadline", "form", "signs")),
        Field("amounts", "amounts", page=FIGURES),
        Field("legal_basis", "laws", page=FIGURES),
        Field("superseded_by", "choice", "policies", page=FIGURES),
        Field("conditions", "rule", page=RULES),
        Field("fitted", "fitted", page=FITTED),
        *(field for field in _TAIL if field.name != "legal_basis"),
    ),
    "stories": (
        *_HEAD[:2],
        *(
            Field(f"place.{name}", "line", is_seldom=name.endswith("then") and name != "province_then")
            for name in ("province_now", "province_then", "district_then", "commune_now", "commune_then")
        ),
        *(Field(name, "ticks", name) for name in ("livelihoods", "place_kinds", "difficulties")),
        _GROUPS,
        Field("escaped_poverty", "tick"),
        Field("confidence", "choice", "confidence"),
        Field("read_extent", "choice", "read_extent"),
        Field("year", "year"),
        *_TOLD,
        *(Field(f"parts.{name}", "area") for name in ("start", "did", "helped", "result", "copy_this")),
        Field("consent.recorded_on", "day", is_seldom=True),
        Field("consent.recorded_by", "line", is_seldom=True),
        Field("consent.scope", "area", is_seldom=True),
        Field("missing", "lines", is_seldom=True),
        Field("asked_as", "lines"),
        Field("related", "lines", is_seldom=True),
        Field("sources", "lines"),
        Field("notes", "area", is_seldom=True),
    ),
    "words": (Field("asked_as", "lines"),),
}
#: groups of fields that are there together or not at all
_WHOLE = ("officials", "consent")


def shown(library: Library, kind: str, body: Mapping[str, Any], unit: str | None) -> tuple[Shown, ...]:
    """Every field of a draft as its form shows it."""
    place = unit or str(body.get("unit") or "")
    found = []
    for field in FIELDS[kind]:
        value, options = _standing(field, body), dict(_options(library, field.of, place))
        # what stands there and is offered no more is still shown, or the form would take it away
        stays = value if field.shape == "ticks" else (value,) if field.shape == "choice" and value else ()
        options |= {one: one for one in stays if one not in options}
        found.append(Shown(field, value, tuple(options.items())))
    return tuple(found)


def typed(library: Library, kind: str, body: Mapping[str, Any], form: FormData, unit: str | None) -> tuple[Shown, ...]:
    """The same with what was typed over it; a field the form does not carry stays as it is."""
    return tuple(
        Shown(one.field, _typed(one.field, one.value, form), one.options) for one in shown(library, kind, body, unit)
    )


def changes(kind: str, body: Mapping[str, Any], form: FormData) -> dict[str, Any]:
    """What the form says differently, for `drafts.save`."""
    found: dict[str, Any] = {}
    for field in FIELDS[kind]:
        before = _standing(field, body)
        after = _typed(field, before, form)
        if before != after:
            found[field.name] = _value(field, after)
    for group in _WHOLE:
        mine = [field for field in FIELDS[kind] if field.name.startswith(f"{group}.")]
        is_touched = any(field.name in found for field in mine)
        if is_touched and not any(_typed(field, _standing(field, body), form) for field in mine):
            found = {name: value for name, value in found.items() if not name.startswith(f"{group}.")}
            found[group] = None
    return found


def field_of(kind: str, name: str) -> str:
    """The form's field that a remark's dotted name belongs to, "" for none."""
    mine = [f.name for f in FIELDS[kind] if name == f.name or name.startswith(f"{f.name}.")]
    return max(mine, key=len, default="")


def page_of(kind: str, name: str) -> str:
    """The page of the form where a remark's dotted name is to be mended."""
    mine = field_of(kind, name)
    return next((field.page for field in FIELDS[kind] if field.name == mine), "")


def held(body: Mapping[str, Any], name: str) -> Any:
    """What stands under a dotted name, places of lists too; None where there is nothing."""
    found: Any = body
    for step in name.split("."):
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def put(body: Mapping[str, Any], name: str, told: str) -> dict[str, Any]:
    """One text deep in a body, as changes for `drafts.save`. Raises `KeyError` where there is no text under that name."""
    if not isinstance(held(body, name), str):
        raise KeyError(name)
    top, _, inner = name.partition(".")
    return {top: _replaced(body[top], inner.split("."), told) if inner else told}


def _replaced(value: Any, steps: Sequence[str], told: str) -> Any:
    if not steps:
        return told
    first, rest = steps[0], steps[1:]
    if isinstance(value, Mapping):
        return {**value, first: _replaced(value[first], rest, told)}
    return [_replaced(one, rest, told) if place == int(first) else one for place, one in enumerate(value)]


def _options(library: Library, of: str, unit: str) -> Iterator[tuple[str, str]]:
    if of in {"topics", "free-topics"}:
        yield from ((topic.id, topic.title) for topic in library.topics.values())
    elif of == "policies":
        yield from sorted(((one.id, one.title) for one in library.policies.values()), key=lambda pair: pair[1])
    elif of == "groups":
        yield from library.groups.items()
    elif of == "hamlets" and unit in library.units:
        yield from ((hamlet.id, hamlet.name) for hamlet in library.units[unit].hamlets)
    elif of in {"livelihoods", "place_kinds", "difficulties"}:
        yield from getattr(library.phrase(Likeness), of).items()
    elif of == "basis":
        yield from ((one.value, "") for one in Basis)
    elif of == "confidence":
        yield from ((one.value, "") for one in Confidence)
    elif of == "read_extent":
        yield from (("trich-doan", ""), ("toan-van", ""))


def _standing(field: Field, body: Mapping[str, Any]) -> Any:
    """The body's value in the shape the form has."""
    value = held(body, field.name)
    match field.shape:
        case "lines":
            return tuple(" ".join(str(one).split()) for one in value or ())
        case "ticks":
            return tuple(str(one) for one in value or ())
        case "tick":
            return bool(value)
        case "laws":
            return tuple(tuple(str(law.get(name) or "") for name in _LAW) for law in value or ())
        case "rule":
            return rules.of_body(value)
        case "fitted":
            return content_rule.fits(value)
        case "amounts":
            return tuple(
                (name, str(one.get("unit", "")), tuple(_value_row(row) for row in one.get("values", ())))
                for name, one in (value or {}).items()
            )
        case _:
            told = "" if value is None else str(value).strip()
            return " ".join(told.split()) if field.shape == "line" else told


def _value_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    value = row.get("value")
    if isinstance(value, Mapping) and "day" in value:
        day = date.fromisoformat(value["day"])
        told = f"{day.day}/{day.month}/{day.year}"
    elif isinstance(value, Mapping):
        told = f"{Decimal(value['number']):,f}".translate({ord(","): ".", ord("."): ","})
    else:
        told = str(value or "")
    return (told, *(str(row.get(name) or "") for name in _VALUE[1:]))


def _typed(field: Field, before: Any, form: FormData) -> Any:
    """What was typed, in the same shape; what was there before where the form says nothing of it."""
    name = field.name
    match field.shape:
        case "lines":
            told = text(form, name, TEXT_MOST).split("\n")
            return tuple(" ".join(line.split()) for line in told if line.strip()) if name in form else before
        case "ticks":
            sent = texts(form, name)
            kept = tuple(one for one in before if one in sent)
            return (*kept, *(one for one in sent if one not in kept)) if name in form else before
        case "tick":
            return bool(texts(form, name)) if name in form else before
        case "laws":
            rows = _rows(form, name, _LAW, len(before) + _ROWS_MORE)
            return rows if f"{name}.0.number" in form else before
        case "rule":
            return content_rule.typed(form, name, before)
        case "fitted":
            return content_rule.typed_fits(form, name, before)
        case "amounts":
            return _amounts(field, before, form)
        case "line":
            return " ".join(text(form, name, TEXT_MOST).split()) if name in form else before
        case _:
            return text(form, name, TEXT_MOST) if name in form else before


def _rows(form: FormData, name: str, columns: Sequence[str], many: int) -> tuple[tuple[str, ...], ...]:
    rows = (tuple(text(form, f"{name}.{place}.{column}", 500) for column in columns) for place in range(many))
    return tuple(row for row in rows if any(row))


def _amounts(field: Field, before: Any, form: FormData) -> Any:
    told = []
    for name, unit, rows in before:
        stem = f"{field.name}.{name}"
        is_there = f"{stem}.0.value" in form
        kept = _rows(form, stem, _VALUE, len(rows) + _ROWS_MORE) if is_there else rows
        if kept:
            told.append((name, unit, kept))
    fresh = text(form, f"{field.name}-new", 60)
    if fresh and fresh not in {name for name, _, _ in told}:
        told.append((fresh, text(form, f"{field.name}-unit", 60), _rows(form, f"{field.name}-row", _VALUE, 1)))
    return tuple(told)


def _value(field: Field, told: Any) -> Any:
    """The form's shape as JSON; None takes the field away."""
    match field.shape:
        case "lines" | "ticks":
            return list(told)
        case "tick":
            return told
        case "year":
            return int(told) if told.isascii() and told.isdigit() else told or None
        case "laws":
            return [dict(zip(_LAW, (cell or None for cell in row), strict=True)) for row in told]
        case "rule":
            return rules.to_body(told)
        case "fitted":
            return content_rule.fits_body(told)
        case "amounts":
            return {name: {"unit": unit, "values": [_json_row(row) for row in rows]} for name, unit, rows in told}
        case _:
            return told or None


def _json_row(row: tuple[str, ...]) -> dict[str, Any]:
    told = row[0]
    value: Any = told
    if _NUMBER.fullmatch(told):
        value = {"number": told.replace(".", "").replace(",", ".")}
    elif (found := _DAY.fullmatch(told)) and _is_day(found):
        value = {"day": f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"}
    return {"value": value, **{name: cell or None for name, cell in zip(_VALUE[1:], row[1:], strict=True)}}


def _is_day(found: re.Match[str]) -> bool:
    try:
        date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return False
    return True
