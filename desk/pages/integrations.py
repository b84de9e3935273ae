"""Keys of other systems: which there are, a new one, one that serves no more."""

from __future__ import annotations

from starlette.responses import Response

from bot import integrations, officials, rights
from bot.errors import LoaThonError
from bot.integrations import MANAGE, SCOPES, may_give
from bot.rights import NotAllowedError
from desk.page import Page
from desk.refused import number
from desk.visit import Visit, texts

PATH = "/ban/ket-noi"


async def listed(visit: Visit) -> Response:
    """The keys within reach."""
    async with visit.office.store.read() as tx:
        found = await integrations.listed(tx, visit.official)
        makers = {one.id: one.name for one in await officials.every(tx, visit.library, visit.office.clock.today())}
    return visit.page("integrations.html", keys=found, makers=makers)


async def form(visit: Visit) -> Response:
    """What a new key is for."""
    return _form(visit)


async def make(visit: Visit) -> Response:
    """A new key; the answer shows it once."""
    name, at = visit.text("name", 200), visit.office.clock.true()
    try:
        async with visit.office.store.write() as tx:
            made = await integrations.make(
                tx,
                visit.official,
                visit.library,
                unit=visit.text("unit", 60),
                name=name,
                scopes=texts(visit.form, "scope"),
                at=at,
                draw=visit.office.draw,
            )
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return _form(visit, wrong=str(error), status=400)
    return visit.page("integration_key.html", key=made.text, name=name)


async def revoke(visit: Visit) -> Response:
    """The key serves no more."""
    async with visit.office.store.write() as tx:
        await integrations.revoke(tx, visit.official, number(visit.param("number")), at=visit.office.clock.true())
    return visit.onward(PATH, "key-revoked")


def _form(visit: Visit, wrong: str = "", status: int = 200) -> Response:
    places = [unit for unit in (*visit.reached(MANAGE), "") if rights.may(visit.official, MANAGE, unit=unit)]
    scopes = [one for one in SCOPES if any(may_give(visit.official, one, unit) for unit in places)]
    return visit.page("integration.html", status=status, given=visit.form, places=places, scopes=scopes, wrong=wrong)


PAGES: tuple[Page, ...] = (
    Page(PATH, MANAGE, listed),
    Page(f"{PATH}/moi", MANAGE, form, make),
    Page(f"{PATH}/{{number}}/thu-hoi", MANAGE, post=revoke),
)
