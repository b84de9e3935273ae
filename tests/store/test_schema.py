"""Migrations: one tree, both databases, and no going back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from bot.errors import NewerStoreError, UnreachableStoreError
from bot.store import dialect, schema
from bot.store.columns import metadata
from bot.store.creation import create
from tests.harness.db import PostgresDatabases


def test_the_head_is_the_last_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).with_name("migrations")))
    revisions = [r.revision for r in ScriptDirectory.from_config(config).walk_revisions()]
    assert revisions[0] == schema.HEAD
    assert revisions == sorted(revisions, reverse=True), "revisions are numbered in order"


async def test_migrations_give_the_tables(database_url: str) -> None:
    def differences(connection):  # type: ignore[no-untyped-def]
        def ours(_object, name, type_, _reflected, _compare):  # type: ignore[no-untyped-def]
            return not str(name).startswith(("search_fts", "ix_search_docs_words"))

        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        return compare_metadata(context, metadata)

    engine = dialect.open_engine(database_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


def shape(connection: Connection) -> dict[str, Any]:
    """All that stands in a database, by table."""
    found = inspect(connection)

    def told(things: list[Any]) -> list[str]:
        # a partial index tells its condition as an object
        return sorted(
            str({k: {n: str(w) for n, w in v.items()} if isinstance(v, dict) else v for k, v in x.items()})
            for x in things
        )

    return {
        name: {
            "columns": [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in found.get_columns(name)],
            "key": found.get_pk_constraint(name),
            "references": told(found.get_foreign_keys(name)),
            "unique": told(found.get_unique_constraints(name)),
            "checks": told(found.get_check_constraints(name)),
            "indexes": told(found.get_indexes(name)),
            "options": found.get_table_options(name),
            "rows": connection.execute(text(f"select * from {name}")).all(),
        }
        for name in found.get_table_names()
    }


async def made(url: str, *, step_by_step: bool) -> dict[str, Any]:
    engine = dialect.open_engine(url)
    async with engine.connect() as plain:
        connection = await plain.execution_options(migrating=True)
        async with connection.begin():
            if step_by_step:
                await connection.run_sync(schema.upgrade)
            else:
                await connection.run_sync(create, schema.HEAD)
            found = await connection.run_sync(shape)
    await engine.dispose()
    return found


async def test_a_new_database_is_what_all_revisions_make_of_an_empty_one(tmp_path: Path) -> None:
    urls = [f"sqlite+aiosqlite:///{tmp_path / name}.db" for name in ("steps", "once")]
    by_steps, at_once = [await made(url, step_by_step=url == urls[0]) for url in urls]
    assert at_once == by_steps
    assert at_once["alembic_version"]["rows"] == [(schema.HEAD,)]


@pytest.mark.postgres
async def test_a_new_database_is_what_all_revisions_make_on_postgres(postgres_databases: PostgresDatabases) -> None:
    by_steps, at_once = [
        await made(await asyncio.to_thread(postgres_databases.fresh, empty=True), step_by_step=steps)
        for steps in (True, False)
    ]
    assert at_once == by_steps


async def test_a_second_migration_finds_nothing_to_do(database_url: str) -> None:
    assert await schema.migrate(database_url) == schema.HEAD


async def test_a_newer_database_is_refused_in_one_sentence(database_url: str) -> None:
    engine = dialect.open_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("update alembic_version set version_num = '9999'"))
    await engine.dispose()
    with pytest.raises(NewerStoreError) as refused:
        await schema.migrate(database_url)
    assert "9999" in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_a_database_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "loathon.db").write_bytes(b"this is no database, only some words " * 100)
    with pytest.raises(UnreachableStoreError):
        await schema.migrate(f"sqlite+aiosqlite:///{tmp_path / 'loathon.db'}")


async def test_two_first_starts_at_once(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new' / 'loathon.db'}"
    found = await asyncio.gather(schema.migrate(url), schema.migrate(url))
    assert sorted(found) == ["", schema.HEAD]


@pytest.mark.postgres
async def test_two_first_starts_at_once_on_postgres(postgres_databases: PostgresDatabases) -> None:
    url = await asyncio.to_thread(postgres_databases.fresh, empty=True)
    found = await asyncio.gather(schema.migrate(url), schema.migrate(url))
    assert sorted(found) == ["", schema.HEAD]


async def test_sqlite_is_set_up_as_designed(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'loathon.db'}"
    await schema.migrate(url)
    engine = dialect.open_engine(url)
    async with engine.connect() as connection:
        told = {}
        for pragma in (
            "journal_mode",
            "synchronous",
            "foreign_keys",
            "busy_timeout",
            "wal_autocheckpoint",
            "secure_delete",
        ):
            told[pragma] = (await connection.execute(text(f"PRAGMA {pragma}"))).scalar()
    await engine.dispose()
    assert told == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": dialect.BUSY_MS,
        "wal_autocheckpoint": 0,
        "secure_delete": 1,
    }
