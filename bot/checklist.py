"""The first-run checklist: what a unit has not filled in or confirmed, what people ask for most at the top.

How many asked is told to whoever may read those cases, and could count them; others learn no number, and of what few
asked for not even that it was asked (issue "the desk": k >= 5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from bot import rights
from bot.casework import keepers
from bot.casework.clocks import unconfirmed
from bot.disclosure import LEAST
from bot.library import Library, Status, is_signed
from bot.library.answer import status_on
from bot.library.schema.story import Story
from bot.library.schema.unit import Unit
from bot.model.official import Official
from bot.report_spans import due_soon
from bot.store import Tx, drafts, officials, wishes

#: what may be missing, in the order in which a unit without any questions yet sees it. The desk words each.
KINDS = (
    "unread",
    "leader",
    "phone",
    "reception_days",
    "address",
    "bodies",
    "keeper",
    "entry",
    "hamlets",
    "counts",
    "zones",
    "slots",
    "calendar",
    "days",
    "report",
)
#: from this month on the next year's days off have to be known
_LOOKS_AHEAD_FROM = 11


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing to do."""

    #: one of `KINDS`
    kind: str
    #: entry, topic or year it is about, a report's days as `report_spans.Span` writes them, "" for the unit itself
    ref: str
    title: str
    #: households that asked for it, or whose matters need it; 0 also where the official may not know
    askers: int
    #: what comes first: `askers`, or whether many asked
    weight: int


async def missing(tx: Tx, library: Library, unit_id: str, official: Official, on: date) -> list[Missing]:
    """Everything missing in a unit on that day, as this official may know it. Raises `KeyError` for an unknown unit."""
    unit = library.units[unit_id]
    found = [
        _told(official, unit_id, None, Missing(kind, "", "", askers, askers))
        for kind, askers in await _of_unit(tx, library, unit, on)
    ]
    for topic, asked in (await wishes.by_topic(tx, unit_id)).items():
        if topic in library.topics and not any(topic in body.topics for body in unit.bodies):
            one = _told(official, unit_id, topic, Missing("bodies", topic, library.topics[topic].title, asked, asked))
            found += [one] if one.weight else []
    if unread := await keepers.unread(tx, library, unit_id, on):
        # how many and nothing else: who gives rights reads no reports
        found.append(Missing("unread", "", str(unread), 0, 0))
    found += _calendar(library, on)
    found += [Missing("report", str(one.span), one.title, 0, 0) for one in due_soon(library, unit_id, on)]
    found += [_told(official, unit_id, topic, one) for topic, one in await _unsigned(tx, library, unit_id, on)]
    # what nobody can see comes first, then what has a day, then what many wait for
    return sorted(
        found,
        key=lambda one: (one.kind != "unread", one.kind != "report", -one.weight, KINDS.index(one.kind), one.title),
    )


def _told(official: Official, unit: str, topic: str | None, one: Missing) -> Missing:
    """As the official may know it who may read, or not, the cases behind that number."""
    if rights.may(official, "case-read", unit=unit, topic=topic):
        return one
    return replace(one, askers=0, weight=int(one.askers >= LEAST))


async def _of_unit(tx: Tx, library: Library, unit: Unit, on: date) -> list[tuple[str, int]]:
    """Fields left empty; whoever brought a matter to the unit would have used them."""
    cases = await wishes.cases_of(tx, unit.id)
    counted = all(hamlet.years.get(on.year) or hamlet.years.get(on.year - 1) for hamlet in unit.hamlets)
    holds = {
        "leader": await _has_leader(tx, library, unit.id, on),
        "keeper": await keepers.has_one(tx, library, unit.id, on),
        "phone": bool(unit.phone),
        "reception_days": bool(unit.reception_days),
        "address": bool(unit.address),
        "bodies": bool(unit.bodies),
        "hamlets": bool(unit.hamlets),
        "counts": counted and bool(unit.hamlets),
        "zones": bool(unit.zones),
        "slots": bool(unit.slots) or not unit.usual_times,
    }
    helps = {"phone", "reception_days", "address", "bodies"}
    return [(kind, cases if kind in helps else 0) for kind, is_there in holds.items() if not is_there]


def _calendar(library: Library, on: date) -> list[Missing]:
    """Years whose days off nobody wrote down (every deadline over Tet is too early then), and coming days only foreseen."""
    years = [on.year, on.year + 1] if on.month >= _LOOKS_AHEAD_FROM else [on.year]
    known = {record.year for record in library.calendar.values()}
    found = [Missing("calendar", str(year), "", 0, 0) for year in years if year not in known]
    for year in years:
        if days := sorted(named.day for named in unconfirmed(library, year) if named.day >= on):
            told = ", ".join(f"{day.day}/{day.month}" for day in days)
            found.append(Missing("days", str(year), told, 0, 0))
    return found


async def _has_leader(tx: Tx, library: Library, unit_id: str, on: date) -> bool:
    units = rights.tree(library)
    everyone = [rights.standing(one, units, on) for one in await officials.listed(tx)]
    return any(rights.may(one, "entry-sign", unit=unit_id) for one in everyone)


async def _unsigned(tx: Tx, library: Library, unit_id: str, on: date) -> list[tuple[str | None, Missing]]:
    """(topic, what is missing): entries nobody signed for the unit."""
    entries = [
        entry
        for entry in (library.entry(known.id, unit_id) for known in library.entries())
        if status_on(entry, on) is not Status.ENDED and not is_signed(library, entry.id, unit_id, on)
    ]
    asked = await drafts.asked(tx, [f"entry:{entry.id}:{unit_id}" for entry in entries])
    found = []
    for entry in entries:
        waiting = asked.get(f"entry:{entry.id}:{unit_id}")
        askers = waiting.askers if waiting else 0
        topic = None if isinstance(entry, Story) else entry.topic
        found.append((topic, Missing("entry", entry.id, entry.title, askers, askers)))
    return found
