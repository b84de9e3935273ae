"""Figures that look like a case code or a PIN and are none: said so, with what to do."""

from __future__ import annotations

from bot.engine.nodes.cases import PIN_PLACE, SHOWN_PLACE
from bot.engine.nodes.deeds import spaced
from bot.engine.scene import Scene
from bot.model.codes import PIN_LENGTH
from bot.understand import Kind, Reading

#: a code has seven digits; one too few or too many is a slip
FEWEST, MOST = 6, 8
#: place where a code is asked for
CODE_PLACE = "c"
ASKS_FOR_CODE = "tra-cuu-ma"
#: of what was typed so much is read back
SHOWN = 20


def told(scene: Scene, typed: str, reading: Reading) -> bool:
    """Say that a code or PIN is not one; False where the message is something else."""
    digits = "".join(c for c in typed if c.isascii() and c.isdigit())
    only_figures = bool(digits) and not any(c.isalpha() for c in typed)
    if not digits or reading.kind in {Kind.CODE, Kind.DANGER, Kind.FRAUD, Kind.ANSWER}:
        return False
    place = scene.session.place
    if place.startswith(PIN_PLACE) and only_figures and len(digits) <= PIN_LENGTH + 1:
        scene.say_key("pin-wrong", (scene.home_row(),), code=spaced(place.removeprefix(PIN_PLACE)))
        return True
    asked = (
        (place == CODE_PLACE or place.startswith(SHOWN_PLACE))
        and (only_figures or len(digits) >= FEWEST)
        and len(digits) > 2
    )
    looked_up = reading.intent == ASKS_FOR_CODE and len(digits) >= FEWEST
    if not (asked or looked_up or (only_figures and FEWEST <= len(digits) <= MOST)):
        return False
    shown = spaced(digits) if len(digits) <= MOST else typed[:SHOWN]
    rows = (scene.home_row(scene.button("ask-official", "f:hoi-can-bo")),)
    scene.say_key("code-unknown", rows, code=shown, place=CODE_PLACE)
    return True
