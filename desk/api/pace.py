"""How fast a key may ask, and an address that has none.

Counted in this process; calls with a key are counted in the database as well where several processes may answer them.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

#: asked at once and then a second, of one key: a commune's portal asks a few times a minute, a nightly copy in bursts
BURST, PER_S = 60.0, 5.0
#: across processes: what one bucket can give in so many seconds, however many processes each with a bucket are asked
SHARED_MOST, SHARED_SPAN_S = int(2 * BURST), BURST / PER_S
#: wrong or missing keys of one address; of each process, for it spares the database
STRANGER_BURST, STRANGER_PER_S = 30.0, 0.5
#: names remembered; the one not heard of for longest goes, which was full again anyway
KEPT = 5_000


@dataclass(slots=True)
class Pace:
    """Token buckets by name. `monotonic`: seconds that never go back."""

    monotonic: Callable[[], float]
    burst: float = BURST
    per_s: float = PER_S
    _held: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait_s(self, name: str, *, count: bool = True) -> int:
        """0 when that one may ask now, and it is counted; else the whole seconds until it may, and nothing is.

        `count` False only looks.
        """
        now = self.monotonic()
        tokens, at = self._held.get(name, (self.burst, now))
        tokens = min(self.burst, tokens + (now - at) * self.per_s)
        wait = 0 if tokens >= 1 else math.ceil((1 - tokens) / self.per_s)
        if not count:
            return wait
        self._held[name] = (tokens if wait else tokens - 1, now)
        self._held.move_to_end(name)
        while len(self._held) > KEPT:
            self._held.popitem(last=False)
        return wait
