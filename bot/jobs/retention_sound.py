"""Sound that is old: of bulletins and voice notes in rows, of kept pieces and the catalogue in folders beside the files.

Rows let go of their files only: these go as files that nothing names any more (`orphans`).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from audio import catalogue
from audio.cache import FolderCache
from bot.bulletins.item import Item, Line, items_from, to_plain
from bot.errors import say
from bot.store import Store, Tx, bulletins

#: folders of the data directory: kept pieces (`audio.cache`), what is published (`audio.catalogue`), zips of a day, one
#: folder a unit (`bot.bundle.keep_zip`)
PIECES, PUBLISHED, BUNDLES = "sound", "loa", "goi"


async def drop_aired(tx: Tx, before: datetime, limit: int) -> int:
    """Take sound and recordings from some bulletins aired before that day; how many. Their words stay: the record of what
    was said.
    """
    rows = await bulletins.aged(tx, before.date(), limit)
    for row in rows:
        items = to_plain(_without_sound(items_from(row.items)))
        await bulletins.change(tx, row.id, files={}, items=items)
    return len(rows)


async def drop_files(name: str, store: Store, before: datetime, *, only_look: bool) -> int:
    """Remove what one rule of the folders finds old; how many entries."""
    folder = store.blobs.folder.parent
    if name == "sound_pieces":
        # no limit: nothing is thrown out here for want of room
        pieces = FolderCache(folder / PIECES, 0)
        return await asyncio.to_thread(pieces.forget, before.timestamp(), only_look=only_look)
    if name == "sound_bundles":
        # what a crash left of one as well, whose name begins with a dot
        return await asyncio.to_thread(_drop_zips, folder / BUNDLES, "*/*", before.timestamp(), only_look=only_look)
    day = before.astimezone(UTC).date()
    return await asyncio.to_thread(catalogue.clear, folder / PUBLISHED, day, only_look=only_look)


async def drop_bundles(store: Store, unit: str) -> None:
    """The zips of a unit go: something in them was taken back. Whoever asks again gets new ones, without it."""
    # one that is being made keeps its name: its process would stumble, and the rule below finds it
    await asyncio.to_thread(_drop_zips, store.blobs.folder.parent / BUNDLES, f"{unit}/*.zip", math.inf)


def _drop_zips(folder: Path, which: str, before: float, *, only_look: bool = False) -> int:
    """Remove files older than that moment (seconds since 1970); how many, also when they are only looked for."""
    gone = 0
    for path in folder.glob(which):
        # another process may have taken it away
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                gone += 1
                if not only_look:
                    path.unlink()
    return gone


def _without_sound(items: Iterable[Item]) -> list[Item]:
    return [replace(item, lines=tuple(_silent(line) for line in item.lines)) for item in items]


def _silent(line: Line) -> Line:
    if not line.recording:
        return line
    return Line(line.text or say("bulletins.sound_gone"), gender=line.gender, region=line.region)
