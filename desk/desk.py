"""`Desk`: the routes of the desk and what stands before every page: who is it, may they, was the form ours."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot import sessions
from bot.officials import token_hash
from bot.rights import NotAllowedError
from bot.sessions import IDLE_FOR
from bot.store import ClosedError, UnavailableError
from bot.store import sessions as session_rows
from desk.headers import Guarded
from desk.keys import FIELD, is_same
from desk.live import Live
from desk.office import MENU, Frames, Office, opens
from desk.page import Page
from desk.pages import (
    account,
    announcements,
    broadcasts,
    cases,
    content,
    content_sound,
    dashboard,
    exports,
    faq,
    hamlets,
    home,
    integrations,
    journal,
    loa,
    people,
    search,
    signing,
    unit_choices,
    units,
    worklist,
)
from desk.pages.front import CODE, LOGIN, Front, login_path
from desk.refused import MissingError
from desk.visit import Visit, text

log = logging.getLogger(__name__)

#: fields of the largest form: a tick for every topic of every body
_FIELDS_MOST = 600


PAGES: tuple[Page, ...] = (
    Page("/ban", "desk", home.shown),
    Page("/ban/viec", "desk", home.part),
    Page("/ban/cho-duyet", "desk", home.waiting),
    # before the page of one case, whose code could be anything
    *exports.PAGES,
    *cases.PAGES,
    *announcements.PAGES,
    *broadcasts.PAGES,
    *faq.PAGES,
    *worklist.PAGES,
    *content.PAGES,
    *content_sound.PAGES,
    Page("/ban/xac-nhan", "entry-correct", signing.listed),
    Page("/ban/xac-nhan/ds", "entry-correct", signing.part),
    Page("/ban/xac-nhan/{unit}/{entry}", "entry-correct", signing.paper),
    Page("/ban/xac-nhan/{unit}/{entry}/sua", "entry-correct", signing.correct_form, signing.correct),
    Page("/ban/xac-nhan/{unit}/{entry}/bo", "entry-correct", post=signing.drop),
    Page("/ban/xac-nhan/{unit}/{entry}/ky", "entry-sign", post=signing.sign),
    Page("/ban/xac-nhan/{unit}/{entry}/rut", "entry-sign", post=signing.withdraw),
    *loa.PAGES,
    *dashboard.PAGES,
    *search.PAGES,
    *integrations.PAGES,
    Page("/ban/toi", "desk", account.shown),
    Page("/ban/toi/mat-khau", "desk", post=account.change_password),
    Page("/ban/toi/ma", "desk", account.code_form, account.start_codes),
    Page("/ban/toi/ma/tat", "desk", post=account.stop_codes),
    Page("/ban/toi/phien/dong-het", "desk", post=account.close_others),
    Page("/ban/toi/phien/{number}/dong", "desk", post=account.close_session),
    Page("/ban/nhat-ky", "audit-read", journal.shown),
    Page("/ban/nhat-ky/kiem", "audit-read", post=journal.verify),
    Page("/ban/nguoi", "officials", people.listed),
    Page("/ban/nguoi/moi", "officials", people.invitation, people.invite),
    Page("/ban/nguoi/{id}", "officials", people.shown),
    Page("/ban/nguoi/{id}/vai", "officials", post=people.give_role),
    Page("/ban/nguoi/{id}/vai/{number}/dung", "officials", post=people.end_role),
    Page("/ban/nguoi/{id}/uy-quyen", "officials", post=people.delegate),
    Page("/ban/nguoi/{id}/uy-quyen/{number}/dung", "officials", post=people.end_delegation),
    Page("/ban/nguoi/{id}/duong-dan", "officials", post=people.new_link),
    Page("/ban/nguoi/{id}/khoa", "officials", post=people.disable),
    Page("/ban/nguoi/{id}/mo", "officials", post=people.enable),
    Page("/ban/quyen", "desk", people.overview),
    Page("/ban/don-vi", "units", units.tree),
    Page("/ban/don-vi/{unit}", "units", units.shown),
    Page("/ban/don-vi/{unit}/lien-he", "units", units.contact_form, units.contact),
    Page("/ban/don-vi/{unit}/bo-phan/{body}", "units", units.body_form, units.body),
    Page("/ban/don-vi/{unit}/bo-phan/{body}/bo", "units", post=units.drop_body),
    *unit_choices.PAGES,
    Page("/ban/don-vi/{unit}/loa", "units", units.horns),
    Page("/ban/don-vi/{unit}/loa/cum", "units", post=units.add_zone),
    Page("/ban/don-vi/{unit}/loa/cum/{zone}/bo", "units", post=units.drop_zone),
    Page("/ban/don-vi/{unit}/loa/gio", "units", post=units.add_slot),
    Page("/ban/don-vi/{unit}/loa/gio/bo", "units", post=units.drop_slot),
    Page("/ban/don-vi/{unit}/loa/gio/thuong-le", "units", post=units.usual_times),
    Page("/ban/don-vi/{unit}/thon", "units", hamlets.listed, hamlets.add),
    Page("/ban/don-vi/{unit}/thon/mau.xlsx", "units", hamlets.blank),
    Page("/ban/don-vi/{unit}/thon/xem", "units", post=hamlets.preview, files=1),
    Page("/ban/don-vi/{unit}/thon/nhap", "units", post=hamlets.take, files=1),
    Page("/ban/don-vi/{unit}/thon/{hamlet}", "units", hamlets.form, hamlets.edit),
    Page("/ban/don-vi/{unit}/thon/{hamlet}/bo", "units", post=hamlets.drop),
)


class Desk:
    """The desk of a house. `close` ends the open streams before a stop."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._frames = Frames(office)
        self._front = Front(office, self._frames)
        self._live = Live(office.store)

    def close(self) -> None:
        """End the open streams: a server that stops waits for them."""
        self._live.close()

    def routes(self) -> list[BaseRoute]:
        """All routes, under /ban."""
        front = self._front
        guard = [Middleware(Guarded, is_secure=self._office.cookies.is_secure)]
        leave = partial(self._told, partial(self._visited, Page("/ban/ra", "desk", post=self._leave)))
        stream = partial(self._told, partial(self._visited, Page("/ban/chuong", "desk", self._stream)))
        both = ["GET", "POST"]
        routes = [
            Route(LOGIN, partial(self._told, front.login), methods=both, middleware=guard),
            Route(CODE, partial(self._told, front.code), methods=both, middleware=guard),
            Route("/ban/chung", partial(self._told, front.leave_for_common), middleware=guard),
            Route("/ban/chung/ve", partial(self._told, front.back_from_common), middleware=guard),
            Route("/ban/quen", partial(self._told, front.forgotten), middleware=guard),
            Route("/ban/khoi-dau/{token}", partial(self._told, front.link), methods=both, middleware=guard),
            Route("/ban/moi/{token}", partial(self._told, front.link), methods=both, middleware=guard),
            Route("/ban/dat-lai/{token}", partial(self._told, front.link), methods=both, middleware=guard),
            Route("/ban/chuong", stream, middleware=guard),
            Route("/ban/ra", leave, methods=["POST"], middleware=guard),
            Route("/ban/tep/{version}/{name}", self._office.assets.serve, middleware=guard),
        ]
        for page in PAGES:
            methods = [name for name, show in (("GET", page.get), ("POST", page.post)) if show]
            own = [Middleware(Guarded, is_secure=self._office.cookies.is_secure, bytes_most=page.bytes_most)]
            routes.append(
                Route(page.path, partial(self._told, partial(self._visited, page)), methods=methods, middleware=own)
            )
        return [*routes, Route("/ban/{rest:path}", self._nothing, methods=both, middleware=guard)]

    async def _told(self, show: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
        """What that shows; where nothing can be written or read, a page that says why."""
        store = self._office.store
        try:
            is_moving = await store.is_closed()
            if not is_moving:
                return await show(request)
        except UnavailableError as error:
            log.warning("the database cannot be had: %s", error)
            is_moving = isinstance(error, ClosedError)
        answer = self._frames.page("busy.html", status=503, is_moving=is_moving)
        answer.headers["retry-after"] = "15" if is_moving else "5"
        return answer

    async def _visited(self, page: Page, request: Request) -> Response:
        """The page for who is signed in; 404 for what is not theirs, and nothing written."""
        office, library = self._office, self._office.library()
        token = office.cookies.session(request)
        on, at = office.clock.today(), office.clock.true()
        signed_in = await sessions.find(office.store, token, library, on=on, at=at) if token else None
        is_post = request.method == "POST"
        if signed_in is None:
            return RedirectResponse(login_path("" if is_post else request.url.path), 303)
        here = max((path for path, _, _ in MENU if request.url.path.startswith(path)), key=len, default="")
        visit = Visit(request, office, self._frames, library, signed_in, FormData(), here)
        if not opens(signed_in.official, page.action):
            return _missing(visit)
        if is_post:
            form = await request.form(max_files=page.files, max_fields=_FIELDS_MOST)
            if not is_same(signed_in.csrf, text(form, FIELD, 100)):
                return visit.page("stale.html", status=403)
            visit = Visit(request, office, self._frames, library, signed_in, form, here)
        show = page.post if is_post else page.get
        if show is None:
            raise HTTPException(405)
        try:
            return await show(visit)
        except (MissingError, NotAllowedError):
            return _missing(visit)
        finally:
            await visit.form.close()

    async def _leave(self, visit: Visit) -> Response:
        """Sign out: the session ends here, not only its cookie."""
        async with visit.office.store.write() as tx:
            await sessions.revoke(tx, visit.signed_in, visit.signed_in.session_id, at=visit.office.clock.true())
        answer = RedirectResponse(f"{LOGIN}?xong=left", 303)
        visit.office.cookies.drop_session(answer)
        return answer

    async def _stream(self, visit: Visit) -> Response:
        """Tells the page that something moved, as long as its official is signed in."""
        office, token = self._office, self._office.cookies.session(visit.request)

        async def still() -> bool:
            # a look that does not count as use: a page left open must not keep its session for ever
            at = office.clock.true()
            async with office.store.read() as tx:
                held = await session_rows.find(tx, token_hash(token), at=at, seen_after=at - IDLE_FOR)
            return held is not None

        return self._live.stream(still) or Response(status_code=503, headers={"retry-after": "5"})

    async def _nothing(self, _request: Request) -> Response:
        return self._frames.page("missing.html", status=404)


def _missing(visit: Visit) -> Response:
    return visit.page("missing.html", status=404, done="")
