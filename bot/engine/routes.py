"""Payloads: what a button or a deep link carries. Short, explicit, and readable by every later version."""

from __future__ import annotations

from dataclasses import dataclass

#: deep links may hold [A-Za-z0-9_-] only (core.telegram.org/bots/features#deep-linking)
_START_KINDS = {"u": "unit", "t": "t", "e": "e", "s": "s", "c": "c", "f": "f", "m": "m", "q": "q", "d": "d"}
#: Bot API, InlineKeyboardButton.callback_data
PRESS_MAX_BYTES = 64


@dataclass(frozen=True, slots=True)
class Route:
    """A payload taken apart: `e:an-trua:how` is Route("e", ("an-trua", "how"))."""

    name: str
    args: tuple[str, ...] = ()

    def arg(self, index: int) -> str:
        """The argument at that place, "" if it is not there."""
        return self.args[index] if index < len(self.args) else ""

    def number(self, index: int) -> int:
        """The argument as a small number, 0 if it is none."""
        text = self.arg(index)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def parse(press: str) -> Route:
    """A button's payload."""
    name, *args = press.split(":")
    return Route(name, tuple(args))


def parse_start(payload: str) -> tuple[Route, ...]:
    """A deep link's payload: `u_<unit>__e_<entry>`; parts that are not understood are dropped."""
    routes = []
    for part in payload.split("__"):
        kind, _, value = part.partition("_")
        if kind in _START_KINDS:
            routes.append(Route(_START_KINDS[kind], (value,) if value else ()))
    return tuple(routes)


def start_payload(*routes: Route) -> str:
    """The deep link payload of these routes; the inverse of `parse_start`."""
    letters = {name: letter for letter, name in _START_KINDS.items()}
    return "__".join("_".join((letters[r.name], *r.args[:1])) for r in routes)
