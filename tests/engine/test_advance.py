"""What holds for every turn, whatever a person types or presses."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine import advance, runs
from bot.engine.nodes.screens import SCREENS
from bot.engine.nodes.unknowns import LANDING
from bot.engine.replay import Player
from bot.engine.routes import PRESS_MAX_BYTES, Route, parse, parse_start, start_payload
from bot.library import Library
from bot.library.schema.says import Says
from bot.library.schema.words import DangerWords
from bot.model.events import Lookup
from bot.model.inbound import ConversationKey, Found, Inbound, InboundKind
from bot.model.outbound import Outbound
from bot.model.session import Run, Session

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
ENGINE = Path(__file__).parents[2] / "bot" / "engine"
SILENT = settings(max_examples=60, deadline=None)


@cache
def content() -> Library:
    """The library outside fixtures: hypothesis would print it with every example."""
    return Library.load(ENGINE.parents[1] / "content")


#: what the database would say of an empty house
EMPTY: dict[str, Any] = {
    "code-free": True, "my-cases": (), "my-data": {}, "clips": (), "bulletin": None, "entry-clip": None, "aired": None,
    "case-by-code": None, "entry-confirmers": 0, "keeper-free": True,
}  # fmt: skip


def answer(lookup: Lookup) -> Any:
    return EMPTY[lookup.kind]


@pytest.fixture
def player(library: Library) -> Player:
    return Player(library, NOW, answer, Session(unit="xa-tu-ky"))


@SILENT
@given(text=st.text(max_size=400))
def test_any_text_gets_an_answer(text: str) -> None:
    said = Player(content(), NOW, answer).text(text)
    assert said
    assert all(o.text.strip() for o in said)


@SILENT
@given(press=st.text(alphabet="abcdefghijklmnopqrstuvwxyz:-0123456789", max_size=64))
def test_any_payload_gets_an_answer(press: str) -> None:
    assert Player(content(), NOW, answer).press(press)


@SILENT
@given(payload=st.text(max_size=64))
def test_any_deep_link_gets_an_answer(payload: str) -> None:
    assert Player(content(), NOW, answer).start(payload)


@SILENT
@given(
    texts=st.lists(
        st.sampled_from(["0", "1", "2", "dạ", "không", "thôi", "lại", "quay lại", "xong", "76", "abc xyz"]), max_size=12
    )
)
def test_any_way_through_a_form_ends_well(texts: list[str]) -> None:
    player = Player(content(), NOW, answer, Session(unit="xa-tu-ky"))
    player.press("f:bao-truc-loi")
    for text in texts:
        assert player.text(text)
    assert len(player.opened()) <= 1


def test_a_text_of_100_kilobytes_is_answered(player: Player) -> None:
    assert player.text("hộ nghèo được gì " * 6000)


def test_the_same_message_gives_the_same_turn(library: Library) -> None:
    inbound = Inbound(
        ConversationKey("web", "w", "1"), "m:1:1", InboundKind.TEXT, NOW, b"s" * 16, text="tien dien ho ngheo"
    )
    assert advance(Session(), inbound, library, NOW) == advance(Session(), inbound, library, NOW)


def test_a_turn_asks_for_what_it_cannot_know_and_changes_nothing_until_told(library: Library) -> None:
    inbound = Inbound(ConversationKey("web", "w", "1"), "c:1", InboundKind.PRESS, NOW, b"s" * 16, press="l")
    session = Session(greeted=True, unit="xa-tu-ky")
    asked = advance(session, inbound, library, NOW)
    assert asked.session is session
    assert [q.kind for q in asked.lookups] == ["clips"]
    assert asked.events == ()
    found = Found("clips", ("xa-tu-ky",), ({"id": "7", "title": "Vay von", "page": "https://example.org/a"},))
    told = advance(session, Inbound(**{**_fields(inbound), "found": (found,)}), library, NOW)
    assert told.lookups == ()


def _fields(inbound: Inbound) -> dict[str, Any]:
    return {name: getattr(inbound, name) for name in inbound.__slots__}


def test_every_button_leads_somewhere_and_every_screen_has_a_way_back(library: Library) -> None:
    """Presses every payload any screen offers, from a fresh conversation each."""
    seen: set[str] = {"m"}
    todo = ["m"]
    while todo:
        press = todo.pop()
        player = Player(library, NOW, answer, Session(unit="xa-tu-ky"))
        player.start()
        route = parse(press)
        if route.name == "o":
            player.press(f"f:{route.arg(0)}")
        said = player.press(press)
        names = [o.said for o in said]
        assert "says/old-button" not in names, press
        _fits(said)
        assert _way_back(said), f"{press}: {names}"
        for new in {b.press for o in said for b in o.buttons if b.press} - seen:
            seen.add(new)
            todo.append(new)
    assert {f"e:{p}" for p in library.policies} <= seen
    assert {f"s:{s}" for s in library.stories} <= seen
    assert {name for name in library.flows if name != "gui-tep"} <= {parse(p).arg(0) for p in seen if p[0] in "fb"} | {
        "nho-xa-xac-nhan",
        "hoi-can-bo",
    }


def _fits(said: list[Outbound]) -> None:
    for outbound in said:
        assert len(outbound.heading) + len(outbound.text) < 4000, outbound.said
        assert len(outbound.buttons) <= 100
        for button in outbound.buttons:
            assert len(button.press.encode()) <= PRESS_MAX_BYTES, button
            assert 0 < len(button.label) <= 28, button


def _way_back(said: list[Outbound]) -> bool:
    presses = {b.press for b in said[-1].buttons}
    return bool(presses & {"m", "x:stop", "t", "k"})


def test_every_fixed_text_and_label_the_engine_names_exists(library: Library) -> None:
    says = library.phrase(Says)
    source = "\n".join(p.read_text("utf-8") for p in ENGINE.rglob("*.py"))
    keys = set(re.findall(r"(?:say_key|scene\.phrase)\(\s*\"([a-z-]+)\"", source))
    labels = set(re.findall(r"(?:\.label|\.button)\(\"([a-z-]+)\"", source))
    assert keys - set(says.says) == set()
    assert labels - set(says.labels) == set()
    everywhere = "\n".join(p.read_text("utf-8") for p in ENGINE.parent.rglob("*.py"))
    unused = {k for k in says.says if f'"{k}"' not in everywhere} - {
        k for k in says.says if k.startswith(("danger-", "fraud-", "sent-", "courtesy-"))
    }
    assert unused - {"help"} == set()


def test_every_intent_lands_on_a_screen(library: Library) -> None:
    for press in LANDING.values():
        route = parse(press)
        assert route.name in SCREENS
        if route.name in {"f", "b"}:
            assert route.arg(0) in library.flows


def test_deep_links_round_trip() -> None:
    routes = (Route("unit", ("xa-tu-ky",)), Route("e", ("an-trua-tre-mau-giao",)))
    payload = start_payload(*routes)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload)
    assert parse_start(payload) == routes


def test_an_answer_that_no_longer_fits_the_flow_is_asked_again(library: Library) -> None:
    flow = library.flows["phan-anh"]
    run = Run("phan-anh", "old", (("", {}), ("noi-dung", "duong hong"), ("buoc-da-bo", "x"), ("tep", {"done": True})))
    at, kept = runs.replay(flow, run)
    assert at == "noi-xay-ra"
    assert [n for n, _ in kept.answers] == ["", "noi-dung"]


def test_two_quick_taps_open_one_case(player: Player) -> None:
    player.press("f:phan-anh")
    player.text("Loa ở ngã ba kêu rè không nghe được gì")
    player.press("x:skip")
    player.text("xong")
    player.text("không nêu tên")
    player.text("đồng ý")
    player.press("o:phan-anh:xac-nhan:gui")
    player.press("o:phan-anh:xac-nhan:gui")
    assert len(player.opened()) == 1


def test_every_sort_of_danger_and_fraud_has_words_of_its_own(library: Library) -> None:
    says = library.phrase(Says).says
    alarms = library.phrase(DangerWords).alarms
    assert alarms
    assert {f"{a.kind}-{a.id}" for a in alarms} <= set(says)
