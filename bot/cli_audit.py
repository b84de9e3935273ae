"""`loathon audit`: whether anybody changed what was written down."""

from __future__ import annotations

from typing import TextIO

from bot.audit import verify as verify_all
from bot.errors import say
from bot.settings import Settings
from bot.store import Store, schema
from bot.store.blobs import Blobs


async def verify(settings: Settings, out: TextIO) -> int:
    """Walk the audit, every case's history and the ledger; 0 when all holds, 1 and the row's name when not."""
    await schema.migrate(settings.database_url)
    store = await Store.open(settings.database_url, Blobs(settings.data_dir / "blobs"))
    try:
        verdict = await verify_all(store)
    finally:
        await store.close()
    holds = say("audit.holds", lines=verdict.lines, cases=verdict.cases, seals=verdict.seals)
    print(verdict.fault or holds, file=out)
    return 1 if verdict.fault else 0
