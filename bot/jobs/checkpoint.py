"""The one task that moves SQLite's log into the database file, so that no household's turn pays for it."""

from __future__ import annotations

import asyncio
import logging

from bot.store import Store, UnavailableError

EVERY_S = 10.0

log = logging.getLogger(__name__)


async def keep_log_short(store: Store, stopping: asyncio.Event) -> None:
    """Checkpoint every few seconds until `stopping` is set, then once more, emptying the log."""
    while not stopping.is_set():
        try:
            await asyncio.wait_for(stopping.wait(), EVERY_S)
        except TimeoutError:
            try:
                await store.checkpoint()
            except UnavailableError as error:
                log.warning("log not moved: %s", error)
    await store.checkpoint(cut=True)
