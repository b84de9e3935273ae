"""Rules of keyboards that the types alone do not tell."""

from __future__ import annotations

from typing import Any

from tests.harness.botapi.markup import is_url
from tests.harness.botapi.records import bad_request

#: tdlib/telegram-bot-api, Client.cpp: REPLY_MARKUP_TOO_LONG; clients show at most eight in a row
BUTTONS_MAX = 100
ROW_MAX = 8

_ACTIONS = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay", "disabled",
)  # fmt: skip


def check(markup: dict[str, Any]) -> list[tuple[str, str]]:
    """Refuse what Telegram refuses; returned are (rule, text) of what it lets pass but people would not see well."""
    rows = markup.get("inline_keyboard", markup.get("keyboard", []))
    buttons = [button for row in rows for button in row]
    if len(buttons) > BUTTONS_MAX:
        raise bad_request("reply markup is too long")
    if "inline_keyboard" in markup:
        for button in buttons:
            _check_inline(button)
    notes = [("row-width", f"{len(row)} buttons in a row") for row in rows if len(row) > ROW_MAX]
    return notes + [("empty-row", "a row without buttons") for row in rows if not row]


def _check_inline(button: dict[str, Any]) -> None:
    if not button["text"].strip():
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be non-empty')
    actions = [name for name in _ACTIONS if name in button]
    if len(actions) != 1:
        if not actions:
            raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
        raise bad_request(f"can't parse inline keyboard button: exactly one action allowed, not {', '.join(actions)}")
    if "url" in button and not is_url(button["url"]):
        raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")


def normal(markup: dict[str, Any] | None) -> dict[str, Any] | None:
    """The markup a message keeps: only inline keyboards stay with it, an empty one is none."""
    if not markup or "inline_keyboard" not in markup:
        return None
    rows = [row for row in markup["inline_keyboard"] if row]
    return {"inline_keyboard": rows} if rows else None
