"""The common sign-in at the desk's door; the protocol itself is tried with the officials."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

import httpx
import pytest
from starlette.applications import Starlette

from bot import officials
from bot.oidc import ExternalFailedError, Journey
from desk.desk import Desk
from desk.office import Office
from tests.desk.office.conftest import add_official
from tests.harness.site import Running

AWAY = "https://cong.example/vao?state=s"


@dataclass(frozen=True)
class KnownProvider:
    """Knows one account; `back` is what it says when the browser returns."""

    back: str = "https://cong.example an"

    async def begin(self) -> tuple[str, Journey]:
        return AWAY, Journey("s", "n", "v")

    async def finish(self, journey: Journey, answer: Mapping[str, str]) -> str:
        if (journey, answer.get("state")) != (Journey("s", "n", "v"), "s"):
            raise ExternalFailedError
        return self.back


@pytest.fixture
def office(place: Running) -> Office:
    house = place.house
    shelf = house.shelf
    return Office(
        house.store,
        house.clock,
        lambda: shelf.library,
        shelf.catch_up,
        "https://xa.example",
        "xa-tu-ky",
        house.ear.listen,
        house.names,
        house.states,
        provider=KnownProvider(),  # type: ignore[arg-type]
    )


@pytest.fixture
async def browser(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """Over https, so that cookies are what they are for real."""
    app = Starlette(routes=Desk(office).routes())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://xa.example") as one:
        yield one


async def test_bound_account_comes_in(place: Running, browser: httpx.AsyncClient) -> None:
    number = await add_official(place, "nguyen.an", "quan-tri")
    async with place.house.store.write() as tx:
        library, today = place.house.shelf.library, place.house.clock.today()
        target = await officials.load(tx, number, library, today)
        assert target is not None
        await officials.bind_external(tx, None, target, "https://cong.example an", at=place.house.clock.true())
    assert "/ban/chung" in (await browser.get("/ban/vao")).text
    away = await browser.get("/ban/chung")
    assert away.headers["location"] == AWAY
    back = await browser.get("/ban/chung/ve?state=s&code=c")
    assert back.headers["location"] == "/ban"
    kept = [line for line in back.headers.get_list("set-cookie") if line.startswith("__Host-loathon-ban=")]
    assert "Secure" in kept[0]
    assert "max-age=31536000" in back.headers["strict-transport-security"]
    assert (await browser.get("/ban/nguoi")).status_code == 200


async def test_unbound_account_stays_out(browser: httpx.AsyncClient) -> None:
    await browser.get("/ban/chung")
    back = await browser.get("/ban/chung/ve?state=s&code=c")
    assert back.status_code == 400
    assert not [line for line in back.headers.get_list("set-cookie") if line.startswith("__Host-loathon-ban=")]


async def test_answer_without_its_journey_leads_to_the_login(browser: httpx.AsyncClient) -> None:
    back = await browser.get("/ban/chung/ve?state=s&code=c")
    assert back.headers["location"] == "/ban/vao"
    await browser.get("/ban/chung")
    assert (await browser.get("/ban/chung/ve?state=other&code=c")).status_code == 400


async def test_without_a_provider_there_is_no_such_page(office: Office) -> None:
    app = Starlette(routes=Desk(replace(office, provider=None)).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://xa.example") as one:
        assert (await one.get("/ban/chung")).status_code == 404
        assert "/ban/chung" not in (await one.get("/ban/vao")).text
