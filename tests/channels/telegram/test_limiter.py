"""The limiter against a clock that only the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

import pytest

from bot.channels.telegram.limiter import Limiter, Rates, WaitError


class Handle:
    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at, self.call, self.cancelled = at, call, False

    def cancel(self) -> None:
        self.cancelled = True


class Time:
    """Moves only when told; what was asked for "later" happens on the way."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[Handle] = []

    def __call__(self) -> float:
        return self.now

    def later(self, delay_s: float, call: Callable[[], None]) -> Handle:
        handle = Handle(self.now + delay_s, call)
        self.timers.append(handle)
        return handle

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    async def pass_(self, seconds: float) -> None:
        end = self.now + seconds
        await self.settle()
        while due := [t for t in self.timers if not t.cancelled and t.at <= end]:
            first = min(due, key=lambda t: t.at)
            self.timers.remove(first)
            self.now = max(self.now, first.at)
            first.call()
            await self.settle()
        self.now = end


RATES = Rates()


class Sender:
    """Sends through a limiter and writes down when."""

    def __init__(self, rates: Rates | None = RATES) -> None:
        self.time = Time()
        self.limiter = Limiter(rates, self.time, self.time.later)  # type: ignore[arg-type]
        self.sent: list[tuple[float, str]] = []
        self.refused: list[tuple[str, float]] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def _send(self, chat: str, reply: bool, took: asyncio.Event | None) -> None:
        try:
            async with self.limiter.turn(chat, group=chat.startswith("-"), reply=reply):
                self.sent.append((round(self.time.now - 100, 3), chat))
                if took is not None:
                    await took.wait()
        except WaitError as error:
            self.refused.append((chat, round(error.wait_s, 3)))

    def send(self, chat: str, *, reply: bool = False, took: asyncio.Event | None = None) -> asyncio.Task[None]:
        task = asyncio.create_task(self._send(chat, reply, took))
        self.tasks.append(task)
        return task

    def times(self, chat: str) -> list[float]:
        return [at for at, to in self.sent if to == chat]


def most_in_any_window(times: list[float], window_s: float) -> int:
    return max(sum(start <= at < start + window_s - 1e-6 for at in times) for start in times)


async def test_one_a_second_in_a_chat() -> None:
    sender = Sender()
    for _ in range(4):
        sender.send("7", reply=True)
    await sender.time.pass_(10)
    assert sender.times("7") == [0.0, 1.0, 2.0, 3.0]


async def test_bulk_is_spread_evenly_and_uses_the_whole_limit() -> None:
    sender = Sender()
    for number in range(60):
        sender.send(str(number))
    await sender.time.pass_(5)
    times = [at for at, _ in sender.sent]
    assert len(times) == 60
    assert times[-1] == pytest.approx(59 / 30, abs=0.06)
    assert most_in_any_window(times, 1.0) <= 30
    gaps = [b - a for a, b in pairwise(times)]
    assert max(gaps) <= 1 / 30 + 0.001


async def test_replies_go_first() -> None:
    sender = Sender()
    for number in range(60):
        sender.send(f"b{number}")
    await sender.time.pass_(0.5)
    for number in range(10):
        sender.send(f"r{number}", reply=True)
    await sender.time.settle()
    assert sum(to.startswith("r") for _, to in sender.sent) == 10
    await sender.time.pass_(5)
    # a place is free again up to 10 ms before a late clock sees it
    assert most_in_any_window([at for at, _ in sender.sent], 0.99) <= 30


async def test_what_a_stall_held_up_is_caught_up_within_the_second() -> None:
    sender = Sender()
    for number in range(90):
        sender.send(f"b{number}")
    await sender.time.pass_(0.5)
    sender.time.now += 0.25  # nothing runs: the disk, or others on the machine
    await sender.time.pass_(2.25)
    times = [at for at, _ in sender.sent]
    assert len(times) >= 89
    assert most_in_any_window(times, 0.99) <= 30


async def test_a_full_second_lets_replies_in_as_soon_as_one_place_is_free() -> None:
    sender = Sender()
    for number in range(90):
        sender.send(f"b{number}")
    await sender.time.pass_(1.2)
    sender.send("r", reply=True)
    await sender.time.pass_(0.05)
    assert sender.times("r")


async def test_twenty_a_minute_in_a_group() -> None:
    sender = Sender()
    for _ in range(20):
        sender.send("-5", reply=True)
        await sender.time.pass_(1.0)
    assert len(sender.times("-5")) == 20
    sender.send("-5", reply=True)
    await sender.time.settle()
    assert sender.refused == [("-5", 40.0)]
    await sender.time.pass_(40.0)
    sender.send("-5", reply=True)
    await sender.time.settle()
    assert len(sender.times("-5")) == 21


async def test_the_second_counts_from_the_end_of_a_slow_request() -> None:
    sender = Sender()
    took = asyncio.Event()
    sender.send("7", took=took)
    await sender.time.pass_(2)
    sender.send("7")
    await sender.time.pass_(2)
    assert len(sender.sent) == 1
    took.set()
    await sender.time.settle()
    await sender.time.pass_(0.9)
    assert len(sender.sent) == 1
    await sender.time.pass_(0.2)
    assert sender.times("7") == [0.0, 5.0]


