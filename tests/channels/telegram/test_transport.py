"""The transport on bad days: was the request sent, is the outcome known, how long to wait."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError

from bot.channels.telegram.refusals import send_error
from bot.channels.telegram.transport import FloodError, NotSentError, ServerError, Transport, UnknownOutcomeError
from tests.harness.botapi import BotApiServer


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer() as running:
        await running.user(7).says("a")
        yield running


def bot_on(transport: Transport, url: str, token: str) -> Bot:
    return Bot(token, base_url=f"{url}/bot", request=transport, get_updates_request=transport)


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    async with Transport(read_timeout_s=2.0) as opened:
        yield opened


@pytest.fixture
def bot(server: BotApiServer, transport: Transport) -> Bot:
    return bot_on(transport, server.url, server.token)


async def failure(bot: Bot) -> TelegramError:
    with pytest.raises(TelegramError) as failed:
        await bot.send_message(7, "a")
    shown = "".join(traceback.format_exception(failed.value)) + repr(failed.value)
    assert bot.token not in shown
    return failed.value


async def test_nobody_listens(server: BotApiServer, bot: Bot) -> None:
    await server.stop()
    error = await failure(bot)
    assert isinstance(error, NotSentError)
    assert send_error(error).retryable
    assert not send_error(error).unknown


@pytest.mark.parametrize("after", [False, True])
async def test_a_dropped_connection_is_unknown_and_never_posted_again(
    server: BotApiServer, bot: Bot, after: bool
) -> None:
    await bot.send_message(7, "warm")
    server.faults.drop("sendMessage", after=after)
    error = await failure(bot)
    assert isinstance(error, UnknownOutcomeError)
    assert send_error(error).unknown
    assert not send_error(error).retryable
    assert len(server.calls_of("sendMessage")) == 2
    assert len(server.user(7).screen) == 1 + after


async def test_a_gateway_in_between_is_unknown(server: BotApiServer, bot: Bot) -> None:
    server.faults.bad_gateway("sendMessage")
    assert send_error(await failure(bot)).unknown


async def test_telegrams_own_failure_may_be_repeated(server: BotApiServer, bot: Bot) -> None:
    server.faults.error(500, "Internal Server Error: restart", "sendMessage")
    error = await failure(bot)
    assert isinstance(error, ServerError)
    assert send_error(error).retryable
    assert not send_error(error).unknown


async def test_the_exact_wait(server: BotApiServer, bot: Bot) -> None:
    server.faults.flood(17, "sendMessage")
    error = await failure(bot)
    assert isinstance(error, FloodError)
    assert send_error(error).retry_after_s == 17
    assert send_error(error).retryable


async def test_an_answer_that_never_comes(server: BotApiServer) -> None:
    async with Transport(read_timeout_s=0.1) as hasty:
        held = server.faults.hold("sendMessage")
        error = await failure(bot_on(hasty, server.url, server.token))
        assert isinstance(error, UnknownOutcomeError)
        assert held.reached.is_set()


async def test_waiting_for_a_free_connection_is_not_sent(server: BotApiServer) -> None:
    async with Transport(connections=1) as narrow:
        bot = bot_on(narrow, server.url, server.token)
        held = server.faults.hold("sendMessage")
        first = asyncio.create_task(bot.send_message(7, "một"))
        await held.reached.wait()
        with pytest.raises(NotSentError):
            await bot.send_message(7, "hai", pool_timeout=0.05)
        held.release()
        assert (await first).chat.id == 7


async def test_refusals(server: BotApiServer, bot: Bot, transport: Transport) -> None:
    server.faults.error(400, "Bad Request: chat not found", "sendMessage")
    error = await failure(bot)
    assert isinstance(error, BadRequest)
    assert send_error(error).contact_gone
    server.faults.error(400, "Bad Request: message is too long", "sendMessage")
    assert not send_error(await failure(bot)).contact_gone
    server.user(7).deactivates()
    error = await failure(bot)
    assert isinstance(error, Forbidden)
    assert send_error(error).contact_gone
    wrong = bot_on(transport, server.url, "700000009:" + "x" * 35)
    with pytest.raises(InvalidToken):
        await wrong.send_message(7, "a")
    group = server.group(-5)
    await group.upgrades(server.user(8), -1005)
    with pytest.raises(TelegramError) as moved:
        await bot.send_message(-5, "a")
    assert send_error(moved.value).migrated_to == "-1005"


async def test_an_answer_that_is_no_answer_is_unknown() -> None:
    async def greet(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", greet)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with Transport() as transport:
        bot = bot_on(transport, f"http://127.0.0.1:{runner.addresses[0][1]}", "700000001:" + "x" * 35)
        assert send_error(await failure(bot)).unknown
    await runner.cleanup()


async def test_through_a_proxy(server: BotApiServer) -> None:
    asked: list[str] = []

    async def relay(request: web.BaseRequest) -> web.Response:
        asked.append(f"{request.method} {request.raw_path.partition('/bot')[0]}")
        return web.json_response({"ok": True, "result": True})

    proxy = web.ServerRunner(web.Server(relay))
    await proxy.setup()
    await web.TCPSite(proxy, "127.0.0.1", 0).start()
    async with Transport(proxy=f"http://127.0.0.1:{proxy.addresses[0][1]}") as transport:
        assert await bot_on(transport, "http://telegram.test", server.token).delete_webhook()
    await proxy.cleanup()
    assert asked == ["POST http://telegram.test"]


async def test_a_closed_transport_sends_nothing(server: BotApiServer) -> None:
    error = await failure(bot_on(Transport(), server.url, server.token))
    assert isinstance(error, NotSentError)
