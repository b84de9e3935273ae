"""A unit's programme of a day: what plays when, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.bulletins.plan import played_days
from bot.bulletins.recall import broken
from bot.bulletins.slots import AirSlot, Priority, slots
from bot.library import Library
from bot.store import Tx, bulletins
from bot.store.bulletins import BulletinRow

#: how far back it is looked whether an entry was aired
_LOOK_BACK = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Show:
    """One time of the day. `bulletins` play in this order: urgent, preferred, ordinary (Circular 39/2020/TT-BTTTT)."""

    slot: AirSlot
    bulletins: tuple[BulletinRow, ...]
    #: a time of the unit's own, not only of a bulletin
    is_usual: bool


async def programme(
    tx: Tx, library: Library, unit: str, day: date, states: Sequence[str] = ("published",)
) -> tuple[Show, ...]:
    """Everything of that day in those states, by time; slots with nothing in them as well. What no longer says what its
    entries say is left out, whether its recall was written yet or not.
    """
    rows = await bulletins.listed(tx, unit=unit, since=day, until=day, states=states)
    rows = [row for row in rows if row.state != "published" or not broken(library, row)]
    return ordered(rows, slots(library.unit(unit), day))


def ordered(rows: Iterable[BulletinRow], usual: Sequence[AirSlot]) -> tuple[Show, ...]:
    """Bulletins put into their slots and into playing order. Pure."""
    shows: dict[tuple[str, str], tuple[AirSlot, bool]] = {(slot.at, slot.zone): (slot, True) for slot in usual}
    playing: dict[tuple[str, str], list[BulletinRow]] = {key: [] for key in shows}
    for row in rows:
        # a bulletin for all zones plays in each slot of that time, one for a zone in that zone's or the common one
        keys = [key for key in shows if key[0] == row.slot_at and (not row.zone or key[1] in {"", row.zone})]
        if not keys:
            keys = [(row.slot_at, row.zone)]
            shows[keys[0]] = (AirSlot(row.air_on, row.slot_at, row.zone, 0), False)
        for key in keys:
            playing.setdefault(key, []).append(row)
    found = [
        Show(slot, tuple(sorted(playing[key], key=lambda row: (Priority(row.priority).rank, row.id))), is_usual)
        for key, (slot, is_usual) in shows.items()
    ]
    return tuple(sorted(found, key=lambda show: (show.slot.starts, show.slot.zone)))


async def played(tx: Tx, unit: str, day: date, today: date) -> dict[str, set[date]]:
    """Entry -> the days it was, or from today on is to be, aired, as far as the plan of a week from `day` needs them."""
    return played_days(await bulletins.last_played(tx, unit, day - _LOOK_BACK, today))
