"""A matter somebody brought in person, by phone or on paper; opening a name by its code; where notices go."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from bot import rights
from bot.casework import arrivals, custody, entry, handling, notices, sight
from bot.casework.entry import KINDS, SOURCES, Brought
from bot.casework.handling import Act
from bot.errors import LoaThonError
from bot.library.schema.casework import ConflictWords
from bot.library.schema.says import Says
from bot.model.case import CaseKind
from bot.rights import NotAllowedError
from desk.refused import MissingError
from desk.visit import Visit

NOTICES = "/ban/toi/tin-bao"


async def form(visit: Visit) -> Response:
    """The empty form."""
    return _form(visit)


async def enter(visit: Visit) -> Response:
    """Enter it; the answer shows code and PIN once, to be printed or read out."""
    clock, store = visit.office.clock, visit.office.store
    now, at = clock.now(), clock.true()
    try:
        brought = _brought(visit)
        async with store.write() as tx:
            entered = await entry.enter(
                tx, visit.official, visit.library, brought, now=now, at=at, draw=visit.office.draw
            )
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return _form(visit, wrong=str(error))
    await arrivals.catch_up(store, visit.library, now=now, at=at)
    may_read = any(rights.may_anywhere(visit.official, action) for action in ("case-read", "case-keep"))
    # the same form sent again: a second tap, or "back" and once more; of somebody else it is a matter of its own
    once = visit.office.draw(16).hex() if entered.is_again else ""
    given: dict[str, Any] = {"given": visit.form, "once": once, "may_read": may_read}
    return visit.page("case_entered.html", entered=entered, unit=brought.unit, now=now, **given)


async def name_form(visit: Visit) -> Response:
    """Code and reason."""
    return _name_page(visit)


async def name(visit: Visit) -> Response:
    """Open a name by its case's code: also for who does not read cases."""
    clock, store = visit.office.clock, visit.office.store
    code = "".join(sign for sign in visit.text("code", 20) if sign.isdigit())
    act = Act(sight.eye(visit.official, visit.library), visit.library, code, 0, clock.now(), clock.true())
    try:
        async with store.write() as tx:
            told = await custody.identity(tx, act, visit.text("reason", 400))
    except NotAllowedError:
        return _name_page(visit, is_unknown=True)
    except LoaThonError as error:
        return _name_page(visit, wrong=str(error))
    return _name_page(visit, told_name=dict(told), is_named=True)


async def notices_page(visit: Visit) -> Response:
    """Where notices of cases go."""
    return await _notices(visit)


async def notices_link(visit: Visit) -> Response:
    """A word to send to the bot once, from the official's own phone."""
    async with visit.office.store.write() as tx:
        token = await notices.new_link(tx, visit.official, at=visit.office.clock.true(), draw=visit.office.draw)
    return await _notices(visit, token)


async def notices_stop(visit: Visit) -> Response:
    """No more notices."""
    async with visit.office.store.write() as tx:
        await notices.stop(tx, visit.official, at=visit.office.clock.true())
    return visit.onward(NOTICES, "ended")


async def _notices(visit: Visit, token: str = "") -> Response:
    async with visit.office.store.read() as tx:
        is_linked = await notices.is_linked(tx, visit.official)
    minutes = int(notices.LINK_FOR.total_seconds() // 60)
    return visit.page("notices.html", is_linked=is_linked, token=token, minutes=minutes, bot=await _bot_name(visit))


async def _bot_name(visit: Visit) -> str:
    """The bot of one of the official's units, else the house's, else any; "" where none is known here."""
    names = await visit.office.bot_names()
    wanted = [*(given.unit for given in visit.official.assignments), visit.office.unit, ""]
    return next((names[unit] for unit in wanted if unit in names), next(iter(names.values()), ""))


def _name_page(visit: Visit, *, wrong: str = "", is_unknown: bool = False, **told: object) -> Response:
    status = 400 if wrong or is_unknown else 200
    values = {"told_name": {}, "is_named": False, **told}
    return visit.page("case_name.html", status=status, given=visit.form, wrong=wrong, is_unknown=is_unknown, **values)


def _form(visit: Visit, wrong: str = "") -> Response:
    return visit.page(
        "case_new.html",
        status=400 if wrong else 200,
        wrong=wrong,
        given=visit.form,
        # of one form: what is sent again from it is the same matter, the same words of the next household are another
        once=visit.text("once", 64) or visit.office.draw(16).hex(),
        places=sorted({unit for action in ("case-answer", "case-keep", entry.HELP) for unit in visit.reached(action)}),
        kinds=[kind.value for kind in KINDS if entry.may_enter(visit.official, kind)],
        is_helper=_is_helper(visit),
        hamlets=_hamlets(visit),
        may_read=any(rights.may_anywhere(visit.official, action) for action in ("case-read", "case-keep")),
        sources=SOURCES,
        about=tuple(visit.library.phrase(ConflictWords).about),
        labels=visit.library.phrase(Says).labels,
        text_most=handling.TEXT_MOST,
    )


def _is_helper(visit: Visit) -> bool:
    """Whether they write for households alone, and the household has to agree."""
    return not any(rights.may_anywhere(visit.official, action) for action in ("case-answer", "case-keep"))


def _hamlets(visit: Visit) -> tuple[str, ...]:
    """The hamlets a helper writes for, where their role is given for hamlets."""
    if not _is_helper(visit):
        return ()
    return tuple(sorted({scope.hamlet for scope in visit.official.reach.get(entry.HELP, ()) if scope.hamlet}))


def _brought(visit: Visit) -> Brought:
    told = visit.text("kind", 40)
    if told not in set(CaseKind):
        raise MissingError
    kind = CaseKind(told)
    is_report = kind is CaseKind.WRONGDOING
    return Brought(
        kind,
        visit.text("source", 20),
        visit.text("unit", 60),
        visit.text("text", handling.TEXT_MOST + 1),
        hamlet=visit.text("hamlet", 100),
        topic=visit.text("topic", 60),
        about_role=visit.text("about", 40) if is_report else "",
        about_hamlet=visit.text("about_hamlet", 100) if is_report else "",
        identity={"name": visit.text("name", 120), "phone": visit.text("phone", 40)},
        is_agreed=visit.text("agreed", 4) == "1",
        once=visit.text("once", 64),
    )
