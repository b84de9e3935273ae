"""The API against its own OpenAPI document: whatever is sent, it answers as the document says, and never breaks.

Bounded, and the same every time.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.applications import Starlette

from bot import integrations
from bot.clock import Clock
from bot.store import Store
from bot.store.blobs import Blobs
from desk.api import Api, Premises
from desk.api.call import Call
from desk.api.case_shapes import CaseSent
from desk.api.table import CALLS
from tests.api.conftest import LIBRARY, SITE
from tests.casework.conftest import Desk
from tests.harness.clock import Hands
from tests.harness.db import SqliteFiles
from tests.harness.officials import UNIT, made, role

EXAMPLES = 8
#: what is there, so that fuzz goes beyond the door
KNOWN = {"unit": UNIT, "entry": "ho-tro-tien-dien", "number": 1, "format": "mp3"}
CONSENT = {"version": "v2", "given_at": "2026-11-21T09:55:00+07:00"}
#: where nothing is asked, nothing can be asked wrongly
WAYS = [
    (mode, call) for call in CALLS for mode in ("known", "unknown", "bad") if mode != "bad" or call.path != "/units"
]
MATTER = {"unit": UNIT, "hamlet": "", "topic": "", "consent": CONSENT}


@dataclass
class House:
    """A house in a loop of its own. Its clock ticks with each look, so that no pace is kept."""

    runner: asyncio.Runner
    client: httpx.AsyncClient
    store: Store
    code: str

    def serve(self, case: schemathesis.Case) -> httpx.Response:
        """Send a case as it was made up."""
        given = case.as_transport_kwargs(base_url=f"{SITE}/api/v1")
        told = {name: given.get(name) for name in ("params", "json", "cookies")}
        content = given.get("data") if isinstance(given.get("data"), str | bytes) else None
        headers = [(name.encode(), str(value).encode()) for name, value in (given.get("headers") or {}).items()]
        request = self.client.build_request(given["method"], given["url"], headers=headers, content=content, **told)
        return self.runner.run(self.client.send(request))


async def opened(url: str, blobs: Blobs) -> tuple[Store, httpx.AsyncClient, str]:
    """A commune with a case, and a key for everything."""
    hands, ticks = Hands(), itertools.count()
    store = await Store.open(url, blobs)
    chair = await made(store, LIBRARY, hands, "chu.tich", role("lanh-dao"))
    async with store.write() as tx:
        scopes = sorted(set(integrations.SCOPES))
        key = await integrations.make(tx, chair, LIBRARY, unit=UNIT, name="Thử", scopes=scopes, at=hands.at)
    desk = Desk(store, hands)
    await desk.catch_up()
    code = await desk.brings("Đường ngập")
    clock = Clock(true=lambda: hands.at, monotonic=lambda: 10.0 * next(ticks))
    app = Starlette(routes=Api(Premises(store, clock, lambda: LIBRARY, SITE, UNIT)).routes())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return store, httpx.AsyncClient(transport=transport, headers={"authorization": f"Bearer {key.text}"}), code


@pytest.fixture(scope="module")
def house(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("api")
    with asyncio.Runner() as runner:
        store, client, code = runner.run(opened(sqlite_files.fresh(folder), Blobs(folder / "blobs")))
        yield House(runner, client, store, code)
        runner.run(client.aclose())
        runner.run(store.close())


@pytest.fixture(scope="module")
def document(house: House) -> schemathesis.BaseSchema:
    told = house.runner.run(house.client.get(f"{SITE}/api/v1/openapi.json"))
    held = told.json()
    # every request carries the key; what comes without one stands in `test_keys`
    del held["security"], held["components"]["securitySchemes"]
    return schemathesis.openapi.from_dict(held)


@pytest.mark.parametrize(("mode", "call"), WAYS, ids=lambda one: getattr(one, "name", one))
def test_every_call_keeps_to_the_document(
    mode: str, call: Call, document: schemathesis.BaseSchema, house: House
) -> None:
    operation = document[call.path][call.method]
    kind = GenerationMode.NEGATIVE if mode == "bad" else GenerationMode.POSITIVE
    there = {**KNOWN, "code": house.code}
    excluded = [positive_data_acceptance] if mode == "unknown" else []

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=kind))
    def ask(case: schemathesis.Case) -> None:
        if mode == "known":
            case.path_parameters.update({name: there[name] for name in case.path_parameters})
            if call.body is CaseSent:
                case.body = {**case.body, **MATTER}
        case.validate_response(house.serve(case), excluded_checks=excluded)

    ask()
