"""What counts as an answer: telephone numbers, control words with polite ones, questions in short."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.engine.courtesy import kind_of, only_names
from bot.engine.nodes.answers import NO_ANSWER, brief, from_text
from bot.engine.replay import Player
from bot.engine.runs import begun
from bot.engine.scene import Scene
from bot.engine.words import control
from bot.library import Library
from bot.model.events import QuestionUnanswered
from bot.model.inbound import ConversationKey, Inbound, InboundKind
from bot.model.session import Session

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.fixture
def scene(library: Library) -> Scene:
    inbound = Inbound(ConversationKey("web", "w", "1"), "m:1:1", InboundKind.TEXT, NOW, b"s" * 16)
    return Scene(Session(unit="xa-tu-ky"), inbound, library, NOW)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0912345678", "0912345678"),
        ("0912 345 678", "0912345678"),
        ("(0912) 345-678", "0912345678"),
        ("số tôi là 0912.345.678 nhé", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("84912345678", "0912345678"),
        ("912345678", "0912345678"),
        ("02203 123 456", "02203123456"),
        ("bỏ qua", None),
        ("khỏi", None),
        ("không cần", None),
        ("1", None),
        ("dạ", NO_ANSWER),
        ("12345", NO_ANSWER),
        ("091234567890123", NO_ANSWER),
        ("hỏi vợ tôi", NO_ANSWER),
    ],
)
def test_a_phone_step_takes_only_a_telephone_number(scene: Scene, library: Library, typed: str, kept: Any) -> None:
    flow = library.flows["phan-anh"]
    assert from_text(scene, flow, "dien-thoai", begun(flow, "r1"), typed) == kept


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("dạ vâng ạ", "yes"),
        ("có ạ", "yes"),
        ("Dạ không ạ!", "no"),
        ("thôi nhé em", "stop"),
        ("xong rồi ạ", "next"),
        ("bỏ qua đi em", "skip"),
        ("anh", None),
        ("được bao nhiêu", None),
        ("có con nhỏ", None),
    ],
)
def test_polite_words_change_no_control_word(scene: Scene, typed: str, name: str | None) -> None:
    assert control(scene, typed) == name


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("cảm ơn", "cam-on"),
        ("ok cảm ơn cán bộ nhiều lắm ạ", "cam-on"),
        ("Không, cảm ơn", "cam-on"),
        ("cảm ơn, nhà tôi dột thì hỏi ai", ""),
        ("tạm biệt", "tam-biet"),
        ("tạm biệt mọi người, con đi đây", ""),
        ("không được rồi", ""),
        ("bác ơi", "goi"),
    ],
)
def test_courtesy_is_a_whole_message(scene: Scene, typed: str, kind: str) -> None:
    assert kind_of(scene, typed) == kind


@pytest.mark.parametrize(
    ("typed", "intent", "told"),
    [
        ("phản ánh", "phan-anh", True),
        ("tôi muốn gửi phản ánh đến ủy ban xã", "phan-anh", True),
        ("đường hỏng quá", "phan-anh", False),
        ("phản ánh đường hỏng", "phan-anh", False),
        ("gửi câu hỏi cho cán bộ", "hoi-can-bo", True),
    ],
)
def test_naming_what_one_came_for_is_no_matter(scene: Scene, typed: str, intent: str, told: bool) -> None:
    assert only_names(scene, typed, intent) is told


def test_every_question_has_a_short_form(library: Library) -> None:
    for flow in library.flows.values():
        for ident, node in flow.nodes.items():
            if node.expects != "nothing":
                assert 0 < len(brief(node)) <= 120, f"{flow.id}/{ident}: {brief(node)}"
                # slots are filled where the question is asked in full
                assert node.expects == "consent" or "{" not in brief(node), f"{flow.id}/{ident}: {brief(node)}"


def test_every_consent_knows_yes_and_no(library: Library) -> None:
    for flow in library.flows.values():
        for node in (node for node in flow.nodes.values() if node.expects == "consent"):
            assert [o.is_yes for o in node.options.values()] == [True, False], flow.id
            assert [o.is_no for o in node.options.values()] == [False, True], flow.id


@pytest.mark.parametrize(("said", "is_listed"), [("bà Hoa chủ tịch bán đất công", False), ("bán hoa ở đâu", True)])
def test_what_accuses_is_in_no_list_that_officials_read(library: Library, said: str, is_listed: bool) -> None:
    player = Player(library, NOW, lambda _asked: ())
    player.text(said)
    assert any(isinstance(event, QuestionUnanswered) for event in player.events) is is_listed
