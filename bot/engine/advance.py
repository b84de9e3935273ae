"""`advance`: the one door of the engine."""

from __future__ import annotations

from datetime import datetime

from bot.engine.nodes import arrivals, listen
from bot.engine.nodes.screens import open_by_button, open_route
from bot.engine.routes import parse
from bot.engine.scene import NeedsLookup, Scene
from bot.library import Library
from bot.model.events import Turn
from bot.model.inbound import Inbound, InboundKind
from bot.model.session import Session


def advance(session: Session, inbound: Inbound, library: Library, now: datetime) -> Turn:
    """What follows from one message: a new session and events, or the lookups needed first.

    Pure: the same arguments give the same turn. `now` is aware and moves only the calendar. Never raises on what a person
    can type or press; a fault of the content surfaces as KeyError and is the runner's to quarantine.
    """
    scene = Scene(session, inbound, library, now)
    try:
        scene.forget_when_idle()
        _settle_unit(scene)
        _take(scene)
        while scene.following:
            open_route(scene, parse(scene.following.pop(0)))
    except NeedsLookup as need:
        return Turn(session, lookups=(need.lookup,))
    return scene.turn()


def _settle_unit(scene: Scene) -> None:
    """A house of one unit speaks for it, also where no setting names it."""
    if scene.unit_is_open and len(scene.library.units) == 1:
        scene.update(unit=next(iter(scene.library.units)))


def _take(scene: Scene) -> None:
    match scene.inbound.kind:
        case InboundKind.LEFT:
            arrivals.left(scene)
        case InboundKind.BACK:
            arrivals.back(scene)
        case InboundKind.START:
            arrivals.start(scene)
        case InboundKind.PRESS:
            open_by_button(scene, parse(scene.inbound.press))
        case InboundKind.MEDIA:
            listen.media(scene)
        case InboundKind.EDIT:
            listen.edit(scene)
        case InboundKind.OTHER:
            listen.other(scene)
        case InboundKind.TEXT:
            listen.text(scene)
