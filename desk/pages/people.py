"""Officials: who there is, invitations, roles, delegations, closing an account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from starlette.responses import Response

from bot import officials, rights
from bot.casework import keepers
from bot.errors import LoaThonError
from bot.model.official import Assignment, Delegation, Official
from bot.officials import Link, WrongDatesError
from bot.rights import NotAllowedError
from bot.store import Tx
from desk.days import day_told
from desk.refused import MissingError, number
from desk.visit import Visit, texts

PATH = "/ban/nguoi"


async def listed(visit: Visit) -> Response:
    """Everyone this official manages."""
    async with visit.office.store.read() as tx:
        people = await officials.visible_to(tx, visit.official, visit.library, _today(visit))
    return visit.page("people.html", people=people)


async def invitation(visit: Visit) -> Response:
    """The form of an invitation."""
    return visit.page("invite.html", given=visit.form, places=_places(visit))


async def invite(visit: Visit) -> Response:
    """A new account; the answer shows its link once."""
    try:
        async with visit.office.store.write() as tx:
            link = await officials.invite(
                tx,
                visit.official,
                visit.library,
                login=visit.text("login", 80),
                name=visit.text("name", 200),
                assignments=[_assignment(visit)],
                at=visit.office.clock.true(),
                draw=visit.office.draw,
            )
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return visit.page("invite.html", status=400, given=visit.form, places=_places(visit), wrong=str(error))
    return _link_page(visit, link, visit.text("name", 200))


async def shown(visit: Visit) -> Response:
    """One official."""
    return await _show(visit)


async def give_role(visit: Visit) -> Response:
    """One role more."""
    return await _do(visit, "role", _give_role)


async def end_role(visit: Visit) -> Response:
    """Take a role back."""
    return await _do(visit, "ended", _end_role)


async def delegate(visit: Visit) -> Response:
    """Record the chair's written delegation."""
    return await _do(visit, "delegated", _delegate)


async def end_delegation(visit: Visit) -> Response:
    """End a delegation before its day."""
    return await _do(visit, "ended", _end_delegation)


async def disable(visit: Visit) -> Response:
    """Close the account."""
    return await _do(visit, "disabled", _disable)


async def enable(visit: Visit) -> Response:
    """Open it again; a new link has to follow."""
    return await _do(visit, "enabled", _enable)


async def new_link(visit: Visit) -> Response:
    """A link for a password, shown once."""
    try:
        async with visit.office.store.write() as tx:
            target = await _target(visit, tx)
            link = await officials.new_link(
                tx, visit.official, target, at=visit.office.clock.true(), draw=visit.office.draw
            )
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return await _show(visit, wrong=str(error))
    return _link_page(visit, link, target.name)


async def overview(visit: Visit) -> Response:
    """Which role may what."""
    return visit.page("rights.html", matrix=officials.matrix(), mine={a.role for a in visit.official.assignments})


Deed = Callable[[Visit, Tx, Official], Awaitable[object]]


async def _do(visit: Visit, done: str, deed: Deed) -> Response:
    """A deed to one official in one transaction; a fault is told on the page."""
    try:
        async with visit.office.store.write() as tx:
            await deed(visit, tx, await _target(visit, tx))
    except NotAllowedError:
        raise
    except keepers.LastKeeperError as error:
        # the same deed once more, after a word
        return await _show(visit, wrong=str(error), again=visit.request.url.path)
    except LoaThonError as error:
        return await _show(visit, wrong=str(error))
    return visit.onward(f"{PATH}/{visit.param('id')}", done)


async def _give_role(visit: Visit, tx: Tx, target: Official) -> None:
    at = visit.office.clock.true()
    await officials.assign(tx, visit.official, target, _assignment(visit), visit.library, at=at)


async def _end_role(visit: Visit, tx: Tx, target: Official) -> None:
    held, at = number(visit.param("number")), visit.office.clock.true()
    sure, today = visit.text("sure", 4) == "1", _today(visit)
    await keepers.require_another(tx, visit.library, target, today, without=held, sure=sure)
    await officials.end_assignment(tx, visit.official, target, held, on=_today(visit), at=at)


async def _delegate(visit: Visit, tx: Tx, target: Official) -> None:
    delegation = Delegation(
        id=0,
        unit=visit.text("unit", 60),
        topics=texts(visit.form, "topic"),
        document=visit.text("document", 200),
        since=_date(visit, "since") or _today(visit),
        until=_date(visit, "until") or _today(visit),
    )
    await officials.delegate(tx, visit.official, target, delegation, visit.library, at=visit.office.clock.true())


async def _end_delegation(visit: Visit, tx: Tx, target: Official) -> None:
    held = number(visit.param("number"))
    await officials.end_delegation(tx, visit.official, target, held, at=visit.office.clock.true())


async def _disable(visit: Visit, tx: Tx, target: Official) -> None:
    sure = visit.text("sure", 4) == "1"
    await keepers.require_another(tx, visit.library, target, _today(visit), sure=sure)
    await officials.disable(tx, visit.official, target, on=_today(visit), at=visit.office.clock.true())


async def _enable(visit: Visit, tx: Tx, target: Official) -> None:
    await officials.enable(tx, visit.official, target, at=visit.office.clock.true())


async def _target(visit: Visit, tx: Tx) -> Official:
    wanted = number(visit.param("id"))
    seen = await officials.visible_to(tx, visit.official, visit.library, _today(visit))
    found = next((one for one in seen if one.id == wanted), None)
    if found is None:
        raise MissingError
    return found


async def _show(visit: Visit, wrong: str = "", again: str = "") -> Response:
    async with visit.office.store.read() as tx:
        person = await _target(visit, tx)
    status = 400 if wrong else 200
    given = {"given": visit.form, "places": _places(visit), "wrong": wrong, "again": again}
    return visit.page("person.html", status=status, person=person, **given)


def _link_page(visit: Visit, link: Link, name: str) -> Response:
    return visit.page("link.html", link=link, address=link.address(visit.office.public_url), name=name)


def _places(visit: Visit) -> list[str]:
    """The units in which this official may give roles; "" = everywhere."""
    known = ["", *sorted(visit.library.units, key=lambda unit: visit.library.units[unit].name)]
    return [unit for unit in known if rights.may(visit.official, "officials", unit=unit)]


def _assignment(visit: Visit) -> Assignment:
    return Assignment(
        id=0,
        role=visit.text("role", 60),
        unit=visit.text("unit", 60),
        hamlet=visit.text("hamlet", 60),
        topics=texts(visit.form, "topic"),
        is_chair=visit.text("chair") == "1",
        since=_date(visit, "since") or _today(visit),
        until=_date(visit, "until"),
    )


def _date(visit: Visit, name: str) -> date | None:
    """A day of the form as a browser's date field sends it; raises `WrongDatesError` for what is none."""
    held = visit.text(name, 40)
    try:
        return day_told(held) if held else None
    except ValueError:
        raise WrongDatesError from None


def _today(visit: Visit) -> date:
    return visit.office.clock.today()
