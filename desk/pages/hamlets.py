"""Hamlets of a unit: names, zones, yearly counts, and a spreadsheet of all of them."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

from starlette.responses import Response

from bot import units_desk
from bot.errors import LoaThonError
from bot.hamlets import blank_sheet
from bot.library.schema.unit import Hamlet, HamletCounts, UnitData
from bot.rights import NotAllowedError
from desk.pages.units import LINE_MOST, PATH, slug, unit_of, write
from desk.refused import MissingError
from desk.visit import Visit, file, texts

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_COUNTS = ("households", "poor", "near_poor", "escaped")
_MOST = 1_000_000


async def listed(visit: Visit) -> Response:
    """All hamlets with their counts."""
    return visit.page("hamlets.html", unit=unit_of(visit), given=visit.form)


async def add(visit: Visit) -> Response:
    """One hamlet more, by its name."""
    unit, name = unit_of(visit), visit.text("name", LINE_MOST)
    if not name:
        return visit.page("hamlets.html", status=400, unit=unit, given=visit.form, empty=True)
    told = Hamlet(id=slug(name, {one.id for one in unit.hamlets}), name=name)
    return await write(visit, UnitData(hamlets=(*unit.hamlets, told)), "hamlets.html", back=f"/thon/{told.id}")


async def form(visit: Visit) -> Response:
    """One hamlet."""
    return visit.page("hamlet.html", unit=unit_of(visit), hamlet=_hamlet(visit), given=visit.form)


async def edit(visit: Visit) -> Response:
    """Write its name, its zones and the counts of one year."""
    unit, before = unit_of(visit), _hamlet(visit)
    name, year = visit.text("name", LINE_MOST), _count(visit.text("year", 4))
    counts = {column: _count(visit.text(column, 9)) for column in _COUNTS}
    wrong = [column for column in _COUNTS if counts[column] is None and visit.text(column)]
    any_count = any(value is not None for value in counts.values())
    if not name or wrong or (any_count and (year is None or not 2015 <= year <= 2100 or _is_over(counts))):
        return visit.page("hamlet.html", status=400, unit=unit, hamlet=before, given=visit.form, wrong_counts=True)
    difficult = {"co": True, "khong": False}.get(visit.text("difficult", 10))
    years = {**before.years, year: HamletCounts(**counts, difficult=difficult)} if any_count and year else before.years
    zones = tuple(zone.id for zone in unit.zones if zone.id in texts(visit.form, "zone"))
    told = before.model_copy(update={"name": name, "zones": zones, "years": years})
    hamlets = tuple(told if one.id == before.id else one for one in unit.hamlets)
    return await write(visit, UnitData(hamlets=hamlets), "hamlet.html", back="/thon", hamlet=before)


async def drop(visit: Visit) -> Response:
    """Take a hamlet off."""
    unit, gone = unit_of(visit), _hamlet(visit)
    data = UnitData(hamlets=tuple(one for one in unit.hamlets if one.id != gone.id))
    return await write(visit, data, "hamlet.html", back="/thon", hamlet=gone)


async def blank(visit: Visit) -> Response:
    """An empty spreadsheet with the right headings."""
    unit = unit_of(visit)
    headers = {"content-disposition": f'attachment; filename="thon-{unit.id}.xlsx"'}
    return Response(blank_sheet(), media_type=_SHEET, headers=headers)


async def preview(visit: Visit) -> Response:
    """What the file would write, or its faults row by row; nothing is written."""
    return await _seen(visit, await file(visit.form, "sheet"))


async def take(visit: Visit) -> Response:
    """Write what was previewed: the same file has to come again."""
    unit, raw = unit_of(visit), await file(visit.form, "sheet")
    if _digest(raw) != visit.text("digest", 64):
        return await _seen(visit, raw)
    try:
        async with visit.office.store.write() as tx:
            at = visit.office.clock.true()
            await units_desk.apply(tx, visit.official, visit.library, unit.id, raw, at=at)
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return visit.page("hamlets.html", status=400, given=visit.form, unit=unit, wrong=str(error))
    await visit.office.renew()
    return visit.onward(f"{PATH}/{unit.id}/thon", "imported")


async def _seen(visit: Visit, raw: bytes) -> Response:
    unit = unit_of(visit)
    seen = await asyncio.to_thread(units_desk.preview, visit.library, unit.id, raw)
    shown: dict[str, Any] = {"seen": seen, "digest": _digest(raw), "unit": unit}
    is_part = visit.request.headers.get("hx-request") == "true"
    return visit.page("preview.html" if is_part else "hamlets.html", given=visit.form, **shown)


def _hamlet(visit: Visit) -> Hamlet:
    found = next((one for one in unit_of(visit).hamlets if one.id == visit.param("hamlet")), None)
    if found is None:
        raise MissingError
    return found


def _count(told: str) -> int | None:
    return int(told) if told.isascii() and told.isdigit() and int(told) <= _MOST else None


def _is_over(counts: dict[str, int | None]) -> bool:
    """More poor, near-poor and escaped households than there are households, or their number is not told."""
    households = counts["households"]
    return households is None or sum(counts[name] or 0 for name in _COUNTS[1:]) > households


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
