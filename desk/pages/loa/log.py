"""The broadcast log: one tap says that it was aired; as a table for an office program."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from bot import bundle as bundles
from bot import station
from bot.bulletins import log
from bot.errors import LoaThonError
from bot.rights import NotAllowedError
from bot.store import Tx
from bot.store import officials as official_rows
from bot.store.airings import LogRow
from desk.days import day_told
from desk.pages.loa.paper import path_of
from desk.refused import MissingError, number
from desk.visit import Visit

PATH = "/ban/loa/so"
#: days shown unless others are asked for; the most that are shown at once
_DAYS, _MOST = 7, 366
_FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def shown(visit: Visit) -> Response:
    """What was to be aired, and what was."""
    return await _log(visit)


async def aired(visit: Visit) -> Response:
    """One tap: it was aired; `tre` seconds ago where there was no network until now."""
    clock, late = visit.office.clock, visit.text("tre", 7)
    late_s = int(late) if late.isascii() and late.isdigit() else 0
    tapped_at = clock.now() - min(timedelta(seconds=late_s), log.CODE_FOR)
    try:
        async with visit.office.store.write() as tx:
            await log.aired(
                tx, visit.official, _airing(visit), visit.library, now=tapped_at, at=clock.true(), how="web"
            )
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return await _log(visit, wrong=str(error))
    return visit.onward(_back(visit), "loa-aired")


async def not_aired(visit: Visit) -> Response:
    """A tap by mistake."""
    async with visit.office.store.write() as tx:
        await log.not_aired(tx, visit.official, _airing(visit), visit.library, at=visit.office.clock.true())
    return visit.onward(_back(visit), "loa-not-aired")


async def export(visit: Visit) -> Response:
    """The same days as a file."""
    unit, since, until = _asked(visit)
    form = visit.query("loai", 4)
    form = form if form in _FORMS else "csv"
    async with visit.office.store.read() as tx:
        rows = await log.log(tx, visit.official, visit.library, unit, since=since, until=until)
        names = await _names(tx, rows)
    table = log.table(rows, visit.library, names)
    data = await asyncio.to_thread(log.export, table, form)
    name = f"nhat-ky-{unit}-{since:%Y%m%d}-{until:%Y%m%d}.{form}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=_FORMS[form], headers=headers)


async def bundle(visit: Visit) -> Response:
    """A day's files for the stick, with the codes on the sheet that tick them off."""
    unit = visit.param("unit")
    if unit not in visit.reached("clip-record"):
        raise MissingError
    try:
        day = day_told(visit.param("day"))
    except ValueError as error:
        raise MissingError from error
    office = visit.office
    async with office.store.read() as tx:
        found = await station.bundle_of(
            tx,
            visit.library,
            office.store.blobs,
            unit,
            day,
            today=office.clock.today(),
            at=office.clock.true(),
            with_codes=True,
        )
    if not found.tracks and not found.recalled:
        raise MissingError
    headers = {"content-disposition": f'attachment; filename="{bundles.zip_name(found)}"'}
    return StreamingResponse(bundles.zip_stream(found), media_type="application/zip", headers=headers)


async def _log(visit: Visit, wrong: str = "") -> Response:
    unit, since, until = _asked(visit)
    async with visit.office.store.read() as tx:
        rows = await log.log(tx, visit.official, visit.library, unit, since=since, until=until)
        names = await _names(tx, rows)
    shown: dict[str, Any] = {"unit": unit, "places": visit.reached("report-read"), "since": since, "until": until}
    return visit.page(
        "loa_log.html",
        status=400 if wrong else 200,
        wrong=wrong,
        rows=list(reversed(rows)),
        teller=partial(log.teller, names=names),
        may_play=unit in visit.reached("clip-record"),
        zones={zone.id: zone.title for zone in visit.library.unit(unit).zones},
        **shown,
    )


def _asked(visit: Visit) -> tuple[str, date, date]:
    """(unit, first day, last day), a year at most."""
    today = visit.office.clock.today()
    until = _day(visit.query("den", 10), today)
    since = _day(visit.query("tu", 10), until - timedelta(days=_DAYS - 1))
    return visit.unit("report-read"), max(min(since, until), until - timedelta(days=_MOST)), until


def _day(told: str, usual: date) -> date:
    try:
        return day_told(told) if told else usual
    except ValueError:
        return usual


def _airing(visit: Visit) -> int:
    return number(visit.param("airing"))


def _back(visit: Visit) -> str:
    """Where the tap was made: the first page, the week's, the bulletin's own or the log."""
    unit, bulletin = quote(visit.text("xa", 60)), visit.text("tin", 12)
    own = path_of(int(bulletin)) if bulletin.isascii() and bulletin.isdigit() else "/ban/loa"
    pages = {"dau": f"/ban?xa={unit}", "tuan": f"/ban/loa?xa={unit}", "tin": own}
    return pages.get(visit.text("tai", 10), f"{PATH}?xa={unit}")


async def _names(tx: Tx, rows: list[LogRow]) -> dict[int, str]:
    whos = [number for row in rows for number in (log.official_of(row.airing), row.approved_by)]
    wanted = {number for number in whos if number is not None}
    return {one.id: one.name for one in await official_rows.listed(tx, sorted(wanted))} if wanted else {}
