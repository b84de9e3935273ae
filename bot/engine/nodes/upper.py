"""Reports of wrongdoing, also those brought as something else; those about the commune's own officials go to the body
above, are sealed to a key held outside, or not taken at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.engine import runs
from bot.engine.index import reading_of
from bot.engine.scene import Scene
from bot.library.schema.casework import ConflictWords
from bot.library.schema.flow import Flow
from bot.library.schema.unit import Unit
from bot.model.case import CaseKind
from bot.model.events import WordsForgotten
from bot.model.outbound import Button
from bot.model.session import Run
from bot.understand import Kind
from bot.understand.named import Accusing, Text

#: nodes of the form that ask whom a report is about, and where they are
ABOUT, WHERE = "ve-ai", "ve-ai-o-dau"
_REPORT = f"intent:{CaseKind.WRONGDOING}"


def accuses(scene: Scene, text: str) -> bool:
    """Whether words tell of wrongdoing in an office, whatever they were said as. A cheat from outside is none."""
    if not text:
        return False
    reading = reading_of(scene.library, text, scene.today, scene.session.unit or None)
    if reading.kind in {Kind.DANGER, Kind.FRAUD}:
        return False
    if reading.ids[:1] == (_REPORT,):
        return True
    told = "conflict-words" in scene.library.phrases
    return told and Accusing(scene.library.phrase(ConflictWords)).surely(Text(text))


def report_row(scene: Scene) -> tuple[tuple[Button, ...], ...]:
    """The way to a report for who said such words last; they are kept, not typed again."""
    if scene.inbound.is_group or not accuses(scene, scene.session.asked):
        return ()
    return ((scene.button("intent-bao-truc-loi", "b:bao-truc-loi"),),)


def goes_to_keeper(scene: Scene, kind: CaseKind, text: str) -> bool:
    """Whether words brought as something else accuse, so that their keeper reads them first. Urgent ones wait for nobody."""
    return kind not in {CaseKind.WRONGDOING, CaseKind.URGENT} and accuses(scene, text)


def sealed_to(scene: Scene, kind: CaseKind, kept: Mapping[str, Any], text: str, *, to_keeper: bool) -> str:
    """The key a report (its answers, its words) is sealed to; "" where it goes to a keeper, or is no such report.

    `to_keeper`: it is one by another name (`goes_to_keeper`).
    """
    unit = _unit(scene)
    if not (kind is CaseKind.WRONGDOING or to_keeper) or unit is None or not unit.outside_key:
        return ""
    return "" if _is_kept_here(scene, unit, kind, kept, text) else unit.outside_key


def sends_away(scene: Scene, flow: Flow, run: Run, text: str) -> bool:
    """Where nothing may be kept: say where to go, keep nothing of what was told; whether that was done."""
    unit, kept = _unit(scene), runs.values(flow, run)
    if not flow.case or unit is None or unit.outside_key:
        return False
    kind = CaseKind(flow.case)
    is_one = bool(kept.get(ABOUT)) if kind is CaseKind.WRONGDOING else goes_to_keeper(scene, kind, text)
    if not is_one or _is_kept_here(scene, unit, kind, kept, text):
        return False
    _send_away(scene, unit, "report-upper" if _is_upper(scene, str(kept.get(ABOUT) or "")) else "report-unkept")
    return True


def refuses(scene: Scene, kind: CaseKind, text: str) -> bool:
    """Whether words for a case were sent away: they accuse, and would take it from everybody who reads it.

    Also where a key is held outside: what is here already cannot be sealed with them.
    """
    unit = _unit(scene)
    if unit is None or not goes_to_keeper(scene, kind, text) or _is_kept_here(scene, unit, kind, {}, text):
        return False
    _send_away(scene, unit, "report-unkept")
    return True


def _send_away(scene: Scene, unit: Unit, key: str) -> None:
    scene.emit(WordsForgotten())
    scene.update(run=None, asked="", offered=())
    told = scene.phrase(key, (scene.home_row(),), province=unit.province)
    scene.say(replace(told, forgets=True), place="m")


def forget(scene: Scene) -> None:
    """A sealed report: its words stay neither here nor on the page, and the person is told to look at their own device."""
    scene.emit(WordsForgotten())
    scene.say(replace(scene.phrase("words-gone"), forgets=True))


def _unit(scene: Scene) -> Unit | None:
    return scene.library.units.get(scene.session.unit)


def _is_kept_here(scene: Scene, unit: Unit, kind: CaseKind, kept: Mapping[str, Any], text: str) -> bool:
    """Whether it may stay: not about the commune's own officials without a body above, and with somebody to read it."""
    about, where = str(kept.get(ABOUT) or ""), str(kept.get(WHERE) or "")
    if _is_upper(scene, about) and not _has_upper(scene, unit):
        return False
    return bool(scene.look("keeper-free", kind.value, unit.id, about, where, text))


def _is_upper(scene: Scene, about: str) -> bool:
    return (
        bool(about) and "conflict-words" in scene.library.phrases and about in scene.library.phrase(ConflictWords).upper
    )


def _has_upper(scene: Scene, unit: Unit) -> bool:
    """A body above is named, or the unit above is in this house and has its own keeper."""
    return unit.upper_body is not None or (unit.parent is not None and unit.parent in scene.library.units)
