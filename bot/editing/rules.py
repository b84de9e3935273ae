"""Conditions as an official writes them, row by row: read from a draft, changed one step at a time, written back.

What nobody changed comes back exactly as it stood. Paths name a row by places alone: "0.2" is the third row of the first
group, "" the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.errors import LoaThonError
from bot.library.condition_words import FORMS, form_of, parts_of

#: of a yes-no test, as forms send it
YES, NO = "co", "khong"
#: groups inside groups that can be begun; the deepest entry has three
DEEPEST = 4
#: rows of one condition; a longer one is several
MOST_ROWS = 40
#: nothing else is a number: 1.000 may be meant as one or as a thousand
_WHOLE = re.compile(r"-?[0-9]{1,15}")

Step = Literal["add", "group", "drop"]


class TooManyRowsError(LoaThonError):
    """editing.too_many_rows"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row or group. Texts as they were typed, so that what is not right yet is kept too."""

    #: "all", "any", "none", or "fact" for a row
    form: str = "fact"
    parts: tuple[Rule, ...] = ()
    #: "" = not chosen yet
    fact: str = ""
    #: YES, NO or ""
    is_: str = ""
    in_: tuple[str, ...] = ()
    least: str = ""
    most: str = ""
    #: days as YYYY-MM-DD
    since: str = ""
    until: str = ""

    def rows(self) -> int:
        """Rows and groups in all."""
        return 1 + sum(part.rows() for part in self.parts)


def of_body(body: Mapping[str, Any] | None) -> Rule | None:
    """A condition of a draft."""
    if body is None:
        return None
    form = form_of(body)
    since, until = _told(body.get("valid_from")), _told(body.get("valid_to"))
    if form != "fact":
        parts = tuple(found for part in parts_of(body) if (found := of_body(part)) is not None)
        return Rule(form, parts, since=since, until=until)
    is_ = body.get("is")
    return Rule(
        fact=_told(body.get("fact")),
        is_="" if is_ is None else YES if is_ is True else NO,
        in_=tuple(_told(one) for one in body.get("in") or ()),
        least=_told(body.get("at_least")),
        most=_told(body.get("at_most")),
        since=since,
        until=until,
    )


def to_body(rule: Rule | None) -> dict[str, Any] | None:
    """The same as JSON, with every key as `bot.library.condition_words.plain` writes it; a group that is empty has none of
    the others, or nothing would tell which one it is."""
    if rule is None:
        return None
    dates = {"valid_from": rule.since or None, "valid_to": rule.until or None}
    if rule.form != "fact":
        parts = [to_body(part) for part in rule.parts]
        if not parts:
            return {**dates, rule.form: []}
        groups = {form: parts if form == rule.form else [] for form in FORMS}
        return {**dates, **groups, **to_test(Rule())}
    return {**dates, **{form: [] for form in FORMS}, **to_test(rule)}


def to_test(rule: Rule) -> dict[str, Any]:
    """The keys of a row's test."""
    return {
        "fact": rule.fact or None,
        "is": {YES: True, NO: False}.get(rule.is_),
        "in": list(rule.in_),
        "at_least": _number(rule.least),
        "at_most": _number(rule.most),
    }


def stepped(rule: Rule | None, step: Step, path: str) -> Rule | None:
    """After one step at a path: an empty row more, an empty group more with one row in it, or that part taken away.

    A row or group is added at the end of a group; to a row by making it the first of a new group. Raises `KeyError` for a
    path that leads nowhere, `TooManyRowsError`.
    """
    places = _places(path)
    if step != "drop" and rule is not None and rule.rows() >= MOST_ROWS:
        raise TooManyRowsError(most=MOST_ROWS)
    if step == "group" and len(places) >= DEEPEST:
        raise KeyError(path)
    fresh = Rule("any", (Rule(),)) if step == "group" else Rule()
    if rule is None:
        if places or step == "drop":
            raise KeyError(path)
        return fresh
    return _at(rule, places, step, fresh)


def at(rule: Rule, path: str) -> Rule:
    """The part under a path. Raises `KeyError`."""
    for place in _places(path):
        if place >= len(rule.parts):
            raise KeyError(path)
        rule = rule.parts[place]
    return rule


def paths(rule: Rule | None, path: str = "") -> Iterator[str]:
    """Every path there is, "" first."""
    if rule is None:
        return
    yield path
    for place, part in enumerate(rule.parts):
        yield from paths(part, f"{path}.{place}" if path else str(place))


def path_of(steps: Sequence[str]) -> str:
    """The path of a remark's steps below a condition: "any", "0", "all", "1", "at_least" -> "0.1"."""
    return ".".join(steps[place] for place in range(1, len(steps), 2) if steps[place].isdigit())


def _at(rule: Rule, places: Sequence[int], step: Step, fresh: Rule) -> Rule | None:
    if not places:
        if step == "drop":
            return None
        if rule.form == "fact":
            # what held from a day on holds for the group it becomes
            inner = replace(rule, since="", until="")
            return Rule("all", (inner, fresh), since=rule.since, until=rule.until)
        return replace(rule, parts=(*rule.parts, fresh))
    first = places[0]
    if first >= len(rule.parts):
        raise KeyError(first)
    changed = _at(rule.parts[first], places[1:], step, fresh)
    kept = (changed,) if changed is not None else ()
    return replace(rule, parts=(*rule.parts[:first], *kept, *rule.parts[first + 1 :]))


def _places(path: str) -> tuple[int, ...]:
    steps = path.split(".") if path else []
    if not all(step.isascii() and step.isdigit() and len(step) < 4 for step in steps):
        raise KeyError(path)
    return tuple(map(int, steps))


def _told(value: object) -> str:
    return "" if value is None else str(value)


def as_number(told: str) -> str:
    """A number as it is shown again once it was kept: 075 as 75; anything else as it was typed."""
    return _told(_number(told))


def _number(told: str) -> int | str | None:
    return int(told) if _WHOLE.fullmatch(told) else told or None
