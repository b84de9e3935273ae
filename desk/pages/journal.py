"""The audit: who did what when, and whether the chain holds."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from starlette.responses import Response

from bot import audit, officials, rights
from bot.casework import sight
from bot.model.official import Official
from bot.settings import LOCAL
from bot.store import Tx, case_desk
from bot.store import audit as lines
from bot.store.audit import Line
from bot.store.case_desk import Eye
from desk.days import day_told
from desk.refused import number
from desk.visit import Visit

#: lines a page
SHOWN = 40
#: lines read at a time when most are not for this reader, and how often
_READ, _READS = 200, 25
#: how the object of a line about a case begins
_CASE = "case:"


async def shown(visit: Visit) -> Response:
    """The lines that fit the filter, newest first. Who does not read for the whole house sees the acts of its own people.

    Lines about a case are shown to whoever sees that case: who is kept from a report meets it nowhere.
    """
    asked = {name: visit.query(name, 60) for name in ("ai", "viec", "tu", "den")}
    since, until = _midnight(asked["tu"]), _midnight(asked["den"])
    fits = {
        "who": asked["ai"],
        "what": asked["viec"],
        "since": since,
        "until": until + timedelta(days=1) if until else None,
    }
    async with visit.office.store.read() as tx:
        people = await officials.every(tx, visit.library, visit.office.clock.today())
        mine = [one for one in people if _reads(visit.official, one)]
        names = {one.who: one.name for one in mine}
        eye = sight.eye(visit.official, visit.library)
        own = None if _reads_all(visit.official) else set(names)
        found, more = await _found(tx, eye, fits, own, visit.query("truoc", 16))
        kinds = await lines.kinds(tx)
    return visit.page("journal.html", lines=found, more=more, kinds=kinds, names=names, asked=asked)


async def verify(visit: Visit) -> Response:
    """Walk the whole chain and say what was found."""
    return visit.page("verdict.html", verdict=await audit.verify(visit.office.store))


async def _found(
    tx: Tx, eye: Eye, fits: dict[str, Any], own: set[str] | None, told_before: str
) -> tuple[list[Line], int | None]:
    """A page, and the line to go on from. `own`: whose acts alone may be seen, None = everyone's."""
    before = number(told_before or "0") or None
    found: list[Line] = []
    for _ in range(_READS):
        read = await lines.page(tx, **fits, before=before, limit=_READ)
        theirs = [line for line in read if own is None or line.who in own]
        about = {line.ref.removeprefix(_CASE) for line in theirs if line.ref.startswith(_CASE)}
        open_to = {_CASE + code for code in await case_desk.seen(tx, eye, sorted(about))}
        found += [line for line in theirs if not line.ref.startswith(_CASE) or line.ref in open_to]
        if len(found) > SHOWN:
            return found[:SHOWN], found[SHOWN - 1].id
        if len(read) < _READ:
            return found, None
        before = read[-1].id
    return found, before


def _reads_all(official: Official) -> bool:
    return rights.may(official, "audit-read", unit="")


def _reads(official: Official, other: Official) -> bool:
    """Every place the other holds must lie within reach."""
    places = {held.unit for held in other.assignments} or {""}
    return all(rights.may(official, "audit-read", unit=unit) for unit in places)


def _midnight(told: str) -> datetime | None:
    try:
        return datetime.combine(day_told(told), time(), LOCAL) if told else None
    except ValueError:
        return None
