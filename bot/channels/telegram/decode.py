"""Telegram's JSON → `Inbound`. Each update is read alone: one that cannot be read says why and stops nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from telegram import CallbackQuery, ChatMemberUpdated, Message, Update, User
from telegram.constants import ChatType

from bot.model.inbound import Attachment, ConversationKey, Inbound, InboundKind, MediaKind

#: what is asked for with getUpdates and setWebhook
ALLOWED_UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")

#: deep link payloads: core.telegram.org/bots/features#deep-linking
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?=\s|$)")
#: no character of any language, refused by PostgreSQL and by UTF-8
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

_MEDIA: Final = {
    "voice": MediaKind.VOICE,
    "audio": MediaKind.AUDIO,
    "video": MediaKind.VIDEO,
    "video_note": MediaKind.VIDEO,
    "animation": MediaKind.VIDEO,
    "document": MediaKind.FILE,
}
#: content with nothing to read; the first found names the inbound
_OTHER: Final = (
    "sticker", "location", "venue", "contact", "dice", "poll", "story", "game", "invoice", "paid_media", "checklist",
    "giveaway", "users_shared", "chat_shared",
)  # fmt: skip
#: the fields of the usual update, of its message and what it may hold
_TEXT_UPDATE: Final = {"update_id", "message"}
_PRESS_UPDATE: Final = {"update_id", "callback_query"}
_PRESS: Final = {"id", "from", "message", "chat_instance", "data"}
_TEXT_MESSAGE: Final = {"message_id", "from", "chat", "date", "text", "entities"}
_GONE: Final = frozenset({"kicked", "left"})


class PoisonError(Exception):
    """An update that cannot be read: kept for a developer, never asked for again."""


@dataclass(frozen=True, slots=True)
class Decoder:
    """Reads the updates of one bot. `account` is the bot's id; `draw` gives that many random bytes."""

    account: str
    now: Callable[[], datetime]
    draw: Callable[[int], bytes]
    #: the bot's @name without @, empty until getMe has answered
    username: str = ""

    def decode(self, raw: Any) -> Inbound | None:
        """What one update says; None for what is not meant for us. Raises `PoisonError`."""
        try:
            return _sound(self._usual(raw))
        except (KeyError, TypeError, ValueError, AttributeError):
            return self._any(raw)

    def _any(self, raw: Any) -> Inbound | None:
        """Any update, read with the library."""
        try:
            return _sound(self._read(Update.de_json(_storable(raw), None)))
        except Exception as error:  # the library raises whatever a missing or odd field leads to
            raise PoisonError(_storable(f"{type(error).__name__}: {error}"[:300])) from error

    def chat_of(self, raw: Any) -> ConversationKey:
        """The chat an unreadable update seems to come from, as far as can be told."""
        return self._key(_find_chat(raw, 0))

    def _usual(self, raw: Any) -> Inbound:
        """A plain text or a press in a private chat, nine of ten updates, read straight from the JSON: a fifth of the time.

        Whatever else there is, or is odd, raises and is left to the library's types.
        """
        if raw.keys() == _TEXT_UPDATE:
            message = raw["message"]
            if message.keys() - _TEXT_MESSAGE or not isinstance(message["date"], int):
                raise ValueError
            text = _storable(_word(message["text"]))
            if text.startswith("/") and "@" in text:
                raise ValueError
            where = {"message_id": str(_whole(message["message_id"])), "sender_name": _full_name(message["from"])}
            chat_id = _private(message["chat"])
            external_id = f"m:{chat_id}:{where['message_id']}"
            if (start := _start_payload(text)) is not None:
                return self._inbound(chat_id, external_id, InboundKind.START, start=start, **where)
            return self._inbound(chat_id, external_id, InboundKind.TEXT, text=text, **where)
        if raw.keys() != _PRESS_UPDATE:
            raise ValueError
        query = raw["callback_query"]
        if query.keys() != _PRESS:
            raise ValueError
        message = query["message"]
        return self._inbound(
            _private(message["chat"]),
            f"c:{_storable(_word(query['id']))}",
            InboundKind.PRESS,
            press=_storable(_word(query["data"])),
            sender_name=_full_name(query["from"]),
            message_id=str(_whole(message["message_id"])),
        )

    def _key(self, chat: object) -> ConversationKey:
        return ConversationKey("telegram", self.account, str(chat))

    def _read(self, update: Update) -> Inbound | None:
        if update.message is not None:
            return self._message(update.message)
        if update.edited_message is not None:
            return self._edit(update.edited_message)
        if update.callback_query is not None:
            return self._press(update.callback_query)
        if update.my_chat_member is not None:
            return self._member(update.my_chat_member)
        return None

    def _inbound(self, chat_id: int, external_id: str, kind: InboundKind, **more: Any) -> Inbound:
        return Inbound(self._key(chat_id), external_id, kind, self.now(), self.draw(16), **more)

    def _message(self, message: Message) -> Inbound | None:
        text = self._addressed(message)
        if text is None:
            return None
        chat = message.chat
        about: dict[str, Any] = {
            "sender_name": _name(message.from_user),
            "is_group": chat.type != ChatType.PRIVATE,
            "message_id": str(message.message_id),
        }
        external_id = f"m:{chat.id}:{int(message.message_id)}"
        if files := _attachments(message):
            return self._inbound(chat.id, external_id, InboundKind.MEDIA, text=text, attachments=files, **about)
        if message.text is not None:
            start = _start_payload(text)
            if start is not None:
                return self._inbound(chat.id, external_id, InboundKind.START, start=start, **about)
            return self._inbound(chat.id, external_id, InboundKind.TEXT, text=text, **about)
        what = next((name for name in _OTHER if getattr(message, name, None) is not None), "")
        return self._inbound(chat.id, external_id, InboundKind.OTHER, what=what, **about) if what else None

    def _edit(self, message: Message) -> Inbound | None:
        text = self._addressed(message)
        if text is None or message.edit_date is None:
            return None
        stamp = int(message.edit_date.timestamp())
        return self._inbound(
            message.chat.id,
            f"e:{message.chat.id}:{int(message.message_id)}:{stamp}",
            InboundKind.EDIT,
            text=text,
            sender_name=_name(message.from_user),
            is_group=message.chat.type != ChatType.PRIVATE,
            message_id=str(message.message_id),
        )

    def _press(self, query: CallbackQuery) -> Inbound | None:
        if query.message is None or query.data is None:
            return None
        return self._inbound(
            query.message.chat.id,
            f"c:{query.id}",
            InboundKind.PRESS,
            press=query.data,
            sender_name=_name(query.from_user),
            is_group=query.message.chat.type != ChatType.PRIVATE,
            message_id=str(query.message.message_id),
        )

    def _member(self, change: ChatMemberUpdated) -> Inbound | None:
        before, after = change.old_chat_member.status in _GONE, change.new_chat_member.status in _GONE
        if before == after:
            return None
        stamp = int(change.date.timestamp())
        kind = InboundKind.LEFT if after else InboundKind.BACK
        return self._inbound(
            change.chat.id,
            f"b:{change.chat.id}:{stamp}:{kind}",
            kind,
            sender_name=_name(change.from_user),
            is_group=change.chat.type != ChatType.PRIVATE,
        )

    def _addressed(self, message: Message) -> str | None:
        """Text or caption without our own @name; None when a group is talking among itself or to another bot."""
        text = message.text or message.caption or ""
        if message.chat.type == ChatType.CHANNEL:
            return None
        command = _COMMAND.match(text)
        to_name = (command[2] or "").lower() if command else ""
        mine = self.username.lower()
        if to_name and mine and to_name != mine:
            return None
        if command and to_name:
            text = f"/{command[1]}{text[command.end() :]}"
        if message.chat.type == ChatType.PRIVATE:
            return text
        mention = re.compile(rf"@{re.escape(mine)}\b", re.IGNORECASE) if mine else None
        replied = message.reply_to_message
        to_us = replied is not None and replied.from_user is not None and str(replied.from_user.id) == self.account
        if not (command or to_us or (mention and mention.search(text))):
            return None
        return mention.sub("", text).strip() if mention else text


