"""A condition over a household's facts, as people would say it. Unfinished ones too: drafts hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from bot.library.library import Library
from bot.library.render import day_text, fill
from bot.library.schema.condition import Condition, HouseholdFact
from bot.library.schema.phrases import Household, RuleWords

#: the ways a condition holds others, in the order of the model
FORMS = ("all", "any", "none")
#: fields of a condition that is a list of ways, each a line of its own
_LINED = {"any": "lead_any", "none": "lead_none"}

Body = Mapping[str, Any]


def plain(condition: Condition) -> dict[str, Any]:
    """The condition as drafts hold it: JSON under the names of the files."""
    return condition.model_dump(mode="json", by_alias=True)


def lines(library: Library, rule: Body | None) -> tuple[str, ...]:
    """The whole of it: one sentence, or a sentence and a line for each way. `rule`: as of `plain`, maybe unfinished."""
    words = library.phrase(Household).words
    if rule is None:
        return (words.anybody,)
    form = form_of(rule)
    many = parts_of(rule)
    dates = _dates(words, rule)
    if form in _LINED and len(many) > 1:
        lead = getattr(words, _LINED[form])
        told = tuple(_inside(library, part, nested=False) for part in many)
        return (" ".join((lead, *dates)), *told)
    return (fill(words.lead, ke=_inside(library, rule, nested=False)),)


def phrase(library: Library, rule: Body) -> str:
    """The same inside a sentence."""
    return _inside(library, rule, nested=False)


def form_of(rule: Body) -> str:
    """`all`, `any`, `none` or `fact`. A group that is still empty holds nothing but the list of its form."""
    held = next((form for form in FORMS if rule.get(form)), None)
    if held:
        return held
    named = [form for form in FORMS if form in rule]
    return named[0] if len(named) == 1 and "fact" not in rule else "fact"


def parts_of(rule: Body) -> tuple[Body, ...]:
    """What a group holds."""
    return tuple(rule.get(form_of(rule)) or ()) if form_of(rule) != "fact" else ()


def _inside(library: Library, rule: Body, *, nested: bool) -> str:
    words, form = library.phrase(Household).words, form_of(rule)
    dates = _dates(words, rule)
    if form == "fact":
        return " ".join((_test(library, words, rule), *dates))
    parts = parts_of(rule)
    if form == "none" and len(parts) == 1 and (lacked := _lacked(library, parts[0])):
        return " ".join((lacked, *dates))
    told = [_inside(library, part, nested=len(parts) > 1 or form == "none") for part in parts] or [words.gap]
    joined = _joined(words.all, told, ", ") if form == "all" else _joined(words.any, told, "; ")
    if form == "none":
        joined = fill(words.none, ke=joined)
    elif nested and len(told) > 1:
        joined = f"({joined})"
    return " ".join((joined, *dates))


def _lacked(library: Library, rule: Body) -> str:
    """A single yes-no test turned round, "" for anything else."""
    fact = library.household.get(str(rule.get("fact")))
    is_plain = form_of(rule) == "fact" and rule.get("is") is True and not _span(rule)
    return fact.lacks or "" if fact and is_plain else ""


def _test(library: Library, words: RuleWords, rule: Body) -> str:
    """One test of one fact."""
    name = str(rule.get("fact") or "")
    fact = library.household.get(name)
    if fact is None:
        return name or words.gap
    if rule.get("is") is False:
        return fact.lacks or fact.holds
    said = _joined(words.chosen, (_value(fact, one) for one in rule.get("in") or ()), ", ")
    number = _number(words, rule, fact.unit or "")
    is_told = rule.get("is") is True or said or number
    return fill(fact.holds, chon=said or words.gap, so=number or words.gap) if is_told else f"{fact.name} {words.gap}"


def _value(fact: HouseholdFact, value: str) -> str:
    label = fact.said.get(value) or fact.options.get(value, value)
    return label if value in fact.said else label[:1].lower() + label[1:]


def _number(words: RuleWords, rule: Body, unit: str) -> str:
    low, high = rule.get("at_least"), rule.get("at_most")
    if low is None and high is None:
        return ""
    if high is None:
        template = words.at_least
    elif low is None:
        template = words.at_most
    else:
        template = words.exactly if low == high else words.between
    return fill(template, so=str(high if low is None else low), den=str(high), don_vi=unit)


def _joined(template: str, told: Iterable[str], mark: str) -> str:
    """One after another with a mark between them, and the word of the template before the last."""
    *front, last = list(told) or [""]
    return fill(template, ke=mark.join(front), cuoi=last) if front else last


def _dates(words: RuleWords, rule: Body) -> tuple[str, ...]:
    """The days in which it can hold at all, one remark each."""
    found = []
    for name, template in (("valid_from", words.since), ("valid_to", words.until)):
        told = rule.get(name)
        if told:
            found.append(fill(template, ngay=_day(str(told))))
    return tuple(found)


def _span(rule: Body) -> bool:
    return bool(rule.get("valid_from") or rule.get("valid_to"))


def _day(told: str) -> str:
    try:
        return day_text(date.fromisoformat(told))
    except ValueError:
        return told
