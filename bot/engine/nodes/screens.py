"""Which screen a payload opens."""

from __future__ import annotations

from collections.abc import Callable

from bot.engine.nodes import cases, entries, household, interview, news, shelves, sounds, stories, unknowns, whereabouts
from bot.engine.routes import Route
from bot.engine.scene import Scene

#: payload name -> screen; names are short because a payload has 64 bytes
SCREENS: dict[str, Callable[[Scene, Route], None]] = {
    "m": shelves.menu,
    "t": shelves.topics,
    "e": entries.show,
    "k": stories.shelf,
    "s": stories.show,
    "l": sounds.clips,
    "y": sounds.entry,
    "z": sounds.bulletin,
    "j": sounds.aired_one,
    "n": news.show,
    "q": shelves.ask_or_report,
    "g": shelves.settings,
    "v": shelves.contact,
    "w": shelves.fixed,
    "f": interview.begin,
    "b": interview.begin_with_words,
    "o": interview.press,
    "x": interview.control,
    "a": cases.ask_official,
    "c": cases.look_up,
    "p": household.tell,
    "u": whereabouts.choose,
    "h": household.entitled,
    "r": unknowns.show,
    "d": cases.link_notices,
}


def open_route(scene: Scene, route: Route) -> None:
    """Open a screen. A button of a version long gone leads to the menu with a word of explanation."""
    scene.greet_once()
    screen = SCREENS.get(route.name)
    if screen is None:
        scene.say_key("old-button", place="m")
        return
    screen(scene, route)
