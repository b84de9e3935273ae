"""Who did or read what. Never the content itself. Each line's hash holds the one before, so none can be changed unseen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update

from bot.store import chain
from bot.store.official_tables import audit
from bot.store.store import Tx
from bot.store.tables import meta

_A = audit.c
#: row of `meta` that holds "step:hash" of the last line
_HEAD = "audit"
#: name of this chain in the ledger
CHAIN = "audit"
#: lines walked at a time when the chain is looked through
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One act."""

    id: int
    step: int
    at: datetime
    #: "official:<id>", or "may" for the machine
    who: str
    what: str
    #: object, as kind and id: "official:7", "policies:bhyt-ho-ngheo:xa-tu-ky"
    ref: str
    detail: dict[str, Any]
    before_hash: str
    after_hash: str


@dataclass(frozen=True, slots=True)
class Fault:
    """The first line at which the chain does not hold. `row` is its id, None when lines are missing at the end."""

    row: int | None
    step: int


async def note(
    tx: Tx,
    who: str,
    what: str,
    ref: str,
    *,
    at: datetime,
    detail: dict[str, Any] | None = None,
    before: Any = None,
    after: Any = None,
) -> None:
    """Write one line. Of `before` and `after` only the hash is kept; None = there was none.

    Holds the chain's head until the transaction ends: call it last.
    """
    await tx.add(meta, [{"name": _HEAD, "value": f"0:{chain.START}"}], ignore=True)
    step, previous = _split(await tx.scalar(select(meta.c.value).where(meta.c.name == _HEAD).with_for_update()))
    row = {
        "at": at,
        "who": who,
        "what": what,
        "ref": ref,
        "detail": detail or {},
        "step": step + 1,
        "before_hash": object_hash(before),
        "after_hash": object_hash(after),
    }
    head = _link(previous, row)
    await tx.add(audit, [{**row, "hash": head}])
    await tx.run(update(meta).where(meta.c.name == _HEAD).values(value=f"{step + 1}:{head}"))


def object_hash(value: Any) -> str:
    """sha256 of an object's canonical text, "" for None."""
    return "" if value is None else hashlib.sha256(chain.canonical({"": value}).encode()).hexdigest()


async def lines(tx: Tx, what: str) -> list[tuple[str, str]]:
    """(who, ref) of every line of one kind, oldest first."""
    return [(row.who, row.ref) for row in await tx.rows(select(_A.who, _A.ref).where(_A.what == what).order_by(_A.id))]


async def told(tx: Tx, what: str, ref: str, since: datetime | None = None) -> list[dict[str, Any]]:
    """The details of every line of one kind about one object, newest first; by the object's index."""
    statement = select(_A.detail).where(_A.ref == ref, _A.what == what).order_by(_A.id.desc())
    rows = await tx.rows(statement.where(_A.at >= since) if since else statement)
    return [row.detail for row in rows]


async def page(
    tx: Tx,
    *,
    who: str = "",
    what: str = "",
    ref: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Line]:
    """Lines newest first that fit all filters ("" or None = any).

    `ref` fits when an object's begins so; `before` is the id to go on from.
    """
    statement = select(*(_A[name] for name in Line.__slots__)).order_by(_A.id.desc()).limit(limit)
    filters = [
        _A.who == who if who else None,
        _A.what == what if what else None,
        _A.ref.startswith(ref, autoescape=True) if ref else None,
        _A.at >= since if since else None,
        _A.at < until if until else None,
        _A.id < before if before else None,
    ]
    return [Line(*row) for row in await tx.rows(statement.where(*(one for one in filters if one is not None)))]


async def kinds(tx: Tx) -> list[str]:
    """What was done at all, by name, for a filter."""
    return [row[0] for row in await tx.rows(select(_A.what).distinct().order_by(_A.what))]


async def head(tx: Tx) -> tuple[int, str]:
    """(step, hash) of the last line."""
    return _split(await tx.scalar(select(meta.c.value).where(meta.c.name == _HEAD)) or f"0:{chain.START}")


async def hash_at(tx: Tx, step: int) -> str | None:
    """The hash of one line."""
    return await tx.scalar(select(_A.hash).where(_A.step == step))  # type: ignore[no-any-return]


async def broken(tx: Tx) -> Fault | None:
    """Walk the whole chain; where it does not hold, None when it does."""
    step, previous = 0, chain.START
    while True:
        walked = await tx.rows(select(audit).where(_A.step > step).order_by(_A.step, _A.id).limit(_AT_ONCE))
        if not walked:
            break
        for row in walked:
            if row.step != step + 1 or row.hash != _link(previous, row._asdict()):
                return Fault(row.id, step + 1)
            step, previous = row.step, row.hash
    return None if (step, previous) == await head(tx) else Fault(None, step + 1)


def _link(previous: str, row: dict[str, Any]) -> str:
    named = ("step", "who", "what", "ref", "detail", "before_hash", "after_hash")
    told = {**{name: row[name] for name in named}, "at": row["at"].astimezone(UTC).isoformat()}
    return hashlib.sha256(f"{previous}|{chain.canonical(told)}".encode()).hexdigest()


def _split(told: str) -> tuple[int, str]:
    step, _, head_hash = told.partition(":")
    return int(step), head_hash
