"""The audit: who did what when, and whether the chain holds."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from starlette.responses import Response

from bot import audit, officials, rights
from bot.model.official import Official
from bot.settings import LOCAL
from bot.store import Tx
from bot.store import audit as lines
from bot.store.audit import Line
from desk.refused import number
from desk.visit import Visit

#: lines a page
SHOWN = 40
#: lines read at a time when most belong to others, and how often
_READ, _READS = 200, 25


async def shown(visit: Visit) -> Response:
    """The lines that fit the filter, newest first. Who does not read for the whole house sees the acts of its own people."""
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
        found = await _found(tx, fits, None if _reads_all(visit.official) else set(names), visit.query("truoc", 16))
        kinds = await lines.kinds(tx)
    more = found[SHOWN - 1].id if len(found) > SHOWN else None
    return visit.page("journal.html", lines=found[:SHOWN], more=more, kinds=kinds, names=names, asked=asked)


async def verify(visit: Visit) -> Response:
    """Walk the whole chain and say what was found."""
    return visit.page("verdict.html", verdict=await audit.verify(visit.office.store))


async def _found(tx: Tx, fits: dict[str, Any], own: set[str] | None, told_before: str) -> list[Line]:
    """One line more than is shown. `own`: whose acts alone may be seen, None = everyone's."""
    before = number(told_before or "0") or None
    if own is None:
        return await lines.page(tx, **fits, before=before, limit=SHOWN + 1)
    found: list[Line] = []
    for _ in range(_READS):
        read = await lines.page(tx, **fits, before=before, limit=_READ)
        found += [line for line in read if line.who in own]
        if len(read) < _READ or len(found) > SHOWN:
            break
        before = read[-1].id
    return found[: SHOWN + 1]


def _reads_all(official: Official) -> bool:
    return rights.may(official, "audit-read", unit="")


def _reads(official: Official, other: Official) -> bool:
    """Every place the other holds must lie within reach."""
    places = {held.unit for held in other.assignments} or {""}
    return all(rights.may(official, "audit-read", unit=unit) for unit in places)


def _midnight(told: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(told), time(), LOCAL) if told else None
    except ValueError:
        return None
