"""Copies of a house: made, looked through, and put in the place of the data.

A copy is a folder: `loathon.db` (SQLite, also of a house on PostgreSQL), `blobs/`, and `manifest.json` with the sizes and
hashes of both. Putting one back changes nothing until everything in it was found whole.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.broadcast_doubt import stop_all
from bot.errors import BrokenStoreError, LoaThonError, UnreachableStoreError
from bot.store import RefusedError, Store, Tx, UnavailableError, cases, outbox, replacing, schema, upkeep
from bot.store.blobs import Blobs
from bot.store.taken_away import Again

DATABASE, FILES, MANIFEST = "loathon.db", "blobs", "manifest.json"


class BadCopyError(LoaThonError):
    """store.bad_copy"""


@dataclass(frozen=True, slots=True)
class Health:
    """What a look through a house found; a fault is raised instead."""

    cases: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. `aside`: where the data of before are now, "" = there were none. `doubtful`: messages that were
    still to be sent when the copy was made, and may have been sent since. `stopped`: broadcasts that wait for a person.
    `again`: what was taken away after the copy and is taken away again; None: the data of before could not tell."""

    made: str
    cases: int
    files: int
    aside: str
    doubtful: int
    stopped: int
    again: Again | None


async def look_through(store: Store, *, beside: Blobs | None = None) -> Health:
    """Whether the database is whole, every case's chain holds and every file is there (or in `beside`).

    Raises `BrokenStoreError` naming the first fault.
    """
    await upkeep.integrity(store)
    async with store.read() as tx:
        for code in await cases.codes(tx):
            if (step := await cases.broken(tx, code)) is not None:
                raise BrokenStoreError(why=f"{code}, {step}")
        places = [store.blobs, *([beside] if beside else [])]
        for sha256 in await upkeep.files(tx):
            if not any(blobs.path(sha256).exists() for blobs in places):
                raise BrokenStoreError(why=f"blobs/{sha256}")
        return Health(await cases.count(tx), (await outbox.states(tx)).get("queued", 0))


async def make(store: Store, folder: Path, at: datetime) -> int:
    """A copy that holds together: the database first, then the files, so that every row's file is in it; how many files.

    The manifest is written last: a folder without one is no copy.
    """
    await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    await upkeep.copy_to(store, folder / DATABASE)
    return await asyncio.to_thread(_finish, store.blobs, folder, at)


def _finish(ours: Blobs, folder: Path, at: datetime) -> int:
    files = _add_files(ours, Blobs(folder / FILES))
    manifest = {
        "made_at": at.isoformat(timespec="seconds"),
        "revision": schema.HEAD,
        "database": _measure(folder / DATABASE),
        "files": files,
    }
    draft = folder / f".{MANIFEST}.draft"
    draft.write_text(json.dumps(manifest, indent=1), "utf-8")
    draft.replace(folder / MANIFEST)
    return len(files)


def _add_files(ours: Blobs, theirs: Blobs) -> dict[str, int]:
    """Those not there yet; the size of every one of ours."""
    sizes = {}
    for path in ours.each():
        target = theirs.path(path.name)
        sizes[path.name] = path.stat().st_size
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".draft-{path.name}")
            shutil.copy2(path, draft)
            draft.replace(target)
    return sizes


def _measure(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def verify(folder: Path) -> dict[str, Any]:
    """The manifest of a copy whose every byte is as it was when it was made; raises `BadCopyError`."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
        if manifest["database"] != _measure(folder / DATABASE):
            raise BadCopyError(why=DATABASE)
        blobs = Blobs(folder / FILES)
        for sha256, size in manifest["files"].items():
            if _measure(blobs.path(sha256)) != {"bytes": size, "sha256": sha256}:
                raise BadCopyError(why=f"{FILES}/{sha256}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadCopyError(why=str(error) or MANIFEST) from error
    return manifest


async def restore(copy: Path, data_dir: Path, url: str, at: datetime, now: datetime) -> Restored:
    """Put a copy (its folder, or a database alone whose files are still here) in the place of the data.

    Nobody may use the house meanwhile (on SQLite the caller holds its lock). What was there is set aside, files that are
    already here stay. Nothing that may have been sent since the copy was made is sent again; `now` is the calendar's moment.

    Raises `BadCopyError` and the errors of `schema.migrate`; then nothing was changed.
    """
    is_folder = await asyncio.to_thread(copy.is_dir)
    manifest = await asyncio.to_thread(verify, copy) if is_folder else {"made_at": copy.name}
    theirs, ours = Blobs((copy if is_folder else copy.parent) / FILES), Blobs(data_dir / FILES)
    async with _trial(copy / DATABASE if is_folder else copy, data_dir, theirs) as trial:
        try:
            health = await look_through(trial, beside=None if is_folder else ours)
        except (BrokenStoreError, RefusedError, UnavailableError) as error:
            raise BadCopyError(why=str(getattr(error, "values", {}).get("why", error))) from error
        files = await asyncio.to_thread(_add_files, theirs, ours) if is_folder else {}
        stopped = 0

        async def settle(tx: Tx) -> None:
            nonlocal stopped
            stopped = await stop_all(tx, now, at)

        put = await replacing.put_in_place(trial, url, at, settle)
    return Restored(manifest["made_at"], health.cases, len(files), put.aside, put.doubtful, stopped, put.again)


@asynccontextmanager
async def _trial(database: Path, data_dir: Path, blobs: Blobs) -> AsyncIterator[Store]:
    """The copy's database opened as one of this release, beside the data; the copy itself stays as it was."""
    folder = data_dir / ".restore"
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True)
    try:
        try:
            path = folder / DATABASE
            await asyncio.to_thread(shutil.copyfile, database, path)
            url = f"sqlite+aiosqlite:///{path}"
            await schema.migrate(url)
        except (OSError, UnreachableStoreError) as error:
            raise BadCopyError(why=str(error)) from error
        store = await Store.open(url, blobs)
        try:
            yield store
        finally:
            await store.close()
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
