"""Keys of other systems: statements only; the rules stand in `bot/integrations.py`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from bot.store.answer_tables import api_keys
from bot.store.guesses import add as add_guess
from bot.store.guesses import digest
from bot.store.store import Tx
from bot.store.tables import guesses

_K = api_keys.c


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key as the database has it; the key itself is not kept."""

    id: int
    #: "" = the whole installation
    unit: str
    name: str
    scopes: tuple[str, ...]
    created_by: int
    created_at: datetime
    last_used: datetime | None
    revoked: bool


_COLUMNS = tuple(_K[field.name] for field in fields(KeyRow))


async def add(
    tx: Tx, *, unit: str, name: str, scopes: Collection[str], hashed: str, created_by: int, created_at: datetime
) -> int:
    """A new key; its number."""
    row = {"unit": unit, "name": name, "scopes": sorted(scopes), "hash": hashed}
    return (await tx.add_numbered(api_keys, [{**row, "created_by": created_by, "created_at": created_at}]))[0]


async def by_hash(tx: Tx, hashed: str) -> KeyRow | None:
    """The key that has this hash, if it still serves."""
    found = await _rows(tx, _K.hash == hashed, _K.revoked.is_(False))
    return found[0] if found else None


async def get(tx: Tx, number: int) -> KeyRow | None:
    """One key."""
    found = await _rows(tx, _K.id == number)
    return found[0] if found else None


async def listed(tx: Tx) -> list[KeyRow]:
    """All keys, newest first."""
    return await _rows(tx)


async def revoke(tx: Tx, number: int) -> bool:
    """It serves no more; False when that was so already."""
    return await tx.run(update(api_keys).where(_K.id == number, _K.revoked.is_(False)).values(revoked=True)) > 0


async def used(tx: Tx, number: int, at: datetime) -> None:
    """Somebody came with it."""
    await tx.run(update(api_keys).where(_K.id == number).values(last_used=at))


async def spend(tx: Tx, number: int, at: datetime, *, most: int, span: timedelta) -> datetime | None:
    """Count one call with a key, whichever process answers it; None, or when it may call again: `most` in a `span`."""
    # calls with one key wait for each other here, or as many as come at once would all find room
    await tx.one(select(_K.id).where(_K.id == number).with_for_update())
    mine = guesses.c.who == digest(tx, "api-key", str(number))
    await tx.run(delete(guesses).where(mine, guesses.c.at <= at - span))
    row = await tx.one(select(func.count().label("calls"), func.min(guesses.c.at).label("first")).where(mine))
    if row is not None and row.calls >= most:
        return row.first + span  # type: ignore[no-any-return]
    await add_guess(tx, [digest(tx, "api-key", str(number))], at)
    return None


async def _rows(tx: Tx, *where: object) -> list[KeyRow]:
    rows = await tx.rows(select(*_COLUMNS).where(*where).order_by(_K.id.desc()))  # type: ignore[arg-type]
    return [KeyRow(**{**row._asdict(), "scopes": tuple(row.scopes)}) for row in rows]
