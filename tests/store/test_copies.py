"""A copy is made, told whole from damaged, and put back: the restore drill."""

from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from bot import copies
from bot.copies import BadCopyError
from bot.errors import NewerStoreError
from bot.model.inbound import ConversationKey
from bot.store import Store, conversations, search
from bot.store.blobs import Blobs
from bot.store.replacing import InUseError
from bot.store.tables import conversations as conversation_rows
from bot.store.tables import outbox
from tests.harness.db import PostgresDatabases

AT = datetime(2026, 11, 21, 3, tzinfo=UTC)
#: where the kind of database makes no difference
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def house(url: str, folder: Path) -> Store:
    return await Store.open(url, Blobs(folder / "blobs"))


async def say(store: Store, chat: str, state: str = "sent") -> int:
    async with store.write() as tx:
        found = await conversations.load(tx, [ConversationKey("telegram", "42", chat)], AT)
        row = {"conversation_id": next(iter(found.values())).id, "channel": "telegram", "account": "42"}
        told = {"is_reply": True, "body": {}, "state": state, "due_at": AT, "created_at": AT}
        return (await tx.add_numbered(outbox, [{**row, **told}]))[0]


async def chats(url: str, folder: Path) -> list[str]:
    store = await house(url, folder)
    try:
        async with store.read() as tx:
            return [row[0] for row in await tx.rows(select(conversation_rows.c.chat).order_by("id"))]
    finally:
        await store.close()


@pytest.fixture
async def copied(database_url: str, tmp_path: Path) -> Path:
    """A copy of a house that went on after it; the house is closed."""
    store = await house(database_url, tmp_path)
    await say(store, "before")
    await store.blobs.put(b"photo")
    async with store.write() as tx:
        await search.put(tx, [search.Doc("case", "1", "Đường hỏng")])
    assert await copies.make(store, tmp_path / "copy", AT) == 1
    await say(store, "after")
    await store.blobs.put(b"later")
    await store.close()
    return tmp_path / "copy"


def set_aside(folder: Path) -> list[Path]:
    return list(folder.glob("aside-*"))


async def test_the_drill(copied: Path, database_url: str, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "blobs")
    done = await copies.restore(copied, tmp_path, database_url, AT, AT)
    assert (done.made, done.files, done.doubtful) == ("2026-11-21T03:00:00+00:00", 1, 0)
    assert await chats(database_url, tmp_path) == ["before"]
    store = await house(database_url, tmp_path)
    await copies.look_through(store)
    assert [path.read_bytes() for path in store.blobs.each()] == [b"photo"]
    async with store.read() as tx:
        assert await search.find(tx, "duong hong", kinds=["case"]) == [("case", "1")]
    await say(store, "new")
    async with store.read() as tx:
        assert await tx.scalar(text("select max(id) from conversations")) == 3, (
            "a number once given is given to nobody else"
        )
    await store.close()
    if done.aside.startswith("schema"):
        store = await house(database_url, tmp_path)
        async with store.read() as tx:
            rows = await tx.rows(text(f"select chat from {done.aside.split()[1]}.conversations order by id"))
            assert [row[0] for row in rows] == ["before", "after"]
        await store.close()
    else:
        assert await chats(f"sqlite+aiosqlite:///{done.aside}/loathon.db", tmp_path) == ["before", "after"]
    assert not (tmp_path / ".restore").exists()
    assert (copied / "loathon.db").exists()
    again = await copies.restore(copied, tmp_path, database_url, AT + timedelta(seconds=1), AT)
    assert again.aside != done.aside