def _sound(inbound: Inbound | None) -> Inbound | None:
    """The same, if everything has its type: the library takes over whatever JSON holds."""
    if inbound is None:
        return None
    int(inbound.key.chat)
    words: list[Any] = [inbound.text, inbound.press, inbound.sender_name]
    for file in inbound.attachments:
        words += [file.ref, file.name, file.mime]
        if not isinstance(file.size_bytes, int | None):
            raise TypeError("file_size is no number")
    if not all(isinstance(word, str) for word in words):
        raise TypeError("a text is no text")
    return inbound


def _whole(number: Any) -> int:
    if type(number) is not int:
        raise TypeError
    return number


def _word(text: Any) -> str:
    if type(text) is not str:
        raise TypeError
    return text


def _private(chat: Any) -> int:
    """The id of a private chat."""
    if chat["type"] != "private":
        raise ValueError
    return _whole(chat["id"])


def _full_name(user: Any) -> str:
    first, last = _word(user["first_name"]), user.get("last_name")
    return str(_storable(f"{first} {_word(last)}" if last else first))


def _start_payload(text: str) -> str | None:
    """The payload of `/start`, "" without a valid one; None for any other text."""
    command = _COMMAND.match(text)
    if command is None or command[1].lower() != "start":
        return None
    payload = text[command.end() :].strip()
    return payload if _PAYLOAD.fullmatch(payload) else ""


def _attachments(message: Message) -> tuple[Attachment, ...]:
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return (Attachment(MediaKind.PHOTO, largest.file_id, "", "image/jpeg", largest.file_size),)
    for name, kind in _MEDIA.items():
        found: Any = getattr(message, name, None)
        if found is not None:
            file_name, mime = getattr(found, "file_name", None), getattr(found, "mime_type", None)
            return (Attachment(kind, found.file_id, file_name or "", mime or "", found.file_size),)
    return ()


def _name(user: User | None) -> str:
    return user.full_name if user is not None else ""


def _storable(value: Any) -> Any:
    """The same JSON without NUL and lone surrogates, which neither database nor UTF-8 takes."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value) if _UNSTORABLE.search(value) else value
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value


def _find_chat(raw: Any, depth: int) -> str:
    if not isinstance(raw, dict) or depth > 3:
        return ""
    chat = raw.get("chat")
    if isinstance(chat, dict) and isinstance(chat.get("id"), int):
        return str(chat["id"])
    return next((found for item in raw.values() if (found := _find_chat(item, depth + 1))), "")
