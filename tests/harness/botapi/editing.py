"""Methods that change or remove what was sent, and the answer to a pressed button."""

from __future__ import annotations

from typing import Any

from tests.harness.botapi import keyboards
from tests.harness.botapi.accounts import DELETE_WITHIN_S, Chat, Message
from tests.harness.botapi.context import CAPTION_MAX, TEXT_MAX, Context, method
from tests.harness.botapi.records import bad_request
from tests.harness.botapi.sending import media_content

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
_MEDIA = ("photo", "voice", "audio", "document")


def _change(ctx: Context, chat: Chat, message: Message, content: dict[str, Any], drop: tuple[str, ...]) -> Message:
    inline = keyboards.normal(ctx.reply_markup())
    changed = {k: v for k, v in message.items() if k not in {*drop, "reply_markup", "edit_date"}} | content
    if inline:
        changed["reply_markup"] = inline
    if {k: v for k, v in message.items() if k != "edit_date"} == changed:
        raise bad_request(_NOT_MODIFIED)
    changed["edit_date"] = int(ctx.account.now())
    chat.messages[message["message_id"]] = changed
    chat.note(changed, edited=True)
    return changed


def _named(ctx: Context) -> tuple[Chat, Message]:
    if "inline_message_id" in ctx.args:
        raise bad_request("MESSAGE_ID_INVALID")
    if "chat_id" not in ctx.args or "message_id" not in ctx.args:
        raise ctx.refuse("missing", bad_request("message identifier is not specified"))
    chat = ctx.chat()
    return chat, ctx.own_message(chat, "message to edit not found")


@method("editMessageText")
async def edit_text(ctx: Context) -> Message:
    """New words in place."""
    chat, message = _named(ctx)
    if "text" not in ctx.args:
        raise ctx.refuse("empty-text", bad_request("message text is empty"))
    content = ctx.text_and_entities("text", TEXT_MAX)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _change(ctx, chat, message, content, ("text", "entities"))


@method("editMessageCaption")
async def edit_caption(ctx: Context) -> Message:
    """New words under a file."""
    chat, message = _named(ctx)
    content = ctx.text_and_entities("caption", CAPTION_MAX)
    if not any(kind in message for kind in _MEDIA):
        raise bad_request("there is no caption in the message to edit")
    return _change(ctx, chat, message, content, ("caption", "caption_entities"))


@method("editMessageReplyMarkup")
async def edit_markup(ctx: Context) -> Message:
    """New buttons only."""
    chat, message = _named(ctx)
    return _change(ctx, chat, message, {}, ())


@method("editMessageMedia")
async def edit_media(ctx: Context) -> Message:
    """Another file in place."""
    chat, message = _named(ctx)
    media = ctx.args["media"]
    content = media_content(ctx, media["type"], media["media"], media)
    content.update(ctx.text_and_entities("caption", CAPTION_MAX, media))
    return _change(ctx, chat, message, content, ("text", "entities", "caption", "caption_entities", *_MEDIA))


def _delete(ctx: Context, number: int) -> None:
    chat = ctx.chat()
    message = chat.messages.get(number)
    if message is None:
        raise bad_request("message to delete not found")
    old = message["date"] < ctx.account.now() - DELETE_WITHIN_S
    if old or (chat.is_group and message["from"]["id"] != ctx.account.id):
        raise bad_request("message can't be deleted for everyone")
    del chat.messages[number]
    chat.news.set()


@method("deleteMessage")
async def delete_message(ctx: Context) -> bool:
    """Take one message back."""
    _delete(ctx, ctx.args["message_id"])
    return True


@method("deleteMessages")
async def delete_messages(ctx: Context) -> bool:
    """Take several back; those not found are passed over."""
    chat = ctx.chat()
    for number in ctx.args["message_ids"]:
        if number in chat.messages:
            _delete(ctx, number)
    return True


@method("answerCallbackQuery")
async def answer_callback_query(ctx: Context) -> bool:
    """The small notice after a button."""
    query = ctx.account.queries.get(ctx.args["callback_query_id"])
    if query is None:
        ctx.violate("query-id", "no such callback query")
    if query is None or query.too_old:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    query.text = ctx.args.get("text", "")
    query.alert = ctx.args.get("show_alert", False)
    query.url = ctx.args.get("url", "")
    query.answered.set()
    return True
