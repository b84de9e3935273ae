"""Cases as a file, one a row: what was chosen in the list, written down in the audit each time."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from typing import IO, Any

from starlette.responses import Response, StreamingResponse

from bot.casework import export, sight
from bot.casework.export import CSV, XLSX
from bot.errors import LoaThonError
from bot.library.schema.says import Says
from bot.model.case import CaseKind
from bot.store import audit, case_desk
from desk.page import Page
from desk.pages.cases_list import Chosen
from desk.refused import MissingError
from desk.visit import Visit

PATH = "/ban/ho-so/xuat"
_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: kept in memory; what is larger goes to the disk, to a file without a name
_IN_MEMORY, _PIECE = 1 << 20, 1 << 16


async def shown(visit: Visit) -> Response:
    """What will be in the file, and how many rows."""
    return visit.page("exports.html", **await _asked(visit))


async def taken(visit: Visit) -> Response:
    """The file. That it was taken is written before the first byte leaves."""
    form = visit.text("dang", 4)
    if form not in _TYPES:
        raise MissingError
    eye, chosen, now = sight.eye(visit.official, visit.library), _chosen(visit), visit.office.clock.now()
    held: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed when it was sent
    try:
        async with visit.office.store.read() as tx:
            wanted = chosen.filters(eye, now)
            count = await export.write(tx, eye, visit.library, wanted, form=form, out=held, now=now)  # type: ignore[arg-type]
        # a hamlet is typed freely: of it only that it was asked for
        told = {name: value for name, value in asdict(chosen).items() if value} | ({"thon": "1"} if chosen.thon else {})
        detail = {"form": form, "rows": count, "filters": told}
        async with visit.office.store.write() as tx:
            at = visit.office.clock.true()
            await audit.note(tx, visit.official.who, "cases-exported", "cases", at=at, detail=detail)
    except LoaThonError as error:
        held.close()
        return visit.page("exports.html", status=400, **await _asked(visit), wrong=str(error))
    except BaseException:
        held.close()
        raise
    headers = {"content-disposition": f'attachment; filename="ho-so.{form}"', "content-length": str(held.tell())}
    held.seek(0)
    return StreamingResponse(_pieces(held), media_type=_TYPES[form], headers=headers)


#: who may open the list of cases at all
READ = "case-read|case-keep"
PAGES: tuple[Page, ...] = (Page(PATH, READ, shown, taken),)


async def _pieces(held: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        while piece := await asyncio.to_thread(held.read, _PIECE):
            yield piece
    finally:
        held.close()


async def _asked(visit: Visit) -> dict[str, Any]:
    eye, chosen, now = sight.eye(visit.official, visit.library), _chosen(visit), visit.office.clock.now()
    async with visit.office.store.read() as tx:
        count = await case_desk.count(tx, eye, chosen.filters(eye, now))
    return {
        "chosen": chosen,
        "count": count,
        "labels": visit.library.phrase(Says).labels,
        "kinds": [kind.value for kind in CaseKind],
        "places": sorted({*visit.reached("case-read"), *visit.reached("case-keep")}),
    }


def _chosen(visit: Visit) -> Chosen:
    """As the list has it, without words looked for: they narrow what is shown, not what is taken along."""
    return replace(Chosen.of(visit), q="", moc="", sap="due")
