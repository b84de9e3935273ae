"""The form of a broadcast: what it shows, and what is made of what was filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot import rights
from bot.broadcast_text import BUTTONS_MOST, Content
from bot.broadcasts import PACE_MOST, Given, WrongPaceError
from bot.errors import LoaThonError, say
from bot.library import Library
from bot.model.broadcast import Audience, Broadcast
from bot.model.fold import fold
from bot.model.outbound import Button, OutMedia
from bot.settings import LOCAL
from desk.visit import Visit, texts

#: rows of buttons a form shows at least
BUTTON_ROWS = 2
#: hamlets that are shown as ticks; beyond them their names are typed
TICKS_MOST = 80
#: channels households are reached on; the page has their names
_WEB = ("http://", "https://")


class WrongWhenError(LoaThonError):
    """broadcasts.wrong_when"""


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form, as it was typed."""

    unit: str
    title: str = ""
    text: str = ""
    #: the entry it tells of, "" = free text
    entry: str = ""
    #: (label, where it leads in words)
    buttons: tuple[tuple[str, str], ...] = ()
    units: tuple[str, ...] = ()
    hamlets: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    facts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: as a field for day and hour gives it: 2026-11-22T08:00
    when: str = ""
    urgent: bool = False
    reason: str = ""
    pace: str = ""
    #: hash of the text this form was opened with, "" of a new one
    seen: str = ""

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """Its buttons and at least one empty row, as far as more are allowed."""
        count = min(BUTTONS_MOST, max(BUTTON_ROWS, len(self.buttons) + 1))
        return (*self.buttons, *(("", ""),) * (count - len(self.buttons)))


def sent(visit: Visit, unit: str) -> Filled:
    """The form as it came."""
    labels, goals = (visit.form.getlist(name) for name in ("nut", "toi"))
    rows = [(_line(label), _line(goal)) for label, goal in zip(labels, goals, strict=False)]
    typed = (_line(name) for line in visit.text("thon-khac").split("\n") for name in line.split(","))
    facts = {name: texts(visit.form, f"dien.{name}") for name in fact_names(visit.library)}
    return Filled(
        unit,
        title=visit.text("title", 200),
        text=visit.text("text", 6000),
        entry=visit.text("bai", 80),
        buttons=tuple(row for row in rows if any(row))[:BUTTONS_MOST],
        units=texts(visit.form, "noi"),
        hamlets=tuple(dict.fromkeys((*texts(visit.form, "thon"), *(name for name in typed if name)))),
        topics=texts(visit.form, "topic"),
        channels=texts(visit.form, "kenh"),
        facts={name: values for name, values in facts.items() if values},
        when=visit.text("when", 30),
        urgent=visit.text("urgent", 1) == "1",
        reason=visit.text("reason", 400),
        pace=visit.text("pace", 12),
        seen=visit.text("seen", 64),
    )


def kept(library: Library, broadcast: Broadcast, seen: str) -> Filled:
    """The form of one that was written before."""
    wanted, own = broadcast.audience, broadcast.outbound
    # of an entry the first button is its own and is made anew
    buttons = own.buttons[bool(broadcast.entry) :]
    return Filled(
        broadcast.unit,
        title=broadcast.title,
        text="" if broadcast.entry else own.text,
        entry=broadcast.entry,
        buttons=tuple((button.label, button.url or _named(library, button.press)) for button in buttons),
        units=() if wanted.units == (broadcast.unit,) else wanted.units,
        hamlets=wanted.hamlets,
        topics=wanted.topics,
        channels=wanted.channels,
        facts=dict(wanted.facts),
        when=f"{broadcast.send_at.astimezone(LOCAL):%Y-%m-%dT%H:%M}" if broadcast.send_at else "",
        urgent=broadcast.urgent,
        reason=broadcast.reason,
        pace=str(broadcast.pace) if broadcast.pace else "",
        seen=seen,
    )


def content(library: Library, filled: Filled, media: OutMedia | None) -> Content:
    """What it says."""
    made = tuple(_button(library, label, goal) for label, goal in filled.buttons)
    text = "" if filled.entry else filled.text
    return Content(filled.title, text, filled.entry, made, media)


def audience(filled: Filled) -> Audience:
    """Whom it is for."""
    facts = tuple((name, values) for name, values in filled.facts.items())
    return Audience(filled.units, filled.hamlets, filled.topics, filled.channels, facts)


def given(library: Library, filled: Filled, media: OutMedia | None) -> Given:
    """All of it as `bot.broadcasts` takes it. Raises `WrongWhenError`, `WrongPaceError`."""
    return Given(
        filled.unit,
        content(library, filled, media),
        audience(filled),
        send_at=moment(filled.when),
        urgent=filled.urgent,
        reason=filled.reason,
        pace=pace(filled.pace),
    )


def moment(told: str) -> datetime | None:
    """Day and hour where the people live; None when the field was left empty. Raises `WrongWhenError`."""
    if not told:
        return None
    try:
        return datetime.strptime(told[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=LOCAL)
    except ValueError:
        raise WrongWhenError from None


def pace(told: str) -> int | None:
    """Messages an hour; None when the field was left empty. Raises `WrongPaceError`."""
    if not told:
        return None
    if not (told.isascii() and told.isdigit()):
        raise WrongPaceError(most=PACE_MOST)
    return int(told)


def fact_names(library: Library) -> list[str]:
    """Household facts that may be chosen: none that is sensitive, none that is a number."""
    return [
        name for name, fact in library.household.items() if not fact.sensitive and fact.kind in {"choice", "yes-no"}
    ]


def hamlet_names(library: Library, unit: str, chosen: tuple[str, ...]) -> list[str]:
    """Hamlets of the unit and those below it, and what was chosen before."""
    below = rights.below(unit, rights.tree(library))
    known = (hamlet.name for one in library.units.values() if one.id in below for hamlet in one.hamlets)
    return list(dict.fromkeys((*known, *chosen)))


def goals(library: Library) -> list[str]:
    """What a button may open, in the words of the form's list: the menu, topics, forms."""
    return [
        say("commands.menu"),
        *(t.title for t in library.topics.values()),
        *(f.title for f in library.flows.values()),
    ]


def _button(library: Library, label: str, goal: str) -> Button:
    """A button by the words of the form; words that name nothing are left to be refused."""
    if goal.lower().startswith(_WEB):
        return Button(label, url=goal)
    press = _press(library, goal)
    return Button(label or goal, press or goal or "?")


def _press(library: Library, goal: str) -> str:
    told = fold(goal)
    if told == fold(say("commands.menu")):
        return "m"
    for topic in library.topics.values():
        if told in {fold(topic.title), fold(topic.short), topic.id}:
            return f"t:{topic.id}"
    for flow in library.flows.values():
        if told in {fold(flow.title), flow.id}:
            return f"f:{flow.id}"
    for entry in library.entries():
        if told in {fold(entry.title), fold(entry.short), entry.id}:
            return f"{'s' if library.kind_of(entry.id) == 'stories' else 'e'}:{entry.id}"
    return ""


def _named(library: Library, press: str) -> str:
    """A button's goal in the words `_press` knows again."""
    letter, _, name = press.partition(":")
    if letter == "m":
        return say("commands.menu")
    if letter == "t" and name in library.topics:
        return library.topics[name].title
    if letter == "f" and name in library.flows:
        return library.flows[name].title
    return library.entry(name).title if library.has(name) else press


def _line(told: object) -> str:
    return " ".join(told.split())[:500] if isinstance(told, str) else ""
