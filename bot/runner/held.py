"""Which process holds an account: the name of its lease, and what is told where another holds it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.model.channel_state import ChannelState
from bot.store import Tx, bot_names, leases, standings
from bot.store.standings import Standing


def lease_of(channel: str, account: str) -> str:
    """The name of an account's lease."""
    return f"{channel}:{account}"


def away(channel: str, account: str, held: Container[str]) -> ChannelState:
    """The state of an account this process does not hold."""
    is_held = lease_of(channel, account) in held
    state, holder = ("elsewhere", "elsewhere") if is_held else ("idle", "nobody")
    return ChannelState(channel, account, state, f"channel.{state}", holder)


@dataclass(frozen=True, slots=True)
class Roll:
    """What the database tells of the house's channels; nothing while it is out of reach."""

    #: names of the leases somebody holds, and since when the others are free
    held: Container[str] = frozenset()
    free: Mapping[str, datetime] = field(default_factory=dict)
    kept: Mapping[tuple[str, str], Standing] = field(default_factory=dict)
    #: account of a bot -> the unit it speaks for, its @name
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def told(self, own: Iterable[ChannelState]) -> list[ChannelState]:
        """What this process sees of each account, with what others saw; then those that only others have."""
        states = [self._told(state) for state in own]
        mine = {(state.name, state.account) for state in states}
        others = [one for one in self.kept if one not in mine and lease_of(*one) in self.held]
        return states + [self._told(away(*one, self.held)) for one in others]

    def _told(self, state: ChannelState) -> ChannelState:
        unit, title = self.names.get(state.account, ("", ""))
        state = replace(state, unit=state.unit or unit, title=title)
        if state.holder == "nobody":
            return replace(state, since=self.free.get(lease_of(state.name, state.account)))
        kept = self.kept.get((state.name, state.account))
        if kept is None:
            return state
        if state.holder == "elsewhere":
            return replace(state, state=kept.state, message=kept.message, since=kept.since)
        return replace(state, since=kept.since) if (kept.state == "ok") == state.is_up else state


async def roll(tx: Tx, at: datetime) -> Roll:
    """As the database has it at that moment."""
    ends = await leases.ends(tx)
    now = await leases.database_time(tx) or at
    held = {name for name, until in ends.items() if until > now}
    free = {name: until for name, until in ends.items() if name not in held}
    return Roll(held, free, await standings.known(tx), await bot_names.by_account(tx))
