"""Bringing a matter and asking after it."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.engine.nodes import interview
from bot.engine.nodes.deeds import spaced
from bot.engine.routes import Route
from bot.engine.scene import TIME_ZONE, Scene
from bot.model.case import CaseView
from bot.model.codes import PIN_LENGTH

#: guesses of codes and PINs one conversation has in an hour; the store limits all conversations together
TRIES_MAX = 5
TRIES_WINDOW = timedelta(hours=1)
#: place while the person is asked for the PIN of a case
PIN_PLACE = "pin:"


def ask_official(scene: Scene, route: Route) -> None:
    """`a[:<entry>]`: the person's own words go to an official as a question."""
    interview.begin_with_words(scene, Route("b", ("hoi-can-bo", route.arg(0))))


def look_up(scene: Scene, route: Route) -> None:
    """`c[:<code>[:pin]]`: state and date by code; the texts only to the same chat or with the PIN."""
    code = route.arg(0)
    if scene.inbound.is_group and (not code or route.arg(1)):
        scene.say_key("group-private", (scene.home_row(),))
        return
    if not code:
        mine: tuple[CaseView, ...] = scene.look("my-cases")
        for case in mine[:3]:
            _show(scene, case)
        scene.say_key("ask-code" if not mine else "ask-other-code", (scene.home_row(),), place="c")
        return
    if route.arg(1) == "pin":
        scene.say_key("ask-pin", (scene.home_row(),), code=spaced(code), place=f"{PIN_PLACE}{code}")
        return
    _look_with(scene, code, "")


def try_pin(scene: Scene, text: str) -> bool:
    """A typed PIN while one is asked for; False when the text is none."""
    digits = "".join(text.split())
    if scene.inbound.is_group:
        return False
    if not scene.session.place.startswith(PIN_PLACE) or not (digits.isascii() and digits.isdigit()):
        return False
    if len(digits) != PIN_LENGTH:
        return False
    _look_with(scene, scene.session.place.removeprefix(PIN_PLACE), digits)
    return True


def _look_with(scene: Scene, code: str, pin: str) -> None:
    recent = tuple(t for t in scene.session.wrong_tries if scene.now - t < TRIES_WINDOW)
    if len(recent) >= TRIES_MAX:
        scene.say_key("too-many-tries", (scene.home_row(scene.button("ask-official", "a")),), place="c")
        return
    case: CaseView | None = scene.look("case-by-code", code, pin)
    if case is None or (pin and not case.question):
        scene.update(wrong_tries=(*recent, scene.now))
        scene.say_key("pin-wrong" if case else "code-unknown", (scene.home_row(),), code=spaced(code))
        return
    _show(scene, case)
    rows = () if case.question or scene.inbound.is_group else ((scene.button("enter-pin", f"c:{code}:pin"),),)
    scene.say_key("case-next", (*rows, scene.home_row()), place="c")


def _show(scene: Scene, case: CaseView) -> None:
    values: dict[str, object] = {
        "code": spaced(case.code),
        "kind": scene.label(f"case-{case.kind.value}"),
        "state": scene.label(f"state-{case.state.value}"),
        "opened": _day(case.opened_at),
        "updated": _day(case.updated_at),
        "question": case.question,
        "answer": case.answer or scene.label("no-answer-yet"),
    }
    scene.say(scene.phrase("case-full" if case.question else "case-state", **values))


def _day(at: datetime) -> str:
    return at.astimezone(TIME_ZONE).strftime("%d/%m/%Y")
