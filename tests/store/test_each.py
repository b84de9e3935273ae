"""Many rows at once: changed each to values of its own, written with their numbers in order."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from bot.store import RefusedError, Store
from bot.store.each import Each
from bot.store.tables import conversations, seen

AT = datetime(2026, 11, 21, 3, 0, 0, 250_000, tzinfo=UTC)
_C = conversations.c


async def made(store: Store, chats: int) -> list[int]:
    rows = [
        {"channel": "telegram", "account": "42", "chat": str(n), "created_at": AT, "active_at": AT}
        for n in range(chats)
    ]
    async with store.write() as tx:
        return await tx.add_numbered(conversations, rows)


async def test_each_row_gets_its_own_values(store: Store) -> None:
    ids = await made(store, 3)
    changed = Each(
        conversations, by=("id", "chat"), sets=("session", "gone_at"), only=text("conversations.account = '42'")
    )
    said = {"said": 'Bà con hỏi "đâu"\n'}
    async with store.write() as tx:
        await changed.run(tx, [])
        await changed.run(
            tx,
            [
                {"id": ids[0], "chat": "0", "session": said, "gone_at": AT},
                {"id": ids[1], "chat": "1", "session": {}, "gone_at": None},
                {"id": ids[2], "chat": "another", "session": said, "gone_at": AT},
            ],
        )
    async with store.read() as tx:
        rows = await tx.rows(select(_C.session, _C.gone_at).order_by(_C.id))
    assert [tuple(row) for row in rows] == [(said, AT), ({}, None), ({}, None)]


async def test_only_holds(store: Store) -> None:
    ids = await made(store, 1)
    changed = Each(conversations, by=("id",), sets=("gone_at",), only=text("conversations.account = '43'"))
    async with store.write() as tx:
        await changed.run(tx, [{"id": ids[0], "gone_at": AT}])
        assert await tx.scalar(select(_C.gone_at)) is None


async def test_numbers_come_in_the_order_of_the_rows(store: Store) -> None:
    # more values than SQLite takes in one statement
    ids = await made(store, 7000)
    async with store.read() as tx:
        rows = await tx.rows(select(_C.id, _C.chat).order_by(_C.id))
    assert [(row.id, row.chat) for row in rows] == [(number, str(n)) for n, number in enumerate(ids)]


async def test_many_rows_are_written_whole_or_not_at_all(store: Store) -> None:
    rows = [{"id": bytes([n]), "seen_at": AT} for n in (1, 2, 1)]
    with pytest.raises(RefusedError):
        async with store.write() as tx:
            await tx.add(seen, rows)
    async with store.write() as tx:
        assert await tx.rows(select(seen.c.id)) == []
        await tx.add(seen, rows, ignore=True)
        assert sorted(bytes(row[0]) for row in await tx.rows(select(seen.c.id))) == [b"\1", b"\2"]
