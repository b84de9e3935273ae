"""What receives in the tests of the wire: a desk that answers, and waiting for the channel's state."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from typing import Any

from bot.channels.base import Delivery
from bot.channels.telegram import TelegramChannel
from bot.model.inbound import ConversationKey, Inbound, InboundKind
from bot.model.outbound import Button, Outbound

PAUSES = (0.01,)


class Desk:
    """Takes batches as the runner would, and answers each thing said with the same words."""

    def __init__(self, channel: TelegramChannel) -> None:
        self.channel = channel
        self.batches: list[list[Inbound]] = []
        self.aside: list[tuple[str, Any, str]] = []
        self.failures = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.news = asyncio.Event()

    async def handle(self, inbounds: Sequence[Inbound]) -> None:
        self.batches.append(list(inbounds))
        self.news.set()
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("disk full")
        for inbound in inbounds:
            if inbound.kind in {InboundKind.TEXT, InboundKind.START, InboundKind.PRESS}:
                said = Outbound(inbound.text or inbound.press or "chào", rows=((Button("Lại", "lai"),),))
                await self.channel.send(Delivery(1, inbound.key, said))

    async def put_aside(self, key: ConversationKey, raw: str, why: str) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("disk full")
        self.aside.append((key.chat, json.loads(raw), why))
        self.news.set()

    async def took(self, count: int) -> list[Inbound]:
        async with asyncio.timeout(5):
            while len(self.all) < count:
                self.news.clear()
                await self.news.wait()
        return self.all

    @property
    def all(self) -> list[Inbound]:
        return [inbound for batch in self.batches for inbound in batch]


class Lines(logging.Handler):
    """Rings whenever the wire logs a line, which it does when its state changes."""

    def __init__(self) -> None:
        super().__init__()
        self.news = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.news.set()


async def until(desk: Desk, state: str) -> str:
    """Wait for a state; its message key."""
    log, lines = logging.getLogger("bot.channels.telegram.wire"), Lines()
    level = log.level
    log.addHandler(lines)
    log.setLevel(logging.INFO)
    try:
        async with asyncio.timeout(5):
            while desk.channel.state().state != state:
                lines.news.clear()
                await lines.news.wait()
    finally:
        log.removeHandler(lines)
        log.setLevel(level)
    return desk.channel.state().message
