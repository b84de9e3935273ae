"""aiosqlite with one way to the database's thread for a statement, or none.

SQLAlchemy makes a cursor, executes, fetches and closes it, each a way there and back; a message took some eighty of them.
A way there and back takes several times as long as most statements, and beside a busy loop longer still. What is known to
be short therefore runs where it is asked for (`at_once`): the files of a house on SQLite fit into the machine's memory, and
what waits for the disk or for other writers, BEGIN and COMMIT, still goes to the thread.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final, Self

import aiosqlite

#: an INSERT of one row of plain values, and what may follow it
_INSERT: Final = re.compile(r"(INSERT INTO \S+ \([^()]*\) VALUES )(\((?:\?, )*\?\))( ON CONFLICT .*)?", re.DOTALL)
#: SQLite takes 32,766 values in a statement (sqlite.org/limits.html, SQLITE_MAX_VARIABLE_NUMBER)
_VALUES_MOST: Final = 32_000


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
        return await self._connection.work(self, "execute", sql, parameters)

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> Cursor:
        """Run one statement for many sets of values; an INSERT as one with many rows.

        After each row the thread waits for the interpreter, which a busy loop keeps for milliseconds.
        """
        rows = [tuple(row) for row in parameters]
        plain = _INSERT.fullmatch(sql) if len(rows) > 1 else None
        if plain is None:
            return await self._connection.work(self, "executemany", sql, rows)
        start, row, rest = plain.groups(default="")
        most, written = _VALUES_MOST // len(rows[0]), 0
        for first in range(0, len(rows), most):
            part = rows[first : first + most]
            together = f"{start}{', '.join([row] * len(part))}{rest}"
            await self._connection.work(self, "execute", together, tuple(chain.from_iterable(part)))
            written += self.rowcount
        self.rowcount = written
        return self

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

    #: statements run in the thread that asks, which waits for them; set and cleared inside a transaction
    at_once = False

    def cursor(self) -> Cursor:  # type: ignore[override]
        """A cursor, made without asking the thread."""
        return Cursor(self)

    async def work(self, cursor: Cursor, how: str, sql: str, parameters: Iterable[Any]) -> Cursor:
        """Let the cursor work, in the database's thread unless it is to be at once."""
        if self.at_once:
            return cursor.run(self._conn, how, sql, parameters)
        work = self._execute(cursor.run, self._conn, how, sql, parameters)  # type: ignore[no-untyped-call]
        return await work  # type: ignore[no-any-return]


def connect(database: str, **options: Any) -> Connection:
    """A connection to be awaited, as `aiosqlite.connect` gives one. `options` are those of `sqlite3.connect`."""
    connection = Connection(lambda: sqlite3.connect(database, **options), iter_chunk_size=64)
    # a process that ends does not wait for the thread
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does where it connects itself
    return connection
