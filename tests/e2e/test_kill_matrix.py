"""Killed at every named point between a household's word and our answer: nothing lost, no case twice, nothing sent twice
but a reply whose outcome nobody can know."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select

from bot.store import Store
from bot.store.blobs import Blobs
from bot.store.case_tables import cases
from bot.store.tables import conversations, outbox, quarantine
from tests.harness.botapi import BotApiServer, UserChat
from tests.harness.crashing import POINTS
from tests.harness.db import PostgresDatabases, SqliteFiles
from tests.harness.house import running

pytestmark = pytest.mark.slow
CHATS = 8
#: without any household hearing anything, or for one start; a guard, not a figure
PATIENCE_S = 90
#: what a household does, from the first word to the case
STEPS = (
    "/start",
    "=f:hoi-can-bo",
    "Năm nay sao nhà tôi không có tên trong danh sách",
    "1",
    "không nêu tên",
    "đồng ý",
    "gửi",
)


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(unit_s=0.1) as telegram:
        yield telegram
        assert telegram.violations == []


async def _does(chat: UserChat, step: str) -> None:
    await (chat.presses_old(step[1:]) if step.startswith("=") else chat.says(step))


async def _talks(chat: UserChat, renew: Callable[[], None]) -> None:
    """All steps, each after the answer to the one before: a crash makes a household wait, not give up.

    No two answers read the same, so what was heard already is a repeat. `renew` is called at each message: how long a
    household may wait depends on how long the machine takes for two starts, so silence is guarded for all together.
    """
    heard: set[str] = set()
    for step in STEPS:
        await _does(chat, step)
        while (told := (await chat.hears(None)).text) in heard:
            renew()
        heard.add(told)
        renew()


async def _under_way(url: str, folder: Path) -> Counter[str]:
    """Messages to each chat that were marked as being sent when the process died."""
    store = await Store.open(url, Blobs(folder))
    async with store.read() as tx:
        its = select(conversations.c.chat).join(outbox, outbox.c.conversation_id == conversations.c.id)
        rows = await tx.rows(its.where(outbox.c.state == "sending"))
    await store.close()
    return Counter(row.chat for row in rows)


async def _die_and_recover(
    tmp_path: Path, server: BotApiServer, url: str, point: str, times: int
) -> tuple[list[UserChat], Counter[str]]:
    settings = {
        "LOATHON_TELEGRAM_TOKEN": server.token,
        "LOATHON_TELEGRAM_API_URL": server.url,
        "LOATHON_TELEGRAM_LIMITS": "off",
        "LOATHON_UNIT": "xa-tu-ky",
        "LOATHON_DATABASE_URL": url,
    }
    chats = [server.user(9100 + n, first_name="Dân") for n in range(CHATS)]
    async with asyncio.TaskGroup() as group, asyncio.timeout(PATIENCE_S) as silence:

        def renew() -> None:
            silence.reschedule(asyncio.get_running_loop().time() + PATIENCE_S)

        talks = [group.create_task(_talks(chat, renew)) for chat in chats]
        with running(tmp_path, point, str(times), "run", module="tests.harness.crashing", **settings) as house:
            # silence ends this too: then the process is killed, and so is the wait for it
            ended = await asyncio.to_thread(house.process.wait)
            assert ended == -signal.SIGKILL, "".join(house.told)
        renew()
        doubtful = await _under_way(url, tmp_path / "blobs")
        with running(tmp_path, **settings) as house:
            assert await asyncio.to_thread(lambda: house.url)
            renew()
            await asyncio.wait(talks)
            renew()
            # what is under way is finished before it stops
            assert await asyncio.to_thread(house.stop) == 0
    return chats, doubtful


async def _check(chats: list[UserChat], doubtful: Counter[str], store: Store) -> None:
    async with store.read() as tx:
        talks = {row.id: row for row in await tx.rows(conversations.select())}
        rows = await tx.rows(outbox.select().order_by(outbox.c.id))
        opened = Counter(row.conversation_id for row in await tx.rows(cases.select()))
        aside = await tx.rows(quarantine.select())
    assert not aside
    assert [talk.session["turn"] for talk in talks.values()] == [len(STEPS)] * CHATS, "each word taken exactly once"
    assert opened == Counter(dict.fromkeys(talks, 1)), "one case each: none lost, none twice"
    written: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        written[talks[row.conversation_id].chat].append(row)
    for chat in chats:
        its = written[str(chat.id)]
        told = [heard.text for heard in chat.screen]
        assert len(its) == len(STEPS), "one answer to each"
        assert all(any(row.body["text"] in text for text in told) for row in its), "every answer arrived"
        # only what was marked as being sent when it died may stand there twice; what stays unknown was repeated once
        assert len(its) <= len(told) <= len(its) + doubtful[str(chat.id)]
        # … or is still to be repeated, when the house was stopped within those 5 s
        assert {(row.state, row.repeats) for row in its} <= {("sent", 0), ("unknown", 1), ("queued", 1)}


@pytest.fixture
def sqlite_url(sqlite_files: SqliteFiles, tmp_path: Path) -> str:
    return sqlite_files.fresh(tmp_path)


@pytest.fixture
def postgres_url(postgres_databases: PostgresDatabases) -> str:
    return postgres_databases.fresh()


async def _survives(tmp_path: Path, server: BotApiServer, url: str, point: str) -> None:
    chats, doubtful = await _die_and_recover(tmp_path, server, url, point, 5)
    store = await Store.open(url, Blobs(tmp_path / "blobs"))
    await _check(chats, doubtful, store)
    await store.close()


@pytest.mark.parametrize("point", POINTS)
async def test_killed_there_nothing_is_lost(tmp_path: Path, server: BotApiServer, sqlite_url: str, point: str) -> None:
    await _survives(tmp_path, server, sqlite_url, point)


@pytest.mark.postgres
@pytest.mark.parametrize("point", ["written, not committed", "sent, not committed"])
async def test_killed_on_postgresql(tmp_path: Path, server: BotApiServer, postgres_url: str, point: str) -> None:
    await _survives(tmp_path, server, postgres_url, point)
