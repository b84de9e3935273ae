"""A reading is out of use: what was made with it is made anew, goes back to its writers, or is to be taken back.

What is on the page already is taken back by a person: whether a slip is worth a recall, no machine can hear.
"""

from __future__ import annotations

from datetime import date, datetime

from bot import readings
from bot.bulletins import approval
from bot.bulletins.editing import MAKE, PUBLISH
from bot.bulletins.recall import LISTED_FOR
from bot.errors import say
from bot.store import Tx, bulletins, jobs
from bot.store.bulletins import BulletinRow

_STATES = ("draft", "waiting", "approved", "published")


async def made_with(tx: Tx, unit: str, name: str, today: date) -> list[BulletinRow]:
    """Bulletins of a unit with a reading of these words (`readings.name_of`) that is out of use, not withdrawn and none too
    old to be heard; by day and slot.
    """
    rows = await bulletins.listed(tx, unit=unit, since=today - LISTED_FOR, states=_STATES)
    return [row for row in rows if name in row.read and name in await readings.gone(tx, unit, row.read)]


async def take_out(tx: Tx, unit: str, name: str, *, today: date, at: datetime) -> None:
    """After a reading of these words went out of use: what was not published yet is made anew, and what was approved goes
    back to its writers first.
    """
    for found in await made_with(tx, unit, name, today):
        # locked: it may be approved, or published, at this moment
        row = await bulletins.get(tx, found.id, locked=True)
        if row is None or row.state not in {"draft", "waiting", "approved"}:
            continue
        if row.state == "approved":
            await jobs.drop(tx, f"{PUBLISH}:{row.id}")
            await approval.refuse(tx, row, say("bulletins.reading_gone"), at=at)
        await jobs.add(tx, MAKE, [({"bulletin": row.id}, f"{MAKE}:{row.id}")], at)


async def is_out_of_use(tx: Tx, row: BulletinRow, today: date) -> bool:
    """Whether something in a bulletin that can still be heard is read by a reading out of use."""
    return row.air_on >= today - LISTED_FOR and bool(await readings.gone(tx, row.unit, row.read))