async def test_a_wait_that_was_told_is_kept_exactly_and_stops_the_whole_bot_when_the_chat_was_quiet() -> None:
    sender = Sender()
    sender.send("7")
    await sender.time.settle()
    assert sender.limiter.flooded("7", 2.5, group=False)
    sender.send("8")
    sender.send("9", reply=True)
    await sender.time.pass_(2.4)
    assert len(sender.sent) == 1
    await sender.time.pass_(0.2)
    assert [at for at, to in sender.sent if to == "9"] == [2.5]


async def test_a_chat_that_was_busy_pauses_alone_until_a_second_chat_is_told_to_wait() -> None:
    sender = Sender()
    for _ in range(6):
        sender.send("7", reply=True)
        await sender.time.pass_(1.1)
    assert not sender.limiter.flooded("7", 30, group=False)
    sender.send("7", reply=True)
    sender.send("8", reply=True)
    await sender.time.settle()
    assert [chat for chat, _ in sender.refused] == ["7"]
    assert sender.times("8")
    assert sender.limiter.flooded("8", 30, group=False)
    sender.send("9")
    await sender.time.settle()
    assert sender.refused[-1] == ("9", 30.0)


async def test_a_longer_wait_hands_back_those_who_were_waiting() -> None:
    sender = Sender()
    sender.send("7")
    sender.send("7")
    await sender.time.settle()
    sender.limiter.flooded("8", 60, group=False)
    await sender.time.pass_(0.1)
    assert sender.refused == [("7", pytest.approx(60, abs=0.1))]


async def test_someone_who_gives_up_takes_no_place() -> None:
    sender = Sender()
    sender.send("7")
    await sender.time.settle()
    waiting = sender.send("7")
    await sender.time.settle()
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    sender.send("7")
    await sender.time.pass_(1.5)
    assert sender.times("7") == [0.0, 1.0]


async def test_a_paid_broadcast() -> None:
    sender = Sender(Rates(per_bot_s=1000))
    for number in range(1500):
        sender.send(str(number))
    await sender.time.pass_(1.0)
    assert 980 <= len(sender.sent) <= 1051
    await sender.time.pass_(1.0)
    assert len(sender.sent) == 1500


async def test_memory_does_not_grow_with_the_audience() -> None:
    sender = Sender()
    for number in range(100):
        sender.send(str(number))
        await sender.time.pass_(2.0)
    assert len(sender.limiter._chats) <= 31


async def test_off_lets_everything_pass() -> None:
    sender = Sender(None)
    for _ in range(50):
        sender.send("7")
    await sender.time.settle()
    assert len(sender.sent) == 50


@pytest.mark.parametrize(("rate", "seconds"), [(30, 20.0), (1000, 3.0)])
async def test_bulk_and_replies_together_use_the_limit_and_never_more(rate: int, seconds: float) -> None:
    sender = Sender(Rates(per_bot_s=rate))
    took = asyncio.Event()
    took.set()
    ahead, step = max(3, rate // 10), 0.05
    waits: list[float] = []
    for tick in range(round(seconds / step)):
        # one place in ten is a reply's; bulk always waits
        for number in range(round(rate * step * 0.1) or tick % 7 == 0):
            began = sender.time.now
            sender.send(f"r{tick}-{number}", reply=True).add_done_callback(
                lambda _task, began=began: waits.append(sender.time.now - began)
            )
        while len(sender.limiter._bulk) < ahead:
            sender.send(f"b{len(sender.tasks)}")
            await asyncio.sleep(0)
        for _ in range(round(rate * step) + 1):
            await sender.time.pass_(step / (round(rate * step) + 1))
            while len(sender.limiter._bulk) < ahead:
                sender.send(f"b{len(sender.tasks)}")
                await asyncio.sleep(0)
    times = [at for at, _ in sender.sent]
    assert len(times) >= 0.98 * rate * seconds
    assert most_in_any_window(times[-2 * rate :], 1.0) <= rate
    assert sorted(waits)[int(len(waits) * 0.99)] <= 0.3


async def test_a_reply_that_hangs_holds_up_nobody_else() -> None:
    sender = Sender()
    hangs = asyncio.Event()
    sender.send("slow", reply=True, took=hangs)
    for number in range(120):
        sender.send(str(number))
    await sender.time.pass_(4.0)
    # it may arrive at any moment, so its place stays taken; the other 29 go round
    assert len(sender.sent) - 1 == pytest.approx(29 * 4, abs=4)
    hangs.set()
    await sender.time.settle()


async def test_off_still_keeps_a_wait_that_was_told() -> None:
    sender = Sender(None)
    sender.limiter.flooded("7", 5, group=False)
    sender.send("7")
    await sender.time.settle()
    assert sender.refused == [("7", 5.0)]
    await sender.time.pass_(5.0)
    sender.send("7")
    await sender.time.settle()
    assert len(sender.sent) == 1
