"""The other side: people who write to the bot, press its buttons and read what it says."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.harness.botapi.accounts import Account, Chat, Heard, Message, Query, entities_of
from tests.harness.botapi.sending import file_content

if TYPE_CHECKING:
    from tests.harness.botapi.server import BotApiServer

#: a wait guards against a bot that stays silent; nothing sleeps for it
GUARD_S = 5.0


class Press:
    """A button was pressed; the bot owes an answer."""

    def __init__(self, query: Query) -> None:
        self.query = query

    async def answer(self, timeout_s: float = GUARD_S) -> str:
        """Wait for the small notice; its text, often empty."""
        async with asyncio.timeout(timeout_s):
            await self.query.answered.wait()
        return self.query.text


class Talk:
    """What private chats and groups have in common."""

    def __init__(self, server: BotApiServer, account: Account, chat: Chat) -> None:
        self.server, self.account, self.chat = server, account, chat
        self._read = 0

    @property
    def id(self) -> int:
        """The chat's id."""
        return self.chat.id

    @property
    def screen(self) -> list[Heard]:
        """Messages of the bot as they stand now, oldest first."""
        own = (m for m in self.chat.messages.values() if m["from"]["id"] == self.account.id)
        return [Heard(m, "edit_date" in m) for m in own]

    @property
    def last(self) -> Heard:
        """The newest message of the bot."""
        if not self.screen:
            raise AssertionError("the bot has said nothing yet")
        return self.screen[-1]

    async def hears(self, timeout_s: float | None = GUARD_S) -> Heard:
        """The next message of the bot not heard yet, new or changed in place; None = somebody else guards the wait."""
        async with asyncio.timeout(timeout_s):
            while len(self.chat.heard) <= self._read:
                self.chat.news.clear()
                await self.chat.news.wait()
        self._read += 1
        return self.chat.heard[self._read - 1]

    def unheard(self) -> list[Heard]:
        """What has arrived and was not heard yet, without waiting."""
        fresh = self.chat.heard[self._read :]
        self._read = len(self.chat.heard)
        return fresh

    def data(self, heard: Heard) -> bytes:
        """The bytes of the photo, sound or file in a message."""
        message = heard.message
        brief = (
            message["photo"][-1]
            if "photo" in message
            else next(message[kind] for kind in ("voice", "audio", "document", "sticker") if kind in message)
        )
        return self.account.files.named(brief["file_id"]).data

    def _button(self, wanted: str, message: Heard | None) -> tuple[Heard, dict[str, Any]]:
        places = [message] if message else [h for h in reversed(self.screen) if h.rows]
        for place in places:
            for row in place.rows:
                for button in row:
                    if wanted in {button["text"], button.get("callback_data")}:
                        return place, button
        offered = [h.labels for h in places]
        raise AssertionError(f"no button {wanted!r}; on the screen: {offered}")

    def _press(self, person: dict[str, Any], wanted: str, message: Heard | None, data: str | None) -> Press:
        if data is not None:
            place = message or self.last
        else:
            place, button = self._button(wanted, message)
            if "callback_data" not in button:
                raise AssertionError(f"{wanted!r} opens a link and sends nothing: {button}")
            data = button["callback_data"]
        query = Query(f"{self.account.id}{len(self.account.queries) + 1:08d}", self.chat)
        self.account.queries[query.id] = query
        self.account.updates.push(
            "callback_query",
            {
                "id": query.id,
                "from": person,
                "message": self.chat.messages.get(place.message_id, place.message),
                "chat_instance": str(-self.chat.id * 31),
                "data": data,
            },
        )
        return Press(query)

    def _put(self, person: dict[str, Any], content: dict[str, Any], kind: str = "message") -> Message:
        message = self.account.new_message(self.chat, person, content)
        self.account.updates.push(kind, message)
        return message

    def _change(self, message_id: int, text: str) -> Message:
        message = self.chat.messages[message_id]
        changed = {**message, "text": text, "edit_date": max(int(self.account.now()), message["date"] + 1)}
        changed.pop("entities", None)
        if found := entities_of(text):
            changed["entities"] = found
        self.chat.messages[message_id] = changed
        self.account.updates.push("edited_message", changed)
        return changed

    def _reply(self, reply_to: int | None) -> dict[str, Any]:
        return {} if reply_to is None else {"reply_to_message": self.chat.messages[reply_to]}

    def _member_update(self, person: dict[str, Any], old: str, new: str) -> None:
        def member(status: str) -> dict[str, Any]:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"status": status, "user": self.account.me, **until}

        self.account.updates.push(
            "my_chat_member",
            {
                "chat": self.chat.brief(),
                "from": person,
                "date": int(self.account.now()),
                "old_chat_member": member(old),
                "new_chat_member": member(new),
            },
        )


