"""Which commune a person lives in: chosen from a list, or told by a name of today or of before July 2025."""

from __future__ import annotations

from collections.abc import Iterable

from bot.engine.nodes import deeds
from bot.engine.routes import Route
from bot.engine.scene import Scene, page_of, rows_of
from bot.engine.words import bare, chosen
from bot.library.places import Known, Place, Several, Split, Unknown
from bot.library.schema.phrases import PlaceTitles
from bot.library.schema.unit import Unit
from bot.model.events import CaseAdded
from bot.model.fold import clean
from bot.model.outbound import Button

#: place while the commune is asked for; the second one after an urgent case that nobody could be handed yet
ASKING, ASKING_URGENT = "u", "u:urgent"
#: the same, asked by a screen that is one commune's: it is shown when the commune is known
ASKING_FOR = {f"u:{screen}": screen for screen in ("l", "n", "v")}
ASKED = frozenset({ASKING, ASKING_URGENT, *ASKING_FOR})
#: an address is short; more words are a story or a question
ADDRESS_WORDS = 14
#: names of a former district read out before "and others"
NAMED_MOST = 12


def choose(scene: Scene, route: Route) -> None:
    """`u[:<unit or page>]`: the communes this installation serves, or the choice of one."""
    unit = scene.library.units.get(route.arg(0))
    if unit is not None:
        _settle(scene, unit)
        return
    told = f"u:{route.arg(0)}"
    asking = told if told in ASKED else _asking(scene) if route.arg(0) else ASKING
    scene.say_key("which-unit", (*_listed(scene, route.number(0)), scene.home_row()), place=asking)


def first(scene: Scene, screen: str) -> bool:
    """Ask for the commune where it is not known and the screen (of `ASKING_FOR`) is one commune's; whether that was done."""
    if scene.unit_is_open:
        choose(scene, Route("u", (screen,)))
    return scene.unit_is_open


def typed(scene: Scene, text: str) -> bool:
    """A commune, hamlet or former district in the person's words; False when the text names none."""
    if len(text.split()) > ADDRESS_WORDS:
        return False
    if named(scene, text):
        return True
    units = scene.library.units
    mine = units.get(scene.session.unit)
    found = scene.library.places.find(text, mine.province if mine else None)
    match found:
        case Unknown():
            return False
        case Known(place):
            unit = _serving(scene, place)
            if unit is not None:
                _settle(scene, unit)
            else:
                _tell(scene, "unit-not-served", (place,))
        case Split(choices):
            _tell(scene, "unit-split", choices)
        case Several(communes, "same-name") if len(here := _served(scene, communes)) == 1:
            _settle(scene, here[0])
        case Several(communes, why):
            _tell(scene, "unit-district" if why == "district" else "unit-same-name", communes)
    return True


def named(scene: Scene, text: str) -> bool:
    """A commune of this installation by the words of its button, or a hamlet by its name; False when it is neither."""
    units = scene.library.units
    if picked := chosen(text, [(unit.id, unit.short) for unit in units.values()]):
        _settle(scene, units[picked])
        return True
    if (lives := _by_hamlet(scene, text)) is not None:
        _settle(scene, *lives)
        return True
    return False


def lives(scene: Scene, text: str) -> bool:
    """Somebody says unasked where they live, and nothing else ("I live in ..."); False when it is something else."""
    words = scene.library.phrases.get("places")
    if not isinstance(words, PlaceTitles) or len(text.split()) > ADDRESS_WORDS:
        return False
    said = bare(text)
    begins = max((b for b in map(bare, words.living) if said.startswith(f"{b} ")), key=len, default="")
    place = " ".join(clean(text).split()[len(begins.split()) :])
    return bool(begins) and scene.library.places.is_address(place, words.around) and typed(scene, place)


def not_found(scene: Scene) -> None:
    """What was typed names no place we know: said so, nothing guessed."""
    scene.say_key("unit-not-found", (*_listed(scene, 0), scene.home_row()))


def _listed(scene: Scene, page: int) -> tuple[tuple[Button, ...], ...]:
    buttons = [_button(unit) for unit in sorted(scene.library.units.values(), key=lambda unit: unit.short)]
    return page_of(buttons, page, "u", scene.label("more"))


def _button(unit: Unit) -> Button:
    return Button(unit.short, f"u:{unit.id}")


def _serving(scene: Scene, place: Place) -> Unit | None:
    """The unit that is this place, else the province's own where the installation has it."""
    units = scene.library.units
    if place.unit is not None and place.unit in units:
        return units[place.unit]
    return next((unit for unit in units.values() if unit.name == unit.province == place.province), None)


def _served(scene: Scene, places: Iterable[Place]) -> list[Unit]:
    """The units of this installation that are one of these places themselves."""
    units = scene.library.units
    return [units[place.unit] for place in places if place.unit is not None and place.unit in units]


def _by_hamlet(scene: Scene, text: str) -> tuple[Unit, str] | None:
    said = bare(text)
    units = scene.library.units.values()
    found = [(unit, hamlet.name) for unit in units for hamlet in unit.hamlets if bare(hamlet.name) == said]
    return found[0] if len(found) == 1 else None


def _tell(scene: Scene, key: str, places: Iterable[Place]) -> None:
    """Name today's communes; those served here are buttons. The question stays open."""
    listed = list(places)
    names = [place.name for place in listed[:NAMED_MOST]]
    names += [scene.label("and-others")] if len(listed) > NAMED_MOST else []
    units = {unit.id: unit for place in listed if (unit := _serving(scene, place)) is not None}
    rows = rows_of(_button(unit) for unit in units.values())
    scene.say_key(key, (*rows, scene.home_row()), places=", ".join(names), place=_asking(scene))


def _asking(scene: Scene) -> str:
    """The place of a question that stays open as it was asked."""
    return scene.session.place if scene.session.place in ASKED else ASKING


def _settle(scene: Scene, unit: Unit, hamlet: str = "") -> None:
    urgent = deeds.urgent_case(scene) if scene.session.place == ASKING_URGENT else None
    wanted = ASKING_FOR.get(scene.session.place, "")
    scene.update(unit=unit.id, hamlet=hamlet)
    if urgent is not None:
        scene.emit(CaseAdded(urgent.code, scene.label("lives-at").format(place=hamlet or unit.name)))
    under_way = scene.session.run is not None
    scene.say_key("unit-chosen", () if under_way or wanted else (scene.home_row(),), place="g")
    if under_way:
        scene.follow("x:again")
    elif wanted:
        scene.follow(wanted)
