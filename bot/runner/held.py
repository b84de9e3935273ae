"""Which process holds an account: the name of its lease, and what is told where another holds it."""

from __future__ import annotations

from collections.abc import Container

from bot.channels.base import ChannelState


def lease_of(channel: str, account: str) -> str:
    """The name of an account's lease."""
    return f"{channel}:{account}"


def away(channel: str, account: str, held: Container[str]) -> ChannelState:
    """The state of an account this process does not hold."""
    state = "elsewhere" if lease_of(channel, account) in held else "idle"
    return ChannelState(channel, account, state, f"channel.{state}")
