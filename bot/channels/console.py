"""The terminal as a channel: what is sent is printed, what is typed comes in."""

from __future__ import annotations

import asyncio
from typing import TextIO

from bot.channels.base import Delivery, SendError, Sent
from bot.model.caps import Caps
from bot.model.channel_state import ChannelState
from bot.model.inbound import Attachment, ConversationKey
from bot.model.outbound import Button, Outbound, OutMediaKind

#: a terminal has no edge of its own
CAPS = Caps(
    text_max=100_000,
    caption_max=100_000,
    buttons=True,
    buttons_max=1_000,
    button_label_max=1_000,
    press_max_bytes=1_000,
    media=frozenset(OutMediaKind),
)
KEY = ConversationKey("console", "local", "1")


class ConsoleChannel:
    """One person at a terminal. `said` is what was shown since the last `clear`; buttons are numbered."""

    name = KEY.channel
    account = KEY.account
    caps = CAPS

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.said: list[Outbound] = []
        self.buttons: tuple[Button, ...] = ()
        self._shown = asyncio.Condition()

    async def send(self, delivery: Delivery) -> Sent:
        """Print one message."""
        outbound = delivery.outbound
        lines = [outbound.heading, outbound.text, f"[{outbound.media.name}]" if outbound.media else ""]
        if outbound.rows:
            self.buttons = outbound.buttons
            numbered = enumerate(outbound.buttons, 1)
            lines += ["  ".join(f"[{i}] {button.label}" for i, button in numbered)]
        print("\n".join(line for line in lines if line), end="\n\n", file=self._out, flush=True)
        async with self._shown:
            self.said.append(outbound)
            self._shown.notify_all()
        return Sent(str(delivery.outbox_id))

    async def shown(self, count: int) -> None:
        """Wait until so many messages were shown since the last `clear`."""
        async with self._shown:
            await self._shown.wait_for(lambda: len(self.said) >= count)

    def clear(self) -> None:
        """Count from here."""
        self.said.clear()

    async def fetch(self, attachment: Attachment) -> bytes:
        """A terminal sends no files."""
        raise SendError(f"no file {attachment.ref}")

    def state(self) -> ChannelState:
        """Always there."""
        return ChannelState(self.name, self.account, "ok")
