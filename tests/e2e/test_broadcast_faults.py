"""A broadcast on Telegram's bad days: no wait cut short, nobody told twice, replies ahead, who blocked us counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.broadcasts import begun, fill
from bot.library import Library
from bot.model.broadcast import BroadcastState
from bot.store import Store
from bot.store import broadcasts as rows
from bot.store.blobs import Blobs
from tests.harness.botapi import BotApiServer, Limits
from tests.harness.db import SqliteFiles
from tests.harness.house import running

pytestmark = pytest.mark.slow
PEOPLE = 45
PATIENCE_S = 90
FIRST_CHAT = 10_001


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    # with Telegram's own limits in force: whoever is too fast breaks a rule
    async with BotApiServer(unit_s=0.1, limits=Limits()) as telegram:
        yield telegram
        assert telegram.violations == []


async def test_each_gets_it_once_or_is_counted(tmp_path: Path, server: BotApiServer, sqlite_files: SqliteFiles) -> None:
    url = sqlite_files.fresh(tmp_path)
    await asyncio.to_thread(fill, tmp_path / "loathon.db", PEOPLE, server.token.partition(":")[0])
    chats = [server.user(FIRST_CHAT + n).met() for n in range(PEOPLE)]
    library = Library.load(Path(__file__).parents[2] / "content")
    store = await Store.open(url, Blobs(tmp_path / "blobs"))
    number = await begun(store, library, datetime(2026, 11, 23, 2, tzinfo=UTC))
    for chat in chats[:3]:
        chat.chat.standing = "blocked"
    for chat in chats[3:6]:
        server.faults.drop("sendMessage", chat.id, after=True)
    server.faults.flood(2, "sendMessage")
    server.faults.error(500, "Internal Server Error", "sendMessage", chats[7].id)
    server.faults.error(400, "Bad Request: message text is empty", "sendMessage", chats[8].id)
    settings = {
        "LOATHON_TELEGRAM_TOKEN": server.token,
        "LOATHON_TELEGRAM_API_URL": server.url,
        "LOATHON_UNIT": "xa-tu-ky",
        "LOATHON_DATABASE_URL": url,
        "LOATHON_NOW": "2026-11-23T09:00",
    }
    asker = server.user(99_001, first_name="Lan")
    with running(tmp_path, **settings) as house:
        await asker.says("/start")
        # who asks meanwhile is answered
        assert (await asker.hears(PATIENCE_S)).text
        async with asyncio.timeout(PATIENCE_S), store.bell.ear("nothing") as ear:
            while True:
                async with store.read() as tx:
                    found = await rows.get(tx, number)
                assert found is not None
                if found.state is BroadcastState.DONE:
                    break
                await ear.heard(0.2)
        assert await asyncio.to_thread(house.stop) == 0
    await store.close()
    tally = found.tally
    assert (tally.gone, tally.unknown, tally.failed, tally.sent) == (3, 3, 1, PEOPLE - 7)
    assert Counter(len(chat.screen) for chat in chats) == {1: PEOPLE - 4, 0: 4}
