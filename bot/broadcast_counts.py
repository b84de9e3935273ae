"""Counts of audiences kept for a short while: a province's walks through all subscribers, and a page asks at every look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.broadcast_sheet import Counted, asked, counted
from bot.library import Library
from bot.model.broadcast import Audience
from bot.model.official import Official
from bot.store import Store
from bot.store.audience import Reach

#: so long a count is shown again; handing a message in counts anew
KEPT_S = 30.0


@dataclass(slots=True)
class Counts:
    """For pages alone, in one process. `monotonic` tells seconds."""

    store: Store
    monotonic: Callable[[], float]
    _kept: dict[Reach, tuple[float, Counted]] = field(default_factory=dict)
    #: one count at a time: impatient taps wait for the first and find its answer
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of(self, by: Official | None, library: Library, unit: str, wanted: Audience) -> Counted:
        """How many it reaches and a sample, at most `KEPT_S` old. Raises as `broadcast_sheet.count`, at every call."""
        reach = asked(by, library, unit, wanted)
        async with self._turn:
            now = self.monotonic()
            self._kept = {one: kept for one, kept in self._kept.items() if kept[0] > now - KEPT_S}
            if reach not in self._kept:
                async with self.store.read() as tx:
                    self._kept[reach] = (self.monotonic(), await counted(tx, reach))
            return self._kept[reach][1]

    def forget(self) -> None:
        """Count anew at the next look."""
        self._kept.clear()
