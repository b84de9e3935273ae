"""How content will sound: the script of a draft, or of an entry, read aloud for the official who writes or approves it.

A preview is a clip like any other, known by its words and voice: once the draft is published with the same words, it is
the voice note. Words nobody approved go to no online voice, and what gives a person away is not read aloud at all.
"""

from __future__ import annotations

from datetime import date, datetime

from bot import clips
from bot.clips import Wanted
from bot.editing.drafts import key_of, with_day
from bot.editing.sheet import Sheet, previewed
from bot.errors import LoaThonError
from bot.library import Library, VoiceNote, text_hash
from bot.store import Tx, jobs
from bot.store import clips as rows
from bot.store.clips import ClipRow
from bot.store.edits import Edit

#: kind of the job that makes one
MAKE = "clip-preview"


class PrivateScriptError(LoaThonError):
    """editing.private_script"""


def wanted(library: Library, edit: Edit, on: date) -> Wanted | None:
    """What would be read of a draft; None while it has no script."""
    key = key_of(edit)
    seen, script = previewed(library, key, with_day(edit.body, on), on)
    if seen is None or not script.strip():
        return None
    unit = seen.unit or ""
    note = VoiceNote(edit.entry_id, unit, seen.title, script, text_hash([script]), private=True)
    return Wanted(note, clips.voice_of(library, unit))


async def order(tx: Tx, sheet: Sheet, at: datetime) -> None:
    """Have a draft read aloud beside; asking twice changes nothing. Raises `PrivateScriptError`."""
    confirmed = set(sheet.edit.confirmed)
    if any(r.masked and r.field == "broadcast" and r.mark not in confirmed for r in sheet.remarks):
        raise PrivateScriptError
    await jobs.add(tx, MAKE, [({"edit": sheet.edit.id}, _key(sheet.edit.id))], at)


async def found(tx: Tx, one: Wanted) -> ClipRow | None:
    """The newest clip of these words, whoever reads them in that unit; one that was refused has no files."""
    made = await rows.of_texts(tx, [one.note.text_hash], clips.PROFILE)
    mine = [row for row in made if row.voice == rows.person(one.note.unit) or not clips.is_persons(row)]
    return min(mine, key=lambda row: not row.files, default=None)


async def is_ordered(tx: Tx, edit_id: int) -> bool:
    """Whether a draft waits to be read aloud."""
    return await jobs.waits(tx, _key(edit_id))


async def is_entry_ordered(tx: Tx, one: Wanted) -> bool:
    """The same of an entry that serves (`clips.order`)."""
    return await jobs.waits(tx, f"{rows.MAKE}:{one.note.entry}:{one.note.unit}")


def _key(edit_id: int) -> str:
    return f"{MAKE}:{edit_id}"
