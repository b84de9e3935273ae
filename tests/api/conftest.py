"""The API alone on both databases, the officials who make its keys, and a client for each key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot import integrations
from bot.casework import arrivals
from bot.library import Library
from bot.model.official import Official
from bot.store import Store
from desk.api import Api, Premises
from tests.harness.clock import Hands
from tests.harness.officials import UNIT, made, role

SITE = "https://loa.example"
CONTENT = Path(__file__).parents[2] / "content"
LIBRARY = Library.load(CONTENT)


@dataclass
class Outside:
    """Other systems and the house they ask."""

    store: Store
    hands: Hands
    app: Starlette
    chair: Official
    announcer: Official

    async def key(self, *scopes: str, unit: str = UNIT, by: Official | None = None, name: str = "Cổng tỉnh") -> str:
        """A key of the chair's."""
        async with self.store.write() as tx:
            made_key = await integrations.make(
                tx, by or self.chair, LIBRARY, unit=unit, name=name, scopes=scopes, at=self.hands.at
            )
        return made_key.text

    def client(self, key: str = "") -> httpx.AsyncClient:
        """Asks with that key."""
        headers = {"authorization": f"Bearer {key}"} if key else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=f"{SITE}/api/v1", headers=headers)

    async def asks(self, key: str, path: str, status: int = 200, **query: Any) -> Any:
        """GET as JSON."""
        async with self.client(key) as client:
            found = await client.get(path, params=query)
        assert found.status_code == status, (found.status_code, found.text)
        return found.json()

    async def sends(self, key: str, path: str, body: Any, status: int = 200) -> Any:
        """POST as JSON."""
        async with self.client(key) as client:
            found = await client.post(path, json=body)
        assert found.status_code == status, (found.status_code, found.text)
        return found.json()

    async def catch_up(self) -> None:
        """Match and route what arrived."""
        await arrivals.catch_up(self.store, LIBRARY, now=self.hands.at, at=self.hands.at)


def premises(store: Store, hands: Hands, library: Library = LIBRARY) -> Premises:
    """The house as the API sees it."""
    return Premises(store, hands.clock, lambda: library, SITE, UNIT)


@pytest.fixture
async def outside(store: Store, hands: Hands) -> Outside:
    """A house with a chair who may give every scope but one's own."""
    app = Starlette(routes=Api(premises(store, hands)).routes())
    chair = await made(store, LIBRARY, hands, "chu.tich", role("lanh-dao"))
    announcer = await made(store, LIBRARY, hands, "phat.thanh", role("phat-thanh-vien"))
    one = Outside(store, hands, app, chair, announcer)
    await one.catch_up()
    return one
