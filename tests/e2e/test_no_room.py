"""Disk full and a database that may only be read: new work refused in words, nothing lost, and it recovers by itself.

A full disk is a limit on the size of the process's files, set and lifted from outside while it runs: that needs no right,
and the database's log and the uploads meet it just as they meet a full disk.
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import func, select

from bot.store import Store
from bot.store.blobs import Blobs
from bot.store.tables import conversations, outbox
from tests.harness.botapi import BotApiServer
from tests.harness.browser import Visitor
from tests.harness.db import PostgresDatabases
from tests.harness.house import ROOT, Process, command, environment, get_json, running

pytestmark = pytest.mark.slow
NO_LIMIT = resource.RLIM_INFINITY


def fill_disk(house: Process, *, full: bool) -> None:
    """The process can write to no file; or it can again."""
    resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (0 if full else NO_LIMIT, NO_LIMIT))


def until(asked: Callable[[], bool]) -> None:
    """Ask again and again; each question waits for the process's own answer."""
    for _ in range(3000):
        if asked():
            return
    raise AssertionError("never")


async def said(url: str) -> dict[str, int]:
    """How often each text of a person stands in the mailbox."""
    store = await Store.open(url, Blobs(Path("unused")))
    try:
        async with store.read() as tx:
            rows = await tx.rows(
                select(outbox.c.body, func.count()).where(outbox.c.author == "person").group_by(outbox.c.body)
            )
            return {row[0]["text"]: row[1] for row in rows}
    finally:
        await store.close()


def test_a_full_disk_at_the_web_chat_and_the_desk(tmp_path: Path) -> None:
    with running(tmp_path) as house:
        browser = Visitor(house.url)
        ids = [str(uuid.uuid4()) for _ in range(3)]
        assert browser.send(ids[0], "một")[0] == 200
        fill_disk(house, full=True)
        assert browser.send(ids[1], "hai") == (503, {"reason": "try-again", "told": ""})
        status, page = browser.ask("/chat")
        assert status == 200, "what is there can be read"
        assert "một" in page
        status, page = browser.sign_in()
        assert status == 503
        assert "Máy đang bận" in page
        photo = b"%PDF-1.7" + bytes(2_000_000)
        assert browser.ask("/chat/upload", photo)[0] == 503
        assert get_json(f"{browser.url}/health")[0] == 200
        fill_disk(house, full=False)
        until(lambda: browser.send(ids[1], "hai")[0] == 200)
        assert browser.send(ids[1], "hai")[0] == 200, "sent again under the same id"
        assert browser.send(ids[2], "ba")[0] == 200
        assert browser.sign_in()[0] == 400
        assert browser.ask("/chat/upload", photo)[0] == 200
        assert house.stop() == 0
    assert command(tmp_path, "db", "check").returncode == 0
    assert asyncio.run(said(f"sqlite+aiosqlite:///{tmp_path / 'loathon.db'}")) == {"một": 1, "hai": 1, "ba": 1}


async def test_a_full_disk_at_telegram(tmp_path: Path) -> None:
    """What is not kept is not confirmed: Telegram keeps it, and hands it out again until it was taken."""
    async with BotApiServer(unit_s=0.1) as server:
        settings = {"LOATHON_TELEGRAM_TOKEN": server.token, "LOATHON_TELEGRAM_API_URL": server.url}
        chat = server.user(7001, first_name="Dân")
        with running(tmp_path, **settings) as house:
            await asyncio.to_thread(house.until, "/health")
            await chat.says("ho ngheo co duoc tien dien khong")
            while "kWh" not in (await chat.hears(60)).text:
                pass
            await asyncio.to_thread(fill_disk, house, full=True)
            await chat.says("ho ngheo co duoc tien dien khong")
            await asyncio.to_thread(house.until, "not taken")
            await asyncio.to_thread(house.until, "not taken")
            await asyncio.to_thread(fill_disk, house, full=False)
            while "kWh" not in (await chat.hears(60)).text:
                pass
            assert await asyncio.to_thread(house.stop) == 0
        assert server.violations == []
    database = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'loathon.db'}", Blobs(tmp_path / "blobs"))
    async with database.read() as tx:
        turns = [row.session["turn"] for row in await tx.rows(select(conversations))]
        states = {row[0] for row in await tx.rows(select(outbox.c.state))}
    await database.close()
    assert (turns, states) == ([2], {"sent"}), "each was taken once and answered once"


@pytest.mark.postgres
async def test_a_postgres_that_may_only_be_read(tmp_path: Path, postgres_databases: PostgresDatabases) -> None:
    database = await asyncio.to_thread(postgres_databases.fresh)
    with running(tmp_path, LOATHON_DATABASE_URL=database) as house:
        browser = Visitor(await asyncio.to_thread(lambda: house.url))
        ids = [str(uuid.uuid4()) for _ in range(2)]
        assert (await asyncio.to_thread(browser.send, ids[0], "một"))[0] == 200
        await only_read(database, yes=True)
        status, told = await asyncio.to_thread(browser.send, ids[1], "hai")
        assert (status, told["reason"]) == (503, "try-again")
        status, page = await asyncio.to_thread(browser.ask, "/chat")
        assert (status, "một" in page) == (200, True)
        status, page = await asyncio.to_thread(browser.sign_in)
        assert (status, "Máy đang bận" in page) == (503, True)
        await only_read(database, yes=False)
        await asyncio.to_thread(until, lambda: browser.send(ids[1], "hai")[0] == 200)
        assert await asyncio.to_thread(house.stop) == 0
    assert await said(database) == {"một": 1, "hai": 1}


async def only_read(url: str, *, yes: bool) -> None:
    """Let every connection made from now on only read, and end those there are, as a failing server does."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute("set default_transaction_read_only = off")
        name = await connection.fetchval("select current_database()")
        await connection.execute(f"alter database {name} set default_transaction_read_only = {'on' if yes else 'off'}")
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
            name,
        )
    finally:
        await connection.close()


def test_a_start_on_a_full_disk_is_told(tmp_path: Path) -> None:
    assert command(tmp_path, "db", "upgrade").returncode == 0
    script = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (0, -1)); from bot.cli import main; "
    for words in (["db", "reopen"], ["user", "disable", "can.bo"]):
        done = subprocess.run(
            [sys.executable, "-c", f"{script}sys.exit(main({words!r}))"],
            env=environment(tmp_path),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr.count("\n"), "Traceback" in done.stderr) == (1, 1, False), done.stderr
