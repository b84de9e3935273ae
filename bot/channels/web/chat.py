"""`WebChat`: the routes under /chat. Everything it says is in `templates/`, all it knows comes through the `Door`."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import wraps
from pathlib import Path
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.web.door import Cleaned, Door, Letter
from bot.channels.web.headers import HEADERS, body, capped, check_origin
from bot.channels.web.letters import Pages
from bot.channels.web.limits import (
    MESSAGES,
    MESSAGES_OF_ADDRESS,
    NEWCOMERS_OF_ADDRESS,
    UPLOADS,
    UPLOADS_OF_ADDRESS,
    Limits,
    Rate,
)
from bot.channels.web.posted import (
    BODY_MAX_BYTES,
    FILES_MAX,
    Posted,
    RefusedError,
    file_name,
    from_form,
    from_json,
    media_kind,
    number,
)
from bot.channels.web.stream import Streams
from bot.channels.web.visitor import Cookies, Visitor
from bot.errors import traced
from bot.model.inbound import Attachment
from bot.served import Assets, Headed

#: the account of the web channel: one site an installation
ACCOUNT = "site"
#: the same for every channel (Bot API, getFile: 20 MB)
FILE_MAX_BYTES = 20 * 1024 * 1024
#: messages on the first load, and at each step back
SHOWN = 30
#: a message id no store reaches, yet every database and browser can hold
_LAST = 2**53
#: a picture decoded takes some 250 MB for the moment it is written anew
CLEANED_AT_ONCE = 2
#: uploads under way; each may hold 20 MB, most hold a few hundred kB
UPLOADS_MAX = 24
#: 20 MB at 1 Mbit/s, and some
UPLOAD_S = 180.0
_HERE = Path(__file__).parent
#: types a browser may show in the page; everything else is a download
_INLINE = re.compile(r"image/(jpeg|png|webp|gif)|audio/(ogg|mpeg|aac|flac|wav|mp4|webm)|video/(mp4|webm)")
#: browsers inside other apps: no install, no microphone taken for granted
_IN_APP = re.compile(r"Zalo|FBAN|FBAV|FB_IAB|Instagram|Line/|TikTok|; wv\)")

log = logging.getLogger(__name__)

Endpoint = Callable[["WebChat", Request], Awaitable[Response]]


def _told(endpoint: Endpoint) -> Endpoint:
    """Refusals as answers: JSON for the script, the page with a notice for a form."""

    @wraps(endpoint)
    async def told(self: WebChat, request: Request) -> Response:
        try:
            return await endpoint(self, request)
        except RefusedError as refused:
            return await self.refused(request, refused)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception:
            # the store cannot be had, or a fault of ours: a household gets a sentence
            log.exception("%s failed", request.url.path)
            return await self.refused(request, await self.unavailable(5))

    return told


async def _stays() -> bool:
    return False


class WebChat:
    """One site's chat. `routes()` goes into the Starlette app; `close()` ends the open streams before the server stops.

    refused: what the door raises for a file it will not keep, its text being a sentence for the person. true and
    monotonic: the clock. office: who speaks, for the page's head. is_moving: whether nothing is taken because the data
    are being carried elsewhere.
    """

    def __init__(
        self,
        door: Door,
        *,
        public_url: str,
        refused: type[Exception],
        true: Callable[[], datetime],
        monotonic: Callable[[], float],
        office: Callable[[], str] = lambda: "",
        is_moving: Callable[[], Awaitable[bool]] = _stays,
    ) -> None:
        self._door = door
        self._public_url = public_url.rstrip("/")
        self._refusals = refused
        self._true = true
        self._cookies = Cookies(ACCOUNT, is_secure=public_url.startswith("https://"))
        self._limits = Limits(monotonic)
        self._office = office
        self._is_moving = is_moving
        self._assets = Assets.read(_HERE / "static")
        self._pages = Pages.read(_HERE / "templates", true, version=self._assets.version)
        self._streams = Streams(door, self._pages)
        self._cleaning = asyncio.Semaphore(CLEANED_AT_ONCE)
        self._uploads_now = 0

    def routes(self) -> list[BaseRoute]:
        """All routes, each guarded by the security headers."""
        guard = [Middleware(Headed, headers=HEADERS)]

        def route(path: str, endpoint: Callable[[Request], Awaitable[Response]], method: str = "GET") -> Route:
            return Route(path, endpoint, methods=[method], middleware=guard)

        return [
            route("/chat", self.page),
            route("/chat/shell", self.shell),
            route("/chat/send", self.send, "POST"),
            route("/chat/letters", self.letters),
            route("/chat/events", self.events),
            route("/chat/upload", self.upload, "POST"),
            route("/chat/file/{sha256}", self.file),
            route("/chat/manifest.webmanifest", self.manifest),
            route("/chat/sw.js", self.service_worker),
            route("/chat/static/{version}/{name}", self._assets.serve),
        ]

    def close(self) -> None:
        """End the open streams: a server that stops waits for them."""
        self._streams.close()

    @_told
    async def page(self, request: Request) -> Response:
        """The chat with its last messages; `?start=` a deep link, `?before=` older ones, without script."""
        return await self._page(request)

    async def _page(self, request: Request, refused: RefusedError | None = None) -> Response:
        visitor = self._cookies.visitor(request)
        before = number(request.query_params.get("before")) or _LAST
        letters: Sequence[Letter] = []
        # where the store could not be had, the page comes without its messages
        if visitor.known and (refused is None or refused.status < 500):
            letters = await self._door.letters(visitor.key, before=before, limit=SHOWN)
        html = self._pages.page(
            "chat.html",
            letters=self._pages.views(letters, visitor),
            has_older=len(letters) == SHOWN,
            is_past=before != _LAST,
            start=request.query_params.get("start", "")[:160],
            known=visitor.known,
            office=self._office(),
            notice=refused.reason if refused else "moving" if await self._is_moving() else "",
            told=refused.told if refused else "",
            fresh_id=secrets.token_hex(16),
            is_shell=False,
            in_app=_IN_APP.search(request.headers.get("user-agent", "")) is not None,
        )
        response = HTMLResponse(html, refused.status if refused else 200)
        self._cookies.keep(response, visitor)
        return response

    async def shell(self, _request: Request) -> Response:
        """The page without anybody's messages, for the service worker to keep."""
        html = self._pages.page("chat.html", letters=[], office=self._office(), known=True, fresh_id="", is_shell=True)
        return HTMLResponse(html, headers={"cache-control": "public, max-age=3600"})

    @_told
    async def send(self, request: Request) -> Response:
        """A message, a button, a start. Answered when it is durable, with what was said since `after`."""
        check_origin(request, self._public_url)
        visitor = self._cookies.visitor(request)
        self._admit(request, visitor)
        is_form = not request.headers.get("content-type", "").startswith("application/json")
        posted = (
            await self._form(request, visitor) if is_form else from_json(await body(request, BODY_MAX_BYTES), visitor)
        )
        inbound = posted.inbound(visitor, self._true(), secrets.token_bytes(16))
        try:
            await self._door.handle([inbound])
        except Exception as error:
            # whatever went wrong, nothing is kept: the page holds the message and sends it again under the same id
            log.warning("not taken: %s", traced(error))
            raise await self.unavailable(2) from error
        response: Response
        if is_form:
            response = RedirectResponse("/chat#cuoi", 303)
        else:
            after = posted.after if visitor.known else 0
            letters = await self._door.letters(visitor.key, after=after, limit=SHOWN)
            response = JSONResponse({"letters": self._pages.packed(letters, visitor), "fresh": not visitor.known})
        self._cookies.keep(response, visitor)
        return response

    async def _form(self, request: Request, visitor: Visitor) -> Posted:
        """A form of a page without script, its files kept first."""
        form = await capped(request, FILE_MAX_BYTES + BODY_MAX_BYTES).form(max_files=FILES_MAX, max_fields=20)
        try:
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            files = [one for one in form.getlist("file") if isinstance(one, UploadFile) and one.filename]
            kept = (
                ()
                if fields.get("press")
                else tuple([await self._keep_form_file(one, request, visitor) for one in files])
            )
            return from_form(fields, kept)
        finally:
            await form.close()

    async def _keep_form_file(self, file: UploadFile, request: Request, visitor: Visitor) -> Attachment:
        self._admit_upload(request, visitor)
        sha256, cleaned = await self._keep(await file.read())
        return Attachment(
            media_kind(cleaned.mime), sha256, file_name(file.filename or ""), cleaned.mime, len(cleaned.data)
        )

    @_told
    async def letters(self, request: Request) -> Response:
        """Messages after `after`, or the last before `before`: history, and what came while no stream was open."""
        visitor = self._cookies.visitor(request)
        if not visitor.known:
            return JSONResponse({"letters": [], "fresh": True})
        before = number(request.query_params.get("before"))
        after = number(request.query_params.get("after"))
        if before or not after:
            letters = await self._door.letters(visitor.key, before=before or _LAST, limit=SHOWN)
        else:
            letters = await self._door.letters(visitor.key, after=after, limit=SHOWN)
        return JSONResponse(
            {"letters": self._pages.packed(letters, visitor), "fresh": False, "more": len(letters) == SHOWN}
        )

    @_told
    async def events(self, request: Request) -> Response:
        """The stream of new messages; a browser that comes back says by Last-Event-ID what it has."""
        visitor = self._cookies.visitor(request)
        if not visitor.known:
            raise RefusedError(403, "no-cookie")
        after = number(request.headers.get("last-event-id", request.query_params.get("after", "")))
        return self._streams.open(visitor, after)

    @_told
    async def upload(self, request: Request) -> Response:
        """A file as the whole body; kept at once, its type found by content. The message that follows names it."""
        check_origin(request, self._public_url)
        visitor = self._cookies.visitor(request)
        self._admit_upload(request, visitor)
        if self._uploads_now >= UPLOADS_MAX:
            raise RefusedError(503, "try-again", wait_s=10)
        self._uploads_now += 1
        try:
            async with asyncio.timeout(UPLOAD_S):
                data = await body(request, FILE_MAX_BYTES)
            sha256, cleaned = await self._keep(data)
        except TimeoutError:
            raise RefusedError(408, "upload-failed") from None
        finally:
            self._uploads_now -= 1
        mime = cleaned.mime
        response = JSONResponse(
            {
                "sha256": sha256,
                "mime": mime,
                "size": len(cleaned.data),
                "tag": visitor.tag(sha256, mime),
                "kind": media_kind(mime, request.query_params.get("kind", "")),
            }
        )
        self._cookies.keep(response, visitor)
        return response

    async def _keep(self, data: bytes) -> tuple[str, Cleaned]:
        if len(data) > FILE_MAX_BYTES:
            raise RefusedError(413, "too-big")
        try:
            async with self._cleaning:
                return await self._door.put(data)
        except self._refusals as wrong:
            raise RefusedError(422, "file-refused", told=str(wrong)) from wrong
        except OSError as error:
            log.warning("file not kept: %r", error)
            raise await self.unavailable(10) from error

    @_told
    async def file(self, request: Request) -> Response:
        """A file of this conversation. Only pictures, sound and film are shown in place; the rest is a download."""
        sha256, mime = request.path_params["sha256"], request.query_params.get("t", "")
        if not self._cookies.visitor(request).may_see(sha256, mime, request.query_params.get("k", "")):
            raise RefusedError(404, "file-unknown")
        try:
            data = await self._door.get(sha256)
        except (FileNotFoundError, ValueError):
            raise RefusedError(404, "file-unknown") from None
        is_inline = _INLINE.fullmatch(mime) is not None
        name = file_name(request.query_params.get("n", "")) or sha256[:8]
        headers = {
            "content-disposition": _disposition("inline" if is_inline else "attachment", name),
            "cache-control": "private, max-age=86400, immutable",
            # opened by itself, a file may do nothing at all
            "content-security-policy": "default-src 'none'; sandbox",
        }
        return Response(data, media_type=mime if is_inline else "application/octet-stream", headers=headers)

    async def manifest(self, _request: Request) -> Response:
        """What a browser needs to put the chat among the apps."""
        text = self._pages.page("manifest.webmanifest", office=self._office())
        headers = {"cache-control": "public, max-age=3600"}
        return Response(text, media_type="application/manifest+json", headers=headers)

    async def service_worker(self, _request: Request) -> Response:
        """The service worker; its text changes with the assets, so that browsers notice."""
        head = f'const VERSION = "{self._assets.version}";\n'.encode()
        headers = {"service-worker-allowed": "/chat", "cache-control": "no-cache"}
        return Response(head + self._assets.files["sw.js"], media_type="text/javascript", headers=headers)

    async def unavailable(self, wait_s: float) -> RefusedError:
        """Nothing can be kept now: why, and when to come again."""
        try:
            is_moving = await self._is_moving()
        except Exception:
            log.exception("the store cannot be asked")
            is_moving = False
        return RefusedError(503, "moving", wait_s=15) if is_moving else RefusedError(503, "try-again", wait_s=wait_s)

    async def refused(self, request: Request, refused: RefusedError) -> Response:
        """A refusal as the asker can read it."""
        headers = {"retry-after": str(math.ceil(refused.wait_s))} if refused.wait_s else {}
        wants_page = "text/html" in request.headers.get("accept", "")
        if wants_page:
            response = await self._page(request, refused)
            response.headers.update(headers)
            return response
        return JSONResponse({"reason": refused.reason, "told": refused.told}, refused.status, headers)

    def _admit(self, request: Request, visitor: Visitor) -> None:
        address = _address(request)
        if not visitor.known:
            self._take((NEWCOMERS_OF_ADDRESS, address))
        self._take((MESSAGES, visitor.secret), (MESSAGES_OF_ADDRESS, address))

    def _admit_upload(self, request: Request, visitor: Visitor) -> None:
        self._take((UPLOADS, visitor.secret), (UPLOADS_OF_ADDRESS, _address(request)))

    def _take(self, *asked: tuple[Rate, str]) -> None:
        wait_s = self._limits.wait_s(*asked)
        if wait_s:
            raise RefusedError(429, "too-fast", wait_s=wait_s)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _disposition(how: str, name: str) -> str:
    """RFC 6266: an ASCII name for old browsers, the whole name for the others."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
