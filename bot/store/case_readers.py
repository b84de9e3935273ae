"""Who has a case open at the desk just now, so that two people see each other. Rows live a minute."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from bot.store.case_tables import case_readers
from bot.store.store import Tx

#: an open page says so every 20 s; whoever was silent for longer has left it
PRESENT_FOR = timedelta(seconds=50)
_R = case_readers.c


async def note(tx: Tx, case_id: int, official_id: int, at: datetime) -> None:
    """This official has it open. What is too old to count goes."""
    await tx.run(delete(case_readers).where(_R.at < at - PRESENT_FOR))
    statement = tx.insert(case_readers).values(case_id=case_id, official_id=official_id, at=at)
    changed = {"at": statement.excluded.at}
    await tx.run(statement.on_conflict_do_update(index_elements=["case_id", "official_id"], set_=changed))


async def others(tx: Tx, case_id: int, official_id: int, at: datetime) -> list[int]:
    """The accounts of everybody else who has it open."""
    fresh = (_R.case_id == case_id, _R.official_id != official_id, _R.at >= at - PRESENT_FOR)
    return [row[0] for row in await tx.rows(select(_R.official_id).where(*fresh).order_by(_R.official_id))]
