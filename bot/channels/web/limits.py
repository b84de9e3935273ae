"""How much one browser and one address may do. Generous to addresses: a mobile operator puts thousands behind one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, then `per_s` a second."""

    burst: float
    per_s: float


#: a person types a few messages a minute; taps come in bursts
MESSAGES = Rate(15, 0.5)
MESSAGES_OF_ADDRESS = Rate(300, 10)
UPLOADS = Rate(12, 0.1)
UPLOADS_OF_ADDRESS = Rate(60, 1)
NEWCOMERS_OF_ADDRESS = Rate(120, 2)
#: buckets remembered; beyond it the one not used for longest goes, which was full again anyway
KEPT = 20_000


@dataclass(slots=True)
class Limits:
    """Token buckets by name, in this process."""

    monotonic: Callable[[], float]
    _buckets: OrderedDict[tuple[Rate, str], tuple[float, float]] = field(default_factory=OrderedDict)

    def wait_s(self, *asked: tuple[Rate, str]) -> float:
        """0 when all of these may happen now, and takes them; else the seconds until they may, and takes nothing."""
        now = self.monotonic()
        held = [self._held(rate, name, now) for rate, name in asked]
        wait = max(
            ((1 - tokens) / rate.per_s for (rate, _name), tokens in zip(asked, held, strict=True) if tokens < 1),
            default=0.0,
        )
        for (rate, name), tokens in zip(asked, held, strict=True):
            self._buckets[rate, name] = (tokens if wait else tokens - 1, now)
            self._buckets.move_to_end((rate, name))
        while len(self._buckets) > KEPT:
            self._buckets.popitem(last=False)
        return wait

    def _held(self, rate: Rate, name: str, now: float) -> float:
        tokens, at = self._buckets.get((rate, name), (rate.burst, now))
        return min(rate.burst, tokens + (now - at) * rate.per_s)
