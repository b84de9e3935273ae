"""Deliveries by webhook: through a real HTTP server, from the test server and by hand."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
import uvicorn
from starlette.applications import Starlette

from bot.channels.telegram import Limiter, TelegramChannel, Webhook, webhook_route
from tests.channels.telegram.receiving import PAUSES, Desk, until
from tests.harness.botapi import BotApiServer

SECRET = "bi-mat_123"


@dataclass
class House:
    """A running program with a webhook address."""

    server: BotApiServer
    desk: Desk
    address: str

    async def post(self, body: bytes | io.BytesIO, secret: str = SECRET) -> int:
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.address, data=body, headers=headers) as answer,
        ):
            return answer.status


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with BotApiServer(unit_s=0.01) as server:
        channel = TelegramChannel(server.token, api_url=server.url, limiter=Limiter(None), pauses_s=PAUSES)
        desk = Desk(channel)
        await channel.open()
        app = Starlette(routes=[webhook_route({channel.account: channel})])
        http = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
        config = http.config
        config.load()
        http.lifespan = config.lifespan_class(config)
        await http.startup()
        port = http.servers[0].sockets[0].getsockname()[1]
        address = f"http://127.0.0.1:{port}/telegram/{channel.account}"
        loop = asyncio.create_task(channel.run(desk.handle, desk.put_aside, Webhook(address, SECRET)))
        yield House(server, desk, address)
        await channel.close()
        await loop
        await server.stop()
        http.should_exit = True
        await http.shutdown()


async def test_a_conversation(house: House) -> None:
    lan = house.server.user(7)
    await lan.says("một")
    assert (await lan.hears()).text == "một"
    press = await lan.presses("Lại")
    await press.answer()
    assert (await lan.hears()).text == "lai"
    (call,) = house.server.calls_of("setWebhook")
    assert call.args["secret_token"] == SECRET
    assert house.server.calls_of("getUpdates") == []
    assert house.server.violations == []


async def test_what_could_not_be_kept_is_delivered_again(house: House) -> None:
    lan = house.server.user(7)
    house.desk.failures = 2
    await lan.says("một")
    await lan.says("hai")
    assert [(await lan.hears()).text, (await lan.hears()).text] == ["một", "hai"]
    webhook = house.server.bot.webhook
    assert webhook is not None
    assert [status for _, status in webhook.posts][:3] == [503, 503, 200]


async def test_poison_is_put_aside_and_answered_with_200(house: House) -> None:
    await until(house.desk, "ok")
    assert await house.post(b'{"update_id": 5, "message": {"chat": {"id": 7}}}') == 200
    assert [chat for chat, _, _ in house.desk.aside] == ["7"]


async def test_who_may_deliver(house: House) -> None:
    await until(house.desk, "ok")
    assert await house.post(b"{}", "") == 403
    assert await house.post(b"{}", "wrong") == 403
    assert await house.post(b"{}", "s\u00ed") == 403
    assert await house.post(b"{") == 400
    assert await house.post(io.BytesIO(b" " * (1024 * 1024 + 1))) == 413
    house.address = house.address.rpartition("/")[0] + "/5"
    assert await house.post(b"{}") == 404
    assert house.desk.all == []


async def test_before_it_runs_nothing_is_taken() -> None:
    channel = TelegramChannel("700000001:" + "x" * 35)
    assert await channel.receive("", b"{}") == 503


async def test_a_bad_address_is_explained() -> None:
    async with BotApiServer() as server:
        channel = TelegramChannel(server.token, api_url=server.url, pauses_s=PAUSES)
        desk = Desk(channel)
        await channel.open()
        webhook = Webhook("http://example.org/x", SECRET)
        loop = asyncio.create_task(channel.run(desk.handle, desk.put_aside, webhook))
        assert await until(desk, "refused") == "channel.refused"
        await channel.close()
        await loop
