"""The ledger: heads of all chains, chained in turn, so that neither a chain nor its end can vanish unseen.

A line names only chains that moved since the line before; each head it names must still stand in its chain.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import String, and_, func, literal, select

from bot.store import audit, chain
from bot.store.case_tables import case_history, cases
from bot.store.official_tables import ledger, sealed
from bot.store.store import Tx

_L, _S, _C, _H = ledger.c, sealed.c, cases.c, case_history.c
_CASE = "case:"


@dataclass(frozen=True, slots=True)
class LedgerFault:
    """A line of the ledger that does not hold; `chain` is the chain whose sealed head is gone, "" = the line itself."""

    row: int
    chain: str = ""
    step: int = 0


async def seal(tx: Tx, at: datetime) -> int:
    """Take in the chains that moved; how many. Writes no line when none did."""
    name = literal(_CASE, String) + _C.code
    moved = [
        (row[0], row[1], row[2])
        for row in await tx.rows(
            select(name, _C.steps, _C.head)
            .outerjoin_from(cases, sealed, _S.chain == name)
            .where(_C.steps > func.coalesce(_S.step, 0))
            .order_by(_C.id)
        )
    ]
    step, head = await audit.head(tx)
    known = await tx.scalar(select(_S.step).where(_S.chain == audit.CHAIN)) or 0
    if step > known:
        moved.append((audit.CHAIN, step, head))
    if not moved:
        return 0
    last = await tx.scalar(select(_L.hash).order_by(_L.id.desc()).limit(1)) or chain.START
    heads = [list(one) for one in moved]
    await tx.add(ledger, [{"at": at, "heads": heads, "hash": _link(last, at, heads)}])
    statement = tx.insert(sealed)
    excluded = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["chain"], set_={"step": excluded.step, "hash": excluded.hash}
    )
    await tx.run_many(statement, [{"chain": c, "step": s, "hash": h} for c, s, h in moved])
    return len(moved)


async def count(tx: Tx) -> int:
    """How many lines the ledger has."""
    return int(await tx.scalar(select(func.count()).select_from(ledger)) or 0)


async def broken(tx: Tx) -> LedgerFault | None:
    """The first line that does not hold, or whose heads no longer stand in their chains; None when all is well."""
    previous = chain.START
    for row in await tx.rows(select(ledger).order_by(_L.id)):
        if row.hash != _link(previous, row.at, row.heads):
            return LedgerFault(row.id)
        previous = row.hash
        for name, step, head in row.heads:
            if await _hash_at(tx, name, step) != head:
                return LedgerFault(row.id, name, step)
    return None


async def _hash_at(tx: Tx, name: str, step: int) -> str | None:
    if name == audit.CHAIN:
        return await audit.hash_at(tx, step)
    code = name.removeprefix(_CASE)
    return await tx.scalar(  # type: ignore[no-any-return]
        select(_H.hash)
        .join_from(case_history, cases, _H.case_id == _C.id)
        .where(and_(_C.code == code, _H.step == step))
    )


def _link(previous: str, at: datetime, heads: list[list[object]]) -> str:
    told = chain.canonical({"at": at.astimezone(UTC).isoformat(), "heads": heads})
    return hashlib.sha256(f"{previous}|{told}".encode()).hexdigest()
