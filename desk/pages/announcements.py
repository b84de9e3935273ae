"""News of a commune: the few things a draft begins with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from bot import faq
from bot.editing.kinds import may_write
from bot.library import EntryKey
from desk.days import day_told
from desk.page import Page
from desk.pages.content import begun, places
from desk.pages.content_draft import PATH
from desk.refused import MissingError
from desk.visit import Visit, texts

#: the last day a form begins with
_LASTS = timedelta(days=14)


async def form(visit: Visit) -> Response:
    """What is new, from when to when."""
    return _form(visit)


async def begin(visit: Visit) -> Response:
    """A draft of it, with a script to start from."""
    unit, title, told = visit.text("place", 60), visit.text("title", 160), visit.text("answer")
    if unit not in _units(visit):
        raise MissingError
    since, until = _day(visit.text("since", 20)), _day(visit.text("until", 20))
    if not title or not told or since is None or until is None or until < max(since, visit.office.clock.today()):
        return _form(visit, status=400, is_wrong=True)
    one_line = " ".join(told.split())
    known = {hamlet.id for hamlet in visit.library.units[unit].hamlets}
    body: dict[str, Any] = {
        "title": title,
        "short": faq.label(title),
        "unit": unit,
        "for_all": False,
        "valid_from": since.isoformat(),
        "valid_to": until.isoformat(),
        "hamlets": [hamlet for hamlet in texts(visit.form, "hamlet") if hamlet in known],
        "answer": told,
        "broadcast": faq.announcement_script(visit.library, unit, title, one_line),
    }
    return await begun(visit, "announcements", unit, body)


def _units(visit: Visit) -> list[str]:
    return [unit for unit in places(visit) if may_write(visit.official, EntryKey("announcements", "", unit), None)]


def _form(visit: Visit, *, status: int = 200, is_wrong: bool = False) -> Response:
    mine, today = _units(visit), visit.office.clock.today()
    unit = visit.text("place", 60) or visit.query("xa", 60) or next(iter(mine), "")
    return visit.page(
        "announce.html",
        status=status,
        places=mine,
        unit=unit if unit in mine else next(iter(mine), ""),
        given=visit.form,
        since=today,
        until=today + _LASTS,
        once=visit.text("once", 64) or visit.office.draw(16).hex(),
        is_wrong=is_wrong,
    )


def _day(told: str) -> date | None:
    try:
        return day_told(told)
    except ValueError:
        return None


PAGES = (Page(f"{PATH}/tin-moi", "broadcast-write|entry-correct", form, begin),)
