"""One bot on the server: its token, chats, files, commands and what waits for it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.harness.botapi.files import FileStore
from tests.harness.botapi.records import Refusal, bad_request
from tests.harness.botapi.updates import UpdateQueue

if TYPE_CHECKING:
    from tests.harness.botapi.webhook import Webhook

Message = dict[str, Any]

#: a bot may delete its messages for two days: core.telegram.org/bots/api#deletemessage
DELETE_WITHIN_S = 48 * 3600

_COMMAND = re.compile(r"(?<![\w/])/([A-Za-z0-9_]{1,32})(@\w+)?")
_MENTION = re.compile(r"(?<!\w)@\w{5,32}")


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of the bot as a person sees it."""

    message: Message
    edited: bool = False

    @property
    def text(self) -> str:
        """Text or caption."""
        return str(self.message.get("text", self.message.get("caption", "")))

    @property
    def rows(self) -> list[list[dict[str, Any]]]:
        """Inline buttons as sent."""
        rows: list[list[dict[str, Any]]] = self.message.get("reply_markup", {}).get("inline_keyboard", [])
        return rows

    @property
    def labels(self) -> list[str]:
        """Labels of the inline buttons in reading order."""
        return [button["text"] for row in self.rows for button in row]

    @property
    def message_id(self) -> int:
        """Its number in the chat."""
        return int(self.message["message_id"])


@dataclass(slots=True)
class Chat:
    """A chat of one bot. `standing` is member, new, blocked, deactivated, kicked or left."""

    id: int
    type: str
    names: dict[str, Any]
    standing: str = "new"
    messages: dict[int, Message] = field(default_factory=dict)
    next_message_id: int = 1
    migrated_to: int | None = None
    heard: list[Heard] = field(default_factory=list)
    keyboard: list[list[dict[str, Any]]] | None = None
    actions: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def brief(self) -> dict[str, Any]:
        """The `Chat` object inside messages."""
        return {"id": self.id, "type": self.type, **self.names}

    @property
    def is_group(self) -> bool:
        """Group or supergroup."""
        return self.type in {"group", "supergroup"}

    def number(self) -> int:
        """The next message id; they count within a chat."""
        number, self.next_message_id = self.next_message_id, self.next_message_id + 1
        return number

    def note(self, message: Message, *, edited: bool = False) -> None:
        """A message of the bot reached the person."""
        self.heard.append(Heard(message, edited))
        self.news.set()


@dataclass(slots=True)
class Query:
    """A pressed button and its answer."""

    id: str
    chat: Chat
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    text: str = ""
    alert: bool = False
    url: str = ""
    too_old: bool = False


class Account:
    """A bot registered with the server."""

    def __init__(
        self, token: str, username: str, clock: Callable[[], float], now: Callable[[], float], unit_s: float
    ) -> None:
        self.token = token
        self.id = int(token.partition(":")[0])
        self.username = username
        self.now = now
        self.privacy = True
        self.updates = UpdateQueue(clock, unit_s)
        self.files = FileStore(self.id)
        self.chats: dict[int, Chat] = {}
        self.queries: dict[str, Query] = {}
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.texts: dict[tuple[str, str], str] = {("name", ""): "Loa"}
        self.menu_button: dict[str, Any] = {"type": "commands"}
        self.webhook: Webhook | None = None

    @property
    def me(self) -> dict[str, Any]:
        """The bot as a `User`."""
        return {"id": self.id, "is_bot": True, "first_name": self.texts["name", ""], "username": self.username}

    def chat(self, chat_id: int | str) -> Chat:
        """The chat a call names, or Telegram's refusal."""
        wanted: Any = chat_id
        if isinstance(wanted, str) and wanted.startswith("@"):
            found = next((c for c in self.chats.values() if c.names.get("username") == wanted[1:]), None)
        else:
            try:
                found = self.chats.get(int(wanted))
            except ValueError:
                found = None
        if found is None:
            raise bad_request("chat not found")
        if found.migrated_to is not None:
            raise bad_request("group chat was upgraded to a supergroup chat", {"migrate_to_chat_id": found.migrated_to})
        return found

    def writable(self, chat_id: int | str) -> Chat:
        """The chat, when the bot may write there."""
        chat = self.chat(chat_id)
        kind = "supergroup" if chat.type == "supergroup" else "group"
        refusals = {
            "new": "bot can't initiate conversation with a user",
            "blocked": "bot was blocked by the user",
            "deactivated": "user is deactivated",
            "kicked": f"bot was kicked from the {kind} chat",
            "left": f"bot is not a member of the {kind} chat",
        }
        if chat.standing in refusals:
            raise Refusal(403, f"Forbidden: {refusals[chat.standing]}")
        return chat

    def new_message(self, chat: Chat, sender: dict[str, Any], content: dict[str, Any]) -> Message:
        """A message with its number and date, kept in the chat."""
        message = {
            "message_id": chat.number(),
            "from": sender,
            "chat": chat.brief(),
            "date": int(self.now()),
            **content,
        }
        chat.messages[message["message_id"]] = message
        return message


def entities_of(text: str) -> list[dict[str, Any]]:
    """Commands and mentions Telegram marks in what a person types."""
    found = []
    for kind, pattern in (("bot_command", _COMMAND), ("mention", _MENTION)):
        for match in pattern.finditer(text):
            start = len(text[: match.start()].encode("utf-16-le", "surrogatepass")) // 2
            found.append({"type": kind, "offset": start, "length": len(match[0])})
    return sorted(found, key=lambda e: e["offset"])
