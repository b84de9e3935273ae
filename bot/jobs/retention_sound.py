"""Sound that is old: of bulletins and voice notes in rows, of kept pieces and the catalogue in folders beside the files.

Rows let go of their files only: these go as files that nothing names any more (`orphans`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from audio import catalogue
from audio.cache import FolderCache
from bot.bulletins.item import Item, Line, items_from, to_plain
from bot.errors import say
from bot.store import Store, Tx, bulletins

#: folders of the data directory: kept pieces (`audio.cache`), what is published (`audio.catalogue`)
PIECES, PUBLISHED = "sound", "loa"


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
    """Remove what one rule of the two folders finds old; how many entries."""
    folder = store.blobs.folder.parent
    if name == "sound_pieces":
        # no limit: nothing is thrown out here for want of room
        pieces = FolderCache(folder / PIECES, 0)
        return await asyncio.to_thread(pieces.forget, before.timestamp(), only_look=only_look)
    day = before.astimezone(UTC).date()
    return await asyncio.to_thread(catalogue.clear, folder / PUBLISHED, day, only_look=only_look)


def _without_sound(items: Iterable[Item]) -> list[Item]:
    return [replace(item, lines=tuple(_silent(line) for line in item.lines)) for item in items]


def _silent(line: Line) -> Line:
    if not line.recording:
        return line
    return Line(line.text or say("bulletins.sound_gone"), gender=line.gender, region=line.region)
