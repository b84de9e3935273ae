"""`Page`: one line of the desk's table of addresses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from desk.headers import FORM_BYTES
from desk.visit import Visit

Show = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """One address. `action`: what opens it anywhere at all, `one|other` either; which objects, the page itself asks."""

    path: str
    action: str
    get: Show | None = None
    post: Show | None = None
    #: files its form may carry
    files: int = 0
    #: bytes its form may have in all
    bytes_most: int = FORM_BYTES
