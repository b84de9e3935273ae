"""Updates a second of our bot, everything durable, beside three echo bots that keep nothing. One machine, one run.

Run alone with `python -m bench.throughput [updates [chats]]`. Each bot is a process, the strict local Bot API server is
another, limits are off and `synchronous` is FULL. Ours answers the menu and searches; an echo bot sends the text back.
Goals (issue 4, part 6): text and buttons at least 1.2 times a bare aiogram bot and 0.6 times python-telegram-bot's echo
on our own transport; 99 of 100 answers within 25 ms at a steady 100 updates a second; 150 MB after the run.

Beside the wall clock stands the processor time each bot took for an update: it tells the same when the server or others
on the machine are what is slow.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass

import psutil

from bench.fleet import BOTS, OURS, NotingServer, against
from tests.harness.botapi import UserChat

UPDATES = 20_000
CHATS = 2_000
STEADY_PER_S = 100
STEADY_S = 10.0
#: what people write: the menu by its word, and searches with and without accents, each answered with one message
TEXTS = (
    "menu",
    "ho ngheo co duoc tien dien khong",
    "bảo hiểm y tế hộ cận nghèo",
    "menu",
    "vay von ngan hang chinh sach",
    "miễn giảm học phí cho con hộ nghèo",
    "menu",
    "trợ cấp tết cho hộ nghèo",
)
FIRST_CHAT = 10_000


@dataclass(frozen=True, slots=True)
class Figures:
    """What one bot did. Times in seconds or milliseconds as named, memory in MB of 10^6 bytes."""

    text_per_s: float
    text_cpu_ms: float
    press_per_s: float
    press_cpu_ms: float
    steady_p50_ms: float
    steady_p99_ms: float
    rss_mb: float


async def _flood(
    server: NotingServer, bot: psutil.Process, people: list[UserChat], kind: str, updates: int
) -> tuple[float, float]:
    """(updates a second, milliseconds of the bot's processor each) for updates that all wait at the start."""
    before = _cpu_s(bot)
    began = server.begin()
    for n in range(updates):
        person = people[n % len(people)]
        if kind == "press":
            await person.presses_old("menu")
        else:
            await person.says(TEXTS[(n + n // len(people)) % len(TEXTS)])
    spent = await server.until(updates) - began
    return updates / spent, (_cpu_s(bot) - before) / updates * 1000


def _cpu_s(bot: psutil.Process) -> float:
    times = bot.cpu_times()
    return float(times.user + times.system)


async def _steady(server: NotingServer, people: list[UserChat], seconds: float) -> tuple[float, float]:
    """(median, 99th of a hundred) of milliseconds from an update to its answer, at a steady pace."""
    server.begin()
    asked: dict[str, list[float]] = {}
    began = time.perf_counter()
    for n in range(int(seconds * STEADY_PER_S)):
        await asyncio.sleep(max(0.0, began + n / STEADY_PER_S - time.perf_counter()))
        person = people[n % len(people)]
        asked.setdefault(str(person.id), []).append(time.perf_counter())
        await person.says(TEXTS[n % len(TEXTS)])
    await server.until(int(seconds * STEADY_PER_S))
    waits = sorted(
        (answer - question) * 1000
        for chat, questions in asked.items()
        for question, answer in zip(questions, server.told[chat], strict=True)
    )
    return waits[len(waits) // 2], waits[int(len(waits) * 0.99)]


async def measure(kind: str, updates: int, chats: int, steady_s: float = STEADY_S) -> Figures:
    """Warm one bot up and measure it."""
    async with against(kind) as (server, bot):
        people = [server.user(FIRST_CHAT + n) for n in range(chats)]
        for text in ("/start", *dict.fromkeys(TEXTS)):
            server.begin()
            for person in people[: chats if text == "/start" else 50]:
                await person.says(text)
            # whatever a first answer takes; then one message for each update
            await server.until(min(chats, 50))
            await server.quiet()
        text_per_s, text_ms = await _flood(server, bot, people, "text", updates)
        press_per_s, press_ms = await _flood(server, bot, people, "press", updates // 4)
        await server.quiet()
        p50, p99 = await _steady(server, people, steady_s)
        rss = bot.memory_info().rss / 1e6
        if server.violations:
            raise AssertionError(f"{kind}: {server.violations[:3]}")
        return Figures(text_per_s, text_ms, press_per_s, press_ms, p50, p99, rss)


def run(updates: int = UPDATES, chats: int = CHATS) -> dict[str, float]:
    """Print and return each bot's figures and our ratios to the others."""
    measured = {kind: asyncio.run(measure(kind, updates, chats)) for kind in BOTS}
    figures: dict[str, float] = {}
    for kind, its in measured.items():
        for name in Figures.__slots__:
            figures[f"{kind}_{name}"] = round(getattr(its, name), 2)
    ours = measured[OURS]
    for kind, its in measured.items():
        if kind != OURS:
            figures[f"ours_to_{kind}_text"] = round(ours.text_per_s / its.text_per_s, 2)
            figures[f"ours_to_{kind}_press"] = round(ours.press_per_s / its.press_per_s, 2)
            figures[f"ours_to_{kind}_text_by_cpu"] = round(its.text_cpu_ms / ours.text_cpu_ms, 2)
    for name, value in figures.items():
        print(f"throughput {name}: {value}", flush=True)
    return figures


if __name__ == "__main__":
    run(*(int(word) for word in sys.argv[1:3]))
