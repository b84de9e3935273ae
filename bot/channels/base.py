"""The contract of a channel: what it hands in, what it is asked to send, and how sending can fail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.model.caps import Caps
from bot.model.channel_state import ChannelState
from bot.model.inbound import Attachment, ConversationKey, Inbound
from bot.model.outbound import Outbound

#: Takes a batch; returns only when everything in it is durable. The wire acknowledges after that, never before.
Handle = Callable[[Sequence[Inbound]], Awaitable[None]]


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One outbox row on its way out, already cut to the channel's caps."""

    outbox_id: int
    key: ConversationKey
    outbound: Outbound
    #: replies go ahead of bulk and are repeated once when their outcome is unknown
    is_reply: bool = True
    #: the channel's own handle of an attachment it uploaded before ("" = upload)
    media_handle: str = ""
    #: bytes of the attachment when it must be uploaded
    media_bytes: bytes = b""
    #: called when the limits let it go: until then it only waited
    started: Callable[[], None] = _nothing


@dataclass(frozen=True, slots=True)
class Sent:
    """The channel took the message."""

    message_id: str
    #: handle under which the attachment can be sent again without uploading
    media_handle: str = ""


class SendError(Exception):
    """A message was not sent, or nobody knows.

    retryable: the same request may succeed later. contact_gone: blocked, deactivated or kicked; no bulk until they come
    back. retry_after_s: the channel said how long to wait. unknown: the request left and no answer came. migrated_to: the
    chat lives on under this id.
    """

    def __init__(
        self,
        reason: str,
        *,
        retryable: bool = False,
        contact_gone: bool = False,
        retry_after_s: float | None = None,
        unknown: bool = False,
        migrated_to: str = "",
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable
        self.contact_gone = contact_gone
        self.retry_after_s = retry_after_s
        self.unknown = unknown
        self.migrated_to = migrated_to


class Channel(Protocol):
    """A channel account that can send. Receiving is the channel's own loop, which calls `Handle`."""

    name: str
    account: str
    caps: Caps

    async def send(self, delivery: Delivery) -> Sent:
        """Send one message; raises `SendError`."""
        ...

    async def fetch(self, attachment: Attachment) -> bytes:
        """The bytes of something a person sent; raises `SendError` when it cannot be had (or is over 20 MB)."""
        ...

    def state(self) -> ChannelState:
        """How the channel is doing."""
        ...
