"""`loathon` with one way to die: `python -m tests.harness.crashing POINT TIMES run` kills itself by SIGKILL at that point.

The product knows nothing of this: the points are places in its parts, wrapped here before the command starts.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.wire import Wire
from bot.cli import main
from bot.dispatch import Dispatch
from bot.runner import outbox as sending
from bot.runner.handle import Handler
from bot.runner.outbox import Sender
from bot.store import audience, outbox, recipients
from bot.work import Work


@dataclass(frozen=True, slots=True)
class Place:
    """A coroutine function of the product, and whether to die before it or after it."""

    owner: Any
    name: str
    after: bool = False


POINTS: dict[str, Place] = {
    # in
    "received, not taken": Place(Wire, "_take"),
    "advanced, not written": Place(Work, "write"),
    "written, not committed": Place(Handler, "_advance_all", after=True),
    "committed, not acknowledged": Place(Handler, "_transact", after=True),
    "taken, offset not moved": Place(Wire, "_take", after=True),
    # out
    "claimed, not committed": Place(outbox, "claim", after=True),
    "claimed, not sent": Place(TelegramChannel, "send"),
    "sent, not known": Place(TelegramChannel, "_send_new", after=True),
    "sent, not written": Place(sending, "settle"),
    "sent, not committed": Place(sending, "settle", after=True),
    "settled": Place(Sender, "_round", after=True),
}

#: between the start of a broadcast and its end; those of sending serve here too
BROADCAST_POINTS: dict[str, Place] = {
    "planned, not committed": Place(audience, "plan_chunk", after=True),
    "planned": Place(Dispatch, "_plan", after=True),
    "handed over, not committed": Place(recipients, "hand_over", after=True),
    "handed over": Place(Dispatch, "_feed", after=True),
    "outcomes taken, not committed": Place(recipients, "collect", after=True),
    **{
        name: POINTS[name]
        for name in (
            "claimed, not committed",
            "claimed, not sent",
            "sent, not known",
            "sent, not written",
            "sent, not committed",
            "settled",
        )
    },
}


def arm(place: Place, times: int, die: Callable[[], None]) -> None:
    """Call `die` when the place was passed so many times."""
    whole = getattr(place.owner, place.name)
    left = times

    def pass_by() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            die()

    @functools.wraps(whole)
    async def wrapped(*args: Any, **named: Any) -> Any:
        if not place.after:
            pass_by()
        result = await whole(*args, **named)
        # a claim or settling of nothing is no place to die at: it happens before anybody said anything
        if place.after and (place.name not in {"claim", "collect"} or result):
            pass_by()
        return result

    setattr(place.owner, place.name, wrapped)


if __name__ == "__main__":
    arm((POINTS | BROADCAST_POINTS)[sys.argv[1]], int(sys.argv[2]), lambda: os.kill(os.getpid(), signal.SIGKILL))
    sys.exit(main(sys.argv[3:]))
