"""Every transcript again, through the runner and a real database: what the store answers is what the engine was told."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import engine
from bot.library import Library
from bot.model.case import CaseKind
from bot.model.events import CaseOpened
from bot.model.inbound import Attachment, Inbound, InboundKind, MediaKind
from bot.runner.handle import Handler
from bot.store import Store, cases, conversations, inbox, outbox
from tests.harness.clock import Hands
from tests.harness.happenings import happen
from tests.harness.officials import made, role
from tests.harness.talk import key

FOLDER = Path(__file__).parents[1] / "transcripts"


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(Path(__file__).parents[2] / "content")


def read(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return told


class Fixed:
    """The same library always."""

    def __init__(self, library: Library) -> None:
        self._library = library

    async def current(self, _tx: object) -> Library:
        return self._library


class Talk:
    """One conversation, step by step."""

    def __init__(self, store: Store, handler: Handler, hands: Hands, *, is_group: bool) -> None:
        self._store, self._handler, self._hands, self._is_group = store, handler, hands, is_group
        self._turns = 0
        self._last = 0

    async def play(self, step: dict[str, Any]) -> list[str]:
        """Do what the step says; the names of what was said."""
        self._hands.move(hours=step.get("later_h", 0))
        self._turns += 1
        inbound = Inbound(
            key(),
            f"m:7:{self._turns}",
            received_at=self._hands.at,
            seed=hashlib.blake2b(str(self._turns).encode(), digest_size=16).digest(),
            is_group=self._is_group,
            **await self._deed(step),
        )
        await self._handler.take([inbound])
        async with self._store.read() as tx:
            letters = await outbox.mailbox(tx, key(), after=self._last, limit=100)
        self._last = letters[-1].id if letters else self._last
        return [letter.outbound.said for letter in letters]

    async def _deed(self, step: dict[str, Any]) -> dict[str, Any]:
        match next(item for item in step.items() if item[0] != "later_h"):
            case "start", payload:
                return {"kind": InboundKind.START, "start": payload or ""}
            case "types", text:
                return {"kind": InboundKind.TEXT, "text": str(text)}
            case (("presses" | "old"), press):
                return {"kind": InboundKind.PRESS, "press": press}
            case "sends", "photo":
                return {"kind": InboundKind.MEDIA, "attachments": (Attachment(MediaKind.PHOTO, "photo-1"),)}
            case "sends", what:
                return {"kind": InboundKind.OTHER, "what": what}
            case "types_code", _:
                return {"kind": InboundKind.TEXT, "text": await self._code()}
            case "edits", text:
                return {"kind": InboundKind.EDIT, "text": str(text)}
            case "leaves", _:
                return {"kind": InboundKind.LEFT}
        raise AssertionError(step)

    async def _code(self) -> str:
        async with self._store.read() as tx:
            mine = await conversations.find(tx, key())
            assert mine is not None
            return (await cases.of_conversations(tx, [mine.id]))[mine.id][0].code


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
async def test_transcript(path: Path, library: Library, sqlite_store: Store) -> None:
    told = read(path)
    day: date = told.get("day", date(2026, 11, 21))
    hands = Hands(datetime.combine(day, time(3), UTC))
    for code in told.get("foreign_cases", ()):
        await happen(
            sqlite_store, hands, CaseOpened(str(code), CaseKind.FEEDBACK, "", "Loa rè", pin="1234"), chat="foreign"
        )
    if "bao-truc-loi" in str(told["talk"]):
        # a report is taken where somebody may read it
        await made(sqlite_store, library, hands, "giu-kin", role("giu-danh-tinh"))
    unit = told.get("unit", "xa-tu-ky")
    handler = Handler(sqlite_store, Fixed(library), engine.advance, hands.clock, unit_of=lambda _key: unit)
    talk = Talk(sqlite_store, handler, hands, is_group=told.get("group", False))
    for number, step in enumerate(told["talk"], 1):
        said = await talk.play(step)
        if (wanted := step.get("says")) is not None:
            assert said == ([wanted] if isinstance(wanted, str) else wanted), f"{path.name}, step {number}"
        hands.move(seconds=timedelta(seconds=1).total_seconds())
    async with sqlite_store.read() as tx:
        assert await inbox.set_aside(tx) == []
        for code in await cases.codes(tx):
            assert await cases.broken(tx, code) is None
