"""One turn under construction: what is said, what happened, where the session goes. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.library import Library
from bot.library.schema.says import Consents, Controls, Says
from bot.model.events import Event, Lookup, Said, Turn
from bot.model.inbound import Inbound
from bot.model.outbound import Button, Outbound
from bot.model.session import Session

#: a screen that scrolls for ever is no menu; eight rows fill a small phone
PAGE = 8
#: household facts told without consent to keep them live this long after the last message
FORGET_AFTER = timedelta(hours=12)
TIME_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class NeedsLookup(Exception):  # noqa: N818 - a request to the runner, not a failure
    """The turn cannot go on before the runner answered."""

    def __init__(self, lookup: Lookup) -> None:
        super().__init__(lookup.kind)
        self.lookup = lookup


@dataclass
class Scene:
    """Collects the outcome of one turn. Screens call `say`, `emit`, `look`; `turn()` closes it."""

    session: Session
    inbound: Inbound
    library: Library
    now: datetime
    events: list[Event] = field(default_factory=list)
    #: screens to open after this one, by payload
    following: list[str] = field(default_factory=list)

    @property
    def says(self) -> Says:
        """The fixed texts."""
        return self.library.phrase(Says)

    @property
    def controls(self) -> Controls:
        """The words understood everywhere."""
        return self.library.phrase(Controls)

    @property
    def consents(self) -> Consents:
        """The consent texts."""
        return self.library.phrase(Consents)

    @property
    def today(self) -> date:
        """The calendar day in Vietnam, which decides what holds."""
        return self.now.astimezone(TIME_ZONE).date()

    @property
    def unit_title(self) -> str:
        """How the unit is named to people."""
        unit = self.library.units.get(self.session.unit)
        return unit.office if unit else self.label("unit-unknown")

    @property
    def unit_is_open(self) -> bool:
        """Whether it is not known which of several communes the person lives in: nobody could be handed a matter."""
        return self.session.unit not in self.library.units and bool(self.library.units)

    def label(self, key: str) -> str:
        """A button label or short word by its key."""
        return self.says.labels[key]

    def button(self, key: str, press: str) -> Button:
        """A button with a label of `says.yaml`."""
        return Button(self.label(key), press)

    def home_row(self, *before: Button) -> tuple[Button, ...]:
        """The last row of every screen: a way back."""
        return (*before, self.button("home", "m"))

    def phrase(self, key: str, rows: Sequence[Sequence[Button]] = (), /, **values: object) -> Outbound:
        """The fixed text `key` with its own buttons, then `rows`."""
        say = self.says.says[key]
        own = [tuple(Button(b.label, b.press) for b in row) for row in say.rows]
        return Outbound(
            text=self.fill(say.text, values),
            heading=self.fill(say.heading, values) if say.heading else "",
            rows=tuple(own) + tuple(tuple(r) for r in rows if r),
            said=f"says/{key}",
        )

    def say(self, outbound: Outbound, *, place: str | None = None) -> None:
        """Say it; its buttons become what "1", "2" … mean."""
        self.events.append(Said(outbound))
        changes: dict[str, Any] = {} if place is None else {"place": place}
        if outbound.rows:
            changes["offered"] = tuple(b.press for b in outbound.buttons if b.press)
        if changes:
            self.update(**changes)

    def say_key(
        self, key: str, rows: Sequence[Sequence[Button]] = (), /, *, place: str | None = None, **values: object
    ) -> None:
        """Say a fixed text."""
        self.say(self.phrase(key, rows, **values), place=place)

    def greet_once(self) -> None:
        """Before the first answer: say who is speaking."""
        if not self.session.greeted:
            self.say_key("greet-short")
            self.update(greeted=True)

    def follow(self, press: str) -> None:
        """Open that screen when this one is done."""
        self.following.append(press)

    def fill(self, template: str, values: dict[str, object]) -> str:
        """The text with its {slots} filled; a name that is not known stays readable as it is."""
        return template.format_map(_Known({"unit": self.unit_title, **values}))

    def emit(self, event: Event) -> None:
        """Something happened."""
        self.events.append(event)

    def update(self, **changes: Any) -> None:
        """Change the session."""
        self.session = replace(self.session, **changes)

    def look(self, kind: str, *args: str) -> Any:
        """The runner's answer to a lookup; asks for it if it is not there yet."""
        found = self.inbound.answer_to(kind, *args)
        if found is None:
            raise NeedsLookup(Lookup(kind, args))
        return found.value

    def forget_when_idle(self) -> None:
        """What was told without the consent to keep it is forgotten after some hours of silence.

        The consent to keep a profile covers household facts and hamlet, not a form left half-way.
        """
        seen = self.session.seen_at
        if seen is None or self.now - seen <= FORGET_AFTER:
            return
        self.update(asked="", offered=(), run=None)
        if "luu-ho-so" not in self.session.consents:
            self.update(facts={}, hamlet="")

    def turn(self) -> Turn:
        """Close the turn."""
        return Turn(replace(self.session, turn=self.session.turn + 1, seen_at=self.now), tuple(self.events))


class _Known(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def rows_of(buttons: Iterable[Button], per_row: int = 1) -> tuple[tuple[Button, ...], ...]:
    """Buttons in rows of `per_row`."""
    listed = list(buttons)
    return tuple(tuple(listed[i : i + per_row]) for i in range(0, len(listed), per_row))


def page_of(buttons: Sequence[Button], page: int, press: str, more: str) -> tuple[tuple[Button, ...], ...]:
    """One page of buttons, one a row, with a "more" button leading to `press:<page+1>` (after the last, to the first)."""
    start = page * PAGE
    shown = buttons[start : start + PAGE] or buttons[:PAGE]
    rows = rows_of(shown)
    if len(buttons) > PAGE:
        following = page + 1 if start + PAGE < len(buttons) else 0
        rows += ((Button(more, f"{press}:{following}"),),)
    return rows
