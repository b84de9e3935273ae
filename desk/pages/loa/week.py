"""The week: what is planned for each time, what the machine would air where nothing is, what is to be ticked off today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from bot.bulletins import editing
from bot.bulletins import week as weeks
from bot.bulletins.day import Show, ordered
from bot.bulletins.editing import PROFILES
from bot.bulletins.item import Item, ItemKind, to_plain
from bot.bulletins.plan import WEEK_DAYS, Proposal
from bot.bulletins.slots import Priority, slots
from bot.errors import LoaThonError
from bot.rights import NotAllowedError
from bot.store import airings, bulletins
from desk.days import day_told
from desk.pages.loa.paper import LOOKS, may_hear, path_of
from desk.refused import MissingError
from desk.visit import Visit

PATH = "/ban/loa"
#: how far back and ahead somebody may leaf
_FAR = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Time:
    """One time of a day: what is planned, and what is proposed where nothing is."""

    show: Show
    proposal: Proposal | None


async def shown(visit: Visit) -> Response:
    """The week."""
    return visit.page("loa_week.html", **await _week(visit))


async def part(visit: Visit) -> Response:
    """The days alone, for a page that heard the bell."""
    return visit.page("loa_days.html", **await _week(visit))


async def draft(visit: Visit) -> Response:
    """Write the proposal for every free time as drafts."""
    unit, start, clock = _unit(visit, "broadcast-write"), _start(visit), visit.office.clock
    days = WEEK_DAYS - max(0, (clock.today() - start).days)
    first = max(start, clock.today())
    try:
        async with visit.office.store.write() as tx:
            await weeks.draft(
                tx,
                visit.official,
                visit.library,
                unit,
                first,
                days=max(0, days),
                today=clock.today(),
                at=clock.true(),
                after=clock.now(),
            )
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return visit.page("loa_week.html", status=400, wrong=str(error), **await _week(visit))
    return visit.onward(f"{PATH}?xa={unit}&tu={start.isoformat()}", "loa-drafted")


async def form(visit: Visit) -> Response:
    """A new bulletin."""
    unit = _unit(visit, "broadcast-write")
    given = {name: visit.query(name, 60) for name in ("air_on", "slot_at", "zone")}
    return _form(visit, unit, {key: value for key, value in given.items() if value})


async def create(visit: Visit) -> Response:
    """Write it, with the entries that were proposed for that time where the page sends them."""
    unit, clock = _unit(visit, "broadcast-write"), visit.office.clock
    try:
        air_on = day_of(visit.text("air_on", 10))
        # what was proposed is sent along: made anew it would be another choice than the one that was shown
        entries = visit.text("entries", 1000).split()
        async with visit.office.store.write() as tx:
            number = await editing.create(
                tx,
                visit.official,
                visit.library,
                unit=unit,
                air_on=air_on,
                slot_at=visit.text("slot_at", 5),
                zone=visit.text("zone", 60),
                items=to_plain([Item(ItemKind.ENTRY, entry=entry) for entry in entries]),
                title=visit.text("title", 200),
                priority=visit.text("priority", 20) or Priority.USUAL.value,
                reason=visit.text("reason", 400),
                profile=visit.text("profile", 20) or PROFILES[0],
                today=clock.today(),
                at=clock.true(),
            )
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return _form(visit, unit, visit.form, wrong=str(error))
    return visit.onward(path_of(number), "saved")


def day_of(told: str) -> date:
    """A day of a form; raises `NoDayError` for what is none."""
    try:
        return day_told(told)
    except ValueError:
        raise editing.NoDayError from None


def _form(visit: Visit, unit: str, given: Any, wrong: str = "") -> Response:
    return visit.page(
        "loa_details.html",
        status=400 if wrong else 200,
        wrong=wrong,
        unit=unit,
        row=None,
        given=given,
        zones=visit.library.unit(unit).zones,
        profiles=PROFILES,
    )


async def _week(visit: Visit) -> dict[str, Any]:
    unit, start, today = _unit(visit, *LOOKS), _start(visit), visit.office.clock.today()
    library, last = visit.library, start + timedelta(days=WEEK_DAYS - 1)
    may_write = unit in visit.reached("broadcast-write")
    async with visit.office.store.read() as tx:
        rows = await bulletins.listed(tx, unit=unit, since=start, until=last)
        first = max(start, today)
        left = WEEK_DAYS - (first - start).days
        now = visit.office.clock.now()
        free_times = await weeks.proposed(tx, library, unit, first, left, after=now) if may_write and left > 0 else ()
        log = await airings.log(tx, unit, today, today)
    free = {(one.slot.day, one.slot.at, one.slot.zone): one for one in free_times}
    days: list[tuple[date, list[Time]]] = []
    for ahead in range(WEEK_DAYS):
        day = start + timedelta(days=ahead)
        mine = [row for row in rows if row.air_on == day]
        shows = ordered(mine, slots(library.unit(unit), day))
        times = [Time(show, free.get((day, show.slot.at, show.slot.zone))) for show in shows]
        days.append((day, times))
    return {
        "unit": unit,
        "places": tuple(dict.fromkeys(place for action in LOOKS for place in visit.reached(action))),
        "start": start,
        "days": days,
        "free": len(free),
        "entries": {pick.entry for one in free_times for pick in one.picks},
        "zones": {zone.id: zone.title for zone in library.unit(unit).zones},
        "log": [line for line in log if line.state == "published"],
        "may_write": may_write,
        "may_play": unit in visit.reached("clip-record"),
        "may_log": unit in visit.reached("report-read"),
        "may_hear": may_hear(visit, unit),
        "before": start - timedelta(days=WEEK_DAYS),
        "after": start + timedelta(days=WEEK_DAYS),
    }


def _start(visit: Visit) -> date:
    """The first day shown: today, or the day asked for."""
    today, told = visit.office.clock.today(), visit.text("tu", 10) or visit.query("tu", 10)
    try:
        day = day_told(told) if told else today
    except ValueError:
        return today
    return day if abs(day - today) < _FAR else today


def _unit(visit: Visit, *actions: str) -> str:
    """The unit asked for, within any of these rights; raises `MissingError` beyond them."""
    mine = tuple(dict.fromkeys(place for action in actions for place in visit.reached(action)))
    asked = visit.text("xa", 60) or visit.query("xa", 60) or next(iter(mine), "")
    if asked not in mine:
        raise MissingError
    return asked
