"""`loathon db`: bring the database up, look whether it is well, back it up."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import TextIO

from bot.errors import BrokenStoreError, say
from bot.settings import Settings
from bot.store import Store, cases, outbox, schema, upkeep
from bot.store.blobs import Blobs


async def upgrade(settings: Settings, out: TextIO) -> int:
    """Bring the database to this release."""
    found = await schema.migrate(settings.database_url)
    if not found:
        print(say("store.fresh", where=_shown(settings.database_url)), file=out)
    print(say("store.upgraded", version=schema.HEAD), file=out)
    return 0


async def check(settings: Settings, out: TextIO) -> int:
    """Whether the database is whole, every chain of every case holds and every file is there.

    Raises `BrokenStoreError` naming the first fault.
    """
    store = await _open(settings)
    try:
        await upkeep.integrity(store)
        async with store.read() as tx:
            for code in await cases.codes(tx):
                if (step := await cases.broken(tx, code)) is not None:
                    raise BrokenStoreError(why=f"{code}, {step}")
            missing = [sha256 for sha256 in await upkeep.files(tx) if not store.blobs.path(sha256).exists()]
            if missing:
                raise BrokenStoreError(why=f"blobs/{missing[0]}")
            waiting = (await outbox.states(tx)).get("queued", 0)
            print(say("store.checked", version=schema.HEAD, cases=await cases.count(tx), waiting=waiting), file=out)
    finally:
        await store.close()
    return 0


async def backup(settings: Settings, folder: Path, out: TextIO) -> int:
    """A copy that holds together: the database first, then the files, so that every row's file is in it."""
    store = await _open(settings)
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        await upkeep.copy_to(store, folder / "loathon.db")
        copied = await asyncio.to_thread(_copy_files, store.blobs, Blobs(folder / "blobs"))
    finally:
        await store.close()
    print(say("store.backed_up", where=folder, files=copied), file=out)
    return 0


def _copy_files(ours: Blobs, theirs: Blobs) -> int:
    count = 0
    for path in ours.each():
        target = theirs.path(path.name)
        count += 1
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
    return count


async def _open(settings: Settings) -> Store:
    await schema.migrate(settings.database_url)
    return await Store.open(settings.database_url, Blobs(settings.data_dir / "blobs"))


def _shown(url: str) -> str:
    """The address without user and password."""
    return url.rsplit("@", maxsplit=1)[-1].rsplit(":///", maxsplit=1)[-1]
