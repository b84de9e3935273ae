"""A clock that stands still until it is moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.clock import Clock


@dataclass
class Hands:
    """`clock` shows the time that `move` sets."""

    at: datetime = datetime(2026, 11, 21, 3, tzinfo=UTC)

    def move(self, **by: float) -> None:
        """Forward, as for `timedelta`."""
        self.at += timedelta(**by)

    @property
    def clock(self) -> Clock:
        """True time and calendar together."""
        return Clock(true=self._true, monotonic=self._monotonic)

    def _true(self) -> datetime:
        return self.at

    def _monotonic(self) -> float:
        return self.at.timestamp()
