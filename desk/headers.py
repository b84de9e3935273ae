"""Headers of the desk's answers, and a limit on what is sent to it."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import say
from bot.served import Headed

#: a filled form is far smaller; a spreadsheet of hamlets may have 5 MB (`bot.hamlets`) and its wrapping
FORM_BYTES = 6_000_000
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self' blob:; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "microphone=(), camera=(), geolocation=(), interest-cohort=()",
}
#: over https a browser keeps to it for a year (RFC 6797)
_HTTPS = "max-age=31536000"


class Guarded:
    """Adds the headers and refuses bodies that are too large, said or unsaid."""

    def __init__(self, app: ASGIApp, *, is_secure: bool, bytes_most: int = FORM_BYTES) -> None:
        self._most = bytes_most
        self._app = Headed(app, {**_HEADERS, "strict-transport-security": _HTTPS} if is_secure else _HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, guarded. Raises `HTTPException(413)`."""
        said = Headers(scope=scope).get("content-length", "")
        if said.isascii() and said.isdigit() and int(said) > self._most:
            raise self._too_large()
        taken = 0

        async def receive_counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most:
                raise self._too_large()
            return message

        await self._app(scope, receive_counted, send)

    def _too_large(self) -> HTTPException:
        return HTTPException(413, say("files.form_too_big", most=self._most // 1_000_000))
