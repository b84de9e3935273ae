"""Questions the bot could not answer: the worklist for new entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from bot.model.fold import fold
from bot.store.store import Tx
from bot.store.tables import unanswered

_U = unanswered.c


async def add(tx: Tx, rows: Sequence[tuple[int, str, str, tuple[str, ...]]], at: datetime) -> None:
    """(conversation, unit, text, ids offered) each."""
    values: list[dict[str, Any]] = [
        {"conversation_id": who, "unit": unit, "text": text, "folded": fold(text), "offered": list(offered), "at": at}
        for who, unit, text, offered in rows
    ]
    await tx.add(unanswered, values)


async def newest(tx: Tx, units: Sequence[str] = (), limit: int = 100) -> list[tuple[str, str, list[str]]]:
    """(unit, text, ids offered), newest first."""
    statement = select(_U.unit, _U.text, _U.offered).order_by(_U.id.desc()).limit(limit)
    rows = await tx.rows(statement.where(_U.unit.in_(units)) if units else statement)
    return [(row.unit, row.text, row.offered) for row in rows]


async def count_of(tx: Tx, conversation_id: int) -> int:
    """How many of one conversation's questions are kept."""
    return int(await tx.scalar(select(func.count()).where(_U.conversation_id == conversation_id)) or 0)


async def forget(tx: Tx, before: datetime) -> int:
    """Drop old ones; how many."""
    return await tx.run(delete(unanswered).where(_U.at < before))
