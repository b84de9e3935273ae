"""How a channel is doing, as `/health`, the figures and the desk tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChannelState:
    """One account of a channel."""

    name: str
    account: str
    #: starting · ok · unreachable · refused (token, second poller) · elsewhere (another process has it, and did not yet tell
    #: how it is doing) · idle (none has)
    state: str
    #: a key of `bot/messages.vi.yaml`, section `channel`; "" = there is nothing to tell
    message: str = ""
    #: which process receives and sends for it: here · elsewhere · nobody
    holder: str = "here"
    #: since when it can be reached, or cannot; None = not known
    since: datetime | None = None
    #: the unit it speaks for, "" = the house's own
    unit: str = ""
    #: its @name, without @, "" until anybody heard it
    title: str = ""

    @property
    def is_up(self) -> bool:
        """Whether it receives and sends now."""
        return self.state == "ok"
