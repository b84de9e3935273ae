"""`/health`: 200 when households can be answered, with the state of each part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from bot.clock import Clock
from bot.errors import say
from bot.library import Library
from bot.model.channel_state import ChannelState
from bot.store import Store, Tx, UnavailableError, inbox, jobs, outbox


async def report(
    store: Store, library: Library, states: Callable[[Tx | None], Awaitable[Iterable[ChannelState]]], clock: Clock
) -> tuple[int, dict[str, Any]]:
    """(HTTP status, body). A channel out of reach is told and is no reason to be unwell: the others answer.

    `states` tells how the channels are doing, without the database as far as this process knows.
    """
    parts: dict[str, Any] = {
        "content": {"state": "ok", "entries": sum(1 for _ in library.entries()), "revision": library.revision[:12]},
        "today": clock.today().isoformat(),
    }
    try:
        async with store.read() as tx:
            parts["outbox"] = await outbox.states(tx)
            parts["jobs"] = {"failed": len(await jobs.failed(tx))}
            parts["put_aside"] = await inbox.count_set_aside(tx)
            channels = await states(tx)
        parts["store"] = {"state": "ok", "dialect": store.dialect}
    except UnavailableError:
        parts["store"] = {"state": "unreachable", "dialect": store.dialect}
        channels = await states(None)
    parts["channels"] = [_channel(state) for state in channels]
    if parts["store"]["state"] != "ok":
        return 503, {"status": "unwell", "parts": parts}
    return 200, {"status": "ready", "parts": parts}


def _channel(state: ChannelState) -> dict[str, str | None]:
    """For people `message`, for machines the rest. `since`: reached, or out of reach."""
    return {
        "name": state.name,
        "account": state.account,
        "state": state.state,
        "holder": state.holder,
        "since": state.since.isoformat() if state.since else None,
        "key": state.message,
        "message": say(state.message) if state.message else "",
    }
