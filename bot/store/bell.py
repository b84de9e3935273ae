"""Who waits for new rows hears of them after the commit: an event in the process, NOTIFY across, a poll behind."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

#: a waiter looks anyway after this long, should a ring be lost (a connection to LISTEN on that broke)
POLL_S = 2.0
_CHANNEL = "loathon"


def mailbox(channel: str, account: str, chat: str) -> str:
    """The topic of one conversation's mailbox."""
    return f"mailbox:{channel}:{account}:{chat}"


def outgoing(channel: str, account: str) -> str:
    """The topic of one bot's outbox."""
    return f"outbox:{channel}:{account}"


def freed(lease: str) -> str:
    """The topic of a lease that was let go of."""
    return f"freed:{lease}"


JOBS = "jobs"
#: something was published over `content/`
OVERLAY = "overlay"
#: a broadcast was begun or stopped; who moves broadcasts on hears it, and not its own steps
BROADCASTS = "broadcasts"
#: recipients were found, or messages went out
BROADCASTS_MOVED = "broadcasts-moved"


class Ear:
    """Hears one topic."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits."""
        self._rung.set()

    async def heard(self, timeout_s: float = POLL_S) -> bool:
        """Wait for a ring since the last call, at most so long; whether there was one."""
        try:
            await asyncio.wait_for(self._rung.wait(), timeout_s)
        except TimeoutError:
            return False
        self._rung.clear()
        return True


class Bell:
    """The bells of one store."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._ears: defaultdict[str, set[Ear]] = defaultdict(set)
        self._listening: AsyncConnection | None = None

    @asynccontextmanager
    async def ear(self, topic: str) -> AsyncIterator[Ear]:
        """An ear for that topic while the block runs."""
        ear = Ear()
        self._ears[topic].add(ear)
        try:
            yield ear
        finally:
            self._ears[topic].discard(ear)
            if not self._ears[topic]:
                del self._ears[topic]

    def ring(self, topics: Iterable[str]) -> None:
        """Wake the waiters of this process."""
        for topic in topics:
            for ear in self._ears.get(topic, ()):
                ear.ring()

    async def announce(self, connection: AsyncConnection, topics: tuple[str, ...]) -> None:
        """Tell other processes when the transaction commits; SQLite has one process only."""
        if topics and self._engine.dialect.name == "postgresql":
            await connection.execute(
                text("select pg_notify(:channel, topic) from unnest(cast(:topics as text[])) as topic"),
                {"channel": _CHANNEL, "topics": list(topics)},
            )

    async def listen(self) -> None:
        """Hear other processes too (PostgreSQL); long-lived processes call it once."""
        if self._engine.dialect.name == "postgresql" and self._listening is None:
            self._listening = await self._engine.connect()
            driver: Any = (await self._listening.get_raw_connection()).driver_connection
            await driver.add_listener(_CHANNEL, self._on_notify)

    def _on_notify(self, _connection: object, _process: int, _channel: str, topic: object) -> None:
        self.ring([str(topic)])

    async def close(self) -> None:
        """Stop listening."""
        if self._listening is not None:
            driver: Any = (await self._listening.get_raw_connection()).driver_connection
            if not driver.is_closed():
                await driver.remove_listener(_CHANNEL, self._on_notify)
            await self._listening.close()
            self._listening = None
