"""aiosqlite with one way to the database's thread for a statement.

SQLAlchemy makes a cursor, executes, fetches and closes it, each a way there and back; a message took some eighty of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Self

import aiosqlite


class Cursor:
    """Executes and fetches all in one way to the thread; the rest is answered from memory. Used by SQLAlchemy alone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Sequence[Any] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Cursor:
        """Run one statement and take in its rows."""
        return await self._connection.in_thread(self, "execute", sql, parameters)

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> Cursor:
        """Run one statement for many sets of values."""
        return await self._connection.in_thread(self, "executemany", sql, parameters)

    async def fetchall(self) -> list[Any]:
        """The rows taken in."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is held open."""

    def run(self, plain: sqlite3.Connection, how: str, sql: str, parameters: Iterable[Any]) -> Cursor:
        """The work itself, in the database's thread."""
        cursor = getattr(plain, how)(sql, parameters)
        try:
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()
        return self


class Connection(aiosqlite.Connection):
    """aiosqlite's connection, whose cursors are ours."""

    def cursor(self) -> Cursor:  # type: ignore[override]
        """A cursor, made without asking the thread."""
        return Cursor(self)

    async def in_thread(self, cursor: Cursor, how: str, sql: str, parameters: Iterable[Any]) -> Cursor:
        """Let the cursor work in the thread."""
        work = self._execute(cursor.run, self._conn, how, sql, parameters)  # type: ignore[no-untyped-call]
        return await work  # type: ignore[no-any-return]


def connect(database: str, **options: Any) -> Connection:
    """A connection to be awaited, as `aiosqlite.connect` gives one. `options` are those of `sqlite3.connect`."""
    connection = Connection(lambda: sqlite3.connect(database, **options), iter_chunk_size=64)
    # a process that ends does not wait for the thread
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does where it connects itself
    return connection
