"""Whose words a bulletin says, where they came with a case: statements for erasure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, or_, select, type_coerce

from bot.errors import say
from bot.store import bulletins, jobs
from bot.store.bulletin_tables import bulletins as table
from bot.store.bulletins import UNAPPROVED, UNMADE, BulletinRow
from bot.store.store import Tx

#: the job that takes a bulletin out of the catalogue, and the pieces of its sound out of the cache
RECALL = "bulletin-recall"
_FILES = ("recording", "original")


async def erase(tx: Tx, codes: Sequence[str], at: datetime) -> list[str]:
    """Words, names and voices of whoever holds these case codes leave every bulletin; the sha256 of their sounds.

    A draft loses the item, with its sound and approval; what was on air is recalled and keeps a line that says so.
    """
    if not codes:
        return []
    items = type_coerce(table.c["items"], Text)
    where = or_(*(items.contains(f'"source":"{code}"') for code in sorted(set(codes))))
    ids = [row.id for row in await tx.rows(select(table.c.id).where(where).order_by(table.c.id))]
    files: set[str] = set()
    for number in ids:
        row = await bulletins.get(tx, number, locked=True)
        if row is None:
            continue
        files |= _sounds(row, codes)
        was_aired = row.published_at is not None
        await bulletins.change(tx, number, **(_recalled(row, codes, at) if was_aired else _redrawn(row, codes, at)))
        args = {"bulletin": number, "forget": True}
        await jobs.add(tx, RECALL, [(args, f"{RECALL}:{number}:erased")], at)
    return sorted(files)


def _sounds(row: BulletinRow, codes: Sequence[str]) -> set[str]:
    lines = [line for item in row.items if item.get("source") in codes for line in item["lines"]]
    held = {str(line[name]) for line in lines for name in _FILES if line.get(name)}
    return held | {str(file["sha256"]) for file in row.files.values()}


def _redrawn(row: BulletinRow, codes: Sequence[str], at: datetime) -> dict[str, Any]:
    kept = [item for item in row.items if item.get("source") not in codes]
    state = "withdrawn" if row.state == "withdrawn" else "draft"
    return {**UNMADE, **UNAPPROVED, "items": kept, "state": state, "revision": row.revision + 1, "updated_at": at}


def _recalled(row: BulletinRow, codes: Sequence[str], at: datetime) -> dict[str, Any]:
    gone = say("bulletins.words_erased")
    erased = [number for number, item in enumerate(row.items, 1) if item.get("source") in codes]
    items = [
        {"kind": item["kind"], "title": gone, "lines": [{"text": gone}]} if number in erased else item
        for number, item in enumerate(row.items, 1)
    ]
    script = [{**line, "title": gone, "text": gone} if line["item"] in erased else line for line in row.script]
    values: dict[str, Any] = {
        "items": items, "script": script, "files": {}, "sound": {**row.sound, "chapters": [], "residue": []},
        "title": say("bulletins.title_erased"), "updated_at": at,
    }  # fmt: skip
    if row.state != "withdrawn":
        why = say("bulletins.why.erased")
        values |= {"state": "withdrawn", "withdrawn_at": at, "withdrawn_by": "may", "withdrawn_why": why}
    return values
