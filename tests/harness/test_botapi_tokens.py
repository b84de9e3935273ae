"""Tokens on the test server: wrong ones are refused, right ones must stay out of logs and parameters."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest
from telegram import Bot
from telegram.error import InvalidToken

from tests.harness.botapi import BotApiServer


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer() as running:
        yield running


async def test_tokens(server: BotApiServer) -> None:
    wrong = Bot("700000009:AAH" + "x" * 32, base_url=f"{server.url}/bot")
    with pytest.raises(InvalidToken):
        await wrong.initialize()
    await wrong.shutdown()
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{server.url}/bot12/getMe") as response:
            assert response.status == 404
        async with session.get(f"{server.url}/bot{server.token}/getme") as response:
            assert (await response.json())["description"] == "Not Found: method not found"
        async with session.get(f"{server.url}/bot{server.token}/getMe?x={server.token}") as response:
            assert response.status == 200
    assert [v.code for v in server.violations] == ["unknown-method", "token-in-request", "unknown-parameter"]


async def test_a_token_in_a_log_line_is_a_violation(server: BotApiServer) -> None:
    logging.getLogger("bot.somewhere").warning("calling %s/bot%s/getMe", server.url, server.token)
    (found,) = server.violations
    assert found.code == "token-in-log"
    assert server.token not in found.text
