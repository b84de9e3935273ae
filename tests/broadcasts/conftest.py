"""A commune with subscribers, officials who write and approve, and a sender that keeps what it sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import broadcasts
from bot.broadcast_sheet import look
from bot.broadcast_text import Content
from bot.broadcasts import Given
from bot.dispatch import Dispatch
from bot.library import Library
from bot.model.broadcast import Audience, Broadcast
from bot.model.official import Official
from bot.runner.outbox import Sender
from bot.store import Store, contacts, conversations
from bot.store import broadcasts as rows
from bot.store.broadcast_tables import broadcast_recipients
from tests.harness.clock import Hands
from tests.harness.officials import UNIT, made, role
from tests.harness.talk import KeepingChannel, key


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.load(Path(__file__).parents[2] / "content")


@dataclass
class Town:
    """Everything a test of broadcasts acts on."""

    store: Store
    library: Library
    hands: Hands
    channel: KeepingChannel = field(default_factory=KeepingChannel)
    author: Official = None  # type: ignore[assignment]
    chair: Official = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.dispatch = Dispatch(self.store, lambda: self.library, self.hands.clock)

    @property
    def times(self) -> dict[str, Any]:
        return {"now": self.hands.at, "at": self.hands.at}

    async def subscriber(
        self,
        *chats: str,
        topics: tuple[str, ...] = ("bhyt",),
        unit: str = UNIT,
        hamlet: str = "",
        often: str = "at-once",
        channel: str = "telegram",
        facts: dict[str, Any] | None = None,
        profile_version: str = "v2",
    ) -> int:
        """A contact with these chats (the last one active last), who agreed and follows."""
        async with self.store.write() as tx:
            first = (await conversations.load(tx, [key(chats[0], channel)], self.hands.at))[key(chats[0], channel)]
            contact = (await contacts.open_for(tx, [first.id], self.hands.at))[first.id]
            for chat in chats[1:]:
                self.hands.move(seconds=1)
                own = (await conversations.load(tx, [key(chat, channel)], self.hands.at))[key(chat, channel)]
                await tx.run(
                    conversations.conversations.update()
                    .where(conversations.conversations.c.id == own.id)
                    .values(contact_id=contact)
                )
            await contacts.give(tx, [(contact, first.id, "nhan-tin", "v1")], self.hands.at)
            await contacts.subscribe(tx, contact, topics, unit=unit, hamlet=hamlet, at=self.hands.at, often=often)
            if facts:
                await contacts.give(tx, [(contact, first.id, "luu-ho-so", profile_version)], self.hands.at)
                await contacts.save_profile(tx, contact, facts=facts, unit=unit, hamlet=hamlet)
        return contact

    def given(self, text: str = "Mai phát gạo ở nhà văn hóa.", **more: Any) -> Given:
        content = more.pop("content", Content("Phát gạo", text))
        return Given(UNIT, content, more.pop("audience", Audience(())), **more)

    async def written(self, given: Given | None = None) -> int:
        async with self.store.write() as tx:
            return await broadcasts.write(tx, self.author, self.library, given or self.given(), **self.times)

    async def approved(self, given: Given | None = None) -> int:
        number = await self.written(given)
        await self.act(broadcasts.submit, self.author, self.library, number)
        await self.approve(number)
        return number

    async def approve(self, number: int, **more: Any) -> None:
        async with self.store.read() as tx:
            seen = (await look(tx, self.chair, self.library, number, now=self.hands.at)).text_hash
        await self.act(broadcasts.approve, self.chair, self.library, number, seen_hash=seen, **more)

    async def started(self, given: Given | None = None) -> int:
        number = await self.approved(given)
        await self.act(broadcasts.start, self.author, self.library, number)
        return number

    async def act(self, what: Any, *args: Any, **more: Any) -> Any:
        async with self.store.write() as tx:
            return await what(tx, *args, **more, **self.times)

    async def get(self, number: int) -> Broadcast:
        async with self.store.read() as tx:
            found = await rows.get(tx, number)
            assert found is not None
            return found

    async def states(self, number: int) -> dict[str, int]:
        """Counted anew from the recipients themselves."""
        r = broadcast_recipients.c
        async with self.store.read() as tx:
            counted = select(r.state, func.count()).where(r.broadcast_id == number).group_by(r.state)
            return {row[0]: row[1] for row in await tx.rows(counted)}

    async def tallied(self, number: int) -> dict[str, int]:
        """As the broadcast keeps them; the two must agree."""
        tally = (await self.get(number)).tally
        told = {name: getattr(tally, name) for name in tally.__dataclass_fields__ if getattr(tally, name)}
        assert told == await self.states(number)
        return told

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        sender = Sender(self.store, self.channel, self.hands.clock, "here", takes_over=True)
        task = asyncio.create_task(sender.run())
        yield
        sender.stop()
        async with asyncio.timeout(10):
            await task

    async def run_until(self, number: int, state: str = "done") -> None:
        """Step until the broadcast stands there, with a sender running."""
        async with asyncio.timeout(20), self.sending():
            while (await self.get(number)).state != state:
                await self.dispatch.step()
                async with self.store.bell.ear("outcomes") as ear:
                    await ear.heard(0.01)

    @property
    def told(self) -> list[str]:
        """Chats that got a message, in order."""
        return [delivery.key.chat for delivery in self.channel.sent]


@pytest.fixture
async def town(store: Store, library: Library, hands: Hands) -> Town:
    place = Town(store, library, hands)
    place.author = await made(store, library, hands, "lan", role("can-bo-xu-ly", is_chair=False))
    place.chair = await made(store, library, hands, "minh", role("lanh-dao"))
    return place
