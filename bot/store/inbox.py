"""What came in: keys already taken, and what could not be read or answered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from bot.model.inbound import ConversationKey, Inbound
from bot.store.store import Tx
from bot.store.tables import quarantine, seen


def _digest(key: bytes, inbound: Inbound) -> bytes:
    named = f"{inbound.key.channel}\x00{inbound.key.account}\x00{inbound.external_id}"
    return hashlib.blake2b(named.encode(errors="replace"), digest_size=16, key=key).digest()


def storable(text: str) -> str:
    """The text as both databases take it: PostgreSQL has no NUL, UTF-8 no lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


async def unseen(tx: Tx, inbounds: Sequence[Inbound], at: datetime) -> list[Inbound]:
    """Those never taken before, in their order, now marked as taken."""
    digests = {_digest(tx.key, inbound): inbound for inbound in reversed(inbounds)}
    # sorted, so that two processes taking the same keys wait for each other instead of dead-locking
    rows = [{"id": digest, "seen_at": at} for digest in sorted(digests)]
    statement = tx.insert(seen).on_conflict_do_nothing().returning(seen.c.id)
    taken = {bytes(row[0]) for row in await tx.connection.execute(statement, rows)} if rows else set()
    fresh = {id(digests[digest]) for digest in taken}
    return [inbound for inbound in inbounds if id(inbound) in fresh]


async def forget_seen(tx: Tx, before: datetime) -> int:
    """Drop keys so old that no channel repeats them; how many."""
    return await tx.run(delete(seen).where(seen.c.seen_at < before))


async def put_aside(tx: Tx, key: ConversationKey, raw: str, why: str, at: datetime) -> None:
    """Keep something that could not be taken, for an official or developer to look at, whatever characters it holds."""
    where = {"channel": key.channel, "account": key.account, "chat": key.chat}
    told = {**where, "why": why, "raw": raw}
    await tx.add(quarantine, [{**{name: storable(text) for name, text in told.items()}, "at": at}])


async def set_aside(tx: Tx) -> list[tuple[str, str]]:
    """(why, raw) of everything put aside, oldest first."""
    return [
        (row.why, row.raw)
        for row in await tx.rows(select(quarantine.c.why, quarantine.c.raw).order_by(quarantine.c.id))
    ]


async def count_set_aside(tx: Tx) -> int:
    """How much waits to be looked at."""
    return int(await tx.scalar(select(func.count()).select_from(quarantine)) or 0)


async def forget_put_aside(tx: Tx, before: datetime) -> int:
    """Drop what was put aside before that; how many."""
    return await tx.run(delete(quarantine).where(quarantine.c.at < before))
