"""Corrections written and not yet signed, and how many households wait for a unit's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from bot.store.case_tables import case_askers, cases
from bot.store.official_tables import content_drafts
from bot.store.store import Tx

_D, _C, _A = content_drafts.c, cases.c, case_askers.c


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A correction of one entry for one unit."""

    kind: str
    id: str
    unit: str
    body: dict[str, Any]
    base_hash: str
    author_id: int
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """The open case in which households asked a unit to confirm an entry."""

    case_id: int
    code: str
    askers: int
    since: datetime


async def put(tx: Tx, row: DraftRow) -> None:
    """Write a correction over an earlier one."""
    values = {name: getattr(row, name) for name in DraftRow.__slots__}
    statement = tx.insert(content_drafts)
    kept = {name: statement.excluded[name] for name in ("body", "base_hash", "author_id", "written_at")}
    await tx.run(statement.values(values).on_conflict_do_update(index_elements=["kind", "id", "unit"], set_=kept))


async def get(tx: Tx, kind: str, entry_id: str, unit: str, *, locked: bool = False) -> DraftRow | None:
    """The correction of one entry for one unit; `locked` until the transaction ends."""
    statement = select(*_ROW).where(_D.kind == kind, _D.id == entry_id, _D.unit == unit)
    row = await tx.one(statement.with_for_update() if locked else statement)
    return DraftRow(*row) if row else None


async def listed(tx: Tx) -> list[DraftRow]:
    """All corrections, oldest first."""
    return [DraftRow(*row) for row in await tx.rows(select(*_ROW).order_by(_D.written_at, _D.kind, _D.id, _D.unit))]


async def drop(tx: Tx, kind: str, entry_id: str, unit: str) -> None:
    """The correction was signed or is not wanted."""
    await tx.run(delete(content_drafts).where(_D.kind == kind, _D.id == entry_id, _D.unit == unit))


async def asked(tx: Tx, join_keys: Sequence[str]) -> dict[str, Asked]:
    """Join key -> the open case behind it and how many wait for its answer."""
    rows = await tx.rows(
        select(_C.join_key, _C.id, _C.code, func.count(_A.conversation_id.distinct()), func.min(_A.asked_at))
        .join_from(cases, case_askers)
        .where(_C.join_key.in_(join_keys))
        .group_by(_C.join_key, _C.id, _C.code)
    )
    return {row[0]: Asked(*row[1:]) for row in rows}


_ROW = tuple(_D[name] for name in DraftRow.__slots__)
