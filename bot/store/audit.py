"""Who did or read what. Never the content itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from bot.store.store import Tx
from bot.store.tables import audit


async def note(tx: Tx, who: str, what: str, ref: str, *, at: datetime, detail: dict[str, Any] | None = None) -> None:
    """Write one line of the audit."""
    await tx.add(audit, [{"at": at, "who": who, "what": what, "ref": ref, "detail": detail or {}}])


async def lines(tx: Tx, what: str) -> list[tuple[str, str]]:
    """(who, ref) of every line of one kind, oldest first."""
    a = audit.c
    return [(row.who, row.ref) for row in await tx.rows(select(a.who, a.ref).where(a.what == what).order_by(a.id))]
