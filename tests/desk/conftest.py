"""The public pages alone, on the real content, behind a real HTTP server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette

from bot.library import Library
from desk.public import PublicPages

SITE = "https://loa.example"
CONTENT = Path(__file__).parents[2] / "content"


@dataclass
class Shelf:
    """What the pages are drawn from; a test may change it."""

    library: Library
    day: date = date(2026, 11, 21)


@dataclass
class Reader:
    """Somebody who reads the pages."""

    url: str
    session: aiohttp.ClientSession
    shelf: Shelf
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, status: int = 200, **headers: str) -> tuple[str, dict[str, str]]:
        """Body and headers."""
        async with self.session.get(self.url + path, headers=headers, allow_redirects=False) as response:
            body = await response.read()
            assert response.status == status, (path, response.status)
            return body.decode("utf-8", "replace"), {k.lower(): v for k, v in response.headers.items()}


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.load(CONTENT)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(library: Library) -> AsyncIterator[tuple[str, Shelf]]:
    shelf = Shelf(library)
    pages = PublicPages(lambda: shelf.library, today=lambda: shelf.day, public_url=SITE, unit="xa-tu-ky")
    app = Starlette(routes=pages.routes(), exception_handlers={404: pages.missing})
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        serving = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, ws="none"))
        task = asyncio.create_task(serving.serve(sockets=[listening]))
        yield url, shelf
        serving.should_exit = True
        await task


@pytest_asyncio.fixture(loop_scope="session")
async def reader(server: tuple[str, Shelf], library: Library) -> AsyncIterator[Reader]:
    url, shelf = server
    shelf.library, shelf.day = library, date(2026, 11, 21)
    async with aiohttp.ClientSession() as session:
        yield Reader(url, session, shelf)
