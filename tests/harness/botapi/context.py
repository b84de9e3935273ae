"""One call on its way through the server, and the register of methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.harness.botapi import keyboards, markup
from tests.harness.botapi.accounts import Account, Chat, Message
from tests.harness.botapi.files import StoredFile, check_upload
from tests.harness.botapi.records import Call, Refusal, bad_request

if TYPE_CHECKING:
    from tests.harness.botapi.server import BotApiServer

TEXT_MAX, CAPTION_MAX = 4096, 1024


@dataclass(slots=True)
class Context:
    """What a method's handler needs."""

    server: BotApiServer
    account: Account
    call: Call

    @property
    def args(self) -> dict[str, Any]:
        """Typed arguments."""
        return self.call.args

    def violate(self, code: str, text: str) -> None:
        """Write down that the client broke a rule."""
        self.server.violate(code, self.call.method, text)

    def refuse(self, code: str, refusal: Refusal) -> Refusal:
        """A refusal that is also a violation."""
        self.violate(code, refusal.description)
        return refusal

    def chat(self) -> Chat:
        """The chat the bot writes to."""
        return self.account.writable(self.args["chat_id"])

    def own_message(self, chat: Chat, gone: str) -> Message:
        """The bot's own message that the call names; `gone` is what Telegram says without one."""
        message = chat.messages.get(self.args.get("message_id", 0))
        if message is None:
            raise bad_request(gone)
        if message["from"]["id"] != self.account.id:
            raise bad_request("message can't be edited")
        return message

    def text_and_entities(self, name: str, most: int, holder: dict[str, Any] | None = None) -> dict[str, Any]:
        """`text` or `caption` after parsing, with its entities; empty without one."""
        given = self.args if holder is None else holder
        key = "entities" if name == "text" else "caption_entities"
        try:
            plain, entities = markup.parse(_clean(given.get(name, "")), given.get("parse_mode"))
        except markup.MarkupError as error:
            raise self.refuse("markup", bad_request(f"can't parse entities: {error}")) from error
        if not given.get("parse_mode") and given.get(key):
            entities = given[key]
            if wrong := markup.check_entities(given[name], entities):
                raise self.refuse("entities", bad_request(wrong))
        if len(plain) > most:
            text = "message is too long" if name == "text" else "message caption is too long"
            raise self.refuse("too-long", bad_request(text))
        if name == "text" and not plain:
            raise self.refuse("empty-text", bad_request("message text is empty"))
        return {name: plain, **({key: entities} if entities else {})} if plain else {}

    def reply_markup(self) -> dict[str, Any] | None:
        """The keyboard given, checked."""
        given: dict[str, Any] | None = self.args.get("reply_markup")
        if given is None:
            return None
        try:
            notes = keyboards.check(given)
        except Refusal as refusal:
            self.violate("keyboard", refusal.description)
            raise
        for rule, text in notes:
            self.violate(rule, text)
        return given

    def file(self, kind: str, value: str) -> StoredFile:
        """The file a call uploads or names by its `file_id`."""
        if value.startswith("attach://"):
            upload = self.call.uploads.get(value.removeprefix("attach://"))
            if upload is None:
                raise self.refuse("upload", bad_request("there is no file with the attached name in the request"))
            try:
                check_upload(kind, len(upload.data))
            except Refusal as refusal:
                self.violate("upload", refusal.description)
                raise
            return self.account.files.add(kind, upload.data, upload.name, upload.mime)
        if value.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        try:
            return self.account.files.named(value)
        except Refusal as refusal:
            self.violate("file-id", refusal.description)
            raise

    def send(self, chat: Chat, content: dict[str, Any]) -> Message:
        """A new message of the bot in a chat: reply, keyboard, arrival."""
        keyboard = self.reply_markup()
        if reply := self._reply(chat):
            content = {**content, "reply_to_message": reply}
        if inline := keyboards.normal(keyboard):
            content = {**content, "reply_markup": inline}
        elif keyboard and "keyboard" in keyboard:
            chat.keyboard = keyboard["keyboard"]
        elif keyboard and keyboard.get("remove_keyboard"):
            chat.keyboard = None
        if self.args.get("protect_content"):
            content = {**content, "has_protected_content": True}
        message = self.account.new_message(chat, self.account.me, content)
        chat.note(message)
        return message

    def _reply(self, chat: Chat) -> Message | None:
        wanted = self.args.get("reply_parameters")
        if not wanted:
            return None
        found = chat.messages.get(wanted.get("message_id", 0))
        if found is None and not wanted.get("allow_sending_without_reply"):
            raise bad_request("message to be replied not found")
        if found is None:
            return None
        return {k: v for k, v in found.items() if k != "reply_to_message"}


def _clean(text: str) -> str:
    """Control characters become spaces (td/telegram/misc.cpp, clean_input_string)."""
    return "".join(" " if c < " " and c != "\n" else c for c in text.replace("\r", ""))


Handler = Callable[[Context], Awaitable[Any]]
METHODS: dict[str, Handler] = {}


def method(*names: str) -> Callable[[Handler], Handler]:
    """Register a handler for these methods."""

    def register(handler: Handler) -> Handler:
        METHODS.update(dict.fromkeys(names, handler))
        return handler

    return register
