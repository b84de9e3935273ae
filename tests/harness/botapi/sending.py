"""Methods that put a new message into a chat."""

from __future__ import annotations

from typing import Any

from tests.harness.botapi.accounts import Message
from tests.harness.botapi.context import CAPTION_MAX, TEXT_MAX, Context, method
from tests.harness.botapi.files import VOICE_NOTE_MAX_BYTES, StoredFile, photo_size, sound_kind
from tests.harness.botapi.records import Refusal, bad_request

_ACTIONS = frozenset(
    {
        "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
        "choose_sticker", "find_location", "record_video_note", "upload_video_note",
    }
)  # fmt: skip


@method("sendMessage")
async def send_message(ctx: Context) -> Message:
    """Text."""
    chat = ctx.chat()
    return ctx.send(chat, ctx.text_and_entities("text", TEXT_MAX))


@method("sendPhoto", "sendVoice", "sendAudio", "sendDocument")
async def send_file(ctx: Context) -> Message:
    """One file with a caption."""
    kind = ctx.call.method.removeprefix("send").lower()
    chat = ctx.chat()
    caption = ctx.text_and_entities("caption", CAPTION_MAX)
    ctx.reply_markup()
    content = media_content(ctx, kind, ctx.args[kind], ctx.args)
    return ctx.send(chat, {**content, **caption})


def media_content(ctx: Context, kind: str, value: str, about: dict[str, Any]) -> dict[str, Any]:
    """The message field a file becomes; `about` may tell duration, title and performer."""
    stored = ctx.file(kind, value)
    if stored.kind != kind and not (stored.kind == "document" and kind in {"audio", "voice"}):
        raise ctx.refuse(
            "file-id", bad_request(f"can't use file of type {stored.kind.capitalize()} as {kind.capitalize()}")
        )
    try:
        return file_content(stored, shown_as(ctx, kind, stored), about)
    except Refusal as refusal:
        ctx.violate("photo", refusal.description)
        raise


def shown_as(ctx: Context, kind: str, stored: StoredFile) -> str:
    """How clients show a file: a sound in another format, or a large voice note, becomes a plain file."""
    sound = sound_kind(stored.data)
    if kind == "voice" and sound not in {"ogg", "mp3", "m4a"}:
        ctx.violate("voice-format", "neither OGG/Opus nor MP3 nor M4A")
        return "document"
    if kind == "voice" and sound == "ogg" and stored.size > VOICE_NOTE_MAX_BYTES:
        return "document"
    if kind == "audio" and sound not in {"mp3", "m4a"}:
        ctx.violate("audio-format", "neither MP3 nor M4A")
        return "document"
    return kind


def file_content(stored: StoredFile, kind: str, about: dict[str, Any]) -> dict[str, Any]:
    """The message field for a stored file."""
    brief = stored.brief()
    named = {"file_name": stored.name} if stored.name else {}
    match kind:
        case "photo":
            width, height = photo_size(stored.data)
            return {"photo": [{**brief, "width": width, "height": height}]}
        case "voice":
            return {"voice": {**brief, "duration": about.get("duration", 0), "mime_type": stored.mime}}
        case "audio":
            told = {k: about[k] for k in ("title", "performer") if k in about}
            return {"audio": {**brief, **named, "duration": about.get("duration", 0), "mime_type": stored.mime, **told}}
        case _:
            return {"document": {**brief, **named, "mime_type": stored.mime}}


@method("sendMediaGroup")
async def send_media_group(ctx: Context) -> list[Message]:
    """An album of 2-10 files; sounds and documents only among themselves."""
    chat = ctx.chat()
    kinds = {item["type"] for item in ctx.args["media"]}
    if len(kinds) > 1 and kinds & {"audio", "document"}:
        raise ctx.refuse("album", bad_request("can't mix audio or documents with other media in an album"))
    contents = [
        {**media_content(ctx, i["type"], i["media"], i), **ctx.text_and_entities("caption", CAPTION_MAX, i)}
        for i in ctx.args["media"]
    ]
    group = str(chat.next_message_id)
    return [ctx.send(chat, {**content, "media_group_id": group}) for content in contents]


@method("sendSticker")
async def send_sticker(ctx: Context) -> Message:
    """A sticker by its file_id or as an upload."""
    stored = ctx.file("sticker", ctx.args["sticker"])
    sticker = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
    return ctx.send(ctx.chat(), {"sticker": {**stored.brief(), **sticker}})


@method("sendLocation")
async def send_location(ctx: Context) -> Message:
    """A point on the map."""
    place = {name: ctx.args[name] for name in ("latitude", "longitude")}
    if not (-90 <= place["latitude"] <= 90 and -180 <= place["longitude"] <= 180):
        raise ctx.refuse("location", bad_request("wrong latitude or longitude specified"))
    return ctx.send(ctx.chat(), {"location": place})


@method("sendContact")
async def send_contact(ctx: Context) -> Message:
    """A phone number with a name."""
    told = {name: ctx.args[name] for name in ("phone_number", "first_name", "last_name", "vcard") if name in ctx.args}
    return ctx.send(ctx.chat(), {"contact": told})


@method("sendChatAction")
async def send_chat_action(ctx: Context) -> bool:
    """Typing …"""
    if ctx.args["action"] not in _ACTIONS:
        raise ctx.refuse("action", bad_request("wrong parameter action in request"))
    ctx.chat().actions.append(ctx.args["action"])
    return True


def _source(ctx: Context, what: str) -> Message:
    source = ctx.account.chat(ctx.args["from_chat_id"])
    message = source.messages.get(ctx.args["message_id"])
    if message is None:
        raise bad_request(f"message to {what} not found")
    if message.get("has_protected_content"):
        raise bad_request(f"message can't be {'copied' if what == 'copy' else 'forwarded'}")
    return message


_CONTENT = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "photo",
    "voice",
    "audio",
    "document",
    "sticker",
    "location",
    "contact",
)


@method("copyMessage")
async def copy_message(ctx: Context) -> dict[str, int]:
    """The same content again, without its origin."""
    chat, message = ctx.chat(), _source(ctx, "copy")
    content = {name: message[name] for name in _CONTENT if name in message}
    if "caption" in ctx.args:
        content.update(ctx.text_and_entities("caption", CAPTION_MAX))
    return {"message_id": ctx.send(chat, content)["message_id"]}


@method("forwardMessage")
async def forward_message(ctx: Context) -> Message:
    """The same content again, with its origin."""
    chat, message = ctx.chat(), _source(ctx, "forward")
    content = {name: message[name] for name in _CONTENT if name in message}
    origin = {"type": "user", "date": message["date"], "sender_user": message["from"]}
    return ctx.send(chat, {**content, "forward_origin": origin})
