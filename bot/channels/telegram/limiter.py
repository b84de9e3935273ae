"""How fast one bot may send: our own limiter, for replies first and bulk after.

Rules (core.telegram.org/bots/faq, "My bot is hitting limits"): about 30 messages a second over all chats, one a second
in a chat, 20 a minute in a group; 1,000 a second with paid broadcast. A 429 names a wait, which is kept exactly; whether it
concerns the chat or the whole bot is inferred from who had been close to a limit.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

#: a send that would have to wait longer is handed back: the outbox keeps it better than memory does
PATIENCE_S: Final = 3.0
#: bulk goes out evenly; what a wait for the disk or the processor held up may be caught up, within the bot's second
_CATCH_UP_S: Final = 0.3
#: a place in the bot's second is free again this much before our clock, late as it always is, came to see it: without
#: it, each second would be longer by that
_LATE_S: Final = 0.01
_MINUTE_S: Final = 60.0
#: sends remembered per chat; a group rate above this is not enforced
_KEPT_MOST: Final = 1000
#: a chat that got so many messages within so many seconds was itself near its limit: (private, group)
_BUSY: Final = ((5, 10.0), (10, 60.0))


@dataclass(frozen=True, slots=True)
class Rates:
    """Messages per second over all chats, per second in one chat, per minute in one group."""

    per_bot_s: int = 30
    per_chat_s: float = 1.0
    per_group_minute: int = 20


class WaitError(Exception):
    """The message may only go in `wait_s` seconds, longer than anyone should wait in memory."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"wait {wait_s:.1f} s")
        self.wait_s = wait_s


class Later(Protocol):
    """`loop.call_later`."""

    def __call__(self, delay_s: float, call: Callable[[], None], /) -> asyncio.TimerHandle: ...


@dataclass(slots=True)
class _Chat:
    """What was sent to one chat lately, oldest first."""

    sent: list[float]
    kept: int
    in_flight: bool = False

    def note(self, at: float) -> None:
        """One more was sent."""
        if len(self.sent) == self.kept:
            del self.sent[0]
        self.sent.append(at)


@dataclass(slots=True, eq=False)
class _Waiter:
    chat: str
    group: bool
    reply: bool
    turn: asyncio.Future[None]


