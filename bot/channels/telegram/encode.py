"""`Delivery` → one Bot API call: HTML escaped, heading bold, buttons below."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile, LinkPreviewOptions, Message
from telegram.constants import ParseMode

from bot.channels.base import Delivery, SendError
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


@dataclass(frozen=True, slots=True)
class Call:
    """A method of the library's `Bot` and its arguments."""

    method: str
    args: dict[str, Any] = field(default_factory=dict)


def encode(delivery: Delivery, *, paid: bool = False) -> Call:
    """The call that sends a delivery as a new message; raises `SendError` when its attachment is not at hand.

    `paid` sends it beyond 30 messages a second for Telegram Stars (Bot API, allow_paid_broadcast).
    """
    outbound = delivery.outbound
    args: dict[str, Any] = {"chat_id": int(delivery.key.chat), "parse_mode": ParseMode.HTML}
    if markup := _keyboard(outbound):
        args["reply_markup"] = markup
    if paid:
        args["allow_paid_broadcast"] = True
    media = outbound.media
    if media is None:
        args["text"] = _html(outbound)
        args["link_preview_options"] = LinkPreviewOptions(is_disabled=True)
        return Call("send_message", args)
    method, name = _SEND[media.kind]
    if not (delivery.media_handle or delivery.media_bytes):
        raise SendError("attachment missing")
    args[name] = delivery.media_handle or InputFile(delivery.media_bytes, filename=media.name)
    args["caption"] = _html(outbound)
    return Call(method, args)


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


def _keyboard(outbound: Outbound) -> InlineKeyboardMarkup | None:
    rows = [[_button(b) for b in row if b.press or _linkable(b.url)] for row in outbound.rows]
    rows = [row for row in rows if row]
    return InlineKeyboardMarkup(rows) if rows else None


def _button(button: Button) -> InlineKeyboardButton:
    if button.press:
        return InlineKeyboardButton(button.label, callback_data=button.press)
    return InlineKeyboardButton(button.label, url=button.url)


def _linkable(url: str) -> bool:
    """Telegram refuses a whole message for one link without a full host name (http://localhost/…): such a button is left
    out."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "").strip(".")
