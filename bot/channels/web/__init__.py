"""The web chat: a page that works on a small phone, a slow link and without JavaScript."""

from __future__ import annotations

from bot.channels.web.chat import ACCOUNT, WebChat
from bot.channels.web.door import Cleaned, Door, Ear, Letter

__all__ = ["ACCOUNT", "Cleaned", "Door", "Ear", "Letter", "WebChat"]
