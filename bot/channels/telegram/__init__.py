"""Telegram: the only door to python-telegram-bot. `TelegramChannel` is what the rest of the program sees."""

from __future__ import annotations

import bot.channels.telegram.spare  # noqa: F401 - first, before anything loads the library
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.limiter import Limiter, Rates
from bot.channels.telegram.routes import webhook_route
from bot.channels.telegram.wire import Webhook

__all__ = ["Limiter", "Rates", "TelegramChannel", "Webhook", "webhook_route"]
