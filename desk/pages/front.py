"""Coming in: login, one-time code, set-up, invitation, forgotten password. Nobody is signed in on these pages."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.errors import LoaThonError
from bot.sessions import LASTS_FOR, DeadLinkError, Entrance, LockedError
from desk.keys import FIELD, form_token, is_ours
from desk.office import Frames, Office
from desk.visit import address, agent, text, typed

HOME, LOGIN, CODE = "/ban", "/ban/vao", "/ban/ma"
#: template of the page that takes a link of each purpose
_LINK_PAGES = {"setup": "setup.html", "invite": "choose.html", "reset": "choose.html"}

log = logging.getLogger(__name__)

_Deed = Callable[[FormData], Awaitable[Response]]


def login_path(asked: str) -> str:
    """The login page, and where to go from there."""
    return LOGIN if asked in {"", HOME, LOGIN} else f"{LOGIN}?tiep={quote(asked, safe='/')}"


def onward(asked: str) -> str:
    """A page of the desk to go on to; anything else would be a way to send people elsewhere."""
    plain = asked.isascii() and asked.isprintable() and not any(c in asked for c in "\\?#&%")
    return asked if asked.startswith("/ban/") and "//" not in asked and plain else HOME


class Front:
    """The pages before one is signed in."""

    def __init__(self, office: Office, frames: Frames) -> None:
        self._office = office
        self._frames = frames
        self._cookies = office.cookies
        self._door = office.door

    async def login(self, request: Request) -> Response:
        """Login and password."""
        next_path = onward(request.query_params.get("tiep", ""))
        shown: dict[str, Any] = {"next_path": next_path, "done": request.query_params.get("xong", "")}
        if request.method != "POST":
            return self._form(request, "login.html", login="", **shown)

        async def sign_in(form: FormData) -> Response:
            login = text(form, "login", 80)
            try:
                entrance = await self._door.sign_in(login, typed(form, "password"), **self._where(request))
            except LockedError as error:
                answer = self._form(request, "login.html", status=429, login=login, wrong=str(error), **shown)
                answer.headers["retry-after"] = str(error.wait_s)
                return answer
            except LoaThonError as error:
                return self._form(request, "login.html", status=400, login=login, wrong=str(error), **shown)
            return self._enter(entrance, onward(text(form, "next", 300)))

        return await self._taken(request, sign_in)

    async def code(self, request: Request) -> Response:
        """The one-time code after the password."""
        next_path = onward(request.query_params.get("tiep", ""))
        if request.method != "POST":
            return self._form(request, "code.html", next_path=next_path)

        async def confirm(form: FormData) -> Response:
            half = self._cookies.session(request)
            try:
                entrance = await self._door.confirm_code(half, text(form, "code", 80), **self._where(request))
            except DeadLinkError:
                return RedirectResponse(LOGIN, 303)
            except LoaThonError as error:
                return self._form(request, "code.html", status=400, next_path=next_path, wrong=str(error))
            return self._enter(entrance, onward(text(form, "next", 300)))

        return await self._taken(request, confirm)

    async def leave_for_common(self, request: Request) -> Response:
        """To the common sign-in, where one is set up."""
        provider = self._office.provider
        if provider is None:
            return self._form(request, "missing.html", status=404)
        try:
            url, journey = await provider.begin()
        except LoaThonError as error:
            log.warning("common sign-in: %r", error.__cause__ or error)
            return self._form(request, "login.html", status=502, login="", next_path=HOME, wrong=str(error))
        answer = RedirectResponse(url, 303)
        self._cookies.keep_journey(answer, [journey.state, journey.nonce, journey.verifier])
        return answer

    async def back_from_common(self, request: Request) -> Response:
        """Back from there: in, if that account is bound to one here."""
        provider, kept = self._office.provider, self._cookies.journey(request)
        if provider is None or len(kept) != 3:
            return RedirectResponse(LOGIN, 303)
        # only here: a house without the common sign-in does without its library
        from bot.oidc import Journey  # noqa: PLC0415

        try:
            account = await provider.finish(Journey(*kept), dict(request.query_params))
            entrance = await self._door.enter_external(account, **self._where(request))
        except LoaThonError as error:
            log.warning("common sign-in: %r", error.__cause__ or error)
            answer = self._form(request, "login.html", status=400, login="", next_path=HOME, wrong=str(error))
        else:
            answer = self._enter(entrance, HOME)
        self._cookies.drop_journey(answer)
        return answer

    async def forgotten(self, request: Request) -> Response:
        """Whom to ask for a link."""
        return self._form(request, "forgotten.html")

    async def link(self, request: Request) -> Response:
        """A one-time link: the first administrator's set-up, or a password for an account."""
        token = str(request.path_params["token"])[:200]
        try:
            purpose = await self._door.link_purpose(token, at=self._office.clock.true())
        except DeadLinkError as error:
            return self._form(request, "deadlink.html", status=404, wrong=str(error))
        page = _LINK_PAGES[purpose]
        if request.method != "POST":
            return self._form(request, page, login="", name="", purpose=purpose)

        async def choose(form: FormData) -> Response:
            given: dict[str, Any] = {"login": text(form, "login", 80), "name": text(form, "name", 200)}
            password = typed(form, "password")
            if password != typed(form, "again"):
                return self._form(request, page, status=400, **given, purpose=purpose, differs=True)
            where = self._where(request)
            try:
                if purpose == "setup":
                    on = self._office.clock.today()
                    entrance = await self._door.set_up(token, **given, password=password, on=on, **where)
                else:
                    entrance = await self._door.choose_password(token, password, **where)
            except LoaThonError as error:
                return self._form(request, page, status=400, **given, purpose=purpose, wrong=str(error))
            return self._enter(entrance, f"{HOME}?xong=welcome")

        return await self._taken(request, choose)

    def _where(self, request: Request) -> dict[str, Any]:
        return {"address": address(request), "agent": agent(request), "at": self._office.clock.true()}

    def _enter(self, entrance: Entrance, path: str) -> Response:
        """A new token at every sign-in: whatever cookie was planted before is worth nothing."""
        if entrance.needs_code:
            path = CODE if path.startswith(HOME + "?") or path == HOME else f"{CODE}?tiep={quote(path, safe='/')}"
        answer = RedirectResponse(path, 303)
        self._cookies.keep_session(answer, entrance.token, int(LASTS_FOR.total_seconds()))
        return answer

    async def _taken(self, request: Request, deed: _Deed) -> Response:
        """Read the form and check that it is ours."""
        form = await request.form(max_files=0, max_fields=20)
        if not is_ours(self._cookies.gate_held(request), text(form, FIELD, 100)):
            return self._form(request, "stale.html", status=403)
        return await deed(form)

    def _form(self, request: Request, page: str, /, *, status: int = 200, **values: Any) -> Response:
        secret = self._cookies.gate(request)
        shown = {"differs": False, **values}
        answer = self._frames.page(page, status=status, csrf=form_token(secret), **shown)
        self._cookies.keep_gate(answer, secret)
        return answer