class Limiter:
    """The limiter of one bot, shared by everything that sends through it. `rates` None lets all pass but told waits."""

    def __init__(
        self, rates: Rates | None, clock: Callable[[], float] = time.monotonic, later: Later | None = None
    ) -> None:
        self._rates = rates
        self._clock = clock
        self._later = later
        #: moments from which the messages of the last second count, and replies on their way, which count from their end
        self._bot: deque[float] = deque()
        self._replies_out = 0
        self._bulk_at = float("-inf")
        self._chats: OrderedDict[str, _Chat] = OrderedDict()
        self._bot_until = float("-inf")
        self._chat_until: dict[str, float] = {}
        self._replies: deque[_Waiter] = deque()
        self._bulk: deque[_Waiter] = deque()
        #: chats with a message in flight that somebody waits for
        self._awaited: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = float("inf")

    @asynccontextmanager
    async def turn(self, chat: str, *, group: bool, reply: bool) -> AsyncIterator[None]:
        """Wait for the turn of one message, then send it inside. Raises `WaitError` when that is too far away.

        One message at a time is in flight to a chat, and its second counts from the end, so that a slow request does not
        bring two close together at Telegram's end. The same goes for the bot's second after a burst of replies; bulk is
        spread evenly and counts from its start, so that latency does not slow it.
        """
        if self._rates is None:
            until = max(self._bot_until, self._chat_until.get(chat, self._bot_until))
            if until > (now := self._clock()):
                raise WaitError(until - now)
            yield
            return
        waiter = _Waiter(chat, group, reply, asyncio.get_running_loop().create_future())
        (self._replies if reply else self._bulk).append(waiter)
        if reply or not self._clock() < self._bulk_at >= self._wakes_at:
            # else it is too early for it, and the timer comes in time
            self._pump()
        try:
            await waiter.turn
        except asyncio.CancelledError:
            self._drop(waiter)
            raise
        try:
            yield
        finally:
            self._finished(waiter)

    def flooded(self, chat: str, retry_after_s: float, *, group: bool) -> bool:
        """Telegram answered 429 for this chat. Whether the whole bot pauses now, and not only the chat."""
        now = self._clock()
        until = now + retry_after_s
        most, window_s = _BUSY[group]
        sent = self._chats[chat].sent if chat in self._chats else ()
        others = any(at > now for other, at in self._chat_until.items() if other != chat)
        if sum(at > now - window_s for at in sent) >= most and not others:
            self._chat_until[chat] = max(until, self._chat_until.get(chat, until))
            whole_bot = False
        else:
            self._bot_until = max(until, self._bot_until)
            whole_bot = True
        self._pump()
        return whole_bot

    def _drop(self, waiter: _Waiter) -> None:
        queue = self._replies if waiter.reply else self._bulk
        if waiter in queue:
            queue.remove(waiter)
        elif waiter.turn.done() and not waiter.turn.cancelled() and waiter.turn.exception() is None:
            self._finished(waiter)

    def _finished(self, waiter: _Waiter) -> None:
        known = self._chats[waiter.chat]
        known.in_flight = False
        known.sent[-1] = self._clock()
        if waiter.reply:
            self._replies_out -= 1
            self._bot.append(known.sent[-1])
        elif waiter.chat not in self._awaited:
            # the bot's second counts bulk from its start: nothing became free
            return
        self._awaited.discard(waiter.chat)
        self._pump()

    def _ready_at(self, waiter: _Waiter, rates: Rates) -> float:
        """When the chat and the told waits allow this message."""
        at = max(self._bot_until, self._chat_until.get(waiter.chat, float("-inf")))
        known = self._chats.get(waiter.chat)
        if known is None or not known.sent:
            return at
        if known.in_flight:
            return float("inf")
        at = max(at, known.sent[-1] + 1.0 / rates.per_chat_s)
        if waiter.group and len(known.sent) >= rates.per_group_minute:
            at = max(at, known.sent[-rates.per_group_minute] + _MINUTE_S)
        return at

    def _bot_at(self, rates: Rates, *, reply: bool) -> float:
        """When the bot's own second allows one more; bulk is spread evenly over it."""
        now = self._clock()
        while self._bot and self._bot[0] + 1.0 + _LATE_S <= now:
            self._bot.popleft()
        window = float("-inf")
        if (over := len(self._bot) + self._replies_out - rates.per_bot_s) >= 0:
            window = self._bot[over] + 1.0 if over < len(self._bot) else float("inf")
        return window if reply else max(window, self._bulk_at)

    def _pump(self) -> None:
        """Give every turn that is due, refuse those too far away, and come back for the next."""
        if self._rates is not None:
            now = self._clock()
            replies = self._give(self._replies, now, self._rates, reply=True)
            self._wake_at(min(replies, self._give(self._bulk, now, self._rates, reply=False)), now)

    def _give(self, queue: deque[_Waiter], now: float, rates: Rates, *, reply: bool) -> float:
        """Turns of one queue that are due, in order, past chats that must still wait; when to look again."""
        soonest = float("inf")
        place = 0
        while place < len(queue):
            waiter = queue[place]
            if waiter.turn.done():  # cancelled while it waited
                del queue[place]
                continue
            bot_at = self._bot_at(rates, reply=reply)
            if bot_at > now:
                return min(soonest, bot_at)
            at = self._ready_at(waiter, rates)
            if at <= now:
                del queue[place]
                self._grant(waiter, now, max(bot_at, now - _LATE_S), rates)
            elif at != float("inf") and at - now > PATIENCE_S:
                del queue[place]
                waiter.turn.set_exception(WaitError(at - now))
            else:
                if at == float("inf"):
                    self._awaited.add(waiter.chat)
                soonest = min(soonest, at)
                place += 1
        return soonest

    def _grant(self, waiter: _Waiter, now: float, due: float, rates: Rates) -> None:
        """Give the turn that was `due` a little before."""
        if waiter.reply:
            self._replies_out += 1
        else:
            self._bot.append(max(due, self._bot[-1]) if self._bot else due)
            late = now - self._bulk_at <= _CATCH_UP_S
            self._bulk_at = (self._bulk_at if late else now) + 1.0 / rates.per_bot_s
        known = self._chats.get(waiter.chat)
        if known is None:
            kept = min(_KEPT_MOST, max(_BUSY[1][0], rates.per_group_minute)) if waiter.group else _BUSY[0][0]
            known = self._chats[waiter.chat] = _Chat([], kept)
        known.note(now)
        known.in_flight = True
        self._chats.move_to_end(waiter.chat)
        self._forget(now)
        waiter.turn.set_result(None)

    def _forget(self, now: float) -> None:
        """Drop chats quiet for a minute, so that a broadcast to a million leaves nothing behind."""
        while self._chats:
            oldest = next(iter(self._chats.values()))
            if oldest.in_flight or oldest.sent[-1] > now - _MINUTE_S:
                break
            self._chats.popitem(last=False)
        for chat in [chat for chat, until in self._chat_until.items() if until <= now]:
            del self._chat_until[chat]

    def _wake_at(self, at: float, now: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._wakes_at = at
        if at != float("inf"):
            later: Any = self._later or asyncio.get_running_loop().call_later
            self._timer = later(max(0.0, at - now), self._pump)
