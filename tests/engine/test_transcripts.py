"""Every transcript is played through the engine; each file is its own test."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.engine.replay import Player
from bot.library import Library
from bot.model.case import CaseKind, CaseState, CaseView
from bot.model.codes import CODE_LENGTH
from bot.model.events import CaseOpened, Lookup
from bot.model.inbound import InboundKind
from bot.model.session import Session

FOLDER = Path(__file__).parents[1] / "transcripts"


class Memory:
    """Answers lookups from the events played so far, as the store would."""

    def __init__(self) -> None:
        self.player: Player | None = None
        self.foreign: dict[str, CaseView] = {}

    def __call__(self, lookup: Lookup) -> Any:
        assert self.player is not None
        mine = [_view(e, self.player.now) for e in self.player.events if isinstance(e, CaseOpened)]
        match lookup.kind:
            case "code-free" | "keeper-free":
                return True
            case "my-cases":
                return tuple(reversed(mine))
            case "case-by-code":
                code, pin = lookup.args
                own = next((c for c in mine if c.code == code), None)
                return own or _foreign(self.foreign.get(code), pin)
            case "my-data":
                return {"cases": [c.code for c in mine]}
            case "clips":
                return ()
            case "entry-clip" | "bulletin" | "aired":
                return None
            case "entry-confirmers":
                joined = f"entry:{lookup.args[0]}:{lookup.args[1]}"
                return int(any(e.join == joined for e in self.player.events if isinstance(e, CaseOpened)))
        raise AssertionError(f"unknown lookup {lookup}")


def _view(opened: CaseOpened, now: datetime) -> CaseView:
    return CaseView(opened.code, opened.kind, CaseState.NEW, now, now, question=opened.text)


def _foreign(case: CaseView | None, pin: str) -> CaseView | None:
    if case is None or pin == "1234":
        return case
    return CaseView(case.code, case.kind, case.state, case.opened_at, case.updated_at)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda p: p.stem)
def test_transcript(path: Path, library: Library) -> None:
    told = yaml.safe_load(path.read_text("utf-8"))
    day: date = told.get("day", date(2026, 11, 21))
    memory = Memory()
    session = Session(unit=told.get("unit", "xa-tu-ky"))
    player = Player(library, datetime.combine(day, time(3), UTC), memory, session, is_group=told.get("group", False))
    memory.player = player
    for code in told.get("foreign_cases", ()):
        memory.foreign[str(code)] = CaseView(
            str(code), CaseKind.FEEDBACK, CaseState.WORKING, player.now, player.now, question="Loa rè"
        )
    for number, step in enumerate(told["talk"], 1):
        _play(player, dict(step), f"{path.name}, step {number}")


def _play(player: Player, step: dict[str, Any], where: str) -> None:
    player.now += timedelta(hours=step.pop("later_h", 0))
    seen = len(player.events)
    wanted, opens, hears = step.pop("says", None), step.pop("opens", None), step.pop("hears", ())
    happens, silent = step.pop("happens", ()), step.pop("not_hears", ())
    offered = player.session.offered
    (deed, value), *more = step.items()
    assert not more, f"{where}: one thing at a time: {step}"
    match deed:
        case "start":
            said = player.start(value or "")
        case "types":
            said = player.text(str(value))
        case "presses":
            assert value in offered, f"{where}: no such button, offered: {offered}"
            said = player.press(value)
        case "old":
            said = player.press(value)
        case "sends":
            said = player.photo() if value == "photo" else player.play(InboundKind.OTHER, what=value)
        case "types_code":
            code = player.opened()[-1].code
            assert len(code) == CODE_LENGTH
            said = player.text(f"{code[:3]} {code[3:5]} {code[5:]}")
        case "edits":
            said = player.play(InboundKind.EDIT, text=str(value))
        case "leaves":
            said = player.play(InboundKind.LEFT)
        case _:
            raise AssertionError(f"{where}: unknown deed {deed}")
    names = [o.said for o in said]
    if wanted is not None:
        assert names == ([wanted] if isinstance(wanted, str) else wanted), f"{where}: {names}\n{_words(said)}"
    happened = player.events[seen:]
    if opens is not None:
        assert [e.kind.value for e in happened if isinstance(e, CaseOpened)] == ([opens] if opens else []), where
    kinds = {type(e).__name__ for e in happened}
    for event in [happens] if isinstance(happens, str) else happens:
        assert event in kinds, f"{where}: {kinds}"
    words = _words(said)
    for part in [hears] if isinstance(hears, str) else hears:
        assert part in words, f"{where}: {part!r} is not in\n{words}"
    for part in [silent] if isinstance(silent, str) else silent:
        assert part not in words, f"{where}: {part!r} is in\n{words}"


def _words(said: list[Any]) -> str:
    return "\n".join(f"{o.heading}\n{o.text}" for o in said)
