"""Small words to write conversations with: inbound things, an engine by rule, a channel that keeps what it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.channels.base import Delivery, SendError, Sent
from bot.channels.console import CAPS
from bot.model.channel_state import ChannelState
from bot.model.events import Event, Said, Turn
from bot.model.inbound import Attachment, ConversationKey, Inbound, InboundKind
from bot.model.outbound import Outbound
from bot.model.session import Session

AT = datetime(2026, 11, 21, 3, tzinfo=UTC)


def key(chat: str = "7", channel: str = "telegram", account: str = "42") -> ConversationKey:
    """One chat."""
    return ConversationKey(channel, account, chat)


def types(text: str, number: int = 1, chat: str = "7", *, channel: str = "telegram") -> Inbound:
    """The person types; `number` makes the natural id."""
    where = key(chat, channel)
    seed = f"{where}/{number}".encode().ljust(16, b".")[:16]
    return Inbound(where, f"m:{chat}:{number}", InboundKind.TEXT, AT, seed, text=text)


Rule = Callable[[Session, Inbound], Turn | list[Event]]


@dataclass
class Engine:
    """Answers by one rule; keeps what it was asked, in order."""

    rule: Rule
    seen: list[Inbound] = field(default_factory=list)

    def __call__(self, session: Session, inbound: Inbound, _library: object, _now: datetime, /) -> Turn:
        self.seen.append(inbound)
        outcome = self.rule(session, inbound)
        if isinstance(outcome, Turn):
            return outcome
        return Turn(replace(session, turn=session.turn + 1, asked=inbound.text), tuple(outcome))


def echo(_session: Session, inbound: Inbound) -> list[Event]:
    """Says what was said."""
    return [Said(Outbound(inbound.text, said="echo"))]


class Shelf:
    """A library nobody looks at."""

    async def current(self, _tx: object) -> object:
        """Nothing."""
        return None


class KeepingChannel:
    """A channel that keeps what it is given, or fails as it is told."""

    name = "telegram"
    account = "42"
    caps = CAPS

    def __init__(self) -> None:
        self.sent: list[Delivery] = []
        self.tried: list[Delivery] = []
        #: taken one by one, before each send: an error to raise, or None to let it through
        self.faults: list[SendError | Exception | None] = []
        #: set = sends wait until it is set again
        self.open = asyncio.Event()
        self.open.set()
        self._moved = asyncio.Condition()
        self.reach = "ok"

    async def send(self, delivery: Delivery) -> Sent:
        """Keep it."""
        async with self._moved:
            self.tried.append(delivery)
            self._moved.notify_all()
        await self.open.wait()
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        async with self._moved:
            self.sent.append(delivery)
            self._moved.notify_all()
        return Sent(f"out:{delivery.outbox_id}", "handle-1" if delivery.outbound.media else "")

    async def until(self, *, sent: int = 0, tried: int = 0) -> None:
        """Wait until so many were sent and tried."""
        async with asyncio.timeout(10), self._moved:
            await self._moved.wait_for(lambda: len(self.sent) >= sent and len(self.tried) >= tried)

    @property
    def texts(self) -> list[str]:
        """What was sent, in order."""
        return [delivery.outbound.text for delivery in self.sent]

    async def fetch(self, attachment: Attachment) -> bytes:
        """Nothing is there."""
        raise SendError(f"no {attachment.ref}")

    def state(self) -> ChannelState:
        """Well, unless told otherwise."""
        return ChannelState(self.name, self.account, self.reach, f"channel.{self.reach}")
