"""Telegram's bad days against the whole house: every word answered, no wait cut short, no rule of the Bot API broken."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.store import Store, inbox
from bot.store.blobs import Blobs
from bot.store.tables import conversations, outbox
from tests.harness.botapi import BotApiServer, Limits, UserChat
from tests.harness.db import SqliteFiles
from tests.harness.forward import ForwardProxy
from tests.harness.house import Process, get_json, running

pytestmark = pytest.mark.slow
CHATS = 12
PATIENCE_S = 60


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    # with Telegram's own limits in force: whoever is too fast breaks a rule
    async with BotApiServer(unit_s=0.1, limits=Limits()) as telegram:
        yield telegram
        assert telegram.violations == []


@pytest.fixture
def url(sqlite_files: SqliteFiles, tmp_path: Path) -> str:
    return sqlite_files.fresh(tmp_path)


@asynccontextmanager
async def house_on(server: BotApiServer, folder: Path, url: str) -> AsyncIterator[Process]:
    """A house that polls this server, stopped in order at the end."""
    about = {"TELEGRAM_TOKEN": server.token, "TELEGRAM_API_URL": server.url, "DATABASE_URL": url}
    with running(folder, **{f"LOATHON_{name}": value for name, value in about.items()}) as house:
        yield house
        assert await asyncio.to_thread(house.stop) == 0


async def _up(house: Process) -> None:
    """Wait until it runs: nobody's patience is for its start."""
    assert await asyncio.to_thread(lambda: house.url)


async def _all_say(chats: list[UserChat], text: str) -> None:
    for chat in chats:
        await chat.says(text)


async def _hear(chat: UserChat, part: str) -> int:
    """Wait until a message with that part was heard; how many came until then."""
    heard = 1
    while part not in (await chat.hears(PATIENCE_S)).text:
        heard += 1
    return heard


async def _rows(url: str, folder: Path) -> Counter[tuple[str, int]]:
    """(state, repeats) of all that was to be sent."""
    store = await Store.open(url, Blobs(folder / "blobs"))
    async with store.read() as tx:
        rows = Counter((row.state, row.repeats) for row in await tx.rows(outbox.select()))
    await store.close()
    return rows


@pytest.mark.parametrize("fault", ["flood", "flood-one", "error", "gateway", "drop-before", "drop-after", "slow"])
async def test_every_word_is_answered(tmp_path: Path, server: BotApiServer, url: str, fault: str) -> None:
    chats = [server.user(9300 + n, first_name="Dân") for n in range(CHATS)]
    unlucky = [chat.id for chat in chats[:4]]
    async with house_on(server, tmp_path, url) as house:
        await _up(house)
        await _all_say(chats, "/start")
        await asyncio.gather(*(chat.hears(PATIENCE_S) for chat in chats))
        match fault:
            case "flood":
                server.faults.flood(2, "sendMessage")
            case "flood-one":
                server.faults.flood(3, "sendMessage", unlucky[0])
            case "error":
                server.faults.error(500, "Internal Server Error", "sendMessage", times=3)
            case "gateway":
                server.faults.bad_gateway("sendMessage", times=3)
            case "drop-before" | "drop-after":
                for chat_id in unlucky:
                    server.faults.drop("sendMessage", chat_id, after=fault == "drop-after")
            case "slow":
                held = [server.faults.hold("sendMessage", chat_id) for chat_id in unlucky]
        await _all_say(chats, "tiền điện hộ nghèo")
        if fault == "slow":
            # who is answered slowly keeps nobody else waiting
            await asyncio.gather(*(_hear(chat, "kWh") for chat in chats[4:]))
            for one in held:
                one.release()
        heard = await asyncio.gather(*(_hear(chat, "kWh") for chat in chats)) if fault != "slow" else []
        assert heard in ([], [1] * CHATS)
        if fault == "drop-after":
            # what nobody can know is said once more, and only once
            await asyncio.gather(*(_hear(chat, "kWh") for chat in chats[:4]))
    twice = {"drop-after": set(unlucky)}.get(fault, set())
    assert {chat.id: len(chat.screen) for chat in chats} == {chat.id: 2 + (chat.id in twice) for chat in chats}
    assert await _rows(url, tmp_path) == Counter({("sent", 0): 2 * CHATS})


async def test_what_comes_twice_is_answered_once(tmp_path: Path, server: BotApiServer, url: str) -> None:
    lan = server.user(9400, first_name="Lan")
    async with house_on(server, tmp_path, url) as house:
        await _up(house)
        await lan.starts()
        await lan.hears(PATIENCE_S)
        await server.called_in("getUpdates", 3, PATIENCE_S)
        server.bot.updates.deliver_again()
        await lan.says("tiền điện hộ nghèo")
        assert await _hear(lan, "kWh") == 1
    assert await _rows(url, tmp_path) == Counter({("sent", 0): 2})


