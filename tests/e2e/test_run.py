"""`loathon run` as a real process: starts, serves, stops, starts again, and loses nothing when it is killed."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.store import Store
from bot.store.blobs import Blobs
from bot.store.tables import conversations, outbox
from tests.harness.botapi import BotApiServer
from tests.harness.db import PostgresDatabases
from tests.harness.house import command, get_json, running

pytestmark = pytest.mark.slow
TOKEN = "LOATHON_TELEGRAM_TOKEN"
API = "LOATHON_TELEGRAM_API_URL"


@pytest.fixture
def postgres_url(postgres_databases: PostgresDatabases) -> str:
    return postgres_databases.fresh()


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    # a long poll that lasts a tenth: the tests end their processes, not Telegram's patience
    async with BotApiServer(unit_s=0.1) as telegram:
        yield telegram
        assert telegram.violations == []


def test_start_stop_and_start_again(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        status, health = get_json(f"{first.url}/health")
        assert (status, health["status"], health["parts"]["store"]["state"]) == (200, "ready", "ok")
        refused = command(tmp_path, "run")
        assert refused.returncode == 1
        assert str(first.process.pid) in refused.stderr
        assert refused.stderr.count("\n") == 1
        assert first.stop() == 0
    with running(tmp_path) as second:
        assert get_json(f"{second.url}/health")[0] == 200
        assert second.stop(signal.SIGINT) == 0
    assert (tmp_path / "loathon.db").exists()


def test_short_commands_work_beside_it(tmp_path: Path) -> None:
    with running(tmp_path) as house:
        assert house.url
        assert command(tmp_path, "db", "check").returncode == 0
        backed_up = command(tmp_path, "db", "backup", str(tmp_path / "copy"))
        assert (backed_up.returncode, backed_up.stderr) == (0, "")
        assert house.stop() == 0
    assert (tmp_path / "copy" / "loathon.db").exists()


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        (("worker",), {}),
        (("serve",), {}),
        (("desk",), {}),
        (("run",), {"LOATHON_HTTP_PORT": "80a"}),
        (("run",), {"LOATHON_TELEGRAM_TOKN": "x"}),
        (("run",), {"LOATHON_DATABASE_URL": "mysql://x"}),
        (("run",), {"LOATHON_UNIT": "xa-khong-co"}),
        (("run",), {"LOATHON_DATABASE_URL": "postgresql://nobody@localhost:1/none"}),
        (("run",), {"LOATHON_CONTENT_DIR": "tests/house"}),
        (("ask", "--jsonl", "no-such-file"), {}),
    ],
)
def test_what_is_wrong_is_told_without_a_trace(
    tmp_path: Path, words: tuple[str, ...], settings: dict[str, str]
) -> None:
    ended = command(tmp_path, *words, **settings)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert ended.stderr.strip()


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with running(tmp_path) as house:
        port = house.url.rsplit(":", 1)[1]
        ended = command(tmp_path / "other", "run", LOATHON_HTTP_PORT=port)
        assert ended.returncode == 1
        assert port in ended.stderr
        assert house.stop() == 0


async def test_a_talk_over_telegram(tmp_path: Path, server: BotApiServer) -> None:
    with running(tmp_path, **{TOKEN: server.token, API: server.url}) as house:
        await asyncio.to_thread(house.until, "/health")
        chat = server.user(7001, first_name="Mỷ")
        await chat.says("/start")
        assert (await chat.hears()).rows
        chat.unheard()
        await chat.says("ho ngheo co duoc tien dien khong")
        assert "kWh" in (await chat.hears()).text
        assert await asyncio.to_thread(house.stop) == 0
        printed = "".join(house.told)
    assert server.token not in printed


@pytest.mark.postgres
async def test_serve_and_worker_on_one_postgres(tmp_path: Path, server: BotApiServer, postgres_url: str) -> None:
    settings = {"LOATHON_DATABASE_URL": postgres_url, TOKEN: server.token, API: server.url}
    with (
        running(tmp_path, "serve", **settings) as web,
        running(tmp_path, "desk", **settings) as desk,
        running(tmp_path, "worker", **settings) as worker,
    ):
        url = await asyncio.to_thread(lambda: web.url)
        office = await asyncio.to_thread(lambda: desk.url)
        async with aiohttp.ClientSession() as browser:
            for path, status in (("/ban/vao", 200), ("/health", 200), ("/", 200), ("/chat", 404)):
                async with browser.get(f"{office}{path}") as answer:
                    assert (path, answer.status) == (path, status)
        said = {"id": "may-toi-0001", "text": "tien dien"}
        async with aiohttp.ClientSession() as browser, browser.post(f"{url}/chat/send", json=said) as answer:
            assert answer.status == 200
            assert "kWh" in await answer.text()
        chat = server.user(7002, first_name="Dân")
        await chat.says("ho ngheo co duoc tien dien khong")
        while "kWh" not in (await chat.hears(60)).text:
            pass
        assert await asyncio.to_thread(worker.stop) == 0
        assert await asyncio.to_thread(web.stop) == 0
        assert await asyncio.to_thread(desk.stop) == 0


async def test_unreachable_telegram_keeps_nobody_from_the_web(tmp_path: Path) -> None:
    with running(tmp_path, **{TOKEN: f"700000001:AAH{'x' * 32}", API: "http://127.0.0.1:1"}) as house:
        url = await asyncio.to_thread(lambda: house.url)
        status, health = await asyncio.to_thread(get_json, f"{url}/health")
        assert status == 200
        assert health["parts"]["channels"][0]["state"] in {"starting", "unreachable"}
        assert await asyncio.to_thread(house.stop) == 0


async def test_what_the_web_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        with running(tmp_path) as house:
            url = await asyncio.to_thread(lambda: house.url)
            said = {"id": "may-toi-0001", "text": "ho ngheo co duoc tien dien khong"}
            async with browser.post(f"{url}/chat/send", json=said) as answer:
                assert answer.status == 200
            await asyncio.to_thread(house.stop, signal.SIGKILL)
        with running(tmp_path) as house:
            again = await asyncio.to_thread(lambda: house.url)
            async with browser.get(f"{again}/chat/letters") as answer:
                letters = (await answer.json())["letters"]
            assert await asyncio.to_thread(house.stop) == 0
    assert len(letters) >= 2


async def test_nothing_is_lost_when_it_is_killed(tmp_path: Path, server: BotApiServer, database_url: str) -> None:
    settings = {
        TOKEN: server.token,
        API: server.url,
        "LOATHON_TELEGRAM_LIMITS": "off",
        "LOATHON_DATABASE_URL": database_url,
    }
    chats = [server.user(8000 + n, first_name="Dân") for n in range(12)]
    # killed twice in the middle of the talk, right after some answers went out
    for round_ in range(3):
        with running(tmp_path, **settings) as house:
            await asyncio.to_thread(house.until, "/health")
            for chat in chats:
                await chat.says("tiền điện hộ nghèo" if round_ == 2 else "menu")
            if round_ < 2:
                await server.called("sendMessage", 1 + len(chats) * round_, timeout_s=30)
                await asyncio.to_thread(house.stop, signal.SIGKILL)
            else:
                for chat in chats:
                    # messages keep their order: the last answer comes after all the others
                    while "kWh" not in (await chat.hears(30)).text:
                        pass
                assert await asyncio.to_thread(house.stop) == 0
    store = await Store.open(database_url, Blobs(tmp_path / "blobs"))
    async with store.read() as tx:
        turns = [row.session["turn"] for row in await tx.rows(conversations.select())]
        doubtful = [row.repeats for row in await tx.rows(outbox.select()) if row.state != "sent"]
    await store.close()
    assert turns == [3] * len(chats), "each message was taken exactly once"
    assert set(doubtful) <= {1}, "only what was repeated already may stay unknown"
