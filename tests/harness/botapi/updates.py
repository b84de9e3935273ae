"""Updates waiting for one bot, and getUpdates as tdlib/telegram-bot-api answers it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from tests.harness.botapi.records import Refusal

Update = dict[str, Any]

#: left out unless asked for: core.telegram.org/bots/api#getupdates, allowed_updates
_NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
#: tdlib/telegram-bot-api, Client.cpp: the same offset again within 0.5 s gets one update, a timeout under 3 s becomes 3 s
_HOT_S, _HOT_TIMEOUT_S, _HOT_WINDOW_S = 0.5, 3, 3.0
_TIMEOUT_MAX_S = 50

CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


class UpdateQueue:
    """Updates in order, until confirmed. `unit_s` shortens the seconds of long polls in tests."""

    def __init__(self, clock: Callable[[], float], unit_s: float) -> None:
        self._clock = clock
        self._unit_s = unit_s
        self.pending: deque[Update] = deque()
        self.next_id = 100_000_001
        self.allowed: frozenset[str] | None = None
        self.arrived = asyncio.Event()
        self._again: list[Update] = []
        self._delivered: deque[Update] = deque(maxlen=100)
        self._poll: asyncio.Future[None] | None = None
        self._last: tuple[int, float] | None = None
        #: polls in a row with the same offset within half a second
        self.hot_streak = 0

    def allows(self, kind: str) -> bool:
        """Whether the bot asked for updates of this kind."""
        return kind not in _NOT_BY_DEFAULT if self.allowed is None else kind in self.allowed

    def allow(self, kinds: Iterable[str] | None) -> None:
        """Remember `allowed_updates`; an empty list means the default again, None leaves it as it was."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def push(self, kind: str, body: dict[str, Any]) -> Update | None:
        """Queue an update; None when the bot did not ask for this kind."""
        if not self.allows(kind):
            return None
        return self.push_raw({kind: body})

    def push_raw(self, update: Update) -> Update:
        """Queue anything at all, poisonous or not; an `update_id` is added when missing."""
        full = {"update_id": self.next_id, **update}
        if isinstance(full["update_id"], int):
            self.next_id = max(self.next_id, full["update_id"]) + 1
        self.pending.append(full)
        self.arrived.set()
        return full

    def deliver_again(self, count: int = 1) -> list[Update]:
        """Hand the last confirmed or delivered updates out once more, whatever the offset says."""
        self._again = list(self._delivered)[-count:]
        self.arrived.set()
        return list(self._again)

    def take_head(self, offset: int, limit: int) -> list[Update]:
        """What an answer holds now; a positive offset confirms, a negative one counts from the end."""
        if offset < 0:
            while len(self.pending) > -offset:
                self.pending.popleft()
        elif offset > 0:
            while self.pending and self.pending[0]["update_id"] < offset:
                self.pending.popleft()
        again, self._again = self._again, []
        batch = again + list(islice(self.pending, max(0, limit - len(again))))
        self._delivered.extend(u for u in batch if id(u) not in {id(known) for known in again})
        if not self.pending:
            self.arrived.clear()
        return batch

    def drain(self) -> list[Update]:
        """Everything that waits, taken out: for delivery by webhook."""
        batch = self._again + list(self.pending)
        self._delivered.extend(self.pending)
        self._again = []
        self.pending.clear()
        self.arrived.clear()
        return batch

    async def poll(self, offset: int, limit: int, wait_s: int) -> list[Update]:
        """getUpdates: what waits, else what arrives within `wait_s` seconds. A newer poll ends an older one with 409."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(Refusal(409, CONFLICT))
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._poll = mine
        now = self._clock()
        wait_s = min(wait_s, _TIMEOUT_MAX_S)
        hot = False
        if self._last is not None and self._last[0] == offset:
            if wait_s < _HOT_TIMEOUT_S and now < self._last[1] + _HOT_WINDOW_S:
                wait_s = _HOT_TIMEOUT_S
            if now < self._last[1] + _HOT_S:
                hot = True
                limit = 1
        self._last = (offset, now)
        self.hot_streak = self.hot_streak + 1 if hot else 0
        try:
            batch = self.take_head(offset, limit)
            if not batch and wait_s:
                await self._wait(mine, wait_s * self._unit_s)
                batch = self.take_head(offset, limit)
            return batch
        finally:
            if self._poll is mine:
                self._poll = None

    async def _wait(self, mine: asyncio.Future[None], seconds: float) -> None:
        """Until something arrives, time is up, or a newer poll takes over (409)."""
        arrival = asyncio.ensure_future(self.arrived.wait())
        try:
            await asyncio.wait({arrival, mine}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            arrival.cancel()
        if mine.done():
            mine.result()

    def stop(self) -> None:
        """End a long poll at shutdown."""
        self.arrived.set()
