"""Leases: polling, sending and limiting of one bot belong to the holder of its row."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, literal, select, update

from bot.store.store import Tx
from bot.store.tables import leases

LEASE_S = 10.0
RENEW_S = 3.0

_L = leases.c


async def database_time(tx: Tx) -> datetime | None:
    """The database's own time, so that machines with different clocks agree; None on SQLite, which has one process."""
    if tx.dialect == "sqlite":
        return None
    return await tx.scalar(select(func.clock_timestamp()))  # type: ignore[no-any-return]


async def take(tx: Tx, name: str, holder: str, at: datetime, *, force: bool = False, anew: bool = False) -> int | None:
    """Take or renew a lease; its epoch, which grows with every new owner, or None while another holds it.

    `force` takes it from whoever held it: right on SQLite, where a lock file keeps a second process out. `anew` begins
    another epoch though the same holder had it before: what it left under way then is in doubt.
    """
    at = await database_time(tx) or at
    until = at + timedelta(seconds=LEASE_S)
    row = await tx.one(select(_L.holder, _L.epoch, _L.until).where(_L.name == name).with_for_update())
    if row is None:
        await tx.add(leases, [{"name": name, "holder": holder, "epoch": 1, "until": until}], ignore=True)
        return await tx.scalar(  # type: ignore[no-any-return]
            select(_L.epoch).where(_L.name == name, _L.holder == holder)
        )
    if row.holder != holder and row.until > at and not force:
        return None
    epoch = row.epoch if row.holder == holder and not anew else row.epoch + 1
    await tx.run(update(leases).where(_L.name == name).values(holder=holder, epoch=epoch, until=until))
    return int(epoch)


async def leave(tx: Tx, name: str, holder: str, at: datetime) -> None:
    """Let go of a lease, so that another can take it at once."""
    await tx.run(update(leases).where(_L.name == name, _L.holder == holder).values(until=at - timedelta(seconds=1)))


async def held(tx: Tx, name: str, holder: str, epoch: int) -> bool:
    """Whether that lease is still ours; it stays so until the transaction ends. Asked first in every claim."""
    mine = select(literal(1)).where(_L.name == name, _L.holder == holder, _L.epoch == epoch)
    return await tx.one(mine.with_for_update(read=True)) is not None


async def ends(tx: Tx) -> dict[str, datetime]:
    """Lease -> until when somebody holds or held it."""
    return {row.name: row.until for row in await tx.rows(select(_L.name, _L.until))}
