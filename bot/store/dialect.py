"""What differs between SQLite and PostgreSQL; no other module names a dialect."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

#: how long a writer waits for another, e.g. a short command beside `run`
BUSY_MS = 10_000


def open_engine(url: str) -> AsyncEngine:
    """An engine whose transactions mean the same on both databases."""
    if url.startswith("sqlite"):
        engine = create_async_engine(url, connect_args={"timeout": BUSY_MS / 1000}, pool_size=4, max_overflow=4)
        event.listen(engine.sync_engine, "connect", _on_sqlite_connect)
        event.listen(engine.sync_engine, "begin", _on_sqlite_begin)
        return engine
    return create_async_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True)


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    # the driver's own BEGIN is deferred: read-then-write would lose updates
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MS}",
        # one task checkpoints, so that no household's turn pays for it
        "wal_autocheckpoint=0",
        # what was erased is overwritten, not only unlinked
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("migrating"):
        # no effect inside a transaction, so it goes first; a table rebuild with keys on empties child tables
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    if not options.get("no_transaction"):
        connection.exec_driver_sql("BEGIN" if options.get("read_only") else "BEGIN IMMEDIATE")


def insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that can say what to do on a conflict."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def checkpoint(connection: Connection, cut: bool) -> None:
    """Move SQLite's log into the database file, and with `cut` empty it; PostgreSQL does so by itself."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA wal_checkpoint({'TRUNCATE' if cut else 'PASSIVE'})")
