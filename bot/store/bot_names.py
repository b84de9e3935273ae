"""The @names of the house's bots, as the process that speaks with Telegram heard them; others make links of them."""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import delete, select, update

from bot.store.store import Tx
from bot.store.tables import meta

#: begins the name of a bot's row of `meta`; behind it stands its account
_ROW = "bot:"


async def keep(tx: Tx, account: str, unit: str, name: str) -> None:
    """A bot's @name, without @, and the unit it speaks for ("" = the house's own)."""
    value = json.dumps({"unit": unit, "name": name})
    await tx.add(meta, [{"name": _ROW + account, "value": value}], ignore=True)
    await tx.run(update(meta).where(meta.c.name == _ROW + account, meta.c.value != value).values(value=value))


async def forget_others(tx: Tx, accounts: Collection[str]) -> None:
    """Bots that are none of this house any more."""
    rows = [_ROW + account for account in accounts]
    await tx.run(delete(meta).where(meta.c.name.startswith(_ROW, autoescape=True), meta.c.name.not_in(rows)))


async def known(tx: Tx) -> dict[str, str]:
    """Unit -> @name of its bot."""
    return {unit: name for unit, name in (await by_account(tx)).values() if name}


async def by_account(tx: Tx) -> dict[str, tuple[str, str]]:
    """Account of a bot -> the unit it speaks for, its @name."""
    rows = await tx.rows(
        select(meta.c.name, meta.c.value).where(meta.c.name.startswith(_ROW, autoescape=True)).order_by(meta.c.name)
    )
    told = {row.name.removeprefix(_ROW): json.loads(row.value) for row in rows}
    return {account: (held["unit"], held["name"]) for account, held in told.items()}
