"""Broadcasts at the size of a province: planning beside other writes, replies beside bulk, replies among many contacts.

Run alone with `python -m bench.broadcasts [recipients [contacts [bulk_s]]]`. Goals (issue 4, part 6): 1.2 million recipients
planned within 15 s with no other write waiting longer than 50 ms; bulk and replies together at least 98 % of the limit at
30/s and 1,000/s with 99 of 100 replies within 300 ms; 99 of 100 replies among a million contacts within 1.3 times (or 5 ms
of) that among ten thousand. SQLite with `synchronous=FULL`; the databases are filled by SQL before the clock starts.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from bot import broadcasts
from bot.broadcast_text import Content
from bot.broadcasts import Given
from bot.clock import Clock
from bot.dispatch import Dispatch
from bot.jobs.checkpoint import keep_log_short
from bot.library import Library
from bot.model.broadcast import Broadcast, BroadcastState
from bot.store import Store, guesses, schema
from bot.store import broadcasts as rows
from bot.store.blobs import Blobs

RECIPIENTS = 1_200_000
CONTACTS = 1_000_000
BULK_S = 20.0
UNIT = "xa-tu-ky"
#: noon of a working day: no quiet hours
NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)
#: chats of Telegram's people begin here (`tests/harness/botapi`)
FIRST_CHAT = 10_000
CONTENT = Path(__file__).parents[1] / "content"


def fill(path: Path, contacts: int, account: str = "42") -> None:
    """So many contacts with one chat each who agreed to news and follow two topics."""
    database = sqlite3.connect(path)
    database.execute("PRAGMA synchronous=OFF")
    numbers = "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)"
    at = "2026-11-01 00:00:00.000000"
    for statement in (
        f"insert into contacts(id, unit, created_at) {numbers} select i, '{UNIT}', '{at}' from n",
        "insert into conversations(id, channel, account, chat, contact_id, created_at, active_at) "
        f"{numbers} select i, 'telegram', '{account}', cast(i + {FIRST_CHAT} as text), i, '{at}', '{at}' from n",
        "insert into consents(contact_id, conversation_id, purpose, version, given_at) "
        f"{numbers} select i, i, 'nhan-tin', 'v1', '{at}' from n",
        "insert into subscriptions(contact_id, topic, unit, since) "
        f"{numbers} select i, 'bhyt', '{UNIT}', '{at}' from n",
        "insert into subscriptions(contact_id, topic, unit, since) "
        f"{numbers} select i, 'nha-o', '{UNIT}', '{at}' from n",
    ):
        database.execute(statement, (contacts,))
    database.commit()
    database.execute("analyze")
    # a house that has run for years has no log of this size
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


async def opened(folder: Path, contacts: int, account: str = "42") -> Store:
    """A filled store."""
    path = folder / "loathon.db"
    url = f"sqlite+aiosqlite:///{path}"
    await schema.migrate(url)
    await asyncio.to_thread(fill, path, contacts, account)
    return await Store.open(url, Blobs(folder / "blobs"))


async def begun(store: Store, library: Library, now: datetime) -> int:
    """A broadcast to everybody, approved by nobody but the bench, and started."""
    at = datetime.now(UTC)
    async with store.write() as tx:
        given = Given(UNIT, Content("Tin thử", "Mai phát gạo ở nhà văn hóa."))
        number = await broadcasts.write(tx, None, library, given, now=now, at=at)
        found = await rows.get(tx, number)
        assert found is not None
        seen = broadcasts.text_hash(found)
        await rows.change(tx, number, now, state=BroadcastState.APPROVED, approved_hash=seen)
        await broadcasts.start(tx, None, library, number, now=now, at=at)
    return number


async def _get(store: Store, number: int) -> Broadcast:
    async with store.read() as tx:
        found = await rows.get(tx, number)
    assert found is not None
    return found


async def _probe(store: Store, waits: list[float]) -> None:
    """A small write every ten milliseconds, as a household's turn would be; how long each took to begin."""
    while True:
        began = time.perf_counter()
        async with store.write() as tx:
            waits.append((time.perf_counter() - began) * 1000)
            await guesses.add(tx, ["bench"], datetime.now(UTC))
        await asyncio.sleep(0.01)


async def plan(recipients: int) -> dict[str, float]:
    """Seconds to plan, and how long other writes waited meanwhile."""
    library = Library.load(CONTENT)
    with tempfile.TemporaryDirectory(prefix="loathon-bench-") as folder:
        store = await opened(Path(folder), recipients)
        clock = Clock.starting(NOON)
        dispatch = Dispatch(store, lambda: library, clock)
        number = await begun(store, library, clock.now())
        stopping = asyncio.Event()
        tending = asyncio.create_task(keep_log_short(store, stopping))
        waits: list[float] = []
        probing = asyncio.create_task(_probe(store, waits))
        began = time.perf_counter()
        while not (await _get(store, number)).is_planned:
            await dispatch.step()
        spent = time.perf_counter() - began
        probing.cancel()
        with suppress(asyncio.CancelledError):
            await probing
        stopping.set()
        await tending
        tally = (await _get(store, number)).tally
        assert tally.total == recipients, tally
        await store.close()
    waits.sort()
    return {
        "plan_s": round(spent, 2),
        "plan_wait_p99_ms": round(waits[int(len(waits) * 0.99)], 1),
        "plan_wait_max_ms": round(waits[-1], 1),
    }
