"""Open pages hear that something moved, for as long as their official is signed in."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.store import audit
from bot.store import sessions as rows
from desk import live
from tests.desk.office.conftest import Client, add_official
from tests.harness.site import Running


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_S", 0.05)
    monkeypatch.setattr(live, "PING_S", 0.5)


async def heard(response: aiohttp.ClientResponse, word: bytes) -> bool:
    """Whether that word comes before the stream ends."""
    async with asyncio.timeout(10):
        async for line in response.content:
            if word in line:
                return True
    return False


async def note(place: Running) -> None:
    async with place.house.store.write() as tx:
        await audit.note(tx, "may", "tried", "", at=place.house.clock.true())


async def opened(client: Client) -> Any:
    response = await client.http.get(f"{client.url}/ban/chuong")
    assert response.status == 200
    assert await heard(response, b"retry:")
    assert await heard(response, b"ping")
    return response


async def test_page_hears_that_something_moved(place: Running, client: Client) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    await client.sign_in("quan.tri")
    response = await opened(client)
    await note(place)
    assert await heard(response, b"event: moved")
    response.close()


async def test_stream_ends_with_the_session(place: Running, client: Client) -> None:
    number = await add_official(place, "quan.tri", "quan-tri")
    await client.sign_in("quan.tri")
    response = await opened(client)
    async with place.house.store.write() as tx:
        await rows.revoke(tx, number, place.house.clock.true())
    assert not await heard(response, b"event: moved")


async def test_stream_ends_when_the_site_stops(place: Running, client: Client) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    await client.sign_in("quan.tri")
    response = await opened(client)
    place.site.close()
    assert not await heard(response, b"event: moved")
    async with client.http.get(f"{client.url}/ban/chuong") as again:
        assert again.status == 503


async def test_nobody_hears_anything(place: Running, client: Client) -> None:
    assert (await client.get("/ban/chuong")).status == 303


async def test_open_page_does_not_keep_its_session_for_ever(place: Running, client: Client, hands: Any) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    await client.sign_in("quan.tri")
    response = await opened(client)
    for _ in range(6):
        hands.move(hours=2)
        if not await heard(response, b"ping"):
            break
    else:
        pytest.fail("the stream outlived its session")
    assert (await client.get("/ban/toi")).status == 303
