"""`Delivery` → one Bot API call: HTML escaped, heading bold, buttons below."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from telegram import InputFile, Message

from bot.channels.base import Delivery, SendError
from bot.channels.telegram.transport import as_json
from bot.model.caps import Caps
from bot.model.outbound import Button, Outbound, OutMediaKind

#: core.telegram.org/bots/api: sendMessage, sendPhoto, InlineKeyboardButton; 100 buttons are the server's limit and labels
#: have none, but a phone shows about 40 characters of one
CAPS: Final = Caps(
    text_max=4096,
    caption_max=1024,
    buttons=True,
    buttons_max=100,
    button_label_max=64,
    press_max_bytes=64,
    media=frozenset(OutMediaKind),
)

_SEND: Final = {
    OutMediaKind.PHOTO: ("send_photo", "photo"),
    OutMediaKind.VOICE: ("send_voice", "voice"),
    OutMediaKind.AUDIO: ("send_audio", "audio"),
    OutMediaKind.FILE: ("send_document", "document"),
}


_NO_PREVIEW: Final = {"is_disabled": True}


@dataclass(frozen=True, slots=True)
class Call:
    """A method of the library's `Bot` and its arguments."""

    method: str
    args: dict[str, Any] = field(default_factory=dict)


def fields(delivery: Delivery, *, paid: bool = False) -> dict[str, Any]:
    """The fields of sendMessage for a text, ready to be written as JSON.

    `paid` sends it beyond 30 messages a second for Telegram Stars (Bot API, allow_paid_broadcast).
    """
    text = {"text": _html(delivery.outbound), "link_preview_options": _NO_PREVIEW}
    return {**_common(delivery, paid=paid), **text}


class Letters:
    """Texts as the JSON of sendMessage. What goes to many is written once: only the chat differs."""

    def __init__(self) -> None:
        self._last: tuple[Outbound, bool, bytes] | None = None

    def body(self, delivery: Delivery, *, paid: bool = False) -> bytes:
        """`fields` of the delivery as JSON in UTF-8."""
        if self._last is None or self._last[0] is not delivery.outbound or self._last[1] != paid:
            told = fields(delivery, paid=paid)
            del told["chat_id"]
            self._last = delivery.outbound, paid, as_json(told)
        return b'{"chat_id":%d,%b' % (int(delivery.key.chat), self._last[2][1:])


def encode(delivery: Delivery, *, paid: bool = False) -> Call:
    """The call that sends an attachment as a new message; raises `SendError` when it is not at hand."""
    media = delivery.outbound.media
    if media is None or not (delivery.media_handle or delivery.media_bytes):
        raise SendError("attachment missing")
    method, name = _SEND[media.kind]
    file = delivery.media_handle or InputFile(delivery.media_bytes, filename=media.name)
    return Call(method, {**_common(delivery, paid=paid), name: file, "caption": _html(delivery.outbound)})


def _common(delivery: Delivery, *, paid: bool) -> dict[str, Any]:
    shared: dict[str, Any] = {"chat_id": int(delivery.key.chat), "parse_mode": "HTML"}
    if rows := _keyboard(delivery.outbound):
        shared["reply_markup"] = {"inline_keyboard": rows}
    if paid:
        shared["allow_paid_broadcast"] = True
    return shared


def handle_of(message: Message) -> str:
    """The file_id under which the attachment just sent can be sent again; "" for a text."""
    sent: Any = message.effective_attachment
    if isinstance(sent, (list, tuple)):
        sent = sent[-1] if sent else None
    return str(getattr(sent, "file_id", ""))


def _html(outbound: Outbound) -> str:
    text = html.escape(outbound.text, quote=False)
    if not outbound.heading:
        return text
    heading = f"<b>{html.escape(outbound.heading, quote=False)}</b>"
    return f"{heading}\n{text}" if text else heading


def _keyboard(outbound: Outbound) -> list[list[dict[str, str]]]:
    rows = [[_button(b) for b in row if b.press or _linkable(b.url)] for row in outbound.rows]
    return [row for row in rows if row]


def _button(button: Button) -> dict[str, str]:
    return (
        {"text": button.label, "callback_data": button.press}
        if button.press
        else {"text": button.label, "url": button.url}
    )


@lru_cache(maxsize=1024)
def _linkable(url: str) -> bool:
    """Telegram refuses a whole message for one link without a full host name (http://localhost/…): such a button is left
    out."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "").strip(".")
