"""What comes in from a channel, in one neutral shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class InboundKind(StrEnum):
    """What the person did."""

    TEXT = "text"
    #: a button; `press` holds its payload
    PRESS = "press"
    #: first contact or a deep link; `start` holds its payload (may be empty)
    START = "start"
    #: photo, voice, file; `attachments` holds them, `text` the caption
    MEDIA = "media"
    #: place, sticker, contact, dice …: `what` names it; nothing to read
    OTHER = "other"
    #: an earlier message was changed; `text` is the new wording
    EDIT = "edit"
    #: the person blocked the bot or left
    LEFT = "left"
    #: the person unblocked the bot
    BACK = "back"


class MediaKind(StrEnum):
    """How an attachment is to be treated; its true type is found by content when it is fetched."""

    PHOTO = "photo"
    VOICE = "voice"
    AUDIO = "audio"
    VIDEO = "video"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file a person sent. `ref` is the channel's handle (Telegram file_id, web upload's sha256)."""

    kind: MediaKind
    ref: str
    name: str = ""
    mime: str = ""
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ConversationKey:
    """The unit of order, lock and session: one chat on one account of one channel."""

    #: telegram, web, console …
    channel: str
    #: bot id, site name
    account: str
    #: chat id as text
    chat: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.account}:{self.chat}"


@dataclass(frozen=True, slots=True)
class Found:
    """The runner's answer to one `Lookup`. `value` is None where nothing was found."""

    kind: str
    args: tuple[str, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing one person did.

    `external_id` is natural and never reused (m:<chat>:<message>, c:<callback>, e:…:<edit_date>): seen ids are dropped.
    `seed` is 16 random bytes drawn by the channel's wire: every id and code of the turn comes from it, so a replay gives
    the same turn.
    """

    key: ConversationKey
    external_id: str
    kind: InboundKind
    received_at: datetime
    seed: bytes
    text: str = ""
    press: str = ""
    start: str = ""
    what: str = ""
    attachments: tuple[Attachment, ...] = ()
    sender_name: str = ""
    #: a group chat: the bot answers only when addressed and keeps nothing personal
    is_group: bool = False
    #: the channel's id of the message a button belongs to, so that it can be answered in place
    message_id: str = ""
    #: answers to the lookups an earlier `advance` of this same inbound asked for
    found: tuple[Found, ...] = field(default=())

    def answer_to(self, kind: str, *args: str) -> Found | None:
        """The runner's answer to that lookup, if it was asked and answered."""
        return next((f for f in self.found if f.kind == kind and f.args == args), None)
