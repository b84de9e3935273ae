"""When the loudspeakers may speak, and what goes first.

Two slots of 15 minutes from 5:30 and 17:00 are the practice under Decree 49/2024/ND-CP; never between 21:00 and 5:00
unless it is urgent, and with a warning outside 5:30-20:00. The three priorities are those of the source information
system of Circular 39/2020/TT-BTTTT: ordinary bulletins play on schedule, preferred ones first within the programme,
urgent ones at once. (audio.md, section 3)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.errors import LoaThonError
from bot.library.schema.unit import Slot, Unit

DEFAULT_TIMES = ("05:30", "17:00")
DEFAULT_MINUTES = 15
#: a slot is at most so many minutes long
MINUTES_MOST = 15
#: minutes after midnight: not before, not after, unless urgent
QUIET_ENDS, QUIET_BEGINS = 5 * 60, 21 * 60
#: outside of these people complain
EARLY_UNTIL, LATE_FROM = 5 * 60 + 30, 20 * 60


class QuietHoursError(LoaThonError):
    """bulletins.quiet_hours"""


class NoReasonError(LoaThonError):
    """bulletins.no_reason"""


class WrongSlotError(LoaThonError):
    """bulletins.wrong_slot"""


class LongSlotError(LoaThonError):
    """bulletins.long_slot"""


class Priority(StrEnum):
    """How a bulletin stands to others of its time."""

    USUAL = "thuong"
    FIRST = "uu-tien"
    URGENT = "khan-cap"

    @property
    def rank(self) -> int:
        """Smaller plays first."""
        return {Priority.URGENT: 0, Priority.FIRST: 1, Priority.USUAL: 2}[self]


class Hours(StrEnum):
    """What may be said of a time."""

    GOOD = "good"
    #: outside the hours people are used to
    UNUSUAL = "unusual"
    #: refused unless urgent
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class AirSlot:
    """One time on one day in one zone ("" = all zones of the unit)."""

    day: date
    at: str
    zone: str
    minutes: int

    @property
    def starts(self) -> int:
        """Minutes after midnight."""
        return minute(self.at)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing but urgent bulletins may fill it: it begins or ends in the quiet hours."""
        return hours(self.at, 60.0 * self.minutes) is Hours.QUIET


def slots(unit: Unit, day: date) -> tuple[AirSlot, ...]:
    """The times at which this unit's loudspeakers speak that day, earliest first; see `kept`."""
    given = [slot for slot in kept(unit) if not slot.days or day.isoweekday() in slot.days]
    listed = [AirSlot(day, slot.at, slot.zone or "", min(slot.minutes, MINUTES_MOST)) for slot in given]
    return tuple(sorted(listed, key=lambda slot: (slot.starts, slot.zone)))


def kept(unit: Unit) -> tuple[Slot, ...]:
    """The times a unit keeps to: its own, or the usual ones while it has none; nothing where it keeps to no times at all."""
    if not (unit.slots or unit.usual_times):
        return ()
    return unit.slots or tuple(Slot(at=at, minutes=DEFAULT_MINUTES) for at in DEFAULT_TIMES)


def require_slot(slot: Slot) -> Hours:
    """What is to be said of a time a unit wants to keep to. Raises `LongSlotError`, `QuietHoursError`, `WrongSlotError`."""
    if slot.minutes > MINUTES_MOST:
        raise LongSlotError(most=MINUTES_MOST)
    return require_time(slot.at, Priority.USUAL, "", 60.0 * slot.minutes)


def minute(at: str) -> int:
    """Minutes after midnight of "HH:MM"; raises `WrongSlotError`."""
    hour, colon, rest = at.partition(":")
    if not (colon and len(hour) == len(rest) == 2 and hour.isdecimal() and rest.isdecimal() and at.isascii()):
        raise WrongSlotError
    if int(hour) > 23 or int(rest) > 59:
        raise WrongSlotError
    return int(hour) * 60 + int(rest)


def hours(at: str, seconds: float = 0.0) -> Hours:
    """What stands against speaking from `at` for that long: judged by its beginning and its end."""
    starts = minute(at)
    ends = starts + seconds / 60
    if starts < QUIET_ENDS or starts >= QUIET_BEGINS or ends > QUIET_BEGINS:
        return Hours.QUIET
    return Hours.UNUSUAL if starts < EARLY_UNTIL or ends > LATE_FROM else Hours.GOOD


def require_time(at: str, priority: Priority, reason: str, seconds: float = 0.0) -> Hours:
    """What is to be said of that time. Raises `NoReasonError` for an urgent bulletin without a reason, `QuietHoursError`
    for any other one at night, `WrongSlotError`.
    """
    found = hours(at, seconds)
    if priority is Priority.URGENT:
        if not reason.strip():
            raise NoReasonError
        return found
    if found is Hours.QUIET:
        raise QuietHoursError
    return found
