"""Polling, webhooks, faults and flood limits of the test server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import Conflict, NetworkError, RetryAfter

from tests.harness.botapi import BotApiServer, Limits


@pytest.fixture(autouse=True)
def _timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the library warns of a coming change whenever it raises RetryAfter."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(unit_s=0.01) as running:
        yield running


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    async with Bot(server.token, base_url=f"{server.url}/bot") as client:
        yield client


async def ids(server: BotApiServer, **args: object) -> list[int]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/bot{server.token}/getUpdates", json=args) as response,
    ):
        return [update["update_id"] for update in (await response.json())["result"]]


async def test_offsets(server: BotApiServer) -> None:
    lan = server.user(7)
    for word in "abcde":
        await lan.says(word)
    all_ids = await ids(server)
    assert len(all_ids) == 5
    assert await ids(server, limit=2, offset=1) == all_ids[:2]
    assert await ids(server, offset=all_ids[1]) == all_ids[1:]
    assert await ids(server, offset=-2) == all_ids[-2:]
    assert await ids(server, offset=2) == all_ids[-2:]
    assert await ids(server, offset=all_ids[-1] + 1, timeout=1) == []


async def test_the_same_offset_at_once_gets_one_update_and_waits(server: BotApiServer) -> None:
    lan = server.user(7)
    await lan.says("a")
    await lan.says("b")
    assert len(await ids(server)) == 2
    for _ in range(6):
        assert len(await ids(server)) == 1
    assert "hot-loop" in {v.code for v in server.violations}


async def test_a_poll_waits_for_news(server: BotApiServer, bot: Bot) -> None:
    server.bot.updates._unit_s = 1.0
    waiting = asyncio.create_task(ids(server, timeout=20))
    await server.called_in("getUpdates")
    await server.user(7).says("a")
    assert len(await waiting) == 1


async def test_two_pollers_the_older_one_is_told(server: BotApiServer, bot: Bot) -> None:
    server.bot.updates._unit_s = 1.0
    older = asyncio.create_task(bot.get_updates(timeout=30))
    await server.called_in("getUpdates")
    newer = asyncio.create_task(ids(server, timeout=30))
    with pytest.raises(Conflict, match="terminated by other getUpdates"):
        await older
    await server.user(7).says("a")
    assert len(await newer) == 1


async def test_kinds_not_asked_for_are_not_delivered(server: BotApiServer) -> None:
    lan = server.user(7)
    await ids(server, allowed_updates=["message"])
    first = await lan.says("a")
    await lan.edits(first["message_id"], "b")
    assert len(await ids(server)) == 1


async def test_an_update_can_come_twice(server: BotApiServer) -> None:
    await server.user(7).says("a")
    (first,) = await ids(server)
    assert await ids(server, offset=first + 1) == []
    server.bot.updates.deliver_again()
    assert await ids(server, offset=first + 1) == [first]
    assert await ids(server, offset=first + 1, timeout=1) == []


async def test_raw_updates_go_out_as_they_are(server: BotApiServer) -> None:
    server.send_raw({"callback_query": {"id": 1}})
    server.send_raw({"update_id": 900_000_000, "from_the_future": {}})
    await server.user(7).says("a")
    assert (await ids(server))[1:] == [900_000_000, 900_000_001]


class Hook:
    """A product's webhook: remembers what came, answers what the test wants."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.answers: list[web.Response] = []
        self.news = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.seen.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), update["message"]["text"]))
        self.news.set()
        return self.answers.pop(0) if self.answers else web.Response()

    async def saw(self, count: int) -> list[str]:
        async with asyncio.timeout(5):
            while len(self.seen) < count:
                self.news.clear()
                await self.news.wait()
        return [text for _, text in self.seen]


