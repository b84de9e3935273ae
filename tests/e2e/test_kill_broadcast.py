"""Killed at every named point of a broadcast: nobody gets it twice, nobody is lost, and what nobody can know is listed."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.broadcasts import begun, fill
from bot.library import Library
from bot.model.broadcast import Broadcast, BroadcastState
from bot.store import Store, outbox, recipients
from bot.store import broadcasts as rows
from bot.store.blobs import Blobs
from tests.harness.botapi import BotApiServer, UserChat
from tests.harness.crashing import BROADCAST_POINTS
from tests.harness.db import SqliteFiles
from tests.harness.house import running

pytestmark = pytest.mark.slow
PATIENCE_S = 240
#: 9:00 in Vietnam
MORNING = "2026-11-23T09:00"
#: the harness's people have these numbers, as the filled database has them
FIRST_CHAT = 10_001
#: how often the place is passed before the process dies there: places in sending are passed for every message
TIMES = {
    "planned, not committed": 1,
    "planned": 1,
    "handed over, not committed": 2,
    "handed over": 3,
    "outcomes taken, not committed": 2,
    # few claims of many each are enough for all
    "claimed, not committed": 2,
    "claimed, not sent": 100,
    "sent, not known": 100,
}


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(unit_s=0.1, keep_calls=False) as telegram:
        yield telegram
        assert telegram.violations == []


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(Path(__file__).parents[2] / "content")


async def start(url: str, folder: Path, library: Library) -> int:
    """Begin a broadcast to everybody; its number."""
    store = await Store.open(url, Blobs(folder / "blobs"))
    number = await begun(store, library, datetime(2026, 11, 23, 2, tzinfo=UTC))
    await store.close()
    return number


async def watched(url: str, folder: Path, number: int) -> Broadcast:
    """Wait until it is done, looking as another process would."""
    store = await Store.open(url, Blobs(folder / "blobs"))
    try:
        async with asyncio.timeout(PATIENCE_S), store.bell.ear("nothing") as ear:
            while True:
                async with store.read() as tx:
                    found = await rows.get(tx, number)
                assert found is not None
                if found.state is BroadcastState.DONE:
                    return found
                await ear.heard(0.2)
    finally:
        await store.close()


async def _under_way(url: str, folder: Path) -> int:
    """How many messages were marked as being sent when the process died."""
    store = await Store.open(url, Blobs(folder / "blobs"))
    async with store.read() as tx:
        states = await outbox.states(tx)
    await store.close()
    return states.get("sending", 0)


async def unknown(url: str, folder: Path, number: int) -> list[int]:
    """Contacts of whom nobody knows whether it reached them."""
    store = await Store.open(url, Blobs(folder / "blobs"))
    async with store.read() as tx:
        listed = await recipients.left(tx, number, "unknown", limit=1000)
    await store.close()
    return [one.contact_id for one in listed]


async def _survives(
    tmp_path: Path, server: BotApiServer, files: SqliteFiles, library: Library, point: str, people: int, times: int
) -> None:
    url = files.fresh(tmp_path)
    account = server.token.partition(":")[0]
    await asyncio.to_thread(fill, tmp_path / "loathon.db", people, account)
    chats = [server.user(FIRST_CHAT + n).met() for n in range(people)]
    number = await start(url, tmp_path, library)
    settings = {
        "LOATHON_TELEGRAM_TOKEN": server.token,
        "LOATHON_TELEGRAM_API_URL": server.url,
        "LOATHON_TELEGRAM_LIMITS": "off",
        "LOATHON_UNIT": "xa-tu-ky",
        "LOATHON_DATABASE_URL": url,
        "LOATHON_NOW": MORNING,
    }
    with running(tmp_path, point, str(times), "run", module="tests.harness.crashing", **settings) as house:
        ended = await asyncio.to_thread(house.process.wait, PATIENCE_S)
        assert ended == -signal.SIGKILL, "".join(house.told)
    doubtful = await _under_way(url, tmp_path)
    with running(tmp_path, **settings) as house:
        found = await watched(url, tmp_path, number)
        assert await asyncio.to_thread(house.stop) == 0
    assert found.tally.unknown <= doubtful, "only what was marked as being sent when it died may be unknown"
    check(chats, found, await unknown(url, tmp_path, number))


def check(chats: list[UserChat], found: Broadcast, unknown: list[int]) -> None:
    """Nobody twice, nobody lost, and what nobody can know is listed."""
    tally = found.tally
    arrived = Counter(len(chat.screen) for chat in chats)
    assert set(arrived) <= {0, 1}, "nobody gets it twice"
    assert (tally.total, tally.sent + tally.unknown) == (len(chats), len(chats)), "nobody is lost"
    assert len(unknown) == tally.unknown, "what nobody can know is listed"
    missing = {n + 1 for n, chat in enumerate(chats) if not chat.screen}
    assert missing <= set(unknown), "who is told to have it has it"


@pytest.mark.parametrize("point", BROADCAST_POINTS)
async def test_killed_there_nobody_is_lost_or_told_twice(
    tmp_path: Path, server: BotApiServer, sqlite_files: SqliteFiles, library: Library, point: str
) -> None:
    await _survives(tmp_path, server, sqlite_files, library, point, 300, TIMES.get(point, 5))


async def test_killed_among_ten_thousand(
    tmp_path: Path, server: BotApiServer, sqlite_files: SqliteFiles, library: Library
) -> None:
    await _survives(tmp_path, server, sqlite_files, library, "sent, not known", 10_000, 4_000)
