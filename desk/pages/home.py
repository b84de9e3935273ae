"""The first page: what the unit still lacks, most asked first."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from bot import checklist, rights
from desk.visit import Visit

#: lines on the first page
SHOWN = 12


async def shown(visit: Visit) -> Response:
    """What there is to do."""
    return visit.page("home.html", **await _list(visit))


async def part(visit: Visit) -> Response:
    """The list alone, for a page that heard the bell."""
    return visit.page("checklist.html", **await _list(visit))


async def _list(visit: Visit) -> dict[str, Any]:
    unit = visit.unit("desk")
    async with visit.office.store.read() as tx:
        missing = await checklist.missing(tx, visit.library, unit, visit.office.clock.today())
    return {
        "unit": unit,
        "places": visit.reached("desk"),
        "missing": missing,
        "most": SHOWN,
        "may_correct": unit in visit.reached("entry-correct"),
        "may_edit": unit in visit.reached("units"),
        "may_invite": rights.may(visit.official, "officials", unit=unit),
    }
