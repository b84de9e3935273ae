"""Whole-database work: is it whole, and a copy of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import BrokenStoreError
from bot.store import schema
from bot.store.case_tables import case_attachments
from bot.store.columns import metadata
from bot.store.dialect import open_engine
from bot.store.store import Store, Tx

#: rows carried at a time when a database is copied table by table
_ROWS = 500


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
        await _copy_rows(store, draft)
    draft.replace(path)


async def _copy_rows(store: Store, path: Path) -> None:
    """PostgreSQL's rows, read in one snapshot, into a SQLite file of the same revision."""
    url = f"sqlite+aiosqlite:///{path}"
    await schema.migrate(url)
    target = open_engine(url)
    try:
        async with target.connect() as plain, store.engine.connect() as reading:
            writing = await plain.execution_options(migrating=True)
            snapshot = await reading.execution_options(isolation_level="REPEATABLE READ")
            async with writing.begin(), snapshot.begin():
                for table in metadata.sorted_tables:
                    await writing.execute(table.delete())
                    await _copy_table(snapshot, writing, table)
                await writing.execute(
                    text("insert into search_fts (rowid, exact, folded) select id, exact, folded from search_docs")
                )
    finally:
        await target.dispose()


async def _copy_table(reading: AsyncConnection, writing: AsyncConnection, table: Any) -> None:
    rows = await reading.stream(select(table))
    async for some in rows.partitions(_ROWS):
        await writing.execute(insert(table), [dict(row._mapping) for row in some])  # noqa: SLF001 - SQLAlchemy's public name
