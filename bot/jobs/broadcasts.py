"""`Feeder`: keeps broadcasts moving while the house runs."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.dispatch import Dispatch
from bot.store import Store, UnavailableError, bell

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Feeder:
    """Steps until stopped: when the last step said, or when rung."""

    store: Store
    dispatch: Dispatch
    _stopping: bool = False
    _ear: bell.Ear | None = None

    def stop(self) -> None:
        """Begin no more; `run` ends after the step under way."""
        self._stopping = True
        if self._ear:
            self._ear.ring()

    async def run(self) -> None:
        """Move broadcasts on until stopped."""
        async with self.store.bell.ear(bell.BROADCASTS) as self._ear:
            while not self._stopping:
                try:
                    wait_s = await self.dispatch.step()
                except UnavailableError as error:
                    log.warning("broadcasts wait for the database: %s", error)
                    wait_s = bell.POLL_S
                if wait_s > 0 and not self._stopping:
                    await self._ear.heard(wait_s)
