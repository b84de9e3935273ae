"""Coming, going, coming back."""

from __future__ import annotations

from bot.engine.nodes.screens import open_route
from bot.engine.routes import parse_start
from bot.engine.scene import Scene
from bot.model.events import ContactLeft, ContactReturned


def start(scene: Scene) -> None:
    """First contact or a deep link: greet, then open what the link asks for, else the menu."""
    routes = parse_start(scene.inbound.start)
    for route in routes:
        if route.name == "unit" and route.arg(0) in scene.library.units:
            scene.update(unit=route.arg(0), hamlet="")
    scene.emit(ContactReturned())
    screens = [r for r in routes if r.name != "unit"]
    scene.update(greeted=True, run=None)
    if screens:
        scene.say_key("greet-short")
        open_route(scene, screens[-1])
    else:
        scene.say_key("greet", place="m")


def left(scene: Scene) -> None:
    """Blocked or left: nothing can be said, bulk stops."""
    scene.emit(ContactLeft())


def back(scene: Scene) -> None:
    """Unblocked: bulk may go on; nobody is written to unasked."""
    scene.emit(ContactReturned())
