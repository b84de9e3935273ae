"""From the week's proposal to drafts the announcer rearranges: only for times nobody has planned yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.bulletins.day import played
from bot.bulletins.editing import create
from bot.bulletins.item import to_plain
from bot.bulletins.plan import WEEK_DAYS, Proposal, propose
from bot.library import Library
from bot.model.official import Official
from bot.settings import LOCAL
from bot.store import Tx, bulletins

#: a bulletin somebody wrote, whether aired or not
TAKEN = ("draft", "waiting", "approved", "published")


async def proposed(
    tx: Tx, library: Library, unit: str, start: date, days: int = WEEK_DAYS, *, after: datetime | None = None
) -> tuple[Proposal, ...]:
    """What the machine would air at the times still free, knowing what was aired and is planned. Nothing is written.

    `after`: the calendar's moment; a time before it is no longer free.
    """
    last = start + timedelta(days=days - 1)
    rows = await bulletins.listed(tx, unit=unit, since=start, until=last, states=TAKEN)
    taken = {(row.air_on, row.slot_at, row.zone) for row in rows}
    now = after.astimezone(LOCAL) if after else None
    aired = await played(tx, unit, start, now.date() if now else date.min)
    past = f"{now:%Y-%m-%d %H:%M}" if now else ""
    free = [
        one
        for one in propose(library, unit, start, days=days, played=aired)
        if one.picks
        and (one.slot.day, one.slot.at, one.slot.zone) not in taken
        and f"{one.slot.day} {one.slot.at}" > past
    ]
    # where the first time of the day is over or taken by something else there is nothing to repeat
    first = {one.slot.day for one in free if not one.repeats}
    return tuple(replace(one, repeats=one.repeats and one.slot.day in first) for one in free)


async def draft(
    tx: Tx,
    official: Official | None,
    library: Library,
    unit: str,
    start: date,
    *,
    days: int = WEEK_DAYS,
    today: date,
    at: datetime,
    after: datetime | None = None,
) -> list[int]:
    """Write the proposal as drafts, one a time slot; their numbers. Doing it again adds nothing. Raises as `create` does."""
    return [
        await create(
            tx,
            official,
            library,
            unit=unit,
            air_on=one.slot.day,
            slot_at=one.slot.at,
            zone=one.slot.zone,
            items=to_plain(one.items),
            today=today,
            at=at,
        )
        for one in await proposed(tx, library, unit, start, days, after=after)
    ]
