"""Styles, the one small script and the icons: read once, under a path that changes with them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Assets:
    """The files of a folder by name, and a version that changes with any of them."""

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
        is_current = request.path_params["version"] == self.version
        cache = "public, max-age=31536000, immutable" if is_current else "no-cache"
        return Response(self.files[name], media_type=_TYPES[Path(name).suffix], headers={"cache-control": cache})

    async def favicon(self, _request: Request) -> Response:
        """What browsers ask for unasked."""
        headers = {"cache-control": "public, max-age=86400"}
        return Response(self.files["icon-192.png"], media_type="image/png", headers=headers)
