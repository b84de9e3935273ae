"""Headers on every answer of the web chat: nothing from elsewhere runs, frames or learns of the conversation."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import Message

from bot.channels.web.posted import RefusedError

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # with "no-referrer" a form would post `Origin: null`, and the check below could not tell our page from another
    "referrer-policy": "same-origin",
    "permissions-policy": "microphone=(self), camera=(self), geolocation=(), interest-cohort=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def check_origin(request: Request, own: str) -> None:
    """Refuse a post that another site's page made; raises `RefusedError`.

    Browsers name the page's origin; the few old ones that do not are held off by the cookie's SameSite.
    """
    origin = request.headers.get("origin")
    if origin is not None:
        mine = {own, f"{request.url.scheme}://{request.headers.get('host', '')}"}
        if origin.rstrip("/") not in mine:
            raise RefusedError(403, "elsewhere")
    elif request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise RefusedError(403, "elsewhere")


async def body(request: Request, most: int) -> bytes:
    """The body, read no further than it may be long; raises `RefusedError`."""
    if int(request.headers.get("content-length", "0") or 0) > most:
        raise RefusedError(413, "too-big")
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > most:
            raise RefusedError(413, "too-big")
    return bytes(read)


def capped(request: Request, most: int) -> Request:
    """The request, whose body cannot be read further than it may be long: `RefusedError` then."""
    if int(request.headers.get("content-length", "0") or 0) > most:
        raise RefusedError(413, "too-big")
    read = 0

    async def receive() -> Message:
        nonlocal read
        message = await request.receive()
        read += len(message.get("body", b""))
        if read > most:
            raise RefusedError(413, "too-big")
        return message

    return Request(request.scope, receive)
