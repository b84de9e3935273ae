"""Two workers move one broadcast on one PostgreSQL, and one of them is killed at a decisive point: nobody gets it twice."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import text

from bench.broadcasts import FIRST_CHAT, UNIT
from bot.library import Library
from bot.store import Store
from bot.store.blobs import Blobs
from tests.e2e.test_kill_broadcast import MORNING, TIMES, check, start, unknown, watched
from tests.harness.botapi import BotApiServer
from tests.harness.db import PostgresDatabases
from tests.harness.house import running

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
PEOPLE = 300
PATIENCE_S = 120


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(unit_s=0.1, keep_calls=False) as telegram:
        yield telegram
        assert telegram.violations == []


async def _fill(url: str, folder: Path, account: str) -> None:
    """So many contacts with one chat each who agreed to news and follow two topics."""
    numbers = f"generate_series(1, {PEOPLE}) as i"
    store = await Store.open(url, Blobs(folder / "blobs"))
    async with store.write() as tx:
        for statement in (
            f"insert into contacts(id, unit, created_at) select i, '{UNIT}', now() from {numbers}",
            (
                "insert into conversations(id, channel, account, chat, contact_id, created_at, active_at) "
                f"select i, 'telegram', '{account}', cast(i + {FIRST_CHAT} as text), i, now(), now() from {numbers}"
            ),
            (
                "insert into consents(contact_id, conversation_id, purpose, version, given_at) "
                f"select i, i, 'nhan-tin', 'v1', now() from {numbers}"
            ),
            f"insert into subscriptions(contact_id, topic, unit, since) select i, 'bhyt', '{UNIT}', now() from {numbers}",
            f"insert into subscriptions(contact_id, topic, unit, since) select i, 'nha-o', '{UNIT}', now() from {numbers}",
        ):
            await tx.run(text(statement))
    await store.close()


@pytest.mark.parametrize("point", ["", "handed over, not committed", "claimed, not sent", "sent, not known"])
async def test_two_workers_tell_everybody_once(
    tmp_path: Path, server: BotApiServer, postgres_databases: PostgresDatabases, point: str
) -> None:
    url = postgres_databases.fresh()
    await _fill(url, tmp_path, server.token.partition(":")[0])
    chats = [server.user(FIRST_CHAT + 1 + n).met() for n in range(PEOPLE)]
    library = Library.load(Path(__file__).parents[2] / "content")
    settings = {
        "LOATHON_TELEGRAM_TOKEN": server.token,
        "LOATHON_TELEGRAM_API_URL": server.url,
        "LOATHON_TELEGRAM_LIMITS": "off",
        "LOATHON_UNIT": UNIT,
        "LOATHON_DATABASE_URL": url,
        "LOATHON_NOW": MORNING,
    }
    number = await start(url, tmp_path, library)
    with ExitStack() as stack:
        if point:
            # it begins alone, so that it is the one that comes to that point
            words = (point, str(TIMES[point]), "worker")
            dies = stack.enter_context(running(tmp_path, *words, module="tests.harness.crashing", **settings))
            ended = await asyncio.to_thread(dies.process.wait, PATIENCE_S)
            assert ended == -signal.SIGKILL, "".join(dies.told)
        workers = [stack.enter_context(running(tmp_path, "worker", **settings)) for _ in range(2)]
        found = await watched(url, tmp_path, number)
        for worker in workers:
            assert await asyncio.to_thread(worker.stop) == 0
    check(chats, found, await unknown(url, tmp_path, number))
    assert point or not found.tally.unknown
