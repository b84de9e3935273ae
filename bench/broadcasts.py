"""Broadcasts at the size of a province: planning beside other writes, replies beside bulk, replies among many contacts.

Run alone with `python -m bench.broadcasts [recipients [contacts [bulk_s]]]`. Goals (issue 4, part 6): 1.2 million recipients
planned within 15 s with no other write waiting longer than 50 ms; bulk and replies together at least 98 % of the limit at
30/s and 1,000/s with 99 of 100 replies within 300 ms; 99 of 100 replies among a million contacts within 1.3 times (or 5 ms
of) that among ten thousand. SQLite with `synchronous=FULL`; the databases are filled by SQL before the clock starts.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.fleet import OURS, NotingServer, free_port, process
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
from tests.harness.botapi import UserChat

RECIPIENTS = 1_200_000
CONTACTS = 1_000_000
BULK_S = 20.0
PATIENCE_S = 120.0
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
    # everybody wrote within the last day, so that nothing has to be forgotten while it is measured
    active = "strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || (i % 60000) || ' seconds') || '000'"
    for statement in (
        f"insert into contacts(id, unit, created_at) {numbers} select i, '{UNIT}', '{at}' from n",
        (
            "insert into conversations(id, channel, account, chat, contact_id, created_at, active_at) "
            f"{numbers} select i, 'telegram', '{account}', cast(i + {FIRST_CHAT} as text), i, '{at}', {active} from n"
        ),
        (
            "insert into consents(contact_id, conversation_id, purpose, version, given_at) "
            f"{numbers} select i, i, 'nhan-tin', 'v1', '{at}' from n"
        ),
        (
            "insert into subscriptions(contact_id, topic, unit, since) "
            f"{numbers} select i, 'bhyt', '{UNIT}', '{at}' from n"
        ),
        (
            "insert into subscriptions(contact_id, topic, unit, since) "
            f"{numbers} select i, 'nha-o', '{UNIT}', '{at}' from n"
        ),
    ):
        database.execute(statement, (contacts,))
    database.commit()
    database.execute("analyze")
    # a house that has run for years has no log of this size
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    # nor does it still have its contacts to write: the kernel does that half a minute later, and every fsync waits
    os.sync()


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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question and how long its answer took."""

    waits_ms: list[float]

    @property
    def p99_ms(self) -> float:
        """99 of 100 came within this."""
        return sorted(self.waits_ms)[int(len(self.waits_ms) * 0.99)]


async def _ask(server: NotingServer, people: list[UserChat], per_s: float, seconds: float) -> _Asked:
    """Ask for the menu at a steady pace, one person after the other, and wait for every answer."""
    asked: list[tuple[str, float]] = []
    last: dict[str, float] = {}
    began = time.perf_counter()
    for n in range(int(per_s * seconds)):
        await asyncio.sleep(max(0.0, began + n / per_s - time.perf_counter()))
        person = people[n % len(people)]
        chat = str(person.id)
        last[chat] = time.perf_counter()
        asked.append((chat, last[chat]))
        await person.says("menu")
    async with asyncio.timeout(PATIENCE_S):
        while any(server.told.get(chat, (0.0,))[-1] < at for chat, at in last.items()):
            server.news_of_messages.clear()
            await server.news_of_messages.wait()
    # the first word after the question: who asks for the first time is told more than one message
    return _Asked([(server.told[chat][bisect_left(server.told[chat], at)] - at) * 1000 for chat, at in asked])


@asynccontextmanager
async def _ours(
    contacts: int, askers: int, library: Library | None = None, **settings: str
) -> AsyncIterator[tuple[NotingServer, list[UserChat]]]:
    """Our bot over a filled database, with people beside it who ask; with a library a broadcast to all has begun."""
    with tempfile.TemporaryDirectory(prefix="loathon-bench-") as folder:
        async with NotingServer() as server:
            store = await opened(Path(folder), contacts, server.token.partition(":")[0])
            if library:
                for n in range(contacts):
                    server.user(FIRST_CHAT + 1 + n).met()
                await begun(store, library, NOON)
            await store.close()
            # without a broadcast those who ask are among the contacts
            first = FIRST_CHAT + 1 + (contacts if library else 0)
            people = [server.user(first + n).met() for n in range(askers)]
            about = {
                "LOATHON_TELEGRAM_TOKEN": server.token,
                "LOATHON_TELEGRAM_API_URL": server.url,
                "LOATHON_HTTP_PORT": str(free_port()),
                "LOATHON_NOW": NOON.isoformat(),
                **settings,
            }
            with process(OURS, Path(folder), **about):
                yield server, people


async def together(limit: int, seconds: float) -> dict[str, float]:
    """Share of the limit that bulk and replies reach together, and how long replies wait."""
    asked_per_s = min(20.0, limit * 0.1)
    people = int(limit * (seconds + 15))
    async with _ours(people, 200, Library.load(CONTENT), LOATHON_TELEGRAM_LIMITS=str(limit)) as (server, askers):
        # past the start, the first widening of what waits in the outbox, and what a first question takes
        await server.until(limit * 3)
        for person in askers[-5:]:
            await person.says("menu")
        await asyncio.sleep(2.0)
        began = server.begin()
        asked = await _ask(server, askers, asked_per_s, seconds)
        reached = server.messages / (time.perf_counter() - began)
    return {f"share_at_{limit}": round(reached / limit, 3), f"reply_p99_ms_at_{limit}": round(asked.p99_ms, 1)}


async def among(contacts: int, seconds: float) -> float:
    """99 of 100 replies among so many contacts came within this, in milliseconds."""
    async with _ours(contacts, 200) as (server, askers):
        for person in askers:
            await person.says("menu")
        await server.until(len(askers))
        # the rest of that flood is no part of what is measured
        await server.quiet()
        server.begin()
        return (await _ask(server, askers, 20.0, seconds)).p99_ms


def run(recipients: int = RECIPIENTS, contacts: int = CONTACTS, seconds: float = BULK_S) -> dict[str, float]:
    """Print and return all figures."""
    figures = asyncio.run(plan(recipients))
    for limit in (30, 1_000):
        figures |= asyncio.run(together(limit, seconds))
    few, many = (asyncio.run(among(number, seconds)) for number in (max(1, contacts // 100), contacts))
    figures |= {
        "reply_p99_ms_few": round(few, 1),
        "reply_p99_ms_many": round(many, 1),
        "many_to_few": round(many / few, 2),
    }
    for name, value in figures.items():
        print(f"broadcasts {name}: {value}", flush=True)
    return figures


if __name__ == "__main__":
    run(*(int(word) for word in sys.argv[1:4]))
