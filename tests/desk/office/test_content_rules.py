"""A policy's conditions in the form: nothing is lost on the way there and back, and rows come and go without script."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import ValidationError
from starlette.datastructures import FormData

import desk
from bot.editing import exchange, rules
from bot.library import Library, answer
from bot.library.condition_words import lines, plain
from bot.library.published import from_body, to_body
from bot.library.schema.condition import Condition
from bot.store import edits
from desk.pages import content_form
from tests.desk.office.conftest import UNIT, Answer, Client, add_official
from tests.desk.office.test_content import LIST, approved, number_of
from tests.harness.forms import fields
from tests.harness.site import CONTENT, Running

LIBRARY = Library.load(CONTENT)
PENSION = "tro-cap-huu-tri-xa-hoi"
_FRAMES = Environment(
    loader=FileSystemLoader(Path(desk.__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
_FORM = _FRAMES.from_string(
    '{% import "content_rule.html" as rules %}{{ rules.conditions(one, facts, {}) }}{{ rules.fitted(two, facts, {}, ()) }}'
)


def browser(body: dict[str, Any]) -> FormData:
    """What a browser sends of the page of conditions when nobody touched it."""
    shown = {one.field.name: one for one in content_form.shown(LIBRARY, "policies", body, None)}
    page = _FORM.render(one=shown["conditions"], two=shown["fitted"], facts=LIBRARY.household)
    return FormData(fields(page))


def written(body: dict[str, Any], form: FormData) -> dict[str, Any]:
    """The body as the form makes it, whatever was there before: every field of the page is written."""
    emptied = {**body, "conditions": None, "fitted": []}
    return {**emptied, **content_form.changes("policies", emptied, form)}


@pytest.mark.parametrize("entry_id", sorted(LIBRARY.policies))
def test_every_entry_comes_back_from_the_form_as_it_was(entry_id: str) -> None:
    """YAML, form, YAML: the same bytes."""
    entry = LIBRARY.policies[entry_id]
    body = to_body(entry)
    form = browser(body)
    assert content_form.changes("policies", body, form) == {}
    again = from_body("policies", written(body, form))
    assert again == entry
    assert exchange.as_yaml(again) == exchange.as_yaml(entry)


_DAYS = st.none() | st.dates(date(2020, 1, 1), date(2035, 1, 1))
_FACTS = list(LIBRARY.household.values())


@st.composite
def one_test(draw: st.DrawFn) -> dict[str, Any]:
    fact = draw(st.sampled_from(_FACTS))
    told: dict[str, Any] = {"fact": fact.id}
    if fact.kind == "yes-no":
        told["is"] = draw(st.booleans())
    elif fact.kind == "choice":
        told["in"] = draw(st.lists(st.sampled_from(sorted(fact.options)), min_size=1, unique=True))
    else:
        low, high = sorted((draw(st.integers(-200, 2000)), draw(st.integers(-200, 2000))))
        told |= draw(st.sampled_from(({"at_least": low}, {"at_most": high}, {"at_least": low, "at_most": high})))
    return told


def _dated(rule: dict[str, Any], span: tuple[date | None, date | None]) -> dict[str, Any]:
    since, until = sorted(span) if all(span) else span  # type: ignore[type-var]
    return {**rule, "valid_from": since, "valid_to": until}


def _grouped(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    parts = st.lists(inner, min_size=1, max_size=4)
    return st.builds(lambda form, many: {form: many}, st.sampled_from(("all", "any", "none")), parts)


CONDITIONS = st.recursive(
    st.builds(_dated, one_test(), st.tuples(_DAYS, _DAYS)),
    lambda inner: st.builds(_dated, _grouped(inner), st.tuples(_DAYS, _DAYS)),
    max_leaves=12,
).map(Condition.model_validate)


@settings(deadline=None, max_examples=60)
@given(st.none() | CONDITIONS, st.lists(CONDITIONS, max_size=2))
def test_any_condition_comes_back_from_the_form_as_it_was(main: Condition | None, whens: list[Condition]) -> None:
    body = to_body(LIBRARY.policies[PENSION])
    body |= {"conditions": plain(main) if main else None}
    body |= {"fitted": [{"when": plain(when), "answer": "Lời riêng."} for when in whens]}
    form = browser(body)
    assert content_form.changes("policies", body, form) == {}
    assert written(body, form) == body
    for line in lines(LIBRARY, body["conditions"]):
        assert "{" not in line


_NAMES = st.sampled_from(["conditions", "conditions.0", "conditions.0.0", "fitted.0.when", "fitted.0.when.1"])
_ENDS = st.sampled_from(["form", "fact", "is", "in", "was", "least", "most", "since", "until"])
_VALUES = st.sampled_from(["all", "any", "none", "fact", "tuoi", "co", "75", "-0", "1" * 30, "x y", "\0"])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(_NAMES, _ENDS, _VALUES | st.text(max_size=3)), max_size=14))
def test_forms_nobody_made_do_no_harm(told: list[tuple[str, str, str]]) -> None:
    """Whatever fields arrive, in whatever order and number: a draft, never an error."""
    pairs = [(f"{name}:{end}", value) for name, end, value in told]
    body = to_body(LIBRARY.policies[PENSION])
    changed = content_form.changes("policies", body, FormData([*pairs, ("fitted:form", "1"), ("fitted.0", "x")]))
    after = {**body, **changed}
    browser(after)
    lines(LIBRARY, after.get("conditions"))


async def begin(client: Client, entry: str = PENSION) -> int:
    path = f"{LIST}/muc/policies/{UNIT}/{entry}"
    return number_of((await client.fill(path, f"{path}/soan")).path)


async def press(client: Client, number: int, step: str, part: str = "dk", **changes: str | list[str]) -> Answer:
    """Press a button of the page of conditions with some fields typed anew, by their names (`.` and `:` as they are)."""
    page = await client.get(f"{LIST}/ban/{number}/sua?phan={part}")
    return await sent(client, number, page, step, changes)


async def sent(client: Client, number: int, page: Answer, step: str, changes: dict[str, Any]) -> Answer:
    pairs = [(name, value) for name, value in fields(page.text, "soan") if name not in changes]
    for name, value in changes.items():
        pairs += [(name, one) for one in (value if isinstance(value, list) else [value])]
    return await client.post(f"{LIST}/ban/{number}/sua", [*pairs, ("step", step)], follow=True)


async def body_of(place: Running, number: int) -> dict[str, Any]:
    async with place.house.store.read() as tx:
        edit = await edits.get(tx, number)
    assert edit is not None
    return copy.deepcopy(edit.body)


async def test_rows_come_and_go_without_script(place: Running, writer: Client) -> None:
    number = await begin(writer)
    before = (await body_of(place, number))["conditions"]
    done = await press(writer, number, "rule:add:conditions:1")
    assert "Xét điều gì của gia đình" in done.text
    assert "chưa chọn điều nào" in done.text, "a row without a fact is named as a fault"
    done = await press(writer, number, "rule:keep:conditions.1.3", **{"conditions.1.3:fact": "khuyet-tat"})
    assert "chưa ghi giá trị" in done.text
    ticked = {"conditions.1.3:in": ["nang", "dac-biet-nang"]}
    done = await press(writer, number, "rule:group:conditions:", **ticked)
    assert "giấy xác nhận khuyết tật ghi mức nặng hoặc đặc biệt nặng" in done.text
    held = (await body_of(place, number))["conditions"]
    assert held["any"][1]["all"][3]["in"] == ["nang", "dac-biet-nang"]
    assert held["any"][2]["any"] == [plain_row()]
    await press(writer, number, "rule:drop:conditions:2")
    await press(writer, number, "rule:drop:conditions:1.3")
    assert (await body_of(place, number))["conditions"] == before
    await press(writer, number, "rule:drop:conditions:")
    assert "conditions" not in await body_of(place, number)
    await press(writer, number, "rule:add:conditions:")
    await press(writer, number, "rule:keep:conditions", **{"conditions:fact": "tuoi"})
    done = await press(writer, number, "rule:add:conditions:", **{"conditions:least": "60"})
    held = (await body_of(place, number))["conditions"]
    assert [part["fact"] for part in held["all"]] == ["tuoi", None], "a row becomes the first of a group"
    assert held["all"][0]["at_least"] == 60


def plain_row() -> dict[str, Any]:
    groups: dict[str, Any] = {"all": [], "any": [], "none": []}
    test = {"fact": None, "is": None, "in": [], "at_least": None, "at_most": None}
    return {"valid_from": None, "valid_to": None, **groups, **test}


@pytest.mark.parametrize("typed", ["1.000", "1_000", "1,5", "1e3", "+7", "0x10", "\u0661", "1"])
def test_what_may_be_two_numbers_is_none(typed: str) -> None:
    body = rules.to_body(rules.Rule(fact="age", least=rules.as_number(typed)))
    assert body is not None
    assert body["at_least"] == (1 if typed == "1" else typed)
    if typed == "1":
        Condition.model_validate(body)
        return
    with pytest.raises(ValidationError) as found:
        Condition.model_validate(body)
    assert [one["loc"] for one in found.value.errors()] == [("at_least",)]


async def test_faults_stand_at_their_row(writer: Client) -> None:
    number = await begin(writer)
    done = await press(writer, number, "submit", **{"conditions.0.0:least": "bảy mươi"})
    row = done.text.partition('id="r-conditions-0-0"')[2].partition("</div>")[0]
    assert "phải là con số" in row, done.text
    assert 'value="bảy mươi"' in done.text
    done = await press(writer, number, "save", **{"conditions.0.0:least": "1.000"})
    assert "phải là con số" in done.text.partition('id="r-conditions-0-0"')[2].partition("</div>")[0]
    done = await press(writer, number, "save", **{"conditions.0.0:least": "80", "conditions.0.0:most": "75"})
    row = done.text.partition('id="r-conditions-0-0"')[2].partition("</div>")[0]
    assert "không nhà nào hợp" in row
    assert '#f-conditions-0-0"' in done.text
    done = await press(writer, number, "save", **{"conditions:since": "2027-01-02", "conditions:until": "2027-01-01"})
    assert 'value="2027-01-02"' in done.text


async def test_answers_for_some_are_added_moved_and_dropped(place: Running, writer: Client) -> None:
    number = await begin(writer)
    first = (await body_of(place, number))["fitted"]
    await press(writer, number, "fit:add", "lr")
    await press(
        writer, number, "rule:keep:fitted.3.when", "lr", **{"fitted.3": "Lời mới.", "fitted.3.when:fact": "mo-coi"}
    )
    await press(writer, number, "fit:up:3", "lr", **{"fitted.3.when:is": "co"})
    held = (await body_of(place, number))["fitted"]
    assert [one["answer"] for one in held] == [*(one["answer"] for one in first[:2]), "Lời mới.", first[2]["answer"]]
    assert held[2]["when"]["is"] is True
    done = await press(writer, number, "fit:drop:2", "lr")
    assert (await body_of(place, number))["fitted"] == first
    for strange in ("fit:drop:9", "fit:up:0", "rule:add:conditions:9.9", "rule:drop:title:", "rule:add:fitted.9.when:"):
        assert (await press(writer, number, strange, "lr")).status == 404
    assert (await body_of(place, number))["fitted"] == first
    assert "Lời riêng 3" in done.text


async def test_two_people_at_one_condition(place: Running, writer: Client) -> None:
    number = await begin(writer)
    page = await writer.get(f"{LIST}/ban/{number}/sua?phan=dk")
    await press(writer, number, "save", **{"conditions.0.0:least": "73"})
    mine = await sent(writer, number, page, "rule:add:conditions:0", {"conditions.0.0:least": "71"})
    assert mine.status == 400
    assert "Có người vừa sửa" in mine.text
    assert "người cần hỏi từ 73 tuổi trở lên" in mine.text.partition("Người kia vừa ghi")[2]
    assert 'value="71"' in mine.text, "what was typed is not lost"
    assert (await body_of(place, number))["conditions"]["any"][0]["all"][0]["at_least"] == 73


async def test_what_is_approved_counts_and_goes_back(place: Running, writer: Client, chair: Client) -> None:
    """Version, approval and roll back as for every other field."""
    await add_official(place, "duyet.hai", "lanh-dao")
    number = await begin(writer, "vay-giai-quyet-viec-lam")
    done = await press(writer, number, "submit", **{"conditions:least": "18"})
    assert "Đã gửi duyệt" in done.text, done.text
    seen = await chair.get(f"{LIST}/ban/{number}")
    assert "Được nếu: người cần hỏi từ 18 tuổi trở lên." in seen.text
    assert "từ 15 tuổi trở lên" in seen.text.partition("Đang dùng</small>")[2]
    await approved(chair, number)
    library, day = place.house.shelf.library, place.house.clock.today()
    entry = library.entry("vay-giai-quyet-viec-lam", UNIT)
    assert entry.conditions.at_least == 18  # type: ignore[union-attr]
    assert answer(library, entry.id, day, UNIT).text
    path = f"{LIST}/muc/policies/{UNIT}/vay-giai-quyet-viec-lam"
    assert (await chair.fill(path, f"{path}/rut", note="Ghi nhầm")).status == 200
    assert place.house.shelf.library.entry(entry.id, UNIT).conditions.at_least == 15  # type: ignore[union-attr]
