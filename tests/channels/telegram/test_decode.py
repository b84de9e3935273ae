"""Recorded payloads → `Inbound`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.telegram.decode import Decoder, PoisonError
from bot.model.inbound import Attachment, ConversationKey, Inbound, InboundKind, MediaKind

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SEED = bytes(range(16))
DECODER = Decoder("700000001", lambda: NOW, lambda size: SEED[:size], "loa_thon_bot")

LAN = {"id": 7, "is_bot": False, "first_name": "Lan", "last_name": "Nông", "language_code": "vi"}
BOT = {"id": 700000001, "is_bot": True, "first_name": "Loa", "username": "loa_thon_bot"}
PRIVATE = {"id": 7, "type": "private", "first_name": "Lan"}
GROUP = {"id": -5, "type": "group", "title": "Thôn Đồng"}


def message(chat: dict[str, Any] = PRIVATE, **content: Any) -> dict[str, Any]:
    return {"update_id": 1, "message": {"message_id": 3, "date": 1_800_000_000, "chat": chat, "from": LAN, **content}}


def inbound(external_id: str, kind: InboundKind, **more: Any) -> Inbound:
    about: dict[str, Any] = {"sender_name": "Lan Nông", "message_id": "3", **more}
    chat = external_id.split(":")[1] if external_id[0] != "c" else "7"
    return Inbound(
        ConversationKey("telegram", "700000001", about.pop("chat", chat)), external_id, kind, NOW, SEED, **about
    )


def file(**more: Any) -> dict[str, Any]:
    return {"file_id": "F1", "file_unique_id": "U1", "file_size": 9, **more}


CASES: dict[str, tuple[dict[str, Any], Inbound | None]] = {
    "text": (message(text="cho hỏi"), inbound("m:7:3", InboundKind.TEXT, text="cho hỏi")),
    "start": (message(text="/start"), inbound("m:7:3", InboundKind.START)),
    "deep link": (
        message(text="/start u_xa-1__e_an-trua"),
        inbound("m:7:3", InboundKind.START, start="u_xa-1__e_an-trua"),
    ),
    "start with words": (message(text="/start xin chào"), inbound("m:7:3", InboundKind.START)),
    "start with a long payload": (message(text=f"/start {'a' * 65}"), inbound("m:7:3", InboundKind.START)),
    "command": (message(text="/menu@loa_thon_bot 2"), inbound("m:7:3", InboundKind.TEXT, text="/menu 2")),
    "photo": (
        message(
            caption="giấy",
            photo=[file(width=90, height=60) | {"file_id": "small"}, file(width=900, height=600)],
        ),
        inbound(
            "m:7:3",
            InboundKind.MEDIA,
            text="giấy",
            attachments=(Attachment(MediaKind.PHOTO, "F1", "", "image/jpeg", 9),),
        ),
    ),
    "voice": (
        message(voice=file(duration=3, mime_type="audio/ogg")),
        inbound("m:7:3", InboundKind.MEDIA, attachments=(Attachment(MediaKind.VOICE, "F1", "", "audio/ogg", 9),)),
    ),
    "audio": (
        message(audio=file(duration=3, mime_type="audio/mpeg", file_name="a.mp3")),
        inbound("m:7:3", InboundKind.MEDIA, attachments=(Attachment(MediaKind.AUDIO, "F1", "a.mp3", "audio/mpeg", 9),)),
    ),
    "video note": (
        message(video_note=file(duration=3, length=240)),
        inbound("m:7:3", InboundKind.MEDIA, attachments=(Attachment(MediaKind.VIDEO, "F1", "", "", 9),)),
    ),
    "document": (
        message(document=file(file_name="đơn.pdf", mime_type="application/pdf")),
        inbound(
            "m:7:3", InboundKind.MEDIA, attachments=(Attachment(MediaKind.FILE, "F1", "đơn.pdf", "application/pdf", 9),)
        ),
    ),
    "location": (
        message(location={"latitude": 21.5, "longitude": 105.8}),
        inbound("m:7:3", InboundKind.OTHER, what="location"),
    ),
    "contact": (
        message(contact={"phone_number": "1", "first_name": "a"}),
        inbound("m:7:3", InboundKind.OTHER, what="contact"),
    ),
    "sticker": (
        message(sticker=file(type="regular", width=1, height=1, is_animated=False, is_video=False)),
        inbound("m:7:3", InboundKind.OTHER, what="sticker"),
    ),
    "dice": (message(dice={"emoji": "🎲", "value": 2}), inbound("m:7:3", InboundKind.OTHER, what="dice")),
    "edit": (
        {"update_id": 1, "edited_message": message(text="b", edit_date=1_800_000_009)["message"]},
        inbound("e:7:3:1800000009", InboundKind.EDIT, text="b"),
    ),
    "button": (
        {
            "update_id": 1,
            "callback_query": {
                "id": "991",
                "from": LAN,
                "chat_instance": "1",
                "data": "e:an-trua",
                "message": {"message_id": 3, "date": 1_800_000_000, "chat": PRIVATE, "from": BOT, "text": "x"},
            },
        },
        inbound("c:991", InboundKind.PRESS, press="e:an-trua"),
    ),
    "button of a message too old to see": (
        {
            "update_id": 1,
            "callback_query": {
                "id": "991",
                "from": LAN,
                "chat_instance": "1",
                "data": "0",
                "message": {"message_id": 3, "date": 0, "chat": PRIVATE},
            },
        },
        inbound("c:991", InboundKind.PRESS, press="0"),
    ),
    "blocked": (
        {
            "update_id": 1,
            "my_chat_member": {
                "chat": PRIVATE,
                "from": LAN,
                "date": 1_800_000_000,
                "old_chat_member": {"status": "member", "user": BOT},
                "new_chat_member": {"status": "kicked", "user": BOT, "until_date": 0},
            },
        },
        inbound("b:7:1800000000:left", InboundKind.LEFT, message_id=""),
    ),
    "unblocked": (
        {
            "update_id": 1,
            "my_chat_member": {
                "chat": PRIVATE,
                "from": LAN,
                "date": 1_800_000_000,
                "old_chat_member": {"status": "kicked", "user": BOT, "until_date": 0},
                "new_chat_member": {"status": "member", "user": BOT},
            },
        },
        inbound("b:7:1800000000:back", InboundKind.BACK, message_id=""),
    ),
    "NUL and half a character": (message(text="a\x00b\ud83dc"), inbound("m:7:3", InboundKind.TEXT, text="abc")),
    "empty text": (message(text=""), inbound("m:7:3", InboundKind.TEXT)),
    "right-to-left marks stay": (message(text="\u202ea"), inbound("m:7:3", InboundKind.TEXT, text="\u202ea")),
    "group talk": (message(GROUP, text="chuyện riêng"), None),
    "group command": (message(GROUP, text="/menu"), inbound("m:-5:3", InboundKind.TEXT, text="/menu", is_group=True)),
    "group, another bot's command": (message(GROUP, text="/menu@other_bot"), None),
    "group mention": (
        message(GROUP, text="@Loa_Thon_Bot nhà dột"),
        inbound("m:-5:3", InboundKind.TEXT, text="nhà dột", is_group=True),
    ),
    "group answer to us": (
        message(
            GROUP, text="có", reply_to_message={"message_id": 1, "date": 1, "chat": GROUP, "from": BOT, "text": "?"}
        ),
        inbound("m:-5:3", InboundKind.TEXT, text="có", is_group=True),
    ),
    "group photo": (message(GROUP, photo=[file(width=1, height=1)]), None),
    "somebody joined": (message(GROUP, new_chat_members=[LAN]), None),
    "group made": (message(GROUP, group_chat_created=True), None),
    "group became larger": (message(GROUP, migrate_to_chat_id=-1005), None),
    "channel post": (
        {"update_id": 1, "channel_post": message({"id": -9, "type": "channel", "title": "x"}, text="x")["message"]},
        None,
    ),
    "a kind from the future": ({"update_id": 1, "telepathy": {"thought": "?"}}, None),
    "unknown fields": (message(text="a", aura="green"), inbound("m:7:3", InboundKind.TEXT, text="a")),
}


@pytest.mark.parametrize("name", CASES)
def test_payload(name: str) -> None:
    raw, expected = CASES[name]
    assert DECODER.decode(json.loads(json.dumps(raw))) == expected


@pytest.mark.parametrize(
    "raw",
    [
        {
            "update_id": 1,
            "callback_query": {"id": "1", "from": LAN, "data": "x", "message": message(text="a")["message"]},
        },
        {"update_id": 1, "message": {"message_id": 3, "text": "a"}},
        {"update_id": 1, "message": {"message_id": 3, "date": "yesterday", "chat": PRIVATE, "text": "a"}},
        {"update_id": 1, "message": "text"},
        {"message": message(text="a")["message"]},
        [],
        "hello",
        None,
    ],
)
def test_poison_is_named(raw: Any) -> None:
    with pytest.raises(PoisonError, match=":"):
        DECODER.decode(raw)


def test_the_chat_of_poison_is_found_as_far_as_possible() -> None:
    assert DECODER.chat_of({"update_id": 1, "callback_query": {"message": {"chat": {"id": 7}}}}).chat == "7"
    assert DECODER.chat_of(["?"]).chat == ""


def test_before_the_name_is_known_a_group_is_answered_for_commands_only() -> None:
    nameless = Decoder("700000001", lambda: NOW, lambda size: SEED[:size])
    assert nameless.decode(message(GROUP, text="/menu")) is not None
    assert nameless.decode(message(GROUP, text="@loa_thon_bot a")) is None
