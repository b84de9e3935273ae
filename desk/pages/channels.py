"""What officials are told of the house's bots: which can be reached, since when not, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot import rights
from bot.errors import say
from bot.library import Library
from bot.model.channel_state import ChannelState
from bot.store import Tx
from desk.visit import Visit

TELEGRAM = "telegram"


@dataclass(frozen=True, slots=True)
class Bots:
    """The bots that serve a unit."""

    #: receive and send
    up: tuple[ChannelState, ...] = ()
    #: do not, each with a sentence that says why and what to do
    down: tuple[tuple[ChannelState, str], ...] = ()
    #: said when there is none at all
    none: str = ""


async def bots_of(visit: Visit, tx: Tx, unit: str, channels: Sequence[str] = ()) -> Bots | None:
    """Those that speak for a unit, for one above or below it, or for the house; None where `channels` name no Telegram."""
    if channels and TELEGRAM not in channels:
        return None
    serving = _around(visit.library, unit)
    states = await visit.office.channels(tx)
    found = [state for state in states if state.name == TELEGRAM and (not state.unit or state.unit in serving)]
    up = tuple(state for state in found if state.is_up)
    down = tuple((state, say(state.message)) for state in found if not state.is_up)
    return Bots(up, down, "" if found else say("channel.no_token" if not states else "channel.none_here"))


def _around(library: Library, unit: str) -> frozenset[str]:
    """A unit, all below and all above it."""
    tree = rights.tree(library)
    found = set(rights.below(unit, tree))
    above = tree.get(unit)
    while above and above not in found:
        found.add(above)
        above = tree.get(above)
    return frozenset(found)
