"""Voice notes of entries for the chat and the public pages: made once for the same words and voice, whoever asks.

A clip answers for its words alone: when an entry changes, its new words have no clip yet and the old one is asked for no
more; nothing has to be taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.library import Library, VoiceNote, voice_note
from bot.library.render import fill
from bot.library.schema.says import Says
from bot.library.schema.unit import Voice
from bot.model.outbound import Button, Outbound, OutMedia, OutMediaKind
from bot.store import Tx, clips, jobs
from bot.store.clips import MAKE, ClipRow

#: a voice note for telephones
PROFILE = "thoai"
#: chats take the first, old telephones and pages the second
FORMATS = ("opus", "mp3")

#: kind of the job that sends one to who asked before it was made
SEND = "clip-send"
#: later than that nobody waits any more, and it may be night
SENT_WITHIN = timedelta(minutes=30)

#: gives the library that serves
Shelf = Callable[[], Library]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A voice note somebody may ask for, and who reads it."""

    note: VoiceNote
    voice: Voice


def wanted(library: Library, entry: str, unit: str, day: date) -> Wanted | None:
    """The voice note of one entry; None for what does not hold that day or is not known."""
    if not library.has(entry):
        return None
    note = voice_note(library, entry, day, unit)
    return Wanted(note, voice_of(library, unit)) if note else None


def all_wanted(library: Library, units: Iterable[str], day: date) -> list[Wanted]:
    """Every voice note of these units, the same words in the same voice once."""
    found: dict[tuple[str, str], Wanted] = {}
    for unit in units:
        for entry in library.entries():
            one = wanted(library, entry.id, unit, day)
            if one is not None:
                found.setdefault((one.note.text_hash, one.voice.name), one)
    return list(found.values())


def voice_of(library: Library, unit: str) -> Voice:
    """A unit's own voice, the usual one for none."""
    return library.units[unit].voice if unit in library.units else Voice()


async def missing(tx: Tx, library: Library, units: Sequence[str], day: date, at: datetime) -> list[Wanted]:
    """The voice notes that are not made yet or were refused; the others are noted as needed."""
    every = all_wanted(library, units, day)
    made = await clips.of_texts(tx, sorted({one.note.text_hash for one in every}), PROFILE)
    there = {(row.text_hash, row.voice): row for row in made if row.files}
    keys = {(one.note.text_hash, one.voice.name) for one in every}
    await clips.touch(tx, [row.id for key, row in there.items() if key in keys], at)
    return [one for one in every if (one.note.text_hash, one.voice.name) not in there]


async def order(tx: Tx, entry: str, unit: str, at: datetime, *, again: bool = False) -> None:
    """Have the voice note of one entry made beside; asking twice changes nothing. `again`: also when it is there already."""
    args = {"entry": entry, "unit": unit, **({"again": True} if again else {})}
    await jobs.add(tx, MAKE, [(args, f"{MAKE}:{entry}:{unit}")], at)


async def promise(tx: Tx, conversation_id: int, entry: str, unit: str, at: datetime) -> None:
    """Have the voice note sent to this chat as soon as it is made; asked for twice, sent once."""
    args = {"conversation": conversation_id, "entry": entry, "unit": unit, "asked_at": at.isoformat()}
    await jobs.add(tx, SEND, [(args, f"{SEND}:{conversation_id}:{entry}:{unit}")], at)


def message(library: Library, one: Wanted, row: ClipRow, site: str) -> Outbound:
    """The voice note as a message nobody had to ask for again."""
    note, letter = one.note, "s" if library.kind_of(one.note.entry) == "stories" else "e"
    shown = library.open_id(note.entry)
    say = library.phrase(Says).says["hear-person" if is_persons(row) else "hear"]
    sound = OutMedia(OutMediaKind.VOICE, row.files["opus"]["sha256"], "nghe.ogg", "audio/ogg", f"{site}/cs/{shown}")
    back = Button(library.entry(note.entry, note.unit or None).short, f"{letter}:{note.entry}")
    text = fill(say.text, title=note.title)
    return Outbound(
        text, heading=say.heading or "", rows=((back,),), media=sound, said=f"hear/{note.entry}", entry=shown
    )


async def found(tx: Tx, asked: Sequence[tuple[str, str, str]]) -> list[ClipRow | None]:
    """The clip for each (hash of the words, name of the voice, unit): read by the unit's own people, else in that voice,
    else in any; never by other units' people.
    """
    rows = await clips.of_texts(tx, sorted({text for text, _voice, _unit in asked}), PROFILE)
    good = [row for row in rows if "opus" in row.files]
    answers: list[ClipRow | None] = []
    for text, voice, unit in asked:
        mine = clips.person(unit)
        fitting = [row for row in good if row.text_hash == text and (row.voice == mine or not is_persons(row))]
        answers.append(min(fitting, key=lambda row: (row.voice != mine, row.voice != voice), default=None))
    return answers


def is_persons(row: ClipRow) -> bool:
    """Whether a person reads: such a clip is never called synthetic."""
    return clips.is_persons(row.voice)
