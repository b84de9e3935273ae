"""The inbox of cases: quick views, filters, search, saved views; the same part again when the bell rings."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from bot.casework import inbox, sight
from bot.casework.entry import SOURCES
from bot.casework.inbox import BadMarkError, Line, Page
from bot.library.schema.says import Says
from bot.model.case import CaseKind, CaseState
from bot.settings import LOCAL
from bot.store import Tx, case_moves, officials, views
from bot.store.case_desk import ORDERS, SETTLED, Eye, Filters
from bot.store.views import View
from desk.days import day_told
from desk.refused import MissingError
from desk.visit import Visit

PATH = "/ban/ho-so"
#: lines of a page
SHOWN = 20
#: urgent cases above the list
URGENT_SHOWN = 5
#: letters of a saved view's name
NAME_MOST = 40
#: quick views: what is open, of those what is late, with me, with nobody; all there is
OPEN, LATE, MINE, FREE, ALL = "", "tre", "toi", "chua-giao", "het"
_STATES = frozenset(state.value for state in CaseState)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks for, one field a filter; what it does not know narrows nothing."""

    #: a quick view or a state
    xem: str = OPEN
    loai: str = ""
    lv: str = ""
    xa: str = ""
    thon: str = ""
    nguon: str = ""
    tu: str = ""
    den: str = ""
    sap: str = "due"
    q: str = ""
    moc: str = ""

    @classmethod
    def of(cls, visit: Visit) -> Chosen:
        """From the address."""
        held = {one.name: visit.query(one.name) for one in fields(cls)}
        library = visit.library
        known = {
            "xem": held["xem"] in {LATE, MINE, FREE, ALL, *_STATES},
            "loai": held["loai"] in set(CaseKind),
            "lv": held["lv"] in library.topics,
            "xa": held["xa"] in library.units,
            "nguon": held["nguon"] in {"bot", *SOURCES},
            "sap": held["sap"] in ORDERS,
        }
        return cls(**{name: value for name, value in held.items() if value and known.get(name, True)})

    def filters(self, eye: Eye, now: datetime, *, is_counted: bool = False) -> Filters:
        """As the store asks; `is_counted`: without the quick view, for the numbers beside all of them."""
        wanted = Filters(
            kinds=(self.loai,) if self.loai else (),
            topics=(self.lv,) if self.lv else (),
            units=(self.xa,) if self.xa else (),
            hamlet=self.thon,
            source=self.nguon,
            opened_from=_midnight(self.tu),
            opened_until=_midnight(self.den, days=1),
        )
        if is_counted or self.xem == ALL:
            return wanted
        if self.xem == MINE:
            return inbox.mine(wanted, eye)
        if self.xem in _STATES:
            return replace(wanted, states=(self.xem,))
        if self.q and self.xem == OPEN:
            # who searches wants to find it, answered or not
            return replace(wanted, with_merged=True)
        late = now if self.xem == LATE else None
        return replace(wanted, open_only=True, unassigned=self.xem == FREE, due_before=late)

    def query(self, **other: str) -> str:
        """What stands behind the question mark, with other values for some fields; a mark is not carried over."""
        changed = replace(self, **{"moc": "", **other})
        told = {one.name: getattr(changed, one.name) for one in fields(self)}
        return urlencode({name: value for name, value in told.items() if value and (name, value) != ("sap", "due")})

    @property
    def narrowed(self) -> int:
        """How many of the finer filters are set."""
        return sum(bool(held) for held in (self.loai, self.lv, self.xa, self.thon, self.nguon, self.tu, self.den))


async def listed(visit: Visit) -> Response:
    """The inbox."""
    return visit.page("cases.html", **await _list(visit))


async def part(visit: Visit) -> Response:
    """The list alone, for a page that heard the bell."""
    return visit.page("cases_list.html", **await _list(visit))


