"""`/health`: 200 when households can be answered, with the state of each part."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any

from bot.channels.base import ChannelState
from bot.clock import Clock
from bot.library import Library
from bot.store import Store, UnavailableError, inbox, jobs, leases, outbox


async def report(
    store: Store, library: Library, states: Callable[[Container[str]], Iterable[ChannelState]], clock: Clock
) -> tuple[int, dict[str, Any]]:
    """(HTTP status, body). A channel out of reach is told and is no reason to be unwell: the others answer.

    `states` tells how the channels are doing, given the leases that some process holds.
    """
    held: set[str] = set()
    parts: dict[str, Any] = {
        "content": {"state": "ok", "entries": sum(1 for _ in library.entries()), "revision": library.revision[:12]},
        "today": clock.today().isoformat(),
    }
    try:
        async with store.read() as tx:
            parts["outbox"] = await outbox.states(tx)
            parts["jobs"] = {"failed": len(await jobs.failed(tx))}
            parts["put_aside"] = await inbox.count_set_aside(tx)
            held = await leases.all_held(tx, clock.true())
        parts["store"] = {"state": "ok", "dialect": store.dialect}
    except UnavailableError:
        parts["store"] = {"state": "unreachable", "dialect": store.dialect}
    parts["channels"] = [_channel(state) for state in states(held)]
    if parts["store"]["state"] != "ok":
        return 503, {"status": "unwell", "parts": parts}
    return 200, {"status": "ready", "parts": parts}


def _channel(state: ChannelState) -> dict[str, str]:
    return {"name": state.name, "account": state.account, "state": state.state, "message": state.message}
