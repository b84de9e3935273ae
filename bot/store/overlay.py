"""What officials published over `content/`: entries and signatures. Read at start and whenever the revision moves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from bot.store.official_tables import content_versions, signatures
from bot.store.store import Tx
from bot.store.tables import meta


@dataclass(frozen=True, slots=True)
class EntryRow:
    """The newest published version of one entry in one unit."""

    kind: str
    id: str
    unit: str
    version: int
    body: dict[str, Any]
    base_hash: str


@dataclass(frozen=True, slots=True)
class SignatureRow:
    """A unit's word that an entry is right."""

    kind: str
    id: str
    unit: str
    signed_on: date
    signed_by_role: str
    document: str


async def revision(tx: Tx) -> str:
    """Moves whenever something is published; "" while nothing was."""
    return await tx.scalar(select(meta.c.value).where(meta.c.name == "overlay")) or ""


async def entries(tx: Tx) -> list[EntryRow]:
    """The newest version of each entry and unit."""
    c = content_versions.c
    rows = await tx.rows(
        select(c.kind, c.id, c.unit, c.version, c.body, c.base_hash).order_by(c.kind, c.id, c.unit, c.version)
    )
    newest = {(row.kind, row.id, row.unit): EntryRow(*row) for row in rows}
    return list(newest.values())


async def signed(tx: Tx) -> list[SignatureRow]:
    """All signatures."""
    c = signatures.c
    rows = await tx.rows(
        select(c.kind, c.id, c.unit, c.signed_on, c.signed_by_role, c.document).order_by(c.kind, c.id, c.unit)
    )
    return [
        SignatureRow(r.kind, r.id, r.unit, date.fromisoformat(r.signed_on), r.signed_by_role, r.document) for r in rows
    ]
