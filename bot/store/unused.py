"""Files that nothing names any more.

What can name a file is not listed by hand: every text of every table is looked at, so that a table added later is too.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Table, Text, or_, select

from bot.store.blobs import Blobs
from bot.store.columns import Json
from bot.store.every_table import TABLES
from bot.store.store import Store, Tx

#: so many are looked for at a time: each look reads every table
MOST = 200
_HASH = re.compile(r"[0-9a-f]{64}")
#: texts that hold JSON of ours
_WRITTEN_IN = frozenset({"payload", "raw"})
#: what records which sound was approved, for good; as long as the file itself is kept, the bulletin's `files` name it
RECORDS = frozenset({"bulletins.sound_hash", "bulletins.approved_sound", "audit.detail"})


def naming(table: Table) -> tuple[list[Column[str]], list[Column[str]]]:
    """The columns of a table that may be the name of a file, and those in whose text one may stand."""
    texts = [c for c in table.columns if isinstance(c.type, Text | Json) and str(c) not in RECORDS]
    within = [c for c in texts if isinstance(c.type, Json) or c.name in _WRITTEN_IN]
    return [c for c in texts if c not in within], within


async def named(tx: Tx, hashes: Sequence[str]) -> set[str]:
    """Which of these any row of any table names."""
    found: set[str] = set()
    wanted = set(hashes)
    for table in TABLES:
        left = sorted(wanted - found)
        exact, within = naming(table)
        if not left or not (exact or within):
            continue
        is_named = or_(
            *(column.in_(left) for column in exact),
            *(column.cast(Text).contains(one) for column in within for one in left),
        )
        rows = await tx.rows(select(*(column.cast(Text) for column in (*exact, *within))).where(is_named))
        found |= {one for row in rows for text in row if text for one in _HASH.findall(text)} & wanted
    return found


async def unused(store: Store, before: datetime) -> list[str]:
    """Files last put before then that no row names, the oldest first, up to `MOST`: the next look finds more.

    None as long as data of before a restore are set aside: they name files too.
    """
    left = await asyncio.to_thread(_old, store.blobs, before.timestamp())
    free: list[str] = []
    async with store.read() as tx:
        while left and len(free) < MOST:
            some, left = left[:MOST], left[MOST:]
            # most files are found here, by an index
            known = await _known(tx, some)
            rest = [name for name in some if name not in known]
            taken = await named(tx, rest)
            free += [name for name in rest if name not in taken]
    return free[:MOST]


def _old(blobs: Blobs, seconds: float) -> list[str]:
    is_set_aside = any(blobs.folder.parent.glob("aside-*"))
    return [] if is_set_aside else blobs.put_before(seconds)


async def _known(tx: Tx, hashes: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for column in (c for table in TABLES for c in table.columns if c.name == "sha256"):
        found |= {row[0] for row in await tx.rows(select(column).where(column.in_(hashes)).distinct())}
    return found


async def take_away(store: Store, before: datetime) -> int:
    """Remove the files of `unused`; how many. One that is put again meanwhile stays."""
    gone = 0
    for name in await unused(store, before):
        gone += await asyncio.to_thread(store.blobs.drop_put_before, name, before.timestamp())
    return gone
