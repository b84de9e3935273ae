"""An official's own filters of a list, by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from bot.store.answer_tables import saved_views
from bot.store.store import Tx

#: of one list; the oldest goes when another is saved
MOST = 12
_V = saved_views.c


@dataclass(frozen=True, slots=True)
class View:
    """One saved view: its name and the part of the address behind the question mark."""

    name: str
    query: str


async def listed(tx: Tx, official_id: int, page: str) -> list[View]:
    """The views of one list, by name."""
    mine = (_V.official_id == official_id, _V.page == page)
    rows = await tx.rows(select(_V.name, _V.query).where(*mine).order_by(_V.name))
    return [View(row.name, row.query) for row in rows]


async def save(tx: Tx, official_id: int, page: str, view: View, at: datetime) -> None:
    """Save a view; one of the same name is replaced."""
    values = {"official_id": official_id, "page": page, "name": view.name, "query": view.query, "saved_at": at}
    statement = tx.insert(saved_views).values(values)
    changed = {"query": statement.excluded.query, "saved_at": statement.excluded.saved_at}
    await tx.run(statement.on_conflict_do_update(index_elements=["official_id", "page", "name"], set_=changed))
    mine = (_V.official_id == official_id, _V.page == page)
    kept = select(_V.name).where(*mine).order_by(_V.saved_at.desc(), _V.name)
    names = [row.name for row in await tx.rows(kept)]
    if names[MOST:]:
        await tx.run(delete(saved_views).where(*mine, _V.name.in_(names[MOST:])))


async def drop(tx: Tx, official_id: int, page: str, name: str) -> None:
    """Forget a view."""
    await tx.run(delete(saved_views).where(_V.official_id == official_id, _V.page == page, _V.name == name))
