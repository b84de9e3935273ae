"""Short transactions: statements where they are asked for, on SQLite; the same meaning on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.store import RefusedError, Store, driver
from bot.store.tables import seen

AT = datetime(2026, 11, 21, 3, tzinfo=UTC)


async def count(store: Store) -> int:
    async with store.read() as tx:
        return int(await tx.scalar(select(func.count()).select_from(seen)))


async def test_it_is_committed_whole_or_not_at_all(store: Store) -> None:
    async with store.write(short=True) as tx:
        await tx.add(seen, [{"id": b"a", "seen_at": AT}])

    async def again() -> None:
        async with store.write(short=True) as tx:
            await tx.add(seen, [{"id": b"b", "seen_at": AT}])
            await tx.add(seen, [{"id": b"a", "seen_at": AT}])

    with pytest.raises(RefusedError):
        await again()
    assert await count(store) == 1


async def test_only_its_own_statements_run_beside_the_thread(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[str, bool]] = []
    whole = driver.Cursor.run

    def note(self: driver.Cursor, plain: Any, how: str, sql: str, parameters: Iterable[Any]) -> driver.Cursor:
        ran.append((sql.split()[0], threading.current_thread() is threading.main_thread()))
        return whole(self, plain, how, sql, parameters)

    monkeypatch.setattr(driver.Cursor, "run", note)
    for short in (True, False):
        async with sqlite_store.write(short=short) as tx:
            await tx.add(seen, [{"id": bytes([short]), "seen_at": AT}])
    assert ran == [("BEGIN", False), ("INSERT", True), ("BEGIN", False), ("INSERT", False)]
