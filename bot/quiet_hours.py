"""When news may reach people: never while they sleep, preferably when they are up. Moments are aware, hours are Vietnam's.

The hours are those of issue 4: 21:00 to 5:00 refused unless urgent, a warning outside 5:30 to 20:00.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from bot.model.broadcast import Often
from bot.settings import LOCAL

QUIET_FROM, QUIET_TO = time(21), time(5)
POLITE_FROM, POLITE_TO = time(5, 30), time(20)
#: what was begun before this hour of Sunday, or of the first of the month, is in that day's digest
DIGEST_CUT = time(7)
_SUNDAY = 6


def is_quiet(moment: datetime) -> bool:
    """Whether people sleep: nothing goes out that is not urgent."""
    told = moment.astimezone(LOCAL).time()
    return told >= QUIET_FROM or told < QUIET_TO


def is_early_or_late(moment: datetime) -> bool:
    """Whether it is worth a warning."""
    told = moment.astimezone(LOCAL).time()
    return told < POLITE_FROM or told > POLITE_TO


def quiet_ends(moment: datetime) -> datetime:
    """When what waits in quiet hours may go on; the moment itself outside them."""
    if not is_quiet(moment):
        return moment
    local = moment.astimezone(LOCAL)
    day = local.date() + timedelta(days=1) if local.time() >= QUIET_FROM else local.date()
    return datetime.combine(day, QUIET_TO, LOCAL)


def digest_cut(often: Often, moment: datetime) -> datetime:
    """News begun before this moment belong to the weekly or monthly digest that is due at `moment`, or was last."""
    local = moment.astimezone(LOCAL)
    if often is Often.WEEKLY:
        day: date = local.date() - timedelta(days=(local.weekday() - _SUNDAY) % 7)
    else:
        day = local.date().replace(day=1)
    return datetime.combine(day, DIGEST_CUT, LOCAL)
