"""What every page of ours is served with, whoever made it: files cached for good, headers on each answer.

Chat, public pages and desk keep their own policies; only how they are put on stands here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
_FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Assets:
    """Scripts, styles and pictures of one folder: read once, under a path that changes with any of them."""

    files: dict[str, bytes]
    version: str

    @classmethod
    def read(cls, folder: Path) -> Assets:
        """All files of the folder itself."""
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in _TYPES}
        digest = hashlib.sha256()
        for name, data in files.items():
            digest.update(f"{name}\n{len(data)}\n".encode() + data)
        return cls(files, digest.hexdigest()[:12])

    async def serve(self, request: Request) -> Response:
        """`/<version>/<name>`; an older version gets today's file, not to be kept."""
        name = request.path_params["name"]
        if name not in self.files:
            return Response(status_code=404)
        cache = _FOR_GOOD if request.path_params["version"] == self.version else "no-cache"
        return Response(self.files[name], media_type=_TYPES[Path(name).suffix], headers={"cache-control": cache})

    async def favicon(self, _request: Request) -> Response:
        """What browsers ask for unasked."""
        headers = {"cache-control": "public, max-age=86400"}
        return Response(self.files["icon-192.png"], media_type="image/png", headers=headers)


class Headed:
    """Puts these headers on every answer; whatever a handler set itself stands."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with headers."""

        async def send_headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_headed)
