"""Whole-database work: is it whole, and a copy of it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select, text

from bot.errors import BrokenStoreError
from bot.store import copy
from bot.store.case_tables import case_attachments
from bot.store.store import Store, Tx


async def integrity(store: Store) -> None:
    """Raises `BrokenStoreError` when SQLite finds its file damaged; PostgreSQL looks after itself."""
    if store.dialect != "sqlite":
        return
    async with store.read() as tx:
        for pragma in ("integrity_check", "foreign_key_check"):
            found = [str(row[0]) for row in await tx.rows(text(f"PRAGMA {pragma}"))]
            if found and found != ["ok"]:
                raise BrokenStoreError(why=f"{pragma}: {found[0]}")


async def files(tx: Tx) -> list[str]:
    """The sha256 of every file a row names."""
    named = case_attachments.c.sha256
    return [row[0] for row in await tx.rows(select(named).where(named.is_not(None)).distinct())]


async def copy_to(store: Store, path: Path) -> None:
    """Write the whole database, as of one moment, into a new SQLite file; an old file there is replaced.

    The file appears under its name only when it is complete.
    """
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    if store.dialect == "sqlite":
        async with store.engine.connect() as plain:
            connection = await plain.execution_options(no_transaction=True)
            await connection.execute(text("VACUUM INTO :path"), {"path": str(draft)})
    else:
        await copy.into_file(store, f"sqlite+aiosqlite:///{draft}")
    draft.replace(path)
