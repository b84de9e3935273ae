"""What a unit tells of itself: address, phone, reception days, bodies by topic, loudspeaker zones and slots."""

from __future__ import annotations

from typing import Any, get_args

from starlette.responses import Response

from bot import rights, units_desk
from bot.bulletins.slots import Hours, hours, kept
from bot.errors import LoaThonError, say
from bot.library.schema.unit import Body, Slot, Unit, UnitData, Zone, ZoneKind
from bot.model.fold import fold
from bot.rights import NotAllowedError
from desk.refused import MissingError
from desk.visit import Visit, texts

PATH = "/ban/don-vi"
#: characters of one line of a unit's data
LINE_MOST = 200
#: stands for the days of a slot that has none; a form loses a blank at the end of a name
EVERY_DAY = "hang-ngay"


async def tree(visit: Visit) -> Response:
    """The units within reach, each under the one above it."""
    return visit.page("units.html", rows=_rows(visit))


async def shown(visit: Visit) -> Response:
    """One unit and what it still lacks."""
    unit = unit_of(visit)
    return visit.page("unit.html", unit=unit, may_keep=rights.may(visit.official, "officials", unit=unit.id))


async def contact_form(visit: Visit) -> Response:
    """Address, phone, reception days."""
    return visit.page("contact.html", unit=unit_of(visit), given=visit.form)


async def contact(visit: Visit) -> Response:
    """Write them."""
    days = tuple(line.strip()[:LINE_MOST] for line in visit.text("days").split("\n") if line.strip())
    told = {"address": visit.text("address", LINE_MOST) or None, "phone": visit.text("phone", 40) or None}
    return await write(visit, UnitData(**told, reception_days=days), "contact.html")


async def body_form(visit: Visit) -> Response:
    """One body, or a new one under the name `moi`."""
    unit = unit_of(visit)
    return visit.page("body.html", unit=unit, body=_body(visit, unit), given=visit.form)


async def body(visit: Visit) -> Response:
    """Write one body."""
    unit = unit_of(visit)
    before = _body(visit, unit)
    name = visit.text("name", LINE_MOST)
    if not name:
        return visit.page("body.html", status=400, unit=unit, body=before, given=visit.form, empty=True)
    others = [one for one in unit.bodies if before is None or one.id != before.id]
    told = Body(
        id=before.id if before else slug(name, {one.id for one in others}),
        name=name,
        topics=tuple(topic for topic in texts(visit.form, "topic") if topic in visit.library.topics),
        phone=visit.text("phone", 40) or None,
        room=visit.text("room", LINE_MOST) or None,
    )
    bodies = tuple(told if before and one.id == before.id else one for one in unit.bodies)
    return await write(visit, UnitData(bodies=bodies if before else (*bodies, told)), "body.html", body=before)


async def drop_body(visit: Visit) -> Response:
    """Take one body off."""
    unit = unit_of(visit)
    gone = _body(visit, unit)
    if gone is None:
        raise MissingError
    return await write(visit, UnitData(bodies=tuple(one for one in unit.bodies if one.id != gone.id)), "body.html")


async def horns(visit: Visit) -> Response:
    """Loudspeaker zones and when they speak."""
    return visit.page("horns.html", unit=unit_of(visit), given=visit.form, **_HORNS)


async def add_zone(visit: Visit) -> Response:
    """One zone more."""
    unit, title = unit_of(visit), visit.text("title", LINE_MOST)
    if not title:
        return visit.page("horns.html", status=400, unit=unit, given=visit.form, empty=True, **_HORNS)
    if fold(title) in {fold(one.title) for one in unit.zones}:
        # nobody could tell them apart in the plan or on the run sheet
        return visit.page("horns.html", status=400, unit=unit, given=visit.form, is_twice=True, **_HORNS)
    told = visit.text("kind", 10)
    kind = next((one for one in ZONE_KINDS if one == told), None)
    zone = Zone(id=slug(title, {one.id for one in unit.zones}), title=title, kind=kind)
    return await write(visit, UnitData(zones=(*unit.zones, zone)), "horns.html", back="/loa", **_HORNS)


async def drop_zone(visit: Visit) -> Response:
    """Take a zone off, with its slots."""
    unit, gone = unit_of(visit), visit.param("zone")
    if gone not in {one.id for one in unit.zones}:
        raise MissingError
    zones = tuple(one for one in unit.zones if one.id != gone)
    slots = tuple(one for one in unit.slots if one.zone != gone)
    hamlets = tuple(
        one.model_copy(update={"zones": tuple(zone for zone in one.zones if zone != gone)}) for one in unit.hamlets
    )
    data = UnitData(zones=zones, slots=slots, hamlets=hamlets)
    return await write(visit, data, "horns.html", back="/loa", **_HORNS)


