"""The library's errors → `SendError`: may it be sent again, is the person gone, does nobody know."""

from __future__ import annotations

from typing import Final

from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError

from bot.channels.base import SendError
from bot.channels.telegram.transport import FloodError, NotSentError, ServerError, TooBigError, UnknownOutcomeError

#: 400s that mean nobody is there any more (tdlib/telegram-bot-api, Client.cpp); the library capitalises, so compare folded
_NOBODY: Final = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "input_user_deactivated",
    "group chat was deactivated",
    "have no rights to send",
    "not enough rights to send",
)
_FILE: Final = ("file identifier", "file_id", "file_reference")


def send_error(error: TelegramError) -> SendError:
    """What an error of the library means for one message."""
    reason = error.message
    match error:
        case FloodError():
            return SendError(reason, retryable=True, retry_after_s=error.retry_after_s)
        case UnknownOutcomeError():
            return SendError(reason, unknown=True)
        case NotSentError() | ServerError() | InvalidToken():
            return SendError(reason, retryable=True)
        case ChatMigrated():
            return SendError(reason, retryable=True, migrated_to=str(error.new_chat_id))
        case Forbidden():
            return SendError(reason, contact_gone=True)
        case BadRequest():
            return SendError(reason, contact_gone=_says(error, *_NOBODY))
        case TooBigError():
            return SendError(reason)
        case _:
            # an answer that is no Bot API answer: the call may have been carried out
            return SendError(reason, unknown=True)


def is_dead_handle(error: BadRequest) -> bool:
    """A file_id Telegram no longer knows, or another bot's."""
    return _says(error, *_FILE)


def _says(error: TelegramError, *needles: str) -> bool:
    said = error.message.lower()
    return any(needle in said for needle in needles)
