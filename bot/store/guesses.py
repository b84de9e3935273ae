"""Wrong codes and PINs, and calls with keys of other systems, counted under a keyed hash of who tried."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from bot.store.store import Tx
from bot.store.tables import guesses

_G = guesses.c


def digest(tx: Tx, *parts: str) -> str:
    """A name for who or what, from which nobody learns either."""
    return hashlib.blake2b("\x00".join(parts).encode(errors="replace"), digest_size=24, key=tx.key).hexdigest()


async def add(tx: Tx, who: Sequence[str], at: datetime) -> None:
    """One wrong try for each of these digests."""
    await tx.add(guesses, [{"who": name, "at": at} for name in who])


async def since(tx: Tx, who: Sequence[str], moment: datetime) -> dict[str, int]:
    """How often each of these digests tried wrongly since then."""
    if not who:
        return {}
    rows = await tx.rows(select(_G.who, func.count()).where(_G.who.in_(who), _G.at > moment).group_by(_G.who))
    return {row[0]: row[1] for row in rows}


async def forget(tx: Tx, before: datetime) -> int:
    """Drop old tries; how many."""
    return await tx.run(delete(guesses).where(_G.at < before))