async def test_into_an_empty_place(copied: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A copy of either database opens in either: a new machine, or a province that took PostgreSQL meanwhile."""
    new = tmp_path / "new"
    done = await copies.restore(copied, new, f"sqlite+aiosqlite:///{new / 'loathon.db'}", AT, AT)
    assert (done.aside, done.files) == ("", 1)
    assert await chats(f"sqlite+aiosqlite:///{new / 'loathon.db'}", new) == ["before"]
    databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
    url = await asyncio.to_thread(databases.fresh, empty=True)
    assert (await copies.restore(copied, new, url, AT, AT)).aside == ""
    assert await chats(url, new) == ["before"]


def spoil(copied: Path, how: str) -> None:
    blob = next(path for path in (copied / "blobs").glob("*/*"))
    match how:
        case "database":
            with (copied / "loathon.db").open("r+b") as file:
                file.seek(9000)
                file.write(b"\xff" * 50)
        case "cut":
            (copied / "loathon.db").write_bytes((copied / "loathon.db").read_bytes()[:-4096])
        case "file":
            blob.write_bytes(b"phot0")
        case "file missing":
            blob.unlink()
        case "manifest":
            (copied / "manifest.json").write_text("[]", "utf-8")
        case "manifest missing":
            (copied / "manifest.json").unlink()
        case "manifest forged":
            told = json.loads((copied / "manifest.json").read_text("utf-8"))
            (copied / "manifest.json").write_text(json.dumps({**told, "files": {"../../x": 1}}), "utf-8")


@ONE
@pytest.mark.parametrize(
    "how", ["database", "cut", "file", "file missing", "manifest", "manifest missing", "manifest forged"]
)
async def test_a_damaged_copy_changes_nothing(copied: Path, database_url: str, tmp_path: Path, how: str) -> None:
    spoil(copied, how)
    with pytest.raises(BadCopyError) as refused:
        await copies.restore(copied, tmp_path, database_url, AT, AT)
    assert "\n" not in str(refused.value)
    assert await chats(database_url, tmp_path) == ["before", "after"]
    assert not await asyncio.to_thread(set_aside, tmp_path)


@ONE
async def test_damage_that_a_right_manifest_hides_is_found(
    copied: Path, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (copied / "loathon.db").open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 4000)
    monkeypatch.setattr(copies, "verify", lambda _folder: {"made_at": "?"})
    with pytest.raises(BadCopyError):
        await copies.restore(copied, tmp_path, database_url, AT, AT)
    assert await chats(database_url, tmp_path) == ["before", "after"]


@ONE
async def test_a_copy_of_a_newer_release_is_refused(copied: Path, database_url: str, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{copied / 'loathon.db'}"
    store = await house(url, copied)
    async with store.write() as tx:
        await tx.run(text("update alembic_version set version_num = '9999'"))
    await store.close()
    (copied / "alone.db").write_bytes((copied / "loathon.db").read_bytes())
    with pytest.raises(NewerStoreError):
        await copies.restore(copied / "alone.db", tmp_path, database_url, AT, AT)
    assert await chats(database_url, tmp_path) == ["before", "after"]


@ONE
async def test_a_database_alone(copied: Path, database_url: str, tmp_path: Path) -> None:
    """Its files must be here; a case's file that is not keeps it from coming back."""
    done = await copies.restore(copied / "loathon.db", tmp_path, database_url, AT, AT)
    assert (done.made, done.files) == ("loathon.db", 0)
    assert await chats(database_url, tmp_path) == ["before"]
    (copied / "no.db").write_text("no database", "utf-8")
    with pytest.raises(BadCopyError):
        await copies.restore(copied / "no.db", tmp_path, database_url, AT, AT)


@ONE
async def test_the_present_data_may_be_broken_or_newer(copied: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    path = new / "loathon.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    done = await copies.restore(copied, new, f"sqlite+aiosqlite:///{path}", AT, AT)
    kept = await asyncio.to_thread(Path(done.aside, "loathon.db").read_bytes)
    assert kept.endswith(b"\xff" * 5000)
    assert await chats(f"sqlite+aiosqlite:///{path}", new) == ["before"]


async def test_what_was_still_to_be_sent(database_url: str, tmp_path: Path) -> None:
    """What waits today waits on; what was sent, or nobody knows of, since the copy is listed and never sent twice."""
    store = await house(database_url, tmp_path)
    numbers = [await say(store, "a", state) for state in ("queued", "queued", "sending", "sent")]
    await copies.make(store, tmp_path / "copy", AT)
    async with store.write() as tx:
        await tx.run(update(outbox).where(outbox.c.id == numbers[1]).values(state="sent"))
        await tx.run(insert(outbox).values({**await _row(tx, numbers[0]), "id": 99}))
    await store.close()
    done = await copies.restore(tmp_path / "copy", tmp_path, database_url, AT, AT)
    assert done.doubtful == 2
    store = await house(database_url, tmp_path)
    async with store.read() as tx:
        states = [tuple(row) for row in await tx.rows(select(outbox.c.state, outbox.c.error).order_by(outbox.c.id))]
    await store.close()
    assert states == [("queued", ""), ("unknown", "restored"), ("unknown", "restored"), ("sent", "")]


async def _row(tx: Any, number: int) -> dict[str, Any]:
    return dict((await tx.one(select(outbox).where(outbox.c.id == number)))._mapping)


@pytest.mark.postgres
async def test_nobody_else_may_be_connected(postgres_databases: PostgresDatabases, tmp_path: Path) -> None:
    url = await asyncio.to_thread(postgres_databases.fresh)
    async with AsyncExitStack() as stack:
        store = await house(url, tmp_path)
        stack.push_async_callback(store.close)
        await say(store, "before")
        await copies.make(store, tmp_path / "copy", AT)
        with pytest.raises(InUseError):
            await copies.restore(tmp_path / "copy", tmp_path, url, AT, AT)
    assert await chats(url, tmp_path) == ["before"]
