"""The first-run checklist: what a unit has not filled in or confirmed, what people ask for most at the top."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot import rights
from bot.library import Library, Status, is_signed
from bot.library.answer import status_on
from bot.library.schema.unit import Unit
from bot.store import Tx, drafts, officials, wishes

#: what may be missing, in the order in which a unit without any questions yet sees it. The desk words each.
KINDS = (
    "leader",
    "phone",
    "reception_days",
    "address",
    "bodies",
    "entry",
    "hamlets",
    "counts",
    "zones",
    "slots",
)


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing to do."""

    #: one of `KINDS`
    kind: str
    #: entry or topic it is about, "" for the unit itself
    ref: str
    title: str
    #: households that asked for it, or whose matters need it
    askers: int


async def missing(tx: Tx, library: Library, unit_id: str, on: date) -> list[Missing]:
    """Everything missing in a unit on that day. Raises `KeyError` for a unit the library does not have."""
    unit = library.units[unit_id]
    found = [Missing(kind, "", "", askers) for kind, askers in await _of_unit(tx, library, unit, on)]
    found += [
        Missing("bodies", topic, library.topics[topic].title, asked)
        for topic, asked in (await wishes.by_topic(tx, unit_id)).items()
        if topic in library.topics and not any(topic in body.topics for body in unit.bodies)
    ]
    found += await _unsigned(tx, library, unit_id, on)
    return sorted(found, key=lambda one: (-one.askers, KINDS.index(one.kind), one.title))


async def _of_unit(tx: Tx, library: Library, unit: Unit, on: date) -> list[tuple[str, int]]:
    """Fields left empty; whoever brought a matter to the unit would have used them."""
    cases = await wishes.cases_of(tx, unit.id)
    counted = all(hamlet.years.get(on.year) or hamlet.years.get(on.year - 1) for hamlet in unit.hamlets)
    holds = {
        "leader": await _has_leader(tx, library, unit.id, on),
        "phone": bool(unit.phone),
        "reception_days": bool(unit.reception_days),
        "address": bool(unit.address),
        "bodies": bool(unit.bodies),
        "hamlets": bool(unit.hamlets),
        "counts": counted and bool(unit.hamlets),
        "zones": bool(unit.zones),
        "slots": bool(unit.slots),
    }
    helps = {"phone", "reception_days", "address", "bodies"}
    return [(kind, cases if kind in helps else 0) for kind, is_there in holds.items() if not is_there]


async def _has_leader(tx: Tx, library: Library, unit_id: str, on: date) -> bool:
    units = rights.tree(library)
    everyone = [rights.standing(one, units, on) for one in await officials.listed(tx)]
    return any(rights.may(one, "entry-sign", unit=unit_id) for one in everyone)


async def _unsigned(tx: Tx, library: Library, unit_id: str, on: date) -> list[Missing]:
    entries = [
        entry
        for entry in (library.entry(known.id, unit_id) for known in library.entries())
        if status_on(entry, on) is not Status.ENDED and not is_signed(library, entry.id, unit_id, on)
    ]
    asked = await drafts.asked(tx, [f"entry:{entry.id}:{unit_id}" for entry in entries])
    found = []
    for entry in entries:
        waiting = asked.get(f"entry:{entry.id}:{unit_id}")
        found.append(Missing("entry", entry.id, entry.title, waiting.askers if waiting else 0))
    return found
