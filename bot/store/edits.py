"""Content being written at the desk. Statements only; who may write and what is whole stands in `bot/editing`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update

from bot.store.answer_tables import edits
from bot.store.store import Tx

_E = edits.c
#: still being written, or waiting for approval
OPEN = ("draft", "submitted")


@dataclass(frozen=True, slots=True)
class Edit:
    """A draft of one entry for one unit ("" = every unit)."""

    id: int
    kind: str
    entry_id: str
    unit: str
    #: counts every change
    version: int
    body: dict[str, Any]
    base_hash: str
    #: published version it was begun from, 0 = none
    base_version: int
    #: accounts of everybody who wrote in it
    authors: list[int]
    #: draft, submitted, published, dropped
    state: str
    #: marks of remarks a human let stand
    confirmed: list[str]
    case_id: int | None
    #: ids of `unanswered`
    questions: list[int]
    note: str
    begun_at: datetime
    changed_at: datetime


_ROW = tuple(_E[field.name] for field in fields(Edit))


async def add(tx: Tx, row: dict[str, Any]) -> int:
    """A new draft; its id."""
    return (await tx.add_numbered(edits, [row]))[0]


async def get(tx: Tx, edit_id: int, *, locked: bool = False) -> Edit | None:
    """One draft; `locked` until the transaction ends."""
    statement = select(*_ROW).where(_E.id == edit_id)
    row = await tx.one(statement.with_for_update() if locked else statement)
    return Edit(*row) if row else None


async def open_of(tx: Tx, kind: str, entry_id: str, unit: str) -> Edit | None:
    """The open draft of an entry in a unit."""
    where = (_E.kind == kind, _E.entry_id == entry_id, _E.unit == unit, _E.state.in_(OPEN))
    row = await tx.one(select(*_ROW).where(*where))
    return Edit(*row) if row else None


async def listed(tx: Tx, states: Sequence[str] = OPEN, *, kinds: Sequence[str] = (), limit: int = 500) -> list[Edit]:
    """Drafts in these states, changed last first."""
    statement = select(*_ROW).where(_E.state.in_(states)).order_by(_E.changed_at.desc(), _E.id.desc()).limit(limit)
    return [Edit(*row) for row in await tx.rows(statement.where(_E.kind.in_(kinds)) if kinds else statement)]


async def change(tx: Tx, edit_id: int, version: int, at: datetime, **changes: Any) -> bool:
    """Write these columns over that version; False when somebody else was quicker."""
    done = await tx.run(
        update(edits)
        .where(_E.id == edit_id, _E.version == version)
        .values(version=version + 1, changed_at=at, **changes)
    )
    return done > 0


async def erase_case(tx: Tx, case_ids: Sequence[int]) -> None:
    """A household's words go from what was drafted of its case; what was published is the commune's own text."""
    mine = _E.case_id.in_(case_ids)
    await tx.run(delete(edits).where(mine, _E.state != "published"))
    await tx.run(update(edits).where(mine).values(case_id=None, body={}))


async def forget(tx: Tx, before: datetime) -> int:
    """Drop what was published or given up before then; how many."""
    return await tx.run(
        delete(edits).where(or_(_E.state == "published", _E.state == "dropped"), _E.changed_at < before)
    )
