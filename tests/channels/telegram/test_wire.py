"""Receiving from the test server: nothing confirmed before it is durable, nothing stops the loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.channels.telegram import Limiter, TelegramChannel
from bot.model.inbound import InboundKind
from tests.channels.telegram.receiving import PAUSES, Desk, until
from tests.harness.botapi import BotApiServer


def channel_on(server: BotApiServer, token: str = "", **more: Any) -> TelegramChannel:
    return TelegramChannel(
        token or server.token, api_url=server.url, limiter=Limiter(None), pauses_s=PAUSES, wait_s=20, **more
    )


@asynccontextmanager
async def running(server: BotApiServer, token: str = "", **more: Any) -> AsyncIterator[Desk]:
    channel = channel_on(server, token, **more)
    desk = Desk(channel)
    await channel.open()
    loop = asyncio.create_task(channel.run(desk.handle, desk.put_aside))
    try:
        yield desk
    finally:
        await channel.close()
        async with asyncio.timeout(5):
            await loop


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(unit_s=0.2) as one:
        yield one


async def test_a_conversation(server: BotApiServer) -> None:
    lan = server.user(7, first_name="Lan")
    async with running(server, commands=[("menu", "Mở bảng chọn")]) as desk:
        await lan.starts("u_xa-1")
        assert (await lan.hears()).text == "chào"
        await lan.says("cho hỏi <gì>")
        assert (await lan.hears()).text == "cho hỏi <gì>"
        press = await lan.presses("Lại")
        assert await press.answer() == ""
        assert (await lan.hears()).text == "lai"
        assert [i.kind for i in desk.all] == [InboundKind.START, InboundKind.TEXT, InboundKind.PRESS]
        assert all(len(i.seed) == 16 for i in desk.all)
        assert len({i.seed for i in desk.all}) == 3
        assert desk.channel.state().state == "ok"
        assert desk.channel.username == server.bot.username
        assert server.bot.commands["default", ""] == [{"command": "menu", "description": "Mở bảng chọn"}]
    assert server.violations == []


async def test_nothing_is_confirmed_before_it_is_durable(server: BotApiServer) -> None:
    lan = server.user(7)
    async with running(server) as desk:
        desk.gate.clear()
        await lan.says("một")
        await desk.took(1)
        await lan.says("hai")
        assert [u["message"]["text"] for u in server.bot.updates.pending] == ["một", "hai"]
        desk.failures = 1
        desk.gate.set()
        await desk.took(3)
        assert [i.text for i in desk.all] == ["một", "một", "hai"]
        assert desk.batches[0][0].external_id == desk.batches[1][0].external_id
        assert [(await lan.hears()).text, (await lan.hears()).text] == ["một", "hai"]
        await server.called("getUpdates", 2)
    assert server.violations == []


async def test_a_start_polls_without_an_offset(server: BotApiServer) -> None:
    lan = server.user(7)
    async with running(server) as desk:
        await lan.says("một")
        await desk.took(1)
        await server.called_in("getUpdates", 2)
    calls = [call.args.get("offset") for call in server.calls_of("getUpdates")]
    assert calls[0] is None
    assert calls[1] is not None
    async with running(server) as desk:
        await lan.says("hai")
        assert [i.text for i in await desk.took(1)] == ["hai"]


async def test_updates_that_come_twice_have_the_same_id(server: BotApiServer) -> None:
    lan = server.user(7)
    async with running(server) as desk:
        await lan.says("một")
        await desk.took(1)
        await server.called_in("getUpdates", 2)
        server.bot.updates.deliver_again()
        first, second = await desk.took(2)
        assert first.external_id == second.external_id == "m:7:1"
        assert first.seed != second.seed


async def test_poison_is_put_aside_and_passed(server: BotApiServer, caplog: pytest.LogCaptureFixture) -> None:
    lan = server.user(7)
    await lan.says("trước")
    poison = server.send_raw({"callback_query": {"id": "1", "from": {"id": 7}, "message": {"chat": {"id": 7}}}})
    server.send_raw({"message": {"text": "\ud800"}})
    await lan.says("sau")
    async with running(server) as desk:
        desk.failures = 1
        await desk.took(2)
        assert [i.text for i in desk.all] == ["trước", "sau"]
        assert [(chat, raw["update_id"]) for chat, raw, _ in desk.aside] == [
            ("7", poison["update_id"]),
            ("", poison["update_id"] + 1),
        ]
        await lan.hears()
        await lan.hears()
        await lan.says("nữa")
        assert (await lan.hears()).text == "nữa"
        assert len(desk.aside) == 2
    assert "cannot be read" in caplog.text
    assert "hot-loop" not in {v.code for v in server.violations}


async def test_a_second_poller_is_explained_in_one_line(server: BotApiServer, caplog: pytest.LogCaptureFixture) -> None:
    async with running(server) as desk:
        await until(desk, "ok")
        await server.called_in("getUpdates")
        async with aiohttp.ClientSession() as session:
            address = f"{server.url}/bot{server.token}/getUpdates"
            other = asyncio.create_task(session.post(address, data={"timeout": "30"}))
            assert await until(desk, "refused") == "channel.second_poller"
            other.cancel()
        await until(desk, "ok")
    lines = [r.getMessage() for r in caplog.records if "polling with the same token" in r.getMessage()]
    assert len(lines) == 1


async def test_a_wrong_token_is_explained_in_one_line(server: BotApiServer, caplog: pytest.LogCaptureFixture) -> None:
    token = "700000009:" + "x" * 35
    async with running(server, token) as desk:
        assert await until(desk, "refused") == "channel.wrong_token"
        await server.turned_off(3)
    warnings = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert [r.getMessage() for r in warnings] == [
        "telegram: bot 700000009 is refused: the token is wrong or was revoked; set the right one and restart"
    ]
    assert token not in caplog.text


async def test_out_of_reach_and_back(server: BotApiServer) -> None:
    port = server.port
    await server.stop()
    async with running(server) as desk:
        assert await until(desk, "unreachable") == "channel.unreachable"
        await server.start(port)
        await until(desk, "ok")
        await server.user(7).says("một")
        assert [i.text for i in await desk.took(1)] == ["một"]
        await server.stop()
        await until(desk, "unreachable")
        await server.user(7).says("hai")
        await server.start(port)
        await desk.took(2)
    assert server.violations == []


async def test_bad_answers_to_polls_lose_nothing(server: BotApiServer) -> None:
    lan = server.user(7)
    async with running(server) as desk:
        await until(desk, "ok")
        server.faults.bad_gateway("getUpdates")
        server.faults.drop("getUpdates", after=True)
        server.faults.drop("getUpdates", after=False)
        server.faults.error(500, "Internal Server Error: restart", "getUpdates")
        for word in "abcde":
            await lan.says(word)
        await desk.took(5)
        assert sorted({i.text for i in desk.all}) == list("abcde")


async def test_a_webhook_set_elsewhere_is_removed(server: BotApiServer) -> None:
    async with aiohttp.ClientSession() as session:
        await session.post(f"{server.url}/bot{server.token}/setWebhook", data={"url": "http://127.0.0.1:9/x"})
    async with running(server) as desk:
        await server.user(7).says("một")
        assert [i.text for i in await desk.took(1)] == ["một"]
    assert server.violations == []


async def test_stopping_lets_a_batch_finish(server: BotApiServer) -> None:
    lan = server.user(7)
    async with running(server) as desk:
        desk.gate.clear()
        await lan.says("một")
        await desk.took(1)
        stopping = asyncio.create_task(desk.channel.stop())
        await stopping
        desk.gate.set()
        assert (await lan.hears()).text == "một"
