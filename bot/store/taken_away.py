"""What a house took away for good, carried over into an older copy of it that is put back.

A copy knows nothing of what was erased, disabled, revoked, withdrawn or refused after it was made. Rows keep their numbers
for as long as a house lives, so the numbers are enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.answer_tables import api_keys
from bot.store.bulletin_tables import bulletins
from bot.store.official_tables import official_sessions, officials
from bot.store.store import Tx
from bot.store.tables import consents, conversations, erasures

_ERASED = "erased:%"
#: long enough ago that nobody is told a second time that everything of theirs went
_TOLD_LONG_AGO = timedelta(days=30)
_B, _C = bulletins.c, consents.c


@dataclass(frozen=True, slots=True)
class TakenAway:
    """Rows by number; those of bulletins and consents with what was noted of it."""

    chats: tuple[int, ...]
    officials: tuple[int, ...]
    keys: tuple[int, ...]
    bulletins: tuple[dict[str, Any], ...]
    consents: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Again:
    """How many were taken away again."""

    chats: int
    officials: int
    keys: int
    bulletins: int
    consents: int


async def read(house: AsyncConnection) -> TakenAway:
    """Everything a house took away; raises what the driver raises of one that cannot be read."""

    async def numbers(statement: Executable) -> tuple[int, ...]:
        return tuple(row[0] for row in await house.execute(statement))

    async def rows(statement: Executable) -> tuple[dict[str, Any], ...]:
        return tuple(dict(row) for row in (await house.execute(statement)).mappings())

    withdrawn = (_B.withdrawn_at, _B.withdrawn_by, _B.withdrawn_why)
    return TakenAway(
        chats=await numbers(select(conversations.c.id).where(conversations.c.chat.like(_ERASED))),
        officials=await numbers(select(officials.c.id).where(officials.c.state == "disabled")),
        keys=await numbers(select(api_keys.c.id).where(api_keys.c.revoked)),
        bulletins=await rows(select(_B.id.label("which"), *withdrawn).where(_B.state == "withdrawn")),
        consents=await rows(select(_C.id.label("which"), _C.withdrawn_at).where(_C.withdrawn_at.is_not(None))),
    )


async def take_again(tx: Tx, taken: TakenAway, at: datetime) -> Again:
    """Take the same away in the copy; erasures are due at once and done by the job that does all of them."""
    c, e = conversations.c, erasures.c
    known = (c.id.in_(taken.chats), c.chat.not_like(_ERASED))
    chats = [row[0] for row in await tx.rows(select(c.id).where(*known).order_by(c.id))]
    open_ones = (e.cancelled_at.is_(None), e.done_at.is_(None))
    await tx.run(update(erasures).where(e.conversation_id.in_(chats), *open_ones).values(cancelled_at=at))
    due = {"asked_at": at, "due_at": at, "told_at": at - _TOLD_LONG_AGO}
    await tx.add(erasures, [{"conversation_id": number, **due} for number in chats])
    s = official_sessions.c
    await tx.run(
        update(official_sessions)
        .where(s.official_id.in_(taken.officials), s.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    disabled = (officials.c.id.in_(taken.officials), officials.c.state != "disabled")
    revoked = (api_keys.c.id.in_(taken.keys), api_keys.c.revoked.is_(False))
    return Again(
        len(chats),
        await tx.run(update(officials).where(*disabled).values(state="disabled")),
        await tx.run(update(api_keys).where(*revoked).values(revoked=True)),
        await _each(
            tx,
            update(bulletins).where(_B.id == bindparam("which"), _B.state != "withdrawn").values(state="withdrawn"),
            taken.bulletins,
        ),
        await _each(tx, update(consents).where(_C.id == bindparam("which"), _C.withdrawn_at.is_(None)), taken.consents),
    )


async def _each(tx: Tx, statement: Any, rows: Sequence[dict[str, Any]]) -> int:
    met = 0
    for row in rows:
        noted = {name: value for name, value in row.items() if name != "which"}
        met += await tx.run(statement.values(**noted), {"which": row["which"]})
    return met
