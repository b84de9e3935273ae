"""Several processes on one PostgreSQL: one of them has the bot, whoever dies or stops, and nothing is taken twice."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select

from bot.store import Store
from bot.store.blobs import Blobs
from bot.store.tables import conversations, leases, outbox
from tests.harness.botapi import BotApiServer, UserChat
from tests.harness.db import PostgresDatabases
from tests.harness.house import Process, get_json, running

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
CHATS = 8
PATIENCE_S = 60
#: what a takeover may take: the lease runs out after 10 s, others look every 3 s, and a repeat waits for 5 s
TAKEOVER_S = 25
QUESTIONS = ("menu", "tiền điện hộ nghèo", "bảo hiểm y tế hộ nghèo", "menu")


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(unit_s=0.2) as telegram:
        yield telegram
        assert telegram.violations == []


@pytest.fixture
async def store(postgres_databases: PostgresDatabases, tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(postgres_databases.fresh(), Blobs(tmp_path / "blobs"))
    yield opened
    await opened.close()


def about(server: BotApiServer, store: Store, **more: str) -> dict[str, str]:
    url = store.engine.url.render_as_string(hide_password=False)
    named = {"DATABASE_URL": url, "TELEGRAM_TOKEN": server.token, "TELEGRAM_API_URL": server.url, **more}
    return {f"LOATHON_{name}": value for name, value in named.items()}


async def holder(store: Store) -> int:
    """The process id in the bot's lease."""
    async with store.read() as tx:
        return int((await tx.scalar(select(leases.c.holder))).split(":")[1])


async def under_way(store: Store) -> Counter[str]:
    """Messages marked as being sent, by chat."""
    async with store.read() as tx:
        its = select(conversations.c.chat).join(outbox, outbox.c.conversation_id == conversations.c.id)
        return Counter(row.chat for row in await tx.rows(its.where(outbox.c.state == "sending")))


async def answered(chat: UserChat, text: str) -> None:
    """Ask, and wait for words not heard before this question."""
    before = len(chat.screen)
    await chat.says(text)
    while len(chat.screen) <= before:
        await chat.hears(PATIENCE_S)


async def ready(house: Process) -> None:
    await asyncio.to_thread(house.until, "đã sẵn sàng")


async def test_the_holder_dies_another_takes_over_and_hands_over_at_once(
    tmp_path: Path, server: BotApiServer, store: Store
) -> None:
    chats = [server.user(9500 + n, first_name="Dân") for n in range(CHATS)]
    settings = about(server, store, TELEGRAM_LIMITS="off")
    with ExitStack() as stack:
        names = ("worker", "serve", "worker", "serve")
        houses = [stack.enter_context(running(tmp_path, name, **settings)) for name in names]
        await asyncio.gather(*(ready(house) for house in houses))
        workers = {house.process.pid: house for house in houses[::2]}
        urls = [await asyncio.to_thread(lambda house=house: house.url) for house in houses[1::2]]
        await asyncio.gather(*(answered(chat, QUESTIONS[0]) for chat in chats))

        dead = workers.pop(await holder(store))
        for chat in chats:
            await chat.says(QUESTIONS[1])
        await server.called("sendMessage", CHATS + 2, PATIENCE_S)
        dead.stop(signal.SIGKILL)
        doubtful = await under_way(store)
        began = time.monotonic()
        await asyncio.gather(*(_hears(chat, "kWh") for chat in chats))
        assert time.monotonic() - began < TAKEOVER_S
        ((pid, left),) = workers.items()
        assert await holder(store) == pid

        # another waits for the lease; who stops hands over and is not waited for
        third = stack.enter_context(running(tmp_path, "worker", **settings))
        await ready(third)
        assert await asyncio.to_thread(left.stop) == 0
        began = time.monotonic()
        await asyncio.gather(*(answered(chat, QUESTIONS[2]) for chat in chats))
        assert time.monotonic() - began < 5, "no waiting for a lease to run out"
        assert await holder(store) == third.process.pid

        # web chat is taken by any process, and each tells who has the bot
        for number, url in enumerate(urls):
            said = {"id": f"may-toi-000{number}", "text": "tien dien"}
            async with aiohttp.ClientSession() as browser, browser.post(f"{url}/chat/send", json=said) as answer:
                assert "kWh" in await answer.text()
            _, health = await asyncio.to_thread(get_json, f"{url}/health")
            assert [channel["holder"] for channel in health["parts"]["channels"]] == ["elsewhere"]
        for house in (third, *houses[1::2]):
            assert await asyncio.to_thread(house.stop) == 0
    assert not any("another program is polling" in line for house in houses for line in house.told)
    async with store.read() as tx:
        rows = await tx.rows(conversations.select().where(conversations.c.channel == "telegram"))
        written = await tx.rows(outbox.select().where(outbox.c.channel == "telegram"))
    names = {row.id: row.chat for row in rows}
    messages = Counter(names[row.conversation_id] for row in written)
    assert [row.session["turn"] for row in rows] == [3] * CHATS, "each word taken exactly once"
    assert {row.state for row in written} == {"sent"}
    for chat in chats:
        name = str(chat.id)
        assert messages[name] <= len(chat.screen) <= messages[name] + doubtful[name], (
            "twice only what nobody could know"
        )


async def _hears(chat: UserChat, part: str) -> None:
    while part not in (await chat.hears(PATIENCE_S)).text:
        pass


async def test_deliveries_to_serve_answers_by_worker(tmp_path: Path, server: BotApiServer, store: Store) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = about(server, store, TELEGRAM_WEBHOOK="on", PUBLIC_URL=f"http://127.0.0.1:{port}")
    lan = server.user(9600, first_name="Lan")
    with (
        running(tmp_path, "serve", **settings, LOATHON_HTTP_PORT=str(port)) as web,
        running(tmp_path, "worker", **settings) as worker,
    ):
        await asyncio.gather(ready(web), ready(worker))
        await answered(lan, "/start")
        press = await lan.presses(lan.last.labels[0])
        await press.answer(PATIENCE_S)
        await lan.hears(PATIENCE_S)
        # what comes while nobody serves is delivered later
        assert await asyncio.to_thread(web.stop) == 0
        await lan.says("tiền điện hộ nghèo")
        with running(tmp_path, "serve", **settings, LOATHON_HTTP_PORT=str(port)) as again:
            await _hears(lan, "kWh")
            assert await asyncio.to_thread(again.stop) == 0
        assert await asyncio.to_thread(worker.stop) == 0
    assert server.calls_of("getUpdates") == []
    hook = server.bot.webhook
    assert hook is not None
    assert [status for _, status in hook.posts if status].count(200) == 3
    # back to polling: the webhook is removed without a step of anybody
    with running(tmp_path, "worker", **about(server, store)) as worker:
        await answered(lan, "menu")
        assert await asyncio.to_thread(worker.stop) == 0
    assert server.bot.webhook is None