async def test_who_blocked_us_stops_nobody_and_comes_back(tmp_path: Path, server: BotApiServer, url: str) -> None:
    lan, hoa = server.user(9410, first_name="Lan"), server.user(9411, first_name="Hoa")
    async with house_on(server, tmp_path, url) as house:
        await _up(house)
        await lan.starts()
        lan.chat.standing = "blocked"
        await hoa.starts()
        await hoa.hears(PATIENCE_S)
        while 403 not in {call.status for call in server.calls_of("sendMessage", lan.id)}:
            await server.called("sendMessage", len(server.calls_of("sendMessage")) + 1, PATIENCE_S)
        await hoa.says("menu")
        await hoa.hears(PATIENCE_S)
        await lan.unblocks()
        await lan.says("tiền điện hộ nghèo")
        await _hear(lan, "kWh")
    store = await Store.open(url, Blobs(tmp_path / "blobs"))
    async with store.read() as tx:
        assert [row.gone_at for row in await tx.rows(conversations.select())] == [None, None]
    await store.close()
    states = await _rows(url, tmp_path)
    assert states.pop(("gone", 0)) == 1
    assert set(states) == {("sent", 0)}


async def test_poison_is_kept_told_and_passed(tmp_path: Path, server: BotApiServer, url: str) -> None:
    lan = server.user(9420, first_name="Lan")
    async with house_on(server, tmp_path, url) as house:
        await _up(house)
        server.send_raw({"message": {"message_id": "x", "chat": 7, "date": "hôm qua"}})
        await lan.says("tiền điện hộ nghèo")
        await _hear(lan, "kWh")
        await asyncio.to_thread(house.until, "cannot be read")
    store = await Store.open(url, Blobs(tmp_path / "blobs"))
    async with store.read() as tx:
        assert len(await inbox.set_aside(tx)) == 1
    await store.close()


async def test_a_wrong_token_is_told_in_one_line(tmp_path: Path, server: BotApiServer, url: str) -> None:
    wrong = {
        "LOATHON_TELEGRAM_TOKEN": "700000009:AAHwrong-test_only_never_a_real_secret",
        "LOATHON_TELEGRAM_API_URL": server.url,
        "LOATHON_DATABASE_URL": url,
    }
    with running(tmp_path, **wrong) as house:
        address = await asyncio.to_thread(lambda: house.url)
        line = await asyncio.to_thread(house.until, "token is wrong or was revoked")
        assert "set the right one" in line.string
        _, health = await asyncio.to_thread(get_json, f"{address}/health")
        assert health["parts"]["channels"][0]["state"] == "refused"
        assert await asyncio.to_thread(house.stop) == 0
    assert "Traceback" not in "".join(house.told)
    assert "AAHwrong" not in "".join(house.told)


async def test_a_second_poller_is_told_in_one_line(tmp_path: Path, server: BotApiServer, url: str) -> None:
    server.faults.error(409, "Conflict: terminated by other getUpdates request", "getUpdates", times=None)
    async with house_on(server, tmp_path, url) as house:
        line = await asyncio.to_thread(house.until, "another program is polling")
        assert "stop one of the two" in line.string


async def test_back_in_reach_it_answers_at_once(tmp_path: Path, server: BotApiServer, url: str) -> None:
    lan = server.user(9430, first_name="Lan")
    async with house_on(server, tmp_path, url) as house:
        await _up(house)
        hold = server.faults.hold("sendMessage", after=False)
        await lan.says("tiền điện hộ nghèo")
        await asyncio.wait_for(hold.reached.wait(), PATIENCE_S)
        port = server.port
        hold.cancel()
        await server.stop()
        await asyncio.to_thread(house.until, "out of reach")
        await server.start(port)
        await _hear(lan, "kWh")


async def test_out_of_reach_from_the_start_and_then_through_a_proxy(
    tmp_path: Path, server: BotApiServer, url: str
) -> None:
    lan = server.user(9440, first_name="Lan")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    proxy = ForwardProxy(server.url)
    settings = {
        "TELEGRAM_TOKEN": server.token,
        "TELEGRAM_API_URL": "http://telegram.test",
        "TELEGRAM_PROXY": f"http://127.0.0.1:{port}",
        "DATABASE_URL": url,
    }
    with running(tmp_path, **{f"LOATHON_{name}": value for name, value in settings.items()}) as house:
        address = await asyncio.to_thread(lambda: house.url)
        await asyncio.to_thread(house.until, "out of reach")
        _, health = await asyncio.to_thread(get_json, f"{address}/health")
        assert (health["status"], health["parts"]["channels"][0]["state"]) == ("ready", "unreachable")
        said = {"id": "may-toi-0001", "text": "tien dien"}
        async with aiohttp.ClientSession() as browser, browser.post(f"{address}/chat/send", json=said) as answer:
            assert "kWh" in await answer.text()
        await lan.says("tiền điện hộ nghèo")
        await proxy.start(port)
        await _hear(lan, "kWh")
        _, health = await asyncio.to_thread(get_json, f"{address}/health")
        assert health["parts"]["channels"][0]["state"] == "ok"
        assert await asyncio.to_thread(house.stop) == 0
    await proxy.stop()
    assert proxy.asked == {"http://telegram.test"}
