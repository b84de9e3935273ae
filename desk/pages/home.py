"""The first page: what waits for this official's word, and what the unit still lacks, most asked first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from bot import broadcast_sheet, checklist, rights
from bot.bulletins import approval
from bot.editing import sheet
from bot.store import Tx, airings, bulletins
from desk.pages import broadcast_draft, content_draft
from desk.pages.channels import bots_of
from desk.pages.loa.paper import path_of
from desk.visit import Visit

#: lines of each list on the first page
SHOWN = 12
#: which right lets somebody do what is missing; that of the unit's data for everything else
_NEEDS = {
    "entry": "may_correct",
    "leader": "may_invite",
    "keeper": "may_invite",
    "unread": "may_invite",
    "report": "may_report",
}
#: whoever may one of these is told how the bots are doing: it is theirs to send, or to mend
_TOLD_OF_BOTS = (broadcast_sheet.WRITE, broadcast_sheet.APPROVE, "units", "officials")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One text that somebody wrote and this official may approve. `kind`: broadcast, bulletin or content."""

    kind: str
    path: str
    title: str


async def shown(visit: Visit) -> Response:
    """What there is to do."""
    return visit.page("home.html", **{**await _waiting(visit), **await _list(visit)})


async def waiting(visit: Visit) -> Response:
    """What waits for approval alone, for a page that heard the bell."""
    return visit.page("home_waiting.html", **await _waiting(visit))


async def part(visit: Visit) -> Response:
    """The list alone, for a page that heard the bell."""
    return visit.page("checklist.html", **await _list(visit))


async def _list(visit: Visit) -> dict[str, Any]:
    unit = visit.unit("desk")
    async with visit.office.store.read() as tx:
        missing = await checklist.missing(tx, visit.library, unit, visit.official, visit.office.clock.today())
    may = {
        "may_correct": unit in visit.reached("entry-correct"),
        "may_edit": unit in visit.reached("units"),
        "may_invite": rights.may(visit.official, "officials", unit=unit),
    }
    shown = {**may, "may_report": unit in visit.reached("report-read")}
    return {
        "unit": unit,
        "places": visit.reached("desk"),
        "missing": [one for one in missing if shown[_NEEDS.get(one.kind, "may_edit")]],
        "may_act": any(may.values()),
        "most": SHOWN,
        **may,
    }


async def _waiting(visit: Visit) -> dict[str, Any]:
    async with visit.office.store.read() as tx:
        found = [*await _broadcasts(visit, tx), *await _bulletins(visit, tx), *await _content(visit, tx)]
        playing = await _playing(visit, tx)
        sends = any(rights.may_anywhere(visit.official, one) for one in _TOLD_OF_BOTS)
        bots = await bots_of(visit, tx, visit.unit("desk")) if sends else None
    return {"waiting": found, "most": SHOWN, "bots": bots, **playing}


async def _playing(visit: Visit, tx: Tx) -> dict[str, Any]:
    """What is aired today, for whoever ticks it off."""
    unit, today = visit.unit("desk"), visit.office.clock.today()
    may_play = unit in visit.reached("clip-record")
    lines = await airings.log(tx, unit, today, today) if may_play else []
    zones = {zone.id: zone.title for zone in visit.library.unit(unit).zones}
    log = [line for line in lines if line.state == "published"]
    return {"unit": unit, "log": log, "zones": zones, "may_play": may_play}


async def _broadcasts(visit: Visit, tx: Tx) -> list[Waiting]:
    mine = await broadcast_sheet.waiting(tx, visit.official)
    return [Waiting("broadcast", f"{broadcast_draft.PATH}/{one.id}", one.title) for one in mine]


async def _bulletins(visit: Visit, tx: Tx) -> list[Waiting]:
    """Those still to be aired: nobody needs a word on yesterday's."""
    rows = await bulletins.listed(tx, since=visit.office.clock.today(), states=("waiting",))
    mine = [row for row in rows if approval.may_approve(visit.official, visit.library, row)]
    return [Waiting("bulletin", path_of(row), row.title) for row in mine]


async def _content(visit: Visit, tx: Tx) -> list[Waiting]:
    rows = await sheet.listed(tx, visit.official, states=("submitted",))
    return [Waiting("content", f"{content_draft.PATH}/ban/{row.id}", row.title) for row in rows if row.may_approve]
