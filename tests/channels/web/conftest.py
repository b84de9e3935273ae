"""A real site on localhost and a browser-like client for it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from PIL import Image

from tests.harness.clock import Hands
from tests.harness.db import SqliteFiles
from tests.harness.site import Running, running


@pytest.fixture(scope="session")
def still() -> Hands:
    """The hands of the shared site's clock."""
    return Hands()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def place(
    sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory, still: Hands
) -> AsyncIterator[Running]:
    """One site for all these tests; each has its own browser, so they share no conversation."""
    folder = tmp_path_factory.mktemp("site")
    async with running(sqlite_files.fresh(folder), folder / "data", still.clock) as one:
        yield one


@dataclass
class Browser:
    """Does what the page's script does, cookie included."""

    url: str
    session: aiohttp.ClientSession
    seen: int = 0
    made: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def new_id(self) -> str:
        self.made += 1
        return f"test-id-{self.made:08}"

    async def open(self, query: str = "") -> str:
        """Load the page."""
        async with self.session.get(f"{self.url}/chat{query}") as response:
            assert response.status == 200
            return await response.text()

    async def post(self, **message: Any) -> tuple[int, dict[str, Any]]:
        """Post a message; status and body."""
        body = {"id": self.new_id(), "after": self.seen, **message}
        headers = {"origin": self.url, "content-type": "application/json", **self.headers}
        async with self.session.post(f"{self.url}/chat/send", data=json.dumps(body), headers=headers) as response:
            return response.status, await response.json()

    async def say(self, text: str = "", **message: Any) -> str:
        """Post a message that is taken; what the page gets to show, markup taken off."""
        status, body = await self.post(text=text, **message)
        assert status == 200, body
        letters = body["letters"]
        self.seen = letters[-1]["id"] if letters else self.seen
        return "\n".join(letter["html"] for letter in letters)

    async def upload(self, data: bytes, kind: str = "", **headers: str) -> tuple[int, dict[str, Any]]:
        """Upload a file; status and body."""
        url = f"{self.url}/chat/upload?kind={kind}"
        async with self.session.post(url, data=data, headers={"origin": self.url, **headers}) as response:
            return response.status, await response.json()


def presses(html: str) -> dict[str, str]:
    """label -> payload of the buttons in some markup."""
    found = re.findall(r'name="press" value="(\S+) ([^"]*)"', html)
    return {label: press for press, label in found}


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


@asynccontextmanager
async def opened(place: Running) -> AsyncIterator[Browser]:
    """A browser that has loaded the page."""
    async with _session() as session:
        one = Browser(place.url, session)
        await one.open()
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def browser(place: Running, still: Hands) -> AsyncIterator[Browser]:
    """One person's browser, the page open. Time has passed since the last test: its limits are full again."""
    still.move(minutes=5)
    async with opened(place) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def other(place: Running) -> AsyncIterator[Browser]:
    """Somebody else's browser."""
    async with opened(place) as one:
        yield one


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A JPEG that carries a place and a camera, as phones write them."""
    image = Image.new("RGB", (640, 480), "#7a9")
    exif = image.getexif()
    exif[271] = "SECRETCAMERA"
    exif.get_ifd(34853)[1] = "N"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()
