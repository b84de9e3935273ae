"""Danger and fraud come first: no form, no menu, a number to call, an urgent case at once."""

from __future__ import annotations

from bot.engine.nodes.deeds import free_code, spaced, urgent_case
from bot.engine.scene import Scene
from bot.model.case import CaseKind
from bot.model.codes import new_pin
from bot.model.events import CaseAdded, CaseOpened

#: the fraud in which it is an official who asks for money: that is reported as wrongdoing, past whom it names
BY_OFFICIALS = "can-bo-doi-tien"


def danger(scene: Scene, sort: str, text: str) -> None:
    """Somebody is in danger: say what to do now, and put the words before the commune as an urgent case.

    Kept without asking: protecting life goes before consent. In a group nothing is kept.
    """
    key = f"danger-{sort}" if f"danger-{sort}" in scene.says.says else "danger"
    if scene.inbound.is_group:
        scene.say_key(key, (scene.home_row(),), code="", place="w:danger")
        return
    code = _noted(scene, sort, text)
    scene.say_key(key, (scene.home_row(scene.button("where-am-i", "f:noi-o")),), place=f"w:{key}")
    scene.say_key("urgent-noted", code=spaced(code))
    if scene.unit_is_open:
        scene.follow("u:urgent")


def _noted(scene: Scene, sort: str, text: str) -> str:
    """The code of this conversation's open urgent case of the day, with the words added; a new one otherwise."""
    if (case := urgent_case(scene)) is not None:
        scene.emit(CaseAdded(case.code, text, danger=sort))
        return case.code
    code = free_code(scene)
    scene.emit(
        CaseOpened(
            code=code,
            kind=CaseKind.URGENT,
            unit=scene.session.unit,
            text=text,
            pin=new_pin(scene.inbound.seed),
            hamlet=scene.session.hamlet,
            danger=sort,
        )
    )
    return code


def fraud(scene: Scene, sort: str, text: str) -> None:
    """Somebody may be cheated: a fixed warning, then the way to report it."""
    key = f"fraud-{sort}" if f"fraud-{sort}" in scene.says.says else "fraud"
    scene.update(asked=text)
    report = scene.button("intent-bao-truc-loi" if sort == BY_OFFICIALS else "report-it", "b:bao-truc-loi")
    scene.say_key(key, ((report,), scene.home_row(scene.button("ask-official", "a"))), place=f"w:{key}")
