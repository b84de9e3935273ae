"""`/health`: 200 when households can be answered, with the state of each part."""

from __future__ import annotations

from typing import Any

from bot.channels.base import ChannelState
from bot.clock import Clock
from bot.library import Library
from bot.runner.outbox import Sender
from bot.store import Store, UnavailableError, inbox, jobs, outbox


async def report(store: Store, library: Library, senders: list[Sender], clock: Clock) -> tuple[int, dict[str, Any]]:
    """(HTTP status, body). A channel out of reach is told and is no reason to be unwell: the others answer."""
    parts: dict[str, Any] = {
        "content": {"state": "ok", "entries": sum(1 for _ in library.entries()), "revision": library.revision[:12]},
        "channels": [_channel(sender.channel.state()) for sender in senders],
        "today": clock.today().isoformat(),
    }
    try:
        async with store.read() as tx:
            parts["outbox"] = await outbox.states(tx)
            parts["jobs"] = {"failed": len(await jobs.failed(tx))}
            parts["put_aside"] = await inbox.count_set_aside(tx)
        parts["store"] = {"state": "ok", "dialect": store.dialect}
    except UnavailableError:
        parts["store"] = {"state": "unreachable", "dialect": store.dialect}
        return 503, {"status": "unwell", "parts": parts}
    return 200, {"status": "ready", "parts": parts}


def _channel(state: ChannelState) -> dict[str, str]:
    return {"name": state.name, "account": state.account, "state": state.state, "message": state.message}
