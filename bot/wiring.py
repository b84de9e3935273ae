"""Puts the parts of one process together. The only place where parts meet that must not know each other."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from bot import engine
from bot.channels.base import Channel
from bot.clock import Clock
from bot.library import Library
from bot.model.inbound import ConversationKey, Inbound
from bot.runner.handle import Handler
from bot.runner.outbox import Sender
from bot.runner.shelf import Shelf
from bot.settings import Settings
from bot.store import Store, bell, outbox, schema
from bot.store.blobs import Blobs
from bot.store.outbox import Letter


@dataclass(slots=True)
class House:
    """Everything one process holds. `open` builds it, `close` lets go."""

    settings: Settings
    clock: Clock
    store: Store
    shelf: Shelf
    handler: Handler
    senders: list[Sender] = field(default_factory=list)
    #: names this process in leases
    holder: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}")

    @classmethod
    async def open(cls, settings: Settings, clock: Clock) -> House:
        """Migrate the database, load the content, build the parts; starts nothing.

        Raises the errors of `schema.migrate` and `Shelf.open`.
        """
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        await schema.migrate(settings.database_url)
        store = await Store.open(settings.database_url, Blobs(settings.data_dir / "blobs"))
        try:
            shelf = await Shelf.open(store, settings.content_dir)
        except BaseException:
            await store.close()
            raise
        handler = Handler(store, shelf, engine.advance, clock, unit_of=lambda _key: settings.unit)
        return cls(settings, clock, store, shelf, handler)

    def add_channel(self, channel: Channel) -> Sender:
        """A channel with a wire: its outbox is sent by this process while it holds the lease."""
        sender = Sender(self.store, channel, self.clock, self.holder, takes_over=self.settings.on_sqlite)
        self.senders.append(sender)
        return sender

    @property
    def web(self) -> WebDoor:
        """What the web chat may do."""
        return WebDoor(self)

    async def close(self) -> None:
        """Let go of the database."""
        await self.store.close()


class WebDoor:
    """All that the web chat sees of the house. Its account is the site, its mailbox the outbox rows."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.clock = house.clock

    async def handle(self, inbounds: Sequence[Inbound]) -> None:
        """Make these durable with what follows; raises `UnavailableError` when they must be sent again."""
        await self._house.handler(inbounds)

    async def letters(
        self, key: ConversationKey, *, after: int = 0, before: int | None = None, limit: int = 50
    ) -> list[Letter]:
        """The conversation's messages in order, both sides: the first after id `after`, or the last before `before`."""
        async with self._house.store.read() as tx:
            return await outbox.mailbox(tx, key, after=after, before=before, limit=limit)

    def ear(self, key: ConversationKey) -> AbstractAsyncContextManager[bell.Ear]:
        """`async with door.ear(key) as ear: await ear.heard(2.0)` returns when a message was committed, or in time."""
        return self._house.store.bell.ear(bell.mailbox(key.channel, key.account, key.chat))

    async def put(self, data: bytes) -> str:
        """Keep an upload for good; its sha256, which is the attachment's `ref`."""
        return await self._house.store.blobs.put(data)

    async def get(self, sha256: str) -> bytes:
        """The bytes of a file; raises `FileNotFoundError`, and `ValueError` for what is no sha256."""
        return await self._house.store.blobs.get(sha256)

    def library(self) -> Library:
        """The library that serves now."""
        return self._house.shelf.library
