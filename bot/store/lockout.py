"""How often someone, or some address, failed at a door, and when last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from bot.store.store import Tx
from bot.store.tables import guesses

_G = guesses.c


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong tries under one digest."""

    count: int
    last_at: datetime


async def failures(tx: Tx, digests: Sequence[str], since: datetime) -> dict[str, Failures]:
    """The wrong tries since then under each of these digests; those without any are left out."""
    rows = await tx.rows(
        select(_G.who, func.count(), func.max(_G.at)).where(_G.who.in_(digests), _G.at > since).group_by(_G.who)
    )
    return {row[0]: Failures(row[1], row[2]) for row in rows}


async def take_back(tx: Tx, digests: Sequence[str], at: datetime) -> None:
    """A try written down at that moment was no wrong one."""
    await tx.run(delete(guesses).where(_G.who.in_(digests), _G.at == at))


async def clear(tx: Tx, digest: str) -> None:
    """The right one came in: what was tried before no longer counts."""
    await tx.run(delete(guesses).where(_G.who == digest))