async def summed(visit: Visit) -> Response:
    """How many wait, for the desk's first page."""
    eye, now = sight.eye(visit.official, visit.library), visit.office.clock.now()
    async with visit.office.store.read() as tx:
        counts = await inbox.counts(tx, eye, Filters(), now=now)
        urgent = await _urgent(tx, eye, Chosen(), now)
    return visit.page("cases_now.html", counts=counts, open=_open(counts), urgent=len(urgent))


async def save_view(visit: Visit) -> Response:
    """Keep these filters under a name. Words looked for are not kept: they may be a household's."""
    chosen = Chosen.of(visit)
    name = " ".join(visit.text("name", NAME_MOST).split())
    query = chosen.query(q="")
    if not name or not query:
        return visit.page("cases.html", status=400, **{**await _list(visit), "no_name": True})
    async with visit.office.store.write() as tx:
        await views.save(tx, visit.official.id, PATH, View(name, query), visit.office.clock.true())
    return visit.onward(f"{PATH}?{query}", "saved")


async def drop_view(visit: Visit) -> Response:
    """Forget a saved view."""
    async with visit.office.store.write() as tx:
        await views.drop(tx, visit.official.id, PATH, visit.text("name", NAME_MOST))
    return visit.onward(PATH, "saved")


async def _list(visit: Visit) -> dict[str, Any]:
    chosen, library = Chosen.of(visit), visit.library
    eye, now = sight.eye(visit.official, library), visit.office.clock.now()
    wanted = chosen.filters(eye, now)
    async with visit.office.store.read() as tx:
        urgent = await _urgent(tx, eye, chosen, now)
        try:
            if chosen.q:
                page = await inbox.search(tx, eye, chosen.q, wanted, now=now, mark=chosen.moc, limit=SHOWN)
            else:
                page = await inbox.page(tx, eye, wanted, now=now, order=chosen.sap, mark=chosen.moc, limit=SHOWN)
        except BadMarkError:
            raise MissingError from None
        above = {line.case.id for line in urgent}
        lines = tuple(line for line in page.lines if line.case.id not in above)
        counts = await inbox.counts(tx, eye, chosen.filters(eye, now, is_counted=True), now=now)
        with_whom = sorted({line.case.official_id for line in (*urgent, *lines) if line.case.official_id is not None})
        names = {one.id: one.name for one in await officials.listed(tx, with_whom)} if with_whom else {}
        kept = await views.listed(tx, visit.official.id, PATH)
        is_matched = (await case_moves.fingerprints(tx)).get(visit.official.id) == eye.fingerprint
    return {
        "chosen": chosen,
        "urgent": urgent,
        "page": Page(lines, page.onward),
        "counts": counts,
        "open": _open(counts),
        "names": names,
        "views": kept,
        "is_matched": is_matched,
        "labels": library.phrase(Says).labels,
        "kinds": [kind.value for kind in CaseKind],
        "places": sorted({*visit.reached("case-read"), *visit.reached("case-keep")}),
        "may_enter": may_enter(visit),
        "may_open_names": bool(visit.official.reach.get("identity-read")),
        "no_name": False,
    }


async def _urgent(tx: Tx, eye: Eye, chosen: Chosen, now: datetime) -> tuple[Line, ...]:
    """Urgent cases still open, whatever was chosen; above the first page only."""
    if chosen.moc or chosen.q:
        return ()
    wanted = Filters(kinds=(CaseKind.URGENT.value,), open_only=True)
    return (await inbox.page(tx, eye, wanted, now=now, order="new", limit=URGENT_SHOWN)).lines


def _open(counts: dict[str, int]) -> int:
    return sum(number for state, number in counts.items() if state in _STATES and state not in SETTLED)


def may_enter(visit: Visit) -> bool:
    """Whether this official may enter a matter somebody brought."""
    return bool(visit.official.reach.get("case-answer") or visit.official.reach.get("case-keep"))


def _midnight(told: str, *, days: int = 0) -> datetime | None:
    try:
        day = day_told(told) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(day, time(), LOCAL)
