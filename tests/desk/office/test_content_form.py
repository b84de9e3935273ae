"""Forms of content: what a browser sends back of one nobody touched is nothing new."""

from __future__ import annotations

from starlette.datastructures import FormData

from bot.editing.rules import Rule
from bot.library import Library
from bot.library.published import to_body
from desk.pages import content_form
from tests.harness.site import CONTENT


def sent(fields: tuple[content_form.Shown, ...]) -> list[tuple[str, str]]:
    """What a browser sends of a form nobody touched."""
    pairs: list[tuple[str, str]] = []
    for one in fields:
        name, value = one.field.name, one.value
        match one.field.shape:
            case "lines":
                pairs.append((name, "\r\n".join(value)))
            case "ticks":
                pairs += [(name, ""), *((name, ident) for ident, _ in one.options if ident in value)]
            case "tick":
                pairs += [(name, ""), *([(name, "1")] if value else [])]
            case "laws":
                columns = ("number", "issuer", "date", "article")
                for place, row in enumerate((*value, ("",) * 4)):
                    pairs += [(f"{name}.{place}.{column}", cell) for column, cell in zip(columns, row, strict=True)]
            case "rule":
                pairs += rule_sent(name, value)
            case "fitted":
                pairs.append((f"{name}:form", "1"))
                for place, fit in enumerate(value):
                    pairs += [(f"{name}.{place}", fit.answer), *rule_sent(f"{name}.{place}.when", fit.when)]
            case "amounts":
                columns = ("value", "valid_from", "valid_to", "source")
                for ident, _unit, rows in value:
                    for place, row in enumerate((*rows, ("",) * 4)):
                        stem = f"{name}.{ident}.{place}"
                        pairs += [(f"{stem}.{column}", cell) for column, cell in zip(columns, row, strict=True)]
                pairs += [(f"{name}-new", ""), (f"{name}-unit", "dong")]
            case _:
                pairs.append((name, value.replace("\n", "\r\n")))
    return pairs


def rule_sent(name: str, rule: Rule | None) -> list[tuple[str, str]]:
    """The same of a condition: ticks come in the order of the vocabulary, whatever order they stand in."""
    if rule is None:
        return [(f"{name}:form", "")]
    pairs = [(f"{name}:form", rule.form), (f"{name}:since", rule.since), (f"{name}:until", rule.until)]
    if rule.form == "fact":
        pairs += [(f"{name}:fact", rule.fact), (f"{name}:is", rule.is_), (f"{name}:was", " ".join(rule.in_))]
        pairs += [(f"{name}:in", one) for one in sorted(rule.in_)]
        pairs += [(f"{name}:least", rule.least), (f"{name}:most", rule.most)]
    for place, part in enumerate(rule.parts):
        pairs += rule_sent(f"{name}.{place}", part)
    return pairs


def test_a_form_nobody_touched_writes_nothing() -> None:
    """Every field of every entry comes back from a browser as it was shown."""
    library = Library.load(CONTENT)
    for entry in library.entries():
        kind, body = library.kind_of(entry.id), to_body(entry)
        form = FormData(sent(content_form.shown(library, kind, body, None)))
        assert content_form.changes(kind, body, form) == {}, entry.id
        assert content_form.changes(kind, body, FormData([])) == {}


def test_forms_write_figures_documents_and_lists() -> None:
    library = Library.load(CONTENT)
    body = to_body(library.entry("ho-tro-tien-dien"))
    shown = content_form.shown(library, "policies", body, None)
    pairs = dict(sent(tuple(one for one in shown if one.field.shape not in {"ticks", "rule", "fitted"})))
    name, amount = next(iter(body["amounts"].items()))
    place, law = len(amount["values"]), len(body["legal_basis"])
    pairs |= {
        f"amounts.{name}.{place}.value": "1.234,5",
        f"amounts.{name}.{place}.source": "1/QĐ",
        f"legal_basis.{law}.number": "2/NQ",
        f"legal_basis.{law}.issuer": "Quốc hội",
        "asked_as": "một\r\n\r\n  hai  ",
        "notes": "",
    }
    told = content_form.changes("policies", body, FormData(pairs))
    assert told["asked_as"] == ["một", "hai"]
    assert told["amounts"][name]["values"][-1]["value"] == {"number": "1234.5"}
    assert told["amounts"][name]["values"][:-1] == amount["values"]
    assert told["legal_basis"][-1] == {"number": "2/NQ", "issuer": "Quốc hội", "date": None, "article": None}
    assert told["legal_basis"][:-1] == body["legal_basis"]
    assert set(told) - {"notes"} == {"asked_as", "amounts", "legal_basis"}
