"""To whom a case goes: place x topic x kind to a body of the unit's data. Nobody named, nobody guessed."""

from __future__ import annotations

from bot.library import Library
from bot.library.schema.unit import Body
from bot.model.case import CaseKind

#: kinds that no body of the commune takes: the custodian alone passes them on
_KEPT: frozenset[str] = frozenset({CaseKind.WRONGDOING.value})


def route(library: Library, *, unit: str, kind: str, topic: str, entry: str = "") -> str:
    """The body that answers for this topic in that unit; "" when the unit named none, or more than one."""
    if kind in _KEPT or unit not in library.units:
        return ""
    asked = topic or (getattr(library.entry(entry), "topic", "") if entry and library.has(entry) else "")
    answering = [body.id for body in library.units[unit].bodies if asked and asked in body.topics]
    return answering[0] if len(answering) == 1 else ""


def bodies(library: Library, unit: str) -> tuple[Body, ...]:
    """The bodies an official may hand a case of that unit to."""
    found = library.units.get(unit)
    return found.bodies if found else ()