def text_content(text: str) -> dict[str, Any]:
    """A text with the entities Telegram finds in it."""
    found = entities_of(text)
    return {"text": text, **({"entities": found} if found else {})}


class UserChat(Talk):
    """A person in a private chat with the bot. Unknown to the bot until the first word."""

    def __init__(self, server: BotApiServer, account: Account, user_id: int, names: dict[str, Any]) -> None:
        shown = {k: v for k, v in names.items() if k in {"first_name", "last_name", "username"}}
        super().__init__(server, account, Chat(user_id, "private", shown))
        self.person = {"id": user_id, "is_bot": False, "language_code": "vi", **names}

    def _meet(self) -> None:
        self.account.chats[self.chat.id] = self.chat
        if self.chat.standing == "new":
            self.chat.standing = "member"

    def met(self) -> UserChat:
        """Known to the bot from earlier days, without a word now."""
        self._meet()
        return self

    def _send(self, content: dict[str, Any], reply_to: int | None = None) -> Message:
        self._meet()
        return self._put(self.person, {**content, **self._reply(reply_to)})

    async def says(self, text: str, reply_to: int | None = None) -> Message:
        """Write."""
        return self._send(text_content(text), reply_to)

    async def starts(self, payload: str = "") -> Message:
        """Open the bot, by a deep link if there is a payload."""
        return await self.says(f"/start {payload}".rstrip())

    async def presses(self, wanted: str, message: Heard | None = None) -> Press:
        """Press the newest inline button with this label or payload, or one of the keyboard below."""
        self._meet()
        for row in self.chat.keyboard or []:
            if message is None and any(button["text"] == wanted for button in row):
                await self.says(wanted)
                return Press(Query("", self.chat))
        return self._press(self.person, wanted, message, None)

    async def presses_old(self, data: str, message: Heard | None = None) -> Press:
        """Press a button that a past version of the bot had offered."""
        self._meet()
        return self._press(self.person, "", message, data)

    def _file(
        self, kind: str, data: bytes, name: str, mime: str, size: int | None, about: dict[str, Any]
    ) -> dict[str, Any]:
        return file_content(self.account.files.add(kind, data, name, mime, size), kind, about)

    async def sends_photo(self, data: bytes, caption: str = "", *, album: str = "") -> Message:
        """A picture; Telegram offers it in one or more sizes."""
        content = self._file("photo", data, "photo.jpg", "image/jpeg", None, {})
        return self._send({**content, **_caption(caption), **({"media_group_id": album} if album else {})})

    async def sends_voice(self, data: bytes, duration_s: int = 3, mime: str = "audio/ogg") -> Message:
        """A voice note."""
        return self._send(self._file("voice", data, "voice.ogg", mime, None, {"duration": duration_s}))

    async def sends_audio(
        self, data: bytes, name: str = "sound.mp3", mime: str = "audio/mpeg", caption: str = ""
    ) -> Message:
        """A sound file."""
        return self._send({**self._file("audio", data, name, mime, None, {"duration": 3}), **_caption(caption)})

    async def sends_document(
        self,
        data: bytes,
        name: str = "file.pdf",
        mime: str = "application/pdf",
        caption: str = "",
        size: int | None = None,
    ) -> Message:
        """Any file; `size` declares one larger than its data."""
        return self._send({**self._file("document", data, name, mime, size, {}), **_caption(caption)})

    async def sends_location(self, latitude: float = 21.59, longitude: float = 105.81) -> Message:
        """Where I am."""
        return self._send({"location": {"latitude": latitude, "longitude": longitude}})

    async def sends_sticker(self, emoji: str = "👍") -> Message:
        """A sticker."""
        stored = self.account.files.add("sticker", b"RIFF....WEBP", "s.webp", "image/webp")
        shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self._send({"sticker": {**stored.brief(), **shape, "emoji": emoji}})

    async def sends_contact(self, phone: str = "+84000000000") -> Message:
        """A phone number."""
        return self._send({"contact": {"phone_number": phone, "first_name": self.person["first_name"]}})

    async def sends_content(self, **content: Any) -> Message:
        """Any other message fields."""
        return self._send(content)

    async def edits(self, message_id: int, text: str) -> Message:
        """Change an earlier message."""
        return self._change(message_id, text)

    async def blocks(self) -> None:
        """Block the bot."""
        self._meet()
        self.chat.standing = "blocked"
        self._member_update(self.person, "member", "kicked")

    async def unblocks(self) -> None:
        """Unblock the bot; says nothing else."""
        self.chat.standing = "member"
        self._member_update(self.person, "kicked", "member")

    def deactivates(self) -> None:
        """Delete the account: the bot is told nothing."""
        self._meet()
        self.chat.standing = "deactivated"


