"""The unit of work: events become rows, in one transaction, each table written once."""

from bot.work.work import MAILBOX_CHANNELS, Work

__all__ = ["MAILBOX_CHANNELS", "Work"]
