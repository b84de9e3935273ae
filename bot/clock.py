"""Time, injected. `LOATHON_NOW` moves the calendar only; leases, limits and time-outs keep the true time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.settings import LOCAL


def _true_time() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """The true time and the calendar, which runs on from where it was moved to."""

    #: aware UTC
    true: Callable[[], datetime] = field(default=_true_time)
    #: calendar minus true time
    shift: timedelta = timedelta()
    #: seconds that never go back
    monotonic: Callable[[], float] = time.monotonic

    @classmethod
    def starting(cls, at: datetime | None) -> Clock:
        """A clock whose calendar begins at that moment; None = the true one."""
        return cls(shift=at - _true_time() if at else timedelta())

    def now(self) -> datetime:
        """The calendar's moment, aware UTC: validity, greetings, what is written on a case."""
        return self.true() + self.shift

    def today(self) -> date:
        """The calendar's day where the people live."""
        return self.now().astimezone(LOCAL).date()
