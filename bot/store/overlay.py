"""What officials published over `content/`: entries and signatures. Read at start and whenever the revision moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from bot.store import bell
from bot.store.official_tables import content_versions, signatures
from bot.store.store import Tx
from bot.store.tables import meta

#: kind of what a unit's officials filled in about it; `id` and `unit` are both the unit
UNITS = "units"
#: kind of ways of asking that officials add to an entry
WORDS = "words"
#: what became of a version
PUBLISHED, WITHDRAWN = "published", "withdrawn"


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
class Version:
    """One version of an entry in one unit, as its history shows it."""

    version: int
    body: dict[str, Any]
    base_hash: str
    #: published, or withdrawn: from then on what lies below serves
    state: str
    authors: tuple[int, ...]
    #: who approved it, as `Official.who`
    approved_by: str
    published_at: datetime
    note: str


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
    """The newest version of each entry and unit; not of what was withdrawn."""
    c = content_versions.c
    latest = (
        select(c.kind, c.id, c.unit, func.max(c.version).label("version")).group_by(c.kind, c.id, c.unit).subquery()
    )
    n = latest.c
    rows = await tx.rows(
        select(c.kind, c.id, c.unit, c.version, c.body, c.base_hash)
        .join(latest, (c.kind == n.kind) & (c.id == n.id) & (c.unit == n.unit) & (c.version == n.version))
        .where(c.state == PUBLISHED)
        .order_by(c.kind, c.id, c.unit)
    )
    return [EntryRow(*row) for row in rows]


async def history(tx: Tx, kind: str, entry_id: str, unit: str) -> list[Version]:
    """Every version of one entry in one unit, newest first."""
    c = content_versions.c
    rows = await tx.rows(
        select(c.version, c.body, c.base_hash, c.state, c.authors, c.approved_by, c.published_at, c.note)
        .where(c.kind == kind, c.id == entry_id, c.unit == unit)
        .order_by(c.version.desc())
    )
    return [Version(r.version, r.body, r.base_hash, r.state, tuple(r.authors), *r[5:]) for r in rows]


async def signed(tx: Tx) -> list[SignatureRow]:
    """All signatures."""
    c = signatures.c
    rows = await tx.rows(
        select(c.kind, c.id, c.unit, c.signed_on, c.signed_by_role, c.document).order_by(c.kind, c.id, c.unit)
    )
    return [
        SignatureRow(r.kind, r.id, r.unit, date.fromisoformat(r.signed_on), r.signed_by_role, r.document) for r in rows
    ]


async def next_version(tx: Tx, kind: str, entry_id: str, unit: str) -> int:
    """The number of the version that comes next, 1 for the first."""
    c = content_versions.c
    mine = (c.kind == kind, c.id == entry_id, c.unit == unit)
    return int(await tx.scalar(select(func.max(c.version)).where(*mine)) or 0) + 1


async def newest(tx: Tx, kind: str, entry_id: str, unit: str) -> EntryRow | None:
    """The newest version of one entry in one unit, withdrawn or not."""
    c = content_versions.c
    row = await tx.one(
        select(c.kind, c.id, c.unit, c.version, c.body, c.base_hash)
        .where(c.kind == kind, c.id == entry_id, c.unit == unit)
        .order_by(c.version.desc())
        .limit(1)
    )
    return EntryRow(*row) if row else None


async def publish(
    tx: Tx,
    row: EntryRow,
    *,
    by: str,
    at: datetime,
    authors: Sequence[int] = (),
    note: str = "",
    state: str = PUBLISHED,
) -> None:
    """Write a version; the revision moves and every process hears of it."""
    values = {
        "kind": row.kind,
        "id": row.id,
        "unit": row.unit,
        "version": row.version,
        "body": row.body,
        "base_hash": row.base_hash,
        "approved_by": by,
        "published_at": at,
        "authors": list(authors),
        "note": note,
        "state": state,
    }
    await tx.add(content_versions, [values])
    await _move(tx)


async def sign(tx: Tx, row: SignatureRow, *, by: str, text_hash: str) -> None:
    """Write a unit's signature over an earlier one; the revision moves and every process hears of it."""
    values = {
        "kind": row.kind,
        "id": row.id,
        "unit": row.unit,
        "signed_on": row.signed_on.isoformat(),
        "signed_by_role": row.signed_by_role,
        "document": row.document,
        "signed_by": by,
        "text_hash": text_hash,
    }
    statement = tx.insert(signatures)
    kept = {name: statement.excluded[name] for name in values if name not in {"kind", "id", "unit"}}
    await tx.run(statement.values(values).on_conflict_do_update(index_elements=["kind", "id", "unit"], set_=kept))
    await _move(tx)


async def unsign(tx: Tx, kind: str, entry_id: str, unit: str) -> bool:
    """Take a unit's signature back; whether there was one."""
    c = signatures.c
    gone = await tx.run(delete(signatures).where(c.kind == kind, c.id == entry_id, c.unit == unit))
    await _move(tx)
    return gone > 0


async def _move(tx: Tx) -> None:
    """A new revision: one more than the last, under the row's lock."""
    await tx.add(meta, [{"name": "overlay", "value": "0"}], ignore=True)
    last = await tx.scalar(select(meta.c.value).where(meta.c.name == "overlay").with_for_update())
    await tx.run(update(meta).where(meta.c.name == "overlay").values(value=str(int(last) + 1)))
    tx.ring(bell.OVERLAY)
