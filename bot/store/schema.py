"""Brings a database to the shape this code knows, or refuses one that a newer code has written."""

from __future__ import annotations

import secrets
from pathlib import Path

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError

from bot.errors import BrokenStoreError, NewerStoreError, UnreachableStoreError
from bot.store import tables
from bot.store.creation import create
from bot.store.dialect import open_engine, words

#: revisions are numbered in order; the last one of `migrations/versions`
HEAD = "0006"


async def migrate(url: str) -> str:
    """Bring the database to `HEAD` and give the revision it had ("" = it was empty).

    Raises `NewerStoreError` when newer code wrote it, `BrokenStoreError` when references are broken after the change,
    `UnreachableStoreError` when it cannot be opened.
    """
    if url.startswith("sqlite"):
        Path(url.split(":///", 1)[1]).parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(url)
    try:
        async with engine.connect() as plain:
            connection = await plain.execution_options(migrating=True)
            async with connection.begin():
                return await connection.run_sync(bring_up)
    except (OperationalError, InterfaceError, DatabaseError, OSError) as error:
        raise UnreachableStoreError(why=words(error)) from None
    finally:
        await engine.dispose()


def revision(connection: Connection) -> str:
    """The revision a database stands at, "" for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("select version_num from alembic_version")).scalar() or ""


def bring_up(connection: Connection) -> str:
    """As `migrate`, inside a transaction of its caller's."""
    if connection.dialect.name == "postgresql":
        # two processes starting together: one migrates, the other then finds it done
        connection.execute(text("select pg_advisory_xact_lock(7062616)"))
    found = revision(connection)
    if found > HEAD:
        raise NewerStoreError(found=found, known=HEAD)
    if not found:
        create(connection, HEAD)
    elif found != HEAD:
        upgrade(connection)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all() if _is_sqlite(connection) else []
        if broken:
            raise BrokenStoreError(why=f"foreign_key_check: {broken[0][0]}")
    if connection.execute(select(tables.meta.c.value).where(tables.meta.c.name == "key")).scalar() is None:
        connection.execute(tables.meta.insert().values(name="key", value=secrets.token_hex(32)))
    return found


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def upgrade(connection: Connection) -> None:
    """Take a database through every revision it has not seen yet, inside a transaction of its caller's."""
    # imported here: a start that finds nothing to do must not pay for it
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
