"""A forward proxy on this machine, as offices have one: it takes requests for any host and brings them to one server."""

from __future__ import annotations

import aiohttp
from aiohttp import web


class ForwardProxy:
    """Brings every request to `target`; closed until `start`. `asked` are the hosts it was asked for."""

    def __init__(self, target: str) -> None:
        self._target = target
        self.asked: set[str] = set()
        self._runner: web.ServerRunner | None = None

    async def start(self, port: int) -> None:
        """Listen on this port."""
        self._client = aiohttp.ClientSession()
        self._runner = web.ServerRunner(web.Server(self._relay), shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()

    async def stop(self) -> None:
        """Close the port."""
        if self._runner:
            await self._runner.cleanup()
            await self._client.close()

    async def _relay(self, request: web.BaseRequest) -> web.Response:
        origin = str(request.url.origin())
        self.asked.add(origin)
        kept = {"Content-Type": request.headers.get("Content-Type", "application/octet-stream")}
        async with self._client.request(
            request.method,
            self._target + request.raw_path.removeprefix(origin),
            data=await request.read(),
            headers=kept,
        ) as answer:
            return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)
