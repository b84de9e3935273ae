"""What the web chat asks of the house. The wiring hands in something of this shape."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from bot.model.inbound import ConversationKey, Inbound
from bot.model.outbound import Outbound


class Letter(Protocol):
    """One message of a mailbox, of either side."""

    @property
    def id(self) -> int:
        """Grows with every message of the store."""
        ...

    @property
    def is_mine(self) -> bool:
        """Whether the person said it."""
        ...

    @property
    def outbound(self) -> Outbound:
        """What was said."""
        ...

    @property
    def at(self) -> datetime:
        """Aware moment at which it was kept."""
        ...

    @property
    def message_id(self) -> str:
        """The inbound's external id when the person said it."""
        ...


class Ear(Protocol):
    """Hears that something was committed."""

    async def heard(self, timeout_s: float = ...) -> bool:
        """Wait for a ring, at most so long; whether there was one."""
        ...


class Cleaned(Protocol):
    """A file fit to be kept: without camera data, its type found by content."""

    @property
    def data(self) -> bytes:
        """The bytes."""
        ...

    @property
    def mime(self) -> str:
        """The type found in the bytes."""
        ...


class Door(Protocol):
    """The house as the web chat sees it."""

    async def handle(self, inbounds: Sequence[Inbound]) -> None:
        """Make these durable with what follows from them; any exception means: not durable, send again."""
        ...

    async def letters(
        self, key: ConversationKey, *, after: int = 0, before: int | None = None, limit: int = 50
    ) -> Sequence[Letter]:
        """The first messages after the id `after`, or the last before `before`; both sides, in order."""
        ...

    def ear(self, key: ConversationKey) -> AbstractAsyncContextManager[Ear]:
        """Hears the mailbox of one conversation while the block runs."""
        ...

    async def put(self, data: bytes) -> tuple[str, Cleaned]:
        """Clean a file and keep it for good: its sha256 and what was kept.

        What it raises for a file that is not kept is handed to `WebChat` as `refused`; its text is for the person.
        """
        ...

    async def get(self, sha256: str) -> bytes:
        """The bytes of a file; raises `FileNotFoundError`, and `ValueError` for what is no sha256."""
        ...
