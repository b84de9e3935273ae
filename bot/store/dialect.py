"""What differs between SQLite and PostgreSQL; no other module names a dialect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, TextClause, event, exc, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.store.driver import connect

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

#: how long a writer waits for another, e.g. a short command beside `run`
BUSY_MS = 10_000


def open_engine(url: str) -> AsyncEngine:
    """An engine whose transactions mean the same on both databases; its errors never print the values of a statement."""
    if url.startswith("sqlite"):
        engine = create_async_engine(
            url,
            # `at_once` uses a connection beside the thread it was made in, one after the other
            connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False, "async_creator_fn": connect},
            pool_size=4,
            max_overflow=4,
            # each of our transactions ends by itself; a rollback more would be one more way to the database's thread
            pool_reset_on_return=None,
            hide_parameters=True,
        )
        event.listen(engine.sync_engine, "connect", _on_sqlite_connect)
        event.listen(engine.sync_engine, "begin", _on_sqlite_begin)
        return engine
    return create_async_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True, hide_parameters=True)


#: letters of a statement that tell which one it was: the verb and the table, not the columns
_STATEMENT = 60


def words(error: Exception) -> str:
    """What a failed statement may say in a log: never a value of the row.

    PostgreSQL adds the row in its further lines ("DETAIL: Failing row contains ..."). Its data exceptions (SQLSTATE
    class 22) and what fails before the database is asked quote the value in the first line: of those only the kind is told.
    """
    orig = getattr(error, "orig", None) or error
    state = str(getattr(orig, "sqlstate", "") or "")
    is_ours = isinstance(error, exc.StatementError) and not isinstance(error, exc.DBAPIError)
    if is_ours or state.startswith("22") or is_value(error):
        told = f"{type(orig.__cause__ or orig).__name__} {state}".rstrip()
    else:
        told = str(orig).partition("\n")[0]
    statement = getattr(error, "statement", None) or ""
    return f"{told} [{' '.join(statement.split())[:_STATEMENT]}]" if statement else told


def is_value(error: Exception) -> bool:
    """Whether the driver itself refused a value: asyncpg's `DataError`, a `ValueError`, comes as an interface error."""
    return isinstance(error, exc.DBAPIError) and error.orig is not None and isinstance(error.orig.__cause__, ValueError)


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


@contextmanager
def at_once(connection: AsyncConnection) -> Iterator[None]:
    """Statements of the block run in the loop's own thread on SQLite (`driver`); PostgreSQL knows no difference."""
    plain = connection.sync_connection
    driver = plain.connection.driver_connection if plain is not None and plain.dialect.name == "sqlite" else None
    if driver is None:
        yield
        return
    driver.at_once = True
    try:
        yield
    finally:
        driver.at_once = False


def insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that can say what to do on a conflict."""
    if dialect != "postgresql":
        return sqlite.insert(table)
    # imported here: a start on SQLite does without it
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)


def checkpoint(connection: Connection, cut: bool) -> None:
    """Move SQLite's log into the database file, and with `cut` empty it; PostgreSQL does so by itself."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA wal_checkpoint({'TRUNCATE' if cut else 'PASSIVE'})")


#: the row of `meta` that closes the database: the moment, in UTC, up to which nobody writes
CLOSED = "closed"
FOR_GOOD = "9999-12-31 00:00:00"
#: the row of `meta` up to whose moment no message is begun (`draining`)
DRAINING = "draining"
#: what a write into a closed database fails with
CLOSED_WORDS = "loathon moves house"
_NOW = {
    "sqlite": "datetime('now')",
    "postgresql": "to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS')",
}
_TRIGGER, _FUNCTION = "loathon_closed", "loathon_closed"


def closed_until(dialect: str) -> TextClause:
    """Up to when the database is closed; no row when it is open."""
    return text(_closed_until(dialect))


def _closed_until(dialect: str) -> str:
    return f"select value from meta where name = '{CLOSED}' and value > {_NOW[dialect]}"  # noqa: S608 - constants


def spelled(at: datetime) -> str:
    """A moment as `CLOSED` and `DRAINING` hold it."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def moment(dialect: str, ahead_s: int) -> TextClause:
    """The database's own time so many seconds ahead, as `CLOSED` holds it."""
    if dialect == "sqlite":
        return text("select datetime('now', :ahead)").bindparams(ahead=f"+{ahead_s} seconds")
    return text(
        "select to_char((clock_timestamp() + make_interval(secs => :ahead)) at time zone 'utc', 'YYYY-MM-DD HH24:MI:SS')"
    ).bindparams(ahead=float(ahead_s))


