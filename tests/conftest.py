"""What every suite gets: a clean environment, clocks that stand still, both databases."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest

for _name in [name for name in os.environ if name.startswith("LOATHON_")]:
    del os.environ[_name]

from bot.store import Store  # noqa: E402 - the environment is cleaned first
from bot.store.blobs import Blobs  # noqa: E402
from tests.harness.clock import Hands  # noqa: E402
from tests.harness.db import PostgresDatabases, SqliteFiles, postgres  # noqa: E402

BOTH = [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test logged may hold half a character; between processes only whole ones travel."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    return report


@pytest.fixture
def hands() -> Hands:
    """The clock's hands."""
    return Hands()


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    """Migrated SQLite files."""
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    """Migrated PostgreSQL databases, of a server that is started when first asked for."""
    with postgres() as databases:
        yield databases


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh, migrated database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        files: SqliteFiles = request.getfixturevalue("sqlite_files")
        return files.fresh(tmp_path)
    databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
    return databases.fresh()


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """A store on each database."""
    opened = await Store.open(database_url, Blobs(tmp_path / "blobs"))
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_store(sqlite_files: SqliteFiles, tmp_path: Path) -> AsyncIterator[Store]:
    """A store where one database is enough."""
    opened = await Store.open(sqlite_files.fresh(tmp_path), Blobs(tmp_path / "blobs"))
    yield opened
    await opened.close()
