"""Conditions in a form: rows and groups as fields, the buttons that add and take away, and the same in words.

A row's fields are named after its place: `conditions.0.1:least`, of the second row of the first group; `fitted.2.when:in`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import FormData

from bot.editing import rules
from bot.editing.rules import NO, YES, Rule
from bot.library import Library
from bot.library.condition_words import FORMS, lines, phrase
from desk.refused import MissingError
from desk.visit import text, texts

#: begins the value of a button that changes rows; `fit:` one that changes fitted answers
STEPS = ("rule:", "fit:")
_DEEPEST = 20
_TEXT_MOST = 8_000
_MOST_FITTED = 30
_CONDITIONS, _FITTED = "conditions", "fitted"
_WHEN = re.compile(r"fitted\.(\d{1,3})\.when")


@dataclass(frozen=True, slots=True)
class Fit:
    """One fitted answer and the households it is for."""

    answer: str
    when: Rule


def fits(value: Sequence[Mapping[str, Any]] | None) -> tuple[Fit, ...]:
    """The fitted answers of a draft."""
    return tuple(Fit(str(one.get("answer") or ""), rules.of_body(one.get("when")) or Rule()) for one in value or ())


def fits_body(told: Sequence[Fit]) -> list[dict[str, Any]]:
    """The same as JSON."""
    return [{"when": rules.to_body(one.when), "answer": one.answer} for one in told]


def typed(form: FormData, name: str, before: Rule | None) -> Rule | None:
    """A condition as the form has it; what was there where the form says nothing of it."""
    return _node(form, name, 0) if f"{name}:form" in form else before


def typed_fits(form: FormData, name: str, before: tuple[Fit, ...]) -> tuple[Fit, ...]:
    """The fitted answers as the form has them."""
    if f"{name}:form" not in form:
        return before
    return tuple(
        Fit(text(form, f"{name}.{place}", _TEXT_MOST), _node(form, f"{name}.{place}.when", 0) or Rule())
        for place in range(_MOST_FITTED + 1)
        if f"{name}.{place}" in form
    )


def stepped(body: Mapping[str, Any], step: str) -> tuple[dict[str, Any], str]:
    """A draft's changes by one button, and the name of the field to go on with.

    Raises `MissingError` for a button no page has, `rules.TooManyRowsError`.
    """
    what, _, rest = step.partition(":")
    act, _, rest = rest.partition(":")
    if what == "fit":
        return _fitted(fits(body.get(_FITTED)), act, rest)
    if act == "keep":
        return {}, rest
    root, _, path = rest.partition(":")
    when = _WHEN.fullmatch(root)
    if act not in {"add", "group", "drop"} or not (root == _CONDITIONS or when):
        raise MissingError
    try:
        if when is None:
            rule = rules.stepped(rules.of_body(body.get(_CONDITIONS)), act, path)  # type: ignore[arg-type]
            return {_CONDITIONS: rules.to_body(rule)}, _next(root, path, act)
        told, place = list(fits(body.get(_FITTED))), int(when[1])
        if place >= len(told):
            raise MissingError
        changed = rules.stepped(told[place].when, act, path) or Rule()  # type: ignore[arg-type]
        told[place] = replace(told[place], when=changed)
        return {_FITTED: fits_body(told)}, _next(root, path, act)
    except KeyError as wrong:
        raise MissingError from wrong


def place_of(name: str) -> str:
    """The row or fitted answer a remark's dotted name belongs to: `conditions.any.0.is` -> `conditions.0`; other names as
    they are."""
    steps = name.split(".")
    if steps[0] == _CONDITIONS:
        return _joined(_CONDITIONS, rules.path_of(steps[1:]))
    if steps[0] == _FITTED and len(steps) > 1:
        stem = ".".join(steps[:2])
        return _joined(f"{stem}.when", rules.path_of(steps[3:])) if steps[2:3] == ["when"] else stem
    return name


def places(body: Mapping[str, Any]) -> Iterator[str]:
    """The names of all rows and fitted answers of a draft."""
    yield from (_joined(_CONDITIONS, path) for path in rules.paths(rules.of_body(body.get(_CONDITIONS))))
    for place, one in enumerate(fits(body.get(_FITTED))):
        stem = f"{_FITTED}.{place}"
        yield stem
        yield from (_joined(f"{stem}.when", path) for path in rules.paths(one.when))


def in_words(library: Library, name: str, value: Any) -> str:
    """A draft's `conditions` or `fitted` (JSON) as lines of words."""
    if name == _CONDITIONS:
        return "\n- ".join(lines(library, value))
    told = (f"{phrase(library, one.get('when') or {})}:\n{one.get('answer') or ''}" for one in value or ())
    return "\n".join(told)


def _fitted(told: tuple[Fit, ...], act: str, rest: str) -> tuple[dict[str, Any], str]:
    if act == "add" and len(told) < _MOST_FITTED:
        return {_FITTED: fits_body((*told, Fit("", Rule())))}, f"{_FITTED}.{len(told)}"
    place = int(rest) if rest.isascii() and rest.isdigit() else -1
    if not 0 <= place < len(told):
        raise MissingError
    rest_of = (*told[:place], *told[place + 1 :])
    if act == "drop":
        return {_FITTED: fits_body(rest_of)}, _FITTED
    if act == "up" and place:
        moved = (*told[: place - 1], told[place], told[place - 1], *told[place + 1 :])
        return {_FITTED: fits_body(moved)}, f"{_FITTED}.{place - 1}"
    raise MissingError


def _next(root: str, path: str, act: str) -> str:
    """Where to go on: the group itself; above what was taken away."""
    above = path.rpartition(".")[0] if act == "drop" else path
    return _joined(root, above)


def _joined(root: str, path: str) -> str:
    return f"{root}.{path}" if path else root


def _node(form: FormData, name: str, depth: int) -> Rule | None:
    kind = text(form, f"{name}:form", 8)
    since, until = (text(form, f"{name}:{end}", 20) for end in ("since", "until"))
    if kind in FORMS:
        parts: list[Rule] = []
        while depth < _DEEPEST and f"{name}.{len(parts)}:form" in form and len(parts) < rules.MOST_ROWS:
            parts.append(_node(form, f"{name}.{len(parts)}", depth + 1) or Rule())
        return Rule(kind, tuple(parts), since=since, until=until)
    if not kind:
        return None
    is_ = text(form, f"{name}:is", 8)
    return Rule(
        fact=text(form, f"{name}:fact", 60),
        is_=is_ if is_ in {YES, NO} else "",
        in_=_chosen(form, name),
        least=rules.as_number(text(form, f"{name}:least", 20)),
        most=rules.as_number(text(form, f"{name}:most", 20)),
        since=since,
        until=until,
    )


def _chosen(form: FormData, name: str) -> tuple[str, ...]:
    """The values ticked, in the order they stood in before."""
    sent = texts(form, f"{name}:in")
    before = text(form, f"{name}:was", 2_000).split()
    kept = tuple(one for one in before if one in sent)
    return (*kept, *(one for one in sent if one not in kept))
