"""The first page: what the unit still lacks, most asked first."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from bot import rights, signing
from desk.visit import Visit

#: entries on the first page
SHOWN = 6
#: what a unit should tell of itself, in the order in which households ask for it
TOLD = ("phone", "reception_days", "address", "bodies", "hamlets", "slots")


async def shown(visit: Visit) -> Response:
    """What there is to do."""
    return visit.page("home.html", **await _list(visit))


async def part(visit: Visit) -> Response:
    """The list alone, for a page that heard the bell."""
    return visit.page("checklist.html", **await _list(visit))


async def _list(visit: Visit) -> dict[str, Any]:
    unit, today = visit.unit("desk"), visit.office.clock.today()
    async with visit.office.store.read() as tx:
        waiting = await signing.waiting(tx, visit.official, visit.library, today, unit)
    gaps = [name for name in TOLD if not getattr(visit.library.units[unit], name)]
    return {
        "unit": unit,
        "places": visit.reached("desk"),
        "waiting": waiting[:SHOWN],
        "count": len(waiting),
        "gaps": gaps,
        "may_edit": rights.may(visit.official, "units", unit=unit),
    }
