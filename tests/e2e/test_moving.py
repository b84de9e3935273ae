"""`loathon db copy` beside a running house: closed meanwhile, told on every page, and at home again in PostgreSQL."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import pytest

from bot.errors import say
from tests.harness.browser import Visitor
from tests.harness.db import PostgresDatabases
from tests.harness.house import command, get_json, running

pytestmark = [pytest.mark.slow, pytest.mark.postgres]
URL = "LOATHON_DATABASE_URL"
BANNER = 'role="alert">Máy đang chuyển nhà'


async def test_a_house_moves_to_postgres(tmp_path: Path, postgres_databases: PostgresDatabases) -> None:
    target = await asyncio.to_thread(postgres_databases.fresh, empty=True)
    await asyncio.to_thread(move, tmp_path, target.replace("+asyncpg", ""))


def move(folder: Path, target: str) -> None:
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    with running(folder) as house:
        visitor = Visitor(house.url)
        assert visitor.send(first, "ho ngheo co duoc tien dien khong")[0] == 200
        done = command(folder, "db", "copy", target)
        assert (done.returncode, done.stderr) == (0, "")
        assert "conversations: 1" in done.stdout
        assert target.split("@")[-1] in done.stdout.splitlines()[-1]
        assert visitor.send(second, "menu") == (503, {"reason": "moving", "told": ""})
        status, page = visitor.ask("/chat")
        assert status == 200
        assert BANNER in page
        assert "tiền điện" in page, "what was said can be read"
        status, page = visitor.sign_in()
        assert status == 503
        assert "Máy đang chuyển nhà" in page
        assert house.stop() == 0
    refused = command(folder, "run")
    assert (refused.returncode, refused.stderr) == (1, f"{say('store.closed')}\n")
    with running(folder, **{URL: target}) as house:
        visitor.move(house.url)
        assert get_json(f"{visitor.url}/health")[1]["parts"]["store"]["dialect"] == "postgresql"
        assert visitor.send(first, "ho ngheo co duoc tien dien khong")[0] == 200
        status, told = visitor.send(second, "menu")
        assert status == 200
        assert told["letters"], "what the page kept is taken now"
        status, page = visitor.ask("/chat")
        assert (status, page.count("ho ngheo co duoc tien dien khong")) == (200, 1), "taken once, before the move"
        assert BANNER not in page
        assert house.stop() == 0
    assert command(folder, "db", "check", **{URL: target}).returncode == 0
