"""Methods about the bot itself, its chats and files, and how it gets its updates."""

from __future__ import annotations

import re
from typing import Any

from tests.harness.botapi.context import Context, method
from tests.harness.botapi.files import DOWNLOAD_MAX_BYTES
from tests.harness.botapi.records import Refusal, bad_request
from tests.harness.botapi.webhook import Webhook, check_url

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
COMMANDS_MAX = 100
#: so many polls in a row that got nowhere are a loop, not bad luck
HOT_LOOP_POLLS = 5

_WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


@method("getMe")
async def get_me(ctx: Context) -> dict[str, Any]:
    """Who the bot is."""
    return {
        **ctx.account.me,
        "can_join_groups": True,
        "can_read_all_group_messages": not ctx.account.privacy,
        "supports_inline_queries": False,
    }


@method("getUpdates")
async def get_updates(ctx: Context) -> list[dict[str, Any]]:
    """Long poll."""
    if ctx.account.webhook is not None:
        raise Refusal(409, _WEBHOOK_ACTIVE)
    queue = ctx.account.updates
    queue.allow(ctx.args.get("allowed_updates"))
    limit = min(100, max(1, ctx.args.get("limit", 100)))
    answer = await queue.poll(ctx.args.get("offset", 0), limit, max(0, ctx.args.get("timeout", 0)))
    if queue.hot_streak == HOT_LOOP_POLLS:
        ctx.violate("hot-loop", "the same offset again and again within half a second")
    return answer


@method("setWebhook")
async def set_webhook(ctx: Context) -> bool:
    """Deliver by POST from now on; an empty url means polling again."""
    url = ctx.args.get("url", "")
    if not url:
        return await delete_webhook(ctx)
    secret = ctx.args.get("secret_token", "")
    if secret and not _SECRET.fullmatch(secret):
        raise ctx.refuse("secret", bad_request("secret token contains unallowed characters"))
    try:
        check_url(url)
    except Refusal as refusal:
        ctx.violate("webhook-url", refusal.description)
        raise
    await delete_webhook(ctx)
    ctx.account.updates.allow(ctx.args.get("allowed_updates"))
    ctx.account.webhook = Webhook(ctx.server, ctx.account, url, secret, ctx.args.get("max_connections", 40))
    ctx.account.webhook.start()
    return True


@method("deleteWebhook")
async def delete_webhook(ctx: Context) -> bool:
    """Back to polling."""
    if ctx.args.get("drop_pending_updates"):
        ctx.account.updates.pending.clear()
    webhook, ctx.account.webhook = ctx.account.webhook, None
    if webhook is not None:
        await webhook.stop()
    return True


@method("getWebhookInfo")
async def get_webhook_info(ctx: Context) -> dict[str, Any]:
    """How delivery goes."""
    webhook = ctx.account.webhook
    info: dict[str, Any] = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(ctx.account.updates.pending),
    }
    if webhook and webhook.last_error:
        info |= {"last_error_date": int(ctx.account.now()), "last_error_message": webhook.last_error}
    return info


def _scope(ctx: Context) -> tuple[str, str]:
    scope = ctx.args.get("scope", {"type": "default"})
    where = ":".join(str(scope[k]) for k in ("type", "chat_id", "user_id") if k in scope)
    language = ctx.args.get("language_code", "")
    if language and not re.fullmatch("[a-z]{2}", language):
        raise ctx.refuse("language", bad_request("LANG_CODE_INVALID"))
    return where, language


@method("setMyCommands")
async def set_my_commands(ctx: Context) -> bool:
    """The menu of commands."""
    commands = ctx.args["commands"]
    if len(commands) > COMMANDS_MAX:
        raise ctx.refuse("commands", bad_request("BOT_COMMANDS_TOO_MUCH"))
    if not all(_COMMAND.fullmatch(c["command"].removeprefix("/")) for c in commands):
        raise ctx.refuse("commands", bad_request("BOT_COMMAND_INVALID"))
    ctx.account.commands[_scope(ctx)] = commands
    return True


@method("getMyCommands")
async def get_my_commands(ctx: Context) -> list[dict[str, str]]:
    """The menu as set."""
    return ctx.account.commands.get(_scope(ctx), [])


@method("deleteMyCommands")
async def delete_my_commands(ctx: Context) -> bool:
    """No menu."""
    ctx.account.commands.pop(_scope(ctx), None)
    return True


@method("setMyName", "setMyDescription", "setMyShortDescription")
async def set_text(ctx: Context) -> bool:
    """Name and descriptions, per language."""
    field = _field(ctx)
    ctx.account.texts[field, ctx.args.get("language_code", "")] = ctx.args.get(field, "")
    return True


@method("getMyName", "getMyDescription", "getMyShortDescription")
async def get_text(ctx: Context) -> dict[str, str]:
    """Name and descriptions as set, else those without a language."""
    field = _field(ctx)
    texts = ctx.account.texts
    return {field: texts.get((field, ctx.args.get("language_code", "")), texts.get((field, ""), ""))}


def _field(ctx: Context) -> str:
    name = ctx.call.method[len("setMy") :]
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


@method("setChatMenuButton")
async def set_menu_button(ctx: Context) -> bool:
    """The button beside the text field."""
    ctx.account.menu_button = ctx.args.get("menu_button", {"type": "default"})
    return True


@method("getChatMenuButton")
async def get_menu_button(ctx: Context) -> dict[str, Any]:
    """The button beside the text field, as set."""
    return ctx.account.menu_button


@method("getFile")
async def get_file(ctx: Context) -> dict[str, Any]:
    """Where a file can be fetched: at most 20 MB."""
    try:
        stored = ctx.account.files.named(ctx.args["file_id"])
    except Refusal as refusal:
        ctx.violate("file-id", refusal.description)
        raise bad_request("invalid file_id") from refusal
    if stored.size > DOWNLOAD_MAX_BYTES:
        raise bad_request("file is too big")
    stored.expired = False
    return {**stored.brief(), "file_path": stored.path}


@method("getChat")
async def get_chat(ctx: Context) -> dict[str, Any]:
    """What is known of a chat."""
    chat = ctx.account.chat(ctx.args["chat_id"])
    gifts = dict.fromkeys(ctx.server.spec.types["AcceptedGiftTypes"], False)
    return {**chat.brief(), "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


@method("getChatMember")
async def get_chat_member(ctx: Context) -> dict[str, Any]:
    """The bot is a plain member everywhere."""
    chat = ctx.account.chat(ctx.args["chat_id"])
    if ctx.args["user_id"] == ctx.account.id:
        return {"status": "member" if chat.standing == "member" else "left", "user": ctx.account.me}
    return {"status": "member", "user": {"id": ctx.args["user_id"], "is_bot": False, "first_name": "?"}}


@method("leaveChat")
async def leave_chat(ctx: Context) -> bool:
    """The bot goes."""
    ctx.chat().standing = "left"
    return True