@pytest.fixture
async def hook() -> AsyncIterator[tuple[Hook, str]]:
    answers = Hook()
    app = web.Application()
    app.router.add_post("/hook", answers.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield answers, f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await runner.cleanup()


async def test_webhook(server: BotApiServer, bot: Bot, hook: tuple[Hook, str]) -> None:
    answers, url = hook
    lan = server.user(7)
    await lan.says("trước")
    await bot.set_webhook(url, secret_token="bi-mat")
    assert await answers.saw(1) == ["trước"]
    assert answers.seen[0][0] == "bi-mat"
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()

    answers.answers = [web.Response(status=500), web.Response(status=503), web.Response(status=204)]
    await lan.says("một")
    await lan.says("hai")
    assert await answers.saw(5) == ["trước", "một", "một", "một", "hai"]

    answers.answers = [web.json_response({"method": "sendMessage", "chat_id": 7, "text": "nghe"})]
    await lan.says("ba")
    assert (await lan.hears()).text == "nghe"
    assert "503" in (await bot.get_webhook_info()).last_error_message
    await bot.delete_webhook()
    await lan.says("bốn")
    assert [u.message.text for u in await bot.get_updates()] == ["bốn"]
    assert server.violations == []


async def test_webhooks_are_in_order_within_a_chat_and_independent_between_chats(
    server: BotApiServer, bot: Bot, hook: tuple[Hook, str]
) -> None:
    answers, url = hook
    answers.answers = [web.Response(status=500)]
    await server.user(7).says("a1")
    await server.user(7).says("a2")
    await server.user(8).says("b1")
    await bot.set_webhook(url)
    texts = await answers.saw(4)
    assert [t for t in texts if t[0] == "a"] in (["a1", "a1", "a2"], ["a1", "a2"])
    assert sorted(set(texts)) == ["a1", "a2", "b1"]


async def test_faults(server: BotApiServer, bot: Bot) -> None:
    lan = server.user(7)
    await lan.says("a")
    server.faults.flood(3, "sendMessage", chat=7)
    with pytest.raises(RetryAfter) as flood:
        await bot.send_message(7, "1")
    assert flood.value.retry_after == timedelta(seconds=3)
    server.penalties._until.clear()
    server.faults.bad_gateway("sendMessage")
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(7, "2")
    server.faults.drop("sendMessage", after=False)
    with pytest.raises(NetworkError):
        await bot.send_message(7, "3")
    server.faults.drop("sendMessage", after=True, when=lambda call: call.args.get("text") == "4")
    with pytest.raises(NetworkError):
        await bot.send_message(7, "4")
    slow = server.faults.hold("sendMessage")
    sending = asyncio.create_task(bot.send_message(7, "5"))
    await slow.reached.wait()
    assert [h.text for h in lan.screen] == ["4", "5"]
    assert not sending.done()
    slow.release()
    assert (await sending).text == "5"
    server.faults.error(400, "Bad Request: something", "sendMessage")
    with pytest.raises(NetworkError, match="Something"):
        await bot.send_message(7, "6")
    assert server.violations == []


async def test_a_lost_answer_to_a_poll_brings_the_same_updates_again(server: BotApiServer, bot: Bot) -> None:
    await server.user(7).says("a")
    server.faults.drop("getUpdates", after=True)
    with pytest.raises(NetworkError):
        await bot.get_updates()
    assert len(await bot.get_updates()) == 1


class Seconds:
    """A clock the test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def say(server: BotApiServer, chat: int) -> tuple[int, int]:
    body = await server.perform(server.bot, "sendMessage", {"chat_id": chat, "text": "a"}, {})
    return body.get("error_code", 200), body.get("parameters", {}).get("retry_after", 0)


async def test_flood_limits() -> None:
    clock = Seconds()
    async with BotApiServer(clock=clock, limits=Limits(slack_s=0.0)) as server:
        for person in range(1, 41):
            await server.user(person).says("a")
        group = server.group(-5)
        await group.says(server.user(1), "/a")

        assert await say(server, 1) == (200, 0)
        assert await say(server, 1) == (429, 1)
        assert [v.code for v in server.violations] == ["over-limit"]
        clock.now += 0.5
        assert await say(server, 1) == (429, 1)
        assert [v.code for v in server.violations] == ["over-limit", "early-retry"]
        clock.now += 3
        assert await say(server, 1) == (200, 0)

        clock.now += 10
        server.violations.clear()
        assert {await say(server, person) for person in range(1, 31)} == {(200, 0)}
        assert (await say(server, 31))[0] == 429
        clock.now += 2
        assert await say(server, 32) == (200, 0)

        clock.now += 100
        server.violations.clear()
        for _ in range(20):
            assert await say(server, -5) == (200, 0)
            clock.now += 1.01
        assert await say(server, -5) == (429, 40)
        assert await say(server, 1) == (200, 0)


async def test_waiting_out_a_told_wait_is_no_violation() -> None:
    clock = Seconds()
    async with BotApiServer(clock=clock) as server, Bot(server.token, base_url=f"{server.url}/bot") as bot:
        await server.user(7).says("a")
        await server.user(8).says("a")
        server.faults.flood(5, "sendMessage")
        with pytest.raises(RetryAfter):
            await bot.send_message(7, "a")
        clock.now += 4
        with pytest.raises(RetryAfter):
            await bot.send_message(8, "a")
        assert [v.code for v in server.violations] == ["early-retry"]
        clock.now += 2.5
        await bot.send_message(8, "a")
        assert len(server.violations) == 1


async def test_what_was_on_its_way_when_the_bot_was_told_to_wait_is_no_retry() -> None:
    clock = Seconds()
    async with BotApiServer(clock=clock) as server, Bot(server.token, base_url=f"{server.url}/bot") as bot:
        for chat in (7, 8):
            await server.user(chat).says("a")
        server.faults.flood(5, "sendMessage")
        with pytest.raises(RetryAfter):
            await bot.send_message(7, "a")
        clock.now += 0.1
        with pytest.raises(RetryAfter):
            await bot.send_message(8, "a")
        assert server.violations == []
        clock.now += 0.1
        for chat in (7, 8):
            # each was told itself by now
            with pytest.raises(RetryAfter):
                await bot.send_message(chat, "a")
            assert [v.code for v in server.violations] == ["early-retry"]
            server.violations.clear()


async def test_the_server_can_go_away_and_come_back(server: BotApiServer, bot: Bot) -> None:
    await server.user(7).says("a")
    port = server.port
    await server.stop()
    with pytest.raises(NetworkError):
        await bot.get_updates()
    await server.start(port)
    assert len(await bot.get_updates()) == 1


async def test_many_bots(server: BotApiServer) -> None:
    second = server.add_bot("loa_hai_bot")
    lan = server.user(7, bot=second)
    await lan.says("a")
    assert await ids(server) == []
    async with Bot(second.token, base_url=f"{server.url}/bot") as other:
        assert other.username == "loa_hai_bot"
        await other.send_message(7, "b")
    assert (await lan.hears()).text == "b"
    assert server.user(7).screen == []
