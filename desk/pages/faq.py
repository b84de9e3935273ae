"""An answer that one household got, made into a draft of an answer for everybody."""

from __future__ import annotations

from starlette.responses import Response

from bot import faq
from bot.casework import sight
from bot.errors import LoaThonError
from bot.rights import NotAllowedError
from bot.store import case_desk
from desk.page import Page
from desk.pages.content_draft import PATH
from desk.refused import MissingError
from desk.visit import Visit


async def from_case(visit: Visit) -> Response:
    """The draft of the case of that code, begun now if there is none. `all`: for every unit."""
    library = visit.library
    try:
        async with visit.office.store.write() as tx:
            case = await case_desk.one(tx, sight.eye(visit.official, library), visit.text("case", 20))
            if case is None:
                raise MissingError
            for_all = visit.text("all", 1) == "1"
            edit = await faq.from_case(
                tx, visit.official, library, case.id, for_all=for_all, at=visit.office.clock.true()
            )
    except NotAllowedError:
        raise
    except LoaThonError as error:
        return visit.page("faq_refused.html", status=400, wrong=str(error), code=visit.text("case", 20))
    return visit.onward(f"{PATH}/ban/{edit.id}/sua")


PAGES = (Page(f"{PATH}/tu-ho-so", "case-answer|entry-correct", post=from_case),)
