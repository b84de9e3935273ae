"""`loathon talk`: a conversation in the terminal, through the real house on a database that is thrown away."""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

import yaml

from bot.channels.console import KEY, ConsoleChannel
from bot.clock import Clock
from bot.errors import say
from bot.model.inbound import Inbound, InboundKind
from bot.settings import Settings
from bot.store import conversations, outbox
from bot.wiring import House


@dataclass(slots=True)
class _Talk:
    house: House
    channel: ConsoleChannel
    steps: list[dict[str, Any]] = field(default_factory=list)
    _last: int = 0

    async def turn(self, kind: InboundKind, step: dict[str, Any], **fields: str) -> None:
        """One thing the person does, and what is said to it."""
        self.channel.clear()
        number = len(self.steps) + 1
        inbound = Inbound(KEY, f"m:1:{number}", kind, self.house.clock.now(), secrets.token_bytes(16), **fields)  # type: ignore[arg-type]
        await self.house.handler([inbound])
        await self.channel.shown(await self._new_rows())
        said = [outbound.said for outbound in self.channel.said if outbound.said]
        self.steps.append({**step, "says": said[0] if len(said) == 1 else said})

    async def _new_rows(self) -> int:
        async with self.house.store.read() as tx:
            letters = await outbox.mailbox(tx, KEY, after=self._last, limit=1_000)
        self._last = letters[-1].id if letters else self._last
        return len(letters)

    async def offered(self) -> tuple[str, ...]:
        """What can be pressed now."""
        async with self.house.store.read() as tx:
            conversation = await conversations.find(tx, KEY)
        return conversation.session.offered if conversation else ()


async def talk(settings: Settings, clock: Clock, lines: TextIO, out: TextIO, *, repro: Path | None = None) -> int:
    """Read lines until they end; a number presses that button. With `repro` the talk is kept as a transcript."""
    with tempfile.TemporaryDirectory(prefix="loathon-talk-") as folder:
        thrown_away = replace(
            settings, data_dir=Path(folder), database_url=f"sqlite+aiosqlite:///{Path(folder) / 'talk.db'}"
        )
        house = await House.open(thrown_away, clock)
        try:
            channel = ConsoleChannel(out)
            sender = house.add_channel(channel)
            handling = asyncio.create_task(house.handler.run())
            sending = asyncio.create_task(sender.run())
            print(say("cli.talk_hint"), end="\n\n", file=out, flush=True)
            told = _Talk(house, channel)
            await _listen(told, lines)
            sender.stop()
            await sending
            handling.cancel()
            await asyncio.gather(handling, return_exceptions=True)
        finally:
            await house.close()
    if repro:
        _save(repro, {"day": clock.today(), "talk": told.steps})
        print(say("cli.talk_saved", path=repro), file=out)
    return 0


def _save(path: Path, transcript: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(transcript, allow_unicode=True, sort_keys=False), "utf-8")


async def _listen(told: _Talk, lines: TextIO) -> None:
    await told.turn(InboundKind.START, {"start": ""})
    while line := await asyncio.to_thread(_read, lines):
        text = line.rstrip("\n")
        if text.split(" ")[0] == "/start":
            payload = text.removeprefix("/start").strip()
            await told.turn(InboundKind.START, {"start": payload}, start=payload)
            continue
        offered = await told.offered()
        if text.isascii() and text.isdigit() and 0 < int(text) <= len(offered):
            press = offered[int(text) - 1]
            await told.turn(InboundKind.PRESS, {"presses": press}, press=press)
        else:
            await told.turn(InboundKind.TEXT, {"types": text}, text=text)


def _read(lines: TextIO) -> str:
    if lines is sys.stdin and lines.isatty():
        print("> ", end="", flush=True)
    return lines.readline()
