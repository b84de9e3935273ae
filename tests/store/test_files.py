"""Files by content, and a copy of everything."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import BrokenStoreError
from bot.model.inbound import ConversationKey
from bot.store import Store, conversations, search, upkeep
from bot.store.blobs import Blobs

AT = datetime(2026, 11, 21, 3, tzinfo=UTC)


async def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    name = await blobs.put(b"loa")
    assert name == hashlib.sha256(b"loa").hexdigest() == await blobs.put(b"loa")
    assert await blobs.get(name) == b"loa"
    assert [path.name for path in blobs.each()] == [name]
    await blobs.drop(name)
    await blobs.drop(name)
    with pytest.raises(FileNotFoundError):
        await blobs.get(name)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "/"])
def test_only_a_hash_names_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        Blobs(tmp_path).path(name)


async def test_a_copy_holds_everything(store: Store, tmp_path: Path) -> None:
    key = ConversationKey("web", "site", "7")
    async with store.write() as tx:
        await conversations.load(tx, [key], AT)
        await search.put(tx, [search.Doc("case", "1", "Đường hỏng")])
    await upkeep.integrity(store)
    target = tmp_path / "backup.db"
    for _ in range(2):
        await upkeep.copy_to(store, target)
    copy = await Store.open(f"sqlite+aiosqlite:///{target}", store.blobs)
    await upkeep.integrity(copy)
    async with copy.read() as tx:
        assert (await conversations.find(tx, key)) is not None
        assert await search.find(tx, "duong hong", kinds=["case"]) == [("case", "1")]
    async with store.read() as ours, copy.read() as theirs:
        assert ours.key == theirs.key
    await copy.close()


async def test_damage_is_found(sqlite_store: Store) -> None:
    async with sqlite_store.write() as tx:
        await conversations.load(tx, [ConversationKey("web", "site", "7")], AT)
    async with sqlite_store.engine.connect() as connection:
        await connection.exec_driver_sql("rollback")
        await connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        await connection.exec_driver_sql("begin")
        await connection.exec_driver_sql("update conversations set contact_id = 99")
        await connection.commit()
    with pytest.raises(BrokenStoreError):
        await upkeep.integrity(sqlite_store)
