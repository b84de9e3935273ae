"""The stream of new messages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.channels.web import stream as stream_module
from tests.channels.web.conftest import Browser, opened
from tests.harness.clock import Hands
from tests.harness.db import SqliteFiles
from tests.harness.site import Running, running

pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def listening(browser: Browser, last: int | None = None, query: str = "") -> AsyncIterator[Any]:
    """`await next()` gives the stream's next event as (name, id, data)."""
    headers = {} if last is None else {"last-event-id": str(last)}
    timeout = aiohttp.ClientTimeout(total=20)
    async with browser.session.get(f"{browser.url}/chat/events{query}", headers=headers, timeout=timeout) as response:
        assert response.status == 200
        assert response.headers["content-type"].startswith("text/event-stream")

        async def following() -> dict[str, str] | None:
            fields: dict[str, str] = {}
            while line := (await response.content.readline()).decode():
                if line == "\n":
                    if "data" in fields:
                        return fields
                    fields = {}
                else:
                    name, _, value = line.rstrip("\n").partition(": ")
                    fields[name] = value
            return None

        yield following


async def test_new_messages_arrive(browser: Browser) -> None:
    async with listening(browser) as following:
        await browser.say("xin chào")
        own = await following()
        answer = await following()
    assert own["event"] == "letter"
    assert "xin chào" in json.loads(own["data"])["html"]
    assert json.loads(own["data"])["own"] == "test-id-00000001"
    assert "letter theirs" in json.loads(answer["data"])["html"]


async def test_resumes_after_last_event_id(browser: Browser) -> None:
    await browser.say("xin chào")
    seen = browser.seen
    await browser.say("hộ nghèo là gì")
    async with listening(browser, last=seen) as following:
        first = await following()
    assert int(first["id"]) > seen
    assert "hộ nghèo là gì" in first["data"]
    # the header, which the browser keeps up to date, goes before the address, which it does not
    async with listening(browser, last=seen, query="?after=0") as following:
        assert (await following())["id"] == first["id"]


async def test_nonsense_as_last_event_id_means_from_the_start(browser: Browser) -> None:
    await browser.say("xin chào")
    async with listening(browser, query="?after=abc%00") as following:
        assert "xin chào" in (await following())["data"]


async def test_stranger_gets_no_stream(place: Running) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{place.url}/chat/events") as response:
        assert response.status == 403


async def test_one_browser_cannot_hold_many_streams(browser: Browser) -> None:
    async with aiohttp.ClientSession(cookie_jar=browser.session.cookie_jar) as session:
        many = [await session.get(f"{browser.url}/chat/events") for _ in range(stream_module.OF_ONE_MAX)]
        # a stream counts from its first event
        for one in many:
            assert (await one.content.readline()).startswith(b"retry")
        async with session.get(f"{browser.url}/chat/events") as refused:
            assert refused.status == 429
        for one in many:
            one.close()


async def test_pages_left_behind_make_room(browser: Browser) -> None:
    """Reloading often must not use up a browser's streams."""
    for _ in range(3 * stream_module.OF_ONE_MAX):
        async with listening(browser):
            pass


async def test_silent_stream_pings(browser: Browser, monkeypatch) -> None:
    monkeypatch.setattr(stream_module, "PING_S", 0.05)
    async with browser.session.get(f"{browser.url}/chat/events") as response:
        lines = [await response.content.readline() for _ in range(4)]
    assert b": ping\n" in lines


async def test_closing_ends_open_streams(sqlite_files: SqliteFiles, tmp_path: Path, hands: Hands) -> None:
    folder = running(sqlite_files.fresh(tmp_path), tmp_path / "data", hands.clock)
    async with folder as place, opened(place) as browser, listening(browser) as following:
        await browser.say("xin chào")
        while int((await following())["id"]) < browser.seen:
            continue
        place.site.close()
        assert await asyncio.wait_for(following(), 5) is None
        async with browser.session.get(f"{browser.url}/chat/events") as response:
            assert response.status == 503
