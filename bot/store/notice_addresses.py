"""Where officials want notices: one chat each, linked by a one-time link."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select

from bot.store.case_tables import notice_addresses, notice_links
from bot.store.store import Tx

_N, _L = notice_addresses.c, notice_links.c


def token_hash(token: str) -> str:
    """What is kept of a link."""
    return hashlib.sha256(token.encode()).hexdigest()


async def add_link(tx: Tx, official_id: int, token: str, *, at: datetime, expires_at: datetime) -> None:
    """A link by which a chat becomes that official's; earlier ones no longer work, and all that ran out go."""
    await tx.run(delete(notice_links).where(or_(_L.official_id == official_id, _L.expires_at <= at)))
    row = {"token_hash": token_hash(token), "official_id": official_id, "expires_at": expires_at}
    await tx.add(notice_links, [row])


async def link(tx: Tx, token: str, conversation_id: int, at: datetime) -> bool:
    """Make this chat the official's of that link; whether the link was good. It works once."""
    hashed = token_hash(token)
    official = await tx.scalar(select(_L.official_id).where(_L.token_hash == hashed, _L.expires_at > at))
    if official is None:
        return False
    await tx.run(delete(notice_links).where(_L.token_hash == hashed))
    statement = tx.insert(notice_addresses).values(official_id=official, conversation_id=conversation_id, linked_at=at)
    excluded = statement.excluded
    await tx.run(
        statement.on_conflict_do_update(
            index_elements=["official_id"],
            set_={"conversation_id": excluded.conversation_id, "linked_at": excluded.linked_at},
        )
    )
    return True


async def unlink(tx: Tx, official_id: int) -> None:
    """No more notices to a chat."""
    await tx.run(delete(notice_addresses).where(_N.official_id == official_id))


async def of(tx: Tx, official_ids: Sequence[int]) -> dict[int, int]:
    """Official -> conversation, for those who linked one."""
    rows = await tx.rows(select(_N.official_id, _N.conversation_id).where(_N.official_id.in_(official_ids)))
    return {row.official_id: row.conversation_id for row in rows}


async def forget(tx: Tx, conversation_ids: Sequence[int]) -> None:
    """Chats that were erased are nobody's address."""
    await tx.run(delete(notice_addresses).where(_N.conversation_id.in_(conversation_ids)))