async def add_slot(visit: Visit) -> Response:
    """One more time at which the loudspeakers speak; with the first one the usual times become the unit's own."""
    unit, zone = unit_of(visit), visit.text("zone", 60)
    days = tuple(sorted({int(day) for day in texts(visit.form, "day") if day in set("1234567")}))
    minutes = visit.text("minutes", 3)
    wrong_zone = zone and zone not in {one.id for one in unit.zones}
    if wrong_zone or not (minutes.isascii() and minutes.isdigit() and 1 <= int(minutes) <= 60) or not _is_hour(visit):
        return visit.page("horns.html", status=400, unit=unit, given=visit.form, wrong_slot=True, **_HORNS)
    slot = Slot(zone=zone or None, at=visit.text("at", 5), minutes=int(minutes), days=days)
    there = kept(unit) if unit.slots else tuple(one for one in kept(unit) if slot.zone or one.at != slot.at)
    slots = tuple(sorted({*there, slot}, key=lambda one: (one.at, one.zone or "")))
    return await write(visit, UnitData(slots=slots), "horns.html", back="/loa", **_HORNS)


async def drop_slot(visit: Visit) -> Response:
    """Take one time off."""
    unit, gone = unit_of(visit), visit.text("slot", 120)
    slots = tuple(one for one in unit.slots if slot_name(one) != gone)
    if len(slots) == len(unit.slots):
        raise MissingError
    return await write(visit, UnitData(slots=slots), "horns.html", back="/loa", **_HORNS)


async def usual_times(visit: Visit) -> Response:
    """Whether the usual times stand in for a unit without its own, or its loudspeakers speak at no fixed times."""
    data = UnitData(usual_times=visit.text("co", 1) == "1")
    return await write(visit, data, "horns.html", back="/loa", **_HORNS)


def slot_name(slot: Slot) -> str:
    """Tells one time from the others of its unit."""
    return f"{slot.at} {slot.minutes} {slot.zone or '-'} {''.join(map(str, slot.days)) or EVERY_DAY}"


def judged(slot: Slot) -> str:
    """What is to be said of a time the unit keeps to, "" when nothing is."""
    found = hours(slot.at, 60.0 * slot.minutes)
    return "" if found is Hours.GOOD else say(f"bulletins.{found}_hours")


#: what the loudspeakers' page shows of times
#: how a zone is reached, as the form sends it
ZONE_KINDS: tuple[ZoneKind, ...] = get_args(ZoneKind)
_HORNS: dict[str, Any] = {"slot_name": slot_name, "judged": judged, "kept": kept}


def unit_of(visit: Visit) -> Unit:
    """The unit of the path; raises `MissingError` for one that is not the official's to edit."""
    unit = visit.library.units.get(visit.param("unit"))
    if unit is None or not rights.may(visit.official, "units", unit=unit.id):
        raise MissingError
    return unit


async def write(visit: Visit, data: UnitData, page: str, *, back: str = "", **shown: object) -> Response:
    """Publish what was filled in; a fault is told on `page`."""
    unit = unit_of(visit)
    try:
        async with visit.office.store.write() as tx:
            at = visit.office.clock.true()
            fields = data.model_dump(mode="json", exclude_unset=True)
            await units_desk.edit(tx, visit.official, visit.library, unit.id, fields, at=at)
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return visit.page(page, status=400, unit=unit, given=visit.form, wrong=str(error), **shown)
    await visit.office.renew()
    return visit.onward(f"{PATH}/{unit.id}{back}", "saved")


def slug(name: str, taken: set[str]) -> str:
    """An id from a name, a number behind it if it is taken."""
    told = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in fold(name)).split())[:50] or "moi"
    told = told if told != "moi" else "muc-moi"
    return told if told not in taken else next(f"{told}-{n}" for n in range(2, 10_000) if f"{told}-{n}" not in taken)


def _rows(visit: Visit) -> list[tuple[int, Unit]]:
    """(depth, unit) of all units within reach, parents before children."""
    mine = visit.reached("units")
    units = {name: visit.library.units[name] for name in mine}
    rows: list[tuple[int, Unit]] = []

    def hang(above: str | None, depth: int) -> None:
        for unit in units.values():
            if (unit.parent if unit.parent in units else None) == above and unit.id != above:
                rows.append((depth, unit))
                hang(unit.id, depth + 1)

    hang(None, 0)
    return rows


def _body(visit: Visit, unit: Unit) -> Body | None:
    """The body of the path, None for a new one."""
    wanted = visit.param("body")
    if wanted == "moi":
        return None
    found = next((one for one in unit.bodies if one.id == wanted), None)
    if found is None:
        raise MissingError
    return found


def _is_hour(visit: Visit) -> bool:
    hour, _, minute = visit.text("at", 5).partition(":")
    if not all(len(part) == 2 and part.isascii() and part.isdigit() for part in (hour, minute)):
        return False
    return int(hour) < 24 and int(minute) < 60