def guard(connection: Connection, tables: Sequence[Table]) -> None:
    """Let these tables refuse every write while the row of `CLOSED` says so.

    Triggers, so that an open database pays nothing for it. Waits for whoever is writing: after the commit of this
    transaction every write, also one of a transaction begun before, meets the guard.
    """
    unguard(connection, tables)
    if connection.dialect.name == "sqlite":
        for table in tables:
            for deed in ("insert", "update", "delete"):
                connection.exec_driver_sql(
                    f"create trigger {_TRIGGER}_{table.name}_{deed} before {deed} on {table.name} "
                    f"when exists ({_closed_until('sqlite')}) begin select raise(abort, '{CLOSED_WORDS}'); end"
                )
        return
    names = ", ".join(table.name for table in tables)
    connection.exec_driver_sql(f"lock table {names} in share row exclusive mode")
    connection.exec_driver_sql(
        f"create or replace function {_FUNCTION}() returns trigger language plpgsql as $$ begin "
        f"if exists ({_closed_until('postgresql')}) then raise exception '{CLOSED_WORDS}'; end if; return null; end $$"
    )
    for table in tables:
        connection.exec_driver_sql(
            f"create trigger {_TRIGGER} before insert or update or delete on {table.name} "
            f"for each statement execute function {_FUNCTION}()"
        )


def unguard(connection: Connection, tables: Sequence[Table]) -> None:
    """Take the guard away."""
    if connection.dialect.name == "sqlite":
        for table in tables:
            for deed in ("insert", "update", "delete"):
                connection.exec_driver_sql(f"drop trigger if exists {_TRIGGER}_{table.name}_{deed}")
        return
    # with its triggers
    connection.exec_driver_sql(f"drop function if exists {_FUNCTION}() cascade")


def numbered(table: Table) -> bool:
    """Whether the database counts this table's ids."""
    return table.autoincrement_column is not None


def last_numbers(connection: Connection, tables: Sequence[Table]) -> dict[str, int]:
    """The last id each of these tables gave, those of deleted rows too; a table that never gave one is left out."""
    names = [table.name for table in tables if numbered(table)]
    if connection.dialect.name == "sqlite":
        given = {name: int(last) for name, last in connection.exec_driver_sql("select name, seq from sqlite_sequence")}
        return {name: given[name] for name in names if name in given}
    found = {}
    for name in names:
        sequence = connection.exec_driver_sql(f"select pg_get_serial_sequence('{name}', 'id')").scalar_one()
        last, is_called = connection.exec_driver_sql(f"select last_value, is_called from {sequence}").one()  # noqa: S608
        if is_called:
            found[name] = int(last)
    return found


def set_last_numbers(connection: Connection, last: Mapping[str, int]) -> None:
    """Count on from there: an id once given is never given again."""
    for name, number in last.items():
        if connection.dialect.name == "sqlite":
            connection.execute(text("delete from sqlite_sequence where name = :name"), {"name": name})
            row = {"name": name, "seq": number}
            connection.execute(text("insert into sqlite_sequence (name, seq) values (:name, :seq)"), row)
        else:
            connection.exec_driver_sql(f"select setval(pg_get_serial_sequence('{name}', 'id'), {number})")


def create_table(connection: Connection, table: Table) -> None:
    """Make a table with its indexes.

    Tables name the rows of a partial index for SQLite alone: naming them for PostgreSQL too would load all of its dialect,
    3 MB in a house that does without it.
    """
    if connection.dialect.name == "postgresql":
        for index in table.indexes:
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
    table.create(connection)


def index_search(connection: Connection) -> None:
    """Make the index of `search_docs` in a new database."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            'create virtual table search_fts using fts5(exact, folded, tokenize="unicode61 remove_diacritics 0")'
        )
    else:
        connection.exec_driver_sql(
            "create index ix_search_docs_words on search_docs using gin (to_tsvector('simple', exact || ' ' || folded))"
        )


def fill_search(connection: Connection) -> None:
    """Index again what `search_docs` holds; PostgreSQL's index follows by itself."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("delete from search_fts")
        connection.exec_driver_sql(
            "insert into search_fts (rowid, exact, folded) select id, exact, folded from search_docs"
        )
