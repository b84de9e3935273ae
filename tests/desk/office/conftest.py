"""A real site on localhost, people of every role, and a browser-like client for them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from bot import officials, units_desk
from bot.model.official import Assignment
from bot.sessions import Door
from bot.store.tables import metadata
from tests.casework.conftest import Desk
from tests.harness.clock import Hands
from tests.harness.db import PostgresDatabases, SqliteFiles
from tests.harness.site import Running, running

PASSWORD = "câu dài dễ nhớ 7"
UNIT = "xa-tu-ky"
_TOKEN = re.compile(r'name="the" value="([0-9a-f]+)"')
#: rows that a look alone may change: when a session was last used
_NOT_COUNTED = {"official_sessions"}


@dataclass
class Answer:
    """What came back."""

    status: int
    text: str
    path: str
    headers: Any

    @property
    def token(self) -> str:
        found = _TOKEN.search(self.text)
        assert found, self.text[:2000]
        return found[1]


@dataclass
class Client:
    """A browser without scripts: keeps cookies, follows redirects only when told."""

    url: str
    http: aiohttp.ClientSession

    async def get(self, path: str, *, follow: bool = False, **headers: str) -> Answer:
        async with self.http.get(self.url + path, allow_redirects=follow, headers=headers) as response:
            return Answer(
                response.status, await response.text(errors="replace"), response.url.raw_path_qs, response.headers
            )

    async def post(self, path: str, data: Any, *, follow: bool = False) -> Answer:
        async with self.http.post(self.url + path, data=data, allow_redirects=follow) as response:
            return Answer(
                response.status, await response.text(errors="replace"), response.url.raw_path_qs, response.headers
            )

    async def fill(self, page: str, action: str | None = None, *, follow: bool = True, **fields: Any) -> Answer:
        """Open a page and send one of its forms, token included."""
        shown = await self.get(page, follow=True)
        return await self.post(action or page, {"the": shown.token, **fields}, follow=follow)

    async def sign_in(self, login: str, password: str = PASSWORD) -> Answer:
        return await self.fill("/ban/vao", login=login, password=password)

    def cookies(self) -> dict[str, str]:
        return {cookie.key: cookie.value for cookie in self.http.cookie_jar}


NewClient = Callable[[], Awaitable[Client]]


@pytest.fixture
def site_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The database of the site: SQLite, and PostgreSQL for tests that ask for both (`on_both`)."""
    if getattr(request, "param", "sqlite") == "sqlite":
        files: SqliteFiles = request.getfixturevalue("sqlite_files")
        return files.fresh(tmp_path)
    databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
    return databases.fresh()


#: for the pages whose statements differ most: run once on each database
on_both = pytest.mark.parametrize(
    "site_url", [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
async def place(site_url: str, tmp_path: Path, hands: Hands) -> AsyncIterator[Running]:
    """A site of its own for each test."""
    async with running(site_url, tmp_path / "data", hands.clock) as one:
        yield one


@pytest.fixture
async def new_client(place: Running) -> AsyncIterator[Callable[[], Awaitable[Client]]]:
    """Makes clients, each with its own cookies."""
    async with AsyncExitStack() as stack:

        async def make() -> Client:
            jar = aiohttp.CookieJar(unsafe=True)
            return Client(place.url, await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar)))

        yield make


@pytest.fixture
async def client(new_client: Callable[[], Awaitable[Client]]) -> Client:
    """Somebody who is not signed in."""
    return await new_client()


async def add_official(
    place: Running, login: str, *roles: str, unit: str = UNIT, topics: tuple[str, ...] = (), is_chair: bool = False
) -> int:
    """An active official with these roles; their password is `PASSWORD`."""
    house, at = place.house, place.house.clock.true()
    since = house.clock.today() - timedelta(days=30)
    given = [
        Assignment(0, r, "" if r == "quan-tri" else unit, "", topics, is_chair=is_chair, since=since, until=None)
        for r in roles
    ]
    async with house.store.write() as tx:
        link = await officials.invite(
            tx, None, house.shelf.library, login=login, name=f"Ông {login}", assignments=given, at=at
        )
    entrance = await Door(house.store).choose_password(link.token, PASSWORD, address="", agent="", at=at)
    return entrance.official_id


async def contents(place: Running) -> dict[str, list[Any]]:
    """Everything in the database but what a mere look may change."""
    async with place.house.store.read() as tx:
        counted = [table for table in metadata.sorted_tables if table.name not in _NOT_COUNTED]
        return {table.name: sorted(map(repr, await tx.rows(select(table)))) for table in counted}


async def fill_in(place: Running, by: int, **fields: Any) -> None:
    """What an official filled in for the unit before a test begins."""
    house, at = place.house, place.house.clock.true()
    library = house.shelf.library
    async with house.store.write() as tx:
        official = await officials.load(tx, by, library, house.clock.today())
        assert official is not None
        await units_desk.edit(tx, official, library, UNIT, fields, at=at)
    await house.shelf.catch_up()


def today(place: Running) -> date:
    return place.house.clock.today()


@pytest.fixture
async def writer(place: Running, new_client: Callable[[], Awaitable[Client]]) -> Client:
    """Writes, and approves nothing."""
    await add_official(place, "can.bo", "can-bo-xu-ly")
    one = await new_client()
    await one.sign_in("can.bo")
    return one


@pytest.fixture
async def chair(place: Running, new_client: Callable[[], Awaitable[Client]]) -> Client:
    """Approves what others wrote."""
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    one = await new_client()
    await one.sign_in("chu.tich")
    return one


@pytest.fixture
def desk(place: Running, hands: Hands) -> Desk:
    """Households that write on the same store."""
    return Desk(place.house.store, hands)
