"""Coming, going, coming back."""

from __future__ import annotations

from bot.engine.nodes import whereabouts
from bot.engine.nodes.screens import open_route
from bot.engine.routes import Route, parse_start
from bot.engine.scene import Scene
from bot.model.events import ContactLeft, ContactReturned


def start(scene: Scene) -> None:
    """First contact or a deep link: greet, then open what the link asks for, else the menu."""
    routes = parse_start(scene.inbound.start)
    elsewhere = ""
    for route in routes:
        if route.name == "unit" and route.arg(0) in scene.library.units:
            scene.update(unit=route.arg(0), hamlet="")
        elif route.name == "unit":
            elsewhere = route.arg(0)
    scene.emit(ContactReturned())
    screens = [r for r in routes if r.name != "unit"]
    scene.update(greeted=True, run=None, asked="")
    if screens:
        scene.say_key("greet-short")
        open_route(scene, screens[-1])
    else:
        scene.say_key("greet", place="m")
        if elsewhere and not whereabouts.typed(scene, elsewhere.replace("-", " ").replace("_", " ")):
            open_route(scene, Route("u"))


def left(scene: Scene) -> None:
    """Blocked or left: nothing can be said, bulk stops."""
    scene.emit(ContactLeft())


def back(scene: Scene) -> None:
    """Unblocked: bulk may go on; nobody is written to unasked."""
    scene.emit(ContactReturned())
