"""Bots as processes of their own, beside a Bot API server that notes when each chat was answered."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

import psutil

from tests.harness.botapi.accounts import Account
from tests.harness.botapi.records import Call, Upload
from tests.harness.botapi.server import BotApiServer

ROOT = Path(__file__).resolve().parent.parent
#: a guard: the slowest echo bot answers 20,000 updates in some minutes
PATIENCE_S = 900.0
OURS = "ours"
BOTS = (OURS, "aiogram", "ptb-ours", "ptb")


class NotingServer(BotApiServer):
    """The strict server without flood limits; keeps the moments of messages instead of the calls."""

    def __init__(self) -> None:
        super().__init__(keep_calls=False)
        #: chat -> when messages to it were asked for, by `time.perf_counter`
        self.told: dict[str, list[float]] = {}
        self.messages = 0
        self.news_of_messages = asyncio.Event()

    def _record(self, account: Account, name: str, raw: dict[str, Any], uploads: dict[str, Upload]) -> Call:
        if name == "sendMessage":
            self.messages += 1
            self.told.setdefault(str(raw["chat_id"]), []).append(time.perf_counter())
            self.news_of_messages.set()
        return super()._record(account, name, raw, uploads)

    async def until(self, messages: int) -> float:
        """Wait until so many messages came since the last `begin`; when the last one did."""
        async with asyncio.timeout(PATIENCE_S):
            while self.messages < messages:
                self.news_of_messages.clear()
                await self.news_of_messages.wait()
        return time.perf_counter()

    async def quiet(self) -> None:
        """Until no message came for half a second."""
        seen = -1
        while seen != self.messages:
            seen = self.messages
            await asyncio.sleep(0.5)

    def begin(self) -> float:
        """Count from here."""
        self.messages = 0
        self.told = {}
        return time.perf_counter()


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(kind: str, folder: Path, **settings: str) -> Iterator[psutil.Process]:
    """One bot, gone at the end. Settings of ours by name; an echo bot takes LOATHON_TELEGRAM_TOKEN and …_API_URL too."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("LOATHON_")}
    if kind == OURS:
        words = ["bot", "run"]
        env |= {
            "LOATHON_DATA_DIR": str(folder),
            "LOATHON_TELEGRAM_LIMITS": "off",
            "LOATHON_LOG": "error",
            "LOATHON_UNIT": "xa-tu-ky",
            **settings,
        }
    else:
        words = ["bench.echoes", kind, settings["LOATHON_TELEGRAM_TOKEN"], settings["LOATHON_TELEGRAM_API_URL"]]
    child = Popen([sys.executable, "-m", *words], cwd=ROOT, env=env, stdout=DEVNULL)
    try:
        yield psutil.Process(child.pid)
    finally:
        # an echo bot has nothing to keep, and its farewell is long
        child.terminate() if kind == OURS else child.kill()
        child.wait()


@asynccontextmanager
async def against(kind: str) -> AsyncIterator[tuple[NotingServer, psutil.Process]]:
    """A fresh server and a bot that polls it."""
    with tempfile.TemporaryDirectory(prefix="loathon-bench-") as folder:
        async with NotingServer() as server:
            about = {
                "LOATHON_TELEGRAM_TOKEN": server.token,
                "LOATHON_TELEGRAM_API_URL": server.url,
                "LOATHON_HTTP_PORT": str(free_port()),
            }
            with process(kind, Path(folder), **about) as bot:
                yield server, bot


def healthy(url: str) -> bool:
    """Whether `/health` answers 200."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=1) as answer:
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False
