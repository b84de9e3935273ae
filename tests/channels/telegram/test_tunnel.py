"""The Bot API over https through a proxy: the proxy sees where to, never what; a refusal of its own is no unknown."""

from __future__ import annotations

import traceback
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp.connector
import pytest
from telegram import Bot
from telegram.error import TelegramError

from bot.channels.telegram.transport import NotSentError, Transport, UnknownOutcomeError
from tests.harness.botapi import BotApiServer
from tests.harness.tunnel import Papers, TlsFront, Tunnel

#: a host that no name server knows: only the proxy can bring anything there
HOST = "api.telegram.test"
PROXY = "localhost"


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer() as running:
        await running.user(7).says("a")
        yield running


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    return Papers.of(tmp_path, HOST, PROXY)


@pytest.fixture
def believed(papers: Papers, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if our authority were one of the system's, which aiohttp reads once."""
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", papers.trusting)


@pytest.fixture
async def behind(server: BotApiServer, papers: Papers) -> AsyncIterator[int]:
    """The port where the Bot API is served over https."""
    async with TlsFront(urlsplit(server.url).port or 0, papers) as port:
        yield port


def bot_through(proxy: str, token: str) -> tuple[Transport, Bot]:
    transport = Transport(proxy=proxy, read_timeout_s=5.0)
    return transport, Bot(token, base_url=f"https://{HOST}/bot", request=transport, get_updates_request=transport)


async def failure(proxy: str, token: str) -> TelegramError:
    transport, bot = bot_through(proxy, token)
    async with transport:
        with pytest.raises(TelegramError) as failed:
            await bot.send_message(7, "a")
    shown = "".join(traceback.format_exception(failed.value)) + repr(failed.value)
    assert token not in shown
    assert "secret" not in shown, "the proxy's password"
    return failed.value


@pytest.mark.usefixtures("believed")
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_words_go_through_unseen(server: BotApiServer, papers: Papers, behind: int, scheme: str) -> None:
    async with Tunnel(behind, papers if scheme == "https" else None) as proxy:
        transport, bot = bot_through(f"{scheme}://lan:secret@{PROXY}:{proxy.port}", server.token)
        async with transport:
            for text in ("một", "hai"):
                await bot.send_message(7, text)
    assert [message.text for message in server.user(7).screen][-2:] == ["một", "hai"]
    assert proxy.asked == [f"CONNECT {HOST}:443 HTTP/1.1"], "one tunnel, kept"
    assert proxy.shown == [f"Basic {b64encode(b'lan:secret').decode()}"]
    assert server.token.encode() not in proxy.seen


@pytest.mark.usefixtures("believed")
async def test_a_connection_lost_behind_the_proxy_is_unknown(server: BotApiServer, behind: int) -> None:
    async with Tunnel(behind) as proxy:
        transport, bot = bot_through(f"http://{PROXY}:{proxy.port}", server.token)
        async with transport:
            await bot.send_message(7, "warm")
            server.faults.drop("sendMessage", after=True)
            with pytest.raises(UnknownOutcomeError):
                await bot.send_message(7, "a")
    assert len(server.calls_of("sendMessage")) == 2, "never posted again"


@pytest.mark.usefixtures("believed")
@pytest.mark.parametrize("status", [403, 407, 502])
async def test_what_the_proxy_refuses_was_not_sent(server: BotApiServer, behind: int, status: int) -> None:
    async with Tunnel(behind, refuses=status) as proxy:
        error = await failure(f"http://lan:secret@{PROXY}:{proxy.port}", server.token)
    assert isinstance(error, NotSentError)
    assert server.calls_of("sendMessage") == []


async def test_nothing_is_told_to_one_who_only_says_to_be_telegram(server: BotApiServer, behind: int) -> None:
    async with Tunnel(behind) as proxy:
        error = await failure(f"http://{PROXY}:{proxy.port}", server.token)
    assert isinstance(error, NotSentError)
    assert server.calls_of("sendMessage") == []


async def test_no_proxy_there(server: BotApiServer) -> None:
    async with Tunnel(0) as gone:
        port = gone.port
    error = await failure(f"http://lan:secret@127.0.0.1:{port}", server.token)
    assert isinstance(error, NotSentError)