class GroupChat(Talk):
    """A group the bot is a member of; with privacy on, it sees only what is meant for it."""

    def __init__(self, server: BotApiServer, account: Account, group_id: int, kind: str, title: str) -> None:
        super().__init__(server, account, Chat(group_id, kind, {"title": title}, standing="member"))
        account.chats[group_id] = self.chat

    def _person(self, user: UserChat) -> dict[str, Any]:
        if user.account is not self.account:
            raise AssertionError("this person talks to another bot")
        self.account.chats.setdefault(user.chat.id, user.chat)
        return user.person

    def _visible(self, content: dict[str, Any], reply_to: int | None) -> bool:
        text = content.get("text", content.get("caption", ""))
        to_bot = reply_to is not None and self.chat.messages[reply_to]["from"]["id"] == self.account.id
        others = "@" in text.partition(" ")[0] and f"@{self.account.username}" not in text
        command = text.startswith("/") and not others
        return not self.account.privacy or command or to_bot or f"@{self.account.username}" in text

    async def says(self, user: UserChat, text: str, reply_to: int | None = None) -> Message:
        """Somebody writes in the group."""
        content = {**text_content(text), **self._reply(reply_to)}
        message = self.account.new_message(self.chat, self._person(user), content)
        if self._visible(content, reply_to):
            self.account.updates.push("message", message)
        return message

    async def presses(self, user: UserChat, wanted: str, message: Heard | None = None) -> Press:
        """Somebody presses a button in the group."""
        return self._press(self._person(user), wanted, message, None)

    async def adds_bot(self, user: UserChat) -> None:
        """Somebody takes the bot into the group."""
        person = self._person(user)
        self.chat.standing = "member"
        self._member_update(person, "left", "member")
        self._put(person, {"new_chat_members": [self.account.me]})

    async def removes_bot(self, user: UserChat) -> None:
        """Somebody throws the bot out."""
        person = self._person(user)
        self.chat.standing = "kicked"
        self._member_update(person, "member", "kicked")

    async def upgrades(self, user: UserChat, new_id: int) -> GroupChat:
        """The group becomes a supergroup with another id; both sides tell it in a service message."""
        person = self._person(user)
        larger = self.server.group(new_id, self.chat.names["title"], bot=self.account, kind="supergroup")
        self._put(person, {"migrate_to_chat_id": new_id})
        larger._put(person, {"migrate_from_chat_id": self.chat.id})
        self.chat.migrated_to = new_id
        return larger


def _caption(text: str) -> dict[str, Any]:
    return {"caption": text} if text else {}
