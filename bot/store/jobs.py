"""Jobs: claimed, run, tried again. A claim ends by itself when its worker dies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, func, or_, select, update

from bot.store import bell
from bot.store.store import Tx
from bot.store.tables import jobs

_J = jobs.c


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work this process has claimed."""

    id: int
    kind: str
    args: dict[str, Any]
    attempts: int


async def add(tx: Tx, kind: str, rows: Sequence[tuple[dict[str, Any], str | None]], due_at: datetime) -> None:
    """(args, key) each; a key that waits already is left as it is."""
    values = [{"kind": kind, "args": args, "key": key, "state": "waiting", "due_at": due_at} for args, key in rows]
    await tx.add(jobs, values, ignore=True)
    if rows:
        tx.ring(bell.JOBS)


async def claim(
    tx: Tx, kinds: Sequence[str], at: datetime, until: datetime, limit: int = 1, *, first: Sequence[str] = ()
) -> list[Job]:
    """Take up to `limit` due jobs, those of the kinds `first` before all others, in that order of kinds.

    One not finished by `until` may be taken again.
    """
    ranked = [case({kind: rank for rank, kind in enumerate(first)}, value=_J.kind, else_=len(first))] if first else []
    ready = or_(_J.state == "waiting", and_(_J.state == "running", _J.claimed_until <= at))
    rows = await tx.rows(
        select(_J.id, _J.kind, _J.args, _J.attempts)
        .where(ready, _J.due_at <= at, _J.kind.in_(kinds))
        .order_by(*ranked, _J.due_at, _J.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = [row.id for row in rows]
    if ids:
        await tx.run(
            update(jobs).where(_J.id.in_(ids)).values(state="running", claimed_until=until, attempts=_J.attempts + 1)
        )
    return [Job(row.id, row.kind, row.args, row.attempts + 1) for row in rows]


async def done(tx: Tx, job_id: int) -> None:
    """Finished: the row goes."""
    await tx.run(delete(jobs).where(_J.id == job_id))


async def again(tx: Tx, job_id: int, due_at: datetime, error: str = "") -> None:
    """To be run (again) then."""
    await tx.run(
        update(jobs).where(_J.id == job_id).values(state="waiting", due_at=due_at, claimed_until=None, error=error)
    )


async def fail(tx: Tx, job_id: int, error: str) -> None:
    """Given up; the row stays for an official to see, its key is free again."""
    await tx.run(update(jobs).where(_J.id == job_id).values(state="failed", key=None, claimed_until=None, error=error))


async def release(tx: Tx, kinds: Sequence[str]) -> None:
    """Free what was being run of these kinds: only right when no other worker of them is alive."""
    mine = (_J.state == "running", _J.kind.in_(kinds))
    await tx.run(update(jobs).where(*mine).values(state="waiting", claimed_until=None))


async def drop(tx: Tx, key: str) -> None:
    """Not wanted any more."""
    await tx.run(delete(jobs).where(_J.key == key))


async def waits(tx: Tx, key: str) -> bool:
    """Whether a job of that key waits or is being run."""
    return await tx.scalar(select(_J.id).where(_J.key == key)) is not None


async def tried(tx: Tx, key: str) -> int:
    """How often the job of that key was begun; 0 when none waits or is being run."""
    return await tx.scalar(select(_J.attempts).where(_J.key == key)) or 0


async def next_due(tx: Tx, kinds: Sequence[str]) -> datetime | None:
    """When the next waiting job of these kinds is due."""
    mine = (_J.state == "waiting", _J.kind.in_(kinds))
    return await tx.scalar(select(func.min(_J.due_at)).where(*mine))  # type: ignore[no-any-return]


async def failed(tx: Tx) -> list[tuple[str, str]]:
    """(kind, error) of jobs given up."""
    return [
        (r.kind, r.error) for r in await tx.rows(select(_J.kind, _J.error).where(_J.state == "failed").order_by(_J.id))
    ]
