"""Migrations: one tree, both databases, and no going back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from bot.errors import NewerStoreError, UnreachableStoreError
from bot.store import dialect, schema
from bot.store.columns import metadata
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
