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

#: an entry's own screens, and the menus on the way to others
ENTRIES, ELSEWHERE = frozenset("es"), frozenset("tklnqgvh")


def open_route(scene: Scene, route: Route) -> None:
    """Open a screen. A button of a version long gone leads to the menu with a word of explanation."""
    scene.greet_once()
    screen = SCREENS.get(route.name)
    if screen is None:
        scene.say_key("old-button", place="m")
        return
    screen(scene, route)


def open_by_button(scene: Scene, route: Route) -> None:
    """Open a screen by a button or a link. What was asked in words stays behind where it leads to something else."""
    elsewhere = route.name in ELSEWHERE or route.name in ENTRIES
    if route.name == "m" or (elsewhere and not _is_about_it(scene, route)):
        scene.update(asked="")
    open_route(scene, route)


def _is_about_it(scene: Scene, route: Route) -> bool:
    """Whether it was offered for what was asked, or is another part of the entry open now."""
    name, *args = scene.session.place.split(":")
    return unknowns.is_open(name) or (name in ENTRIES and route.name in ENTRIES and args[:1] == [route.arg(0)])
