"""Who was told of an answer for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from bot.store.answer_tables import answers_told
from bot.store.store import Tx

_T = answers_told.c


async def untold(tx: Tx, entry_id: str, conversation_ids: Sequence[int]) -> list[int]:
    """Which of these conversations were not told of it yet, in order."""
    if not conversation_ids:
        return []
    rows = await tx.rows(
        select(_T.conversation_id).where(_T.entry_id == entry_id, _T.conversation_id.in_(conversation_ids))
    )
    known = {row[0] for row in rows}
    return sorted(set(conversation_ids) - known)


async def told(tx: Tx, entry_id: str, conversation_ids: Sequence[int], at: datetime) -> None:
    """They were told."""
    rows = [{"entry_id": entry_id, "conversation_id": number, "at": at} for number in conversation_ids]
    await tx.add(answers_told, rows, ignore=True)


async def erase(tx: Tx, conversation_ids: Sequence[int]) -> None:
    """Nothing ties these conversations to an answer any more."""
    await tx.run(delete(answers_told).where(_T.conversation_id.in_(conversation_ids)))


async def forget(tx: Tx, before: datetime) -> int:
    """Drop old ones; how many."""
    return await tx.run(delete(answers_told).where(_T.at < before))
