"""Signed-in browsers. Only the hash of a session's token is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from bot.store.official_tables import official_sessions
from bot.store.store import Tx

_S = official_sessions.c


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One browser."""

    id: int
    token_hash: str
    official_id: int
    is_full: bool
    address: str
    agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


_ROW = tuple(
    _S[name]
    for name in (
        "id",
        "token_hash",
        "official_id",
        "is_full",
        "address",
        "agent",
        "created_at",
        "seen_at",
        "expires_at",
    )
)


async def add(
    tx: Tx,
    token_hash: str,
    official_id: int,
    *,
    is_full: bool,
    address: str,
    agent: str,
    at: datetime,
    until: datetime,
) -> int:
    """A new session; its id."""
    row = {
        "token_hash": token_hash,
        "official_id": official_id,
        "is_full": is_full,
        "address": address,
        "agent": agent,
        "created_at": at,
        "seen_at": at,
        "expires_at": until,
    }
    return (await tx.add_numbered(official_sessions, [row]))[0]


async def find(tx: Tx, token_hash: str, *, at: datetime, seen_after: datetime) -> SessionRow | None:
    """A session that was not revoked, has not run out and was used since `seen_after`."""
    row = await tx.one(
        select(*_ROW).where(
            _S.token_hash == token_hash, _S.revoked_at.is_(None), _S.expires_at > at, _S.seen_at > seen_after
        )
    )
    return SessionRow(*row) if row else None


async def of_official(tx: Tx, official_id: int, *, at: datetime, seen_after: datetime) -> list[SessionRow]:
    """An official's full sessions, the last used first."""
    rows = await tx.rows(
        select(*_ROW)
        .where(_S.official_id == official_id, _S.is_full, _S.revoked_at.is_(None))
        .where(_S.expires_at > at, _S.seen_at > seen_after)
        .order_by(_S.seen_at.desc(), _S.id.desc())
    )
    return [SessionRow(*row) for row in rows]


async def touch(tx: Tx, number: int, at: datetime) -> None:
    """It was used."""
    await tx.run(update(official_sessions).where(_S.id == number).values(seen_at=at))


async def revoke(tx: Tx, official_id: int, at: datetime, *, number: int | None = None, but: int | None = None) -> int:
    """End one session of an official, or all of them but one; how many."""
    mine = [_S.official_id == official_id, _S.revoked_at.is_(None)]
    if number is not None:
        mine.append(_S.id == number)
    if but is not None:
        mine.append(_S.id != but)
    return await tx.run(update(official_sessions).where(*mine).values(revoked_at=at))


async def forget(tx: Tx, before: datetime) -> int:
    """Drop sessions that ran out before then; how many."""
    return await tx.run(delete(official_sessions).where(_S.expires_at < before))
