"""Cases at the desk as tests need them: a commune, its officials, households that write through the real engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from bot import engine, officials
from bot.casework import arrivals
from bot.casework.handling import Act
from bot.casework.sight import eye
from bot.library import Library
from bot.model.case import CaseKind
from bot.model.codes import new_code, new_pin
from bot.model.events import CaseOpened, Event, Turn
from bot.model.inbound import Inbound, InboundKind
from bot.model.official import Assignment, Official
from bot.model.outbound import Outbound
from bot.runner.handle import Handler
from bot.store import Store, case_desk, conversations, outbox
from bot.store import officials as rows
from bot.store.case_desk import Eye
from bot.work import Work
from tests.harness.clock import Hands
from tests.harness.officials import ON, UNIT, made
from tests.harness.talk import key, types

CONTENT = Path(__file__).parents[2] / "content"
LIBRARY = Library.load(CONTENT)
#: Monday, 10:00 in Vietnam
MONDAY = datetime.fromisoformat("2026-11-23T10:00:00+07:00")


class Shelf:
    """One library for ever."""

    async def current(self, _tx: object) -> Library:
        return LIBRARY


@dataclass
class Desk:
    """A commune's desk on one store."""

    store: Store
    hands: Hands
    number: int = 0

    async def official(self, login: str, *given: Assignment, name: str = "") -> Official:
        """An official, matched against every case there is."""
        one = await made(self.store, LIBRARY, self.hands, login, *given)
        if name:
            async with self.store.write() as tx:
                await rows.change(tx, one.id, name=name)
                found = await officials.load(tx, one.id, LIBRARY, ON)
            assert found is not None
            one = found
        await self.catch_up()
        return one

    async def catch_up(self) -> None:
        """Match and route what arrived."""
        await arrivals.catch_up(self.store, LIBRARY, now=self.hands.at, at=self.hands.at)

    async def brings(
        self,
        text: str,
        *,
        chat: str = "nha-a",
        kind: CaseKind = CaseKind.FEEDBACK,
        unit: str = UNIT,
        topic: str = "",
        hamlet: str = "",
        identity: dict[str, str] | None = None,
        about: str = "",
        caught_up: bool = True,
    ) -> str:
        """A household brings a matter; its code."""
        self.number += 1
        inbound = types(text, self.number, chat, channel="web")
        code = new_code(inbound.seed)
        opened = CaseOpened(
            code,
            kind,
            unit,
            text,
            new_pin(inbound.seed),
            topic=topic,
            hamlet=hamlet,
            identity=identity or {},
            anonymous=not identity,
            about_role=about,
        )
        await self._write(chat, inbound, [opened])
        if caught_up:
            await self.catch_up()
        return code

    async def says(self, event: Event, chat: str = "nha-a", *, caught_up: bool = True) -> None:
        """An event of a household's turn."""
        self.number += 1
        await self._write(chat, types("", self.number, chat, channel="web"), [event])
        if caught_up:
            await self.catch_up()

    async def _write(self, chat: str, inbound: Inbound, events: list[Event]) -> None:
        async with self.store.write() as tx:
            work = Work(tx, now=self.hands.at, at=self.hands.at)
            conversation = (await conversations.load(tx, [key(chat, "web")], self.hands.at))[key(chat, "web")]
            work.took(conversation, inbound, Turn(conversation.session, tuple(events)))
            await work.write()

    async def presses(self, press: str, chat: str = "nha-a", text: str = "") -> list[Outbound]:
        """A household presses a button or types, through the engine; what it is answered."""
        self.number += 1
        handler = Handler(self.store, Shelf(), engine.advance, self.hands.clock, unit_of=lambda _key: UNIT)  # type: ignore[arg-type]
        inbound = types(text, self.number, chat, channel="web")
        if press:
            inbound = replace(inbound, kind=InboundKind.PRESS, press=press)
        async with self.store.read() as tx:
            last = max((letter.id for letter in await outbox.mailbox(tx, key(chat, "web"), limit=500)), default=0)
        await handler.take([inbound])
        async with self.store.read() as tx:
            letters = await outbox.mailbox(tx, key(chat, "web"), after=last, limit=500)
        return [letter.outbound for letter in letters if not letter.is_mine]

    async def mailbox(self, chat: str = "nha-a") -> list[Outbound]:
        """What the bot said in a chat."""
        async with self.store.read() as tx:
            letters = await outbox.mailbox(tx, key(chat, "web"), limit=200)
        return [letter.outbound for letter in letters if not letter.is_mine]

    def eye(self, official: Official) -> Eye:
        """Their eye."""
        return eye(official, LIBRARY)

    async def sees(self, official: Official) -> set[str]:
        """The codes in their inbox."""
        async with self.store.read() as tx:
            page = await case_desk.page(tx, self.eye(official), case_desk.Filters(with_merged=True), limit=500)
        return {one.code for one in page}

    async def act(self, official: Official, code: str) -> Act:
        """An act on the case as it is now."""
        async with self.store.read() as tx:
            one = await case_desk.one(tx, self.eye(official), code)
            steps = one.steps if one else 0
        return Act(self.eye(official), LIBRARY, code, steps, self.hands.at, self.hands.at)

    async def does(
        self, official: Official, code: str, what: Callable[..., Awaitable[object]], *args: object, **named: object
    ) -> object:
        """One act in one transaction."""
        act = await self.act(official, code)
        async with self.store.write() as tx:
            return await what(tx, act, *args, **named)


@pytest.fixture
def desk(store: Store, hands: Hands) -> Desk:
    """On both databases, on a Monday."""
    hands.at = MONDAY
    return Desk(store, hands)
