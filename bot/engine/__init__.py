"""The conversation: a pure function from a session and a message to a new session and events."""

from bot.engine.advance import advance

__all__ = ["advance"]
