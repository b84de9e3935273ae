"""An entry as it is read aloud: the one shape in which every kind of entry reaches the loudspeaker and voice notes."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.library.answer import Status, answer
from bot.library.library import Library
from bot.library.overlay import Entry
from bot.library.render import PLACEHOLDER
from bot.library.schema.policy import Policy


@dataclass(frozen=True, slots=True)
class Spoken:
    """What would be read of one entry on one day in one unit."""

    #: folder of the library it comes from
    kind: str
    id: str
    title: str
    short: str
    #: none where the kind has no topics
    topic: str | None
    groups: tuple[str, ...]
    #: the script with its figures filled in
    text: str
    signed: bool
    #: holds that day and may go over that unit's loudspeakers
    airable: bool
    #: holds that day and is meant for that unit, so that its households may hear it
    current: bool
    #: last day on which it holds as it is told now; None = no end is known
    ends_on: date | None
    #: up to which day it was checked, for the eye
    stamp: str


def spoken(library: Library, entry_id: str, day: date, unit: str | None = None) -> Spoken:
    """The entry as it is read aloud. Raises `KeyError` for an unknown id; former ids are known."""
    entry = library.entry(entry_id, unit)
    seen = answer(library, entry.id, day, unit)
    override = library.override(entry.id, unit, day)
    script = override.broadcast if override and override.broadcast else entry.broadcast
    ends = [getattr(entry, "valid_to", None), override.valid_to if override else None]
    ends += _figures_end(library, script, entry, day, unit)
    is_told = library.tells(entry, unit, day) and library.figures_hold(script, entry, day, unit)
    return Spoken(
        kind=seen.kind,
        id=seen.id,
        title=seen.title,
        short=seen.short,
        topic=getattr(entry, "topic", None),
        groups=tuple(getattr(entry, "groups", ())),
        text=seen.script,
        signed=seen.signed,
        airable=seen.airable,
        current=seen.status is Status.CURRENT and is_told,
        ends_on=min((end for end in ends if end), default=None),
        stamp=seen.stamp,
    )


@dataclass(frozen=True, slots=True)
class VoiceNote:
    """What a voice note of an entry says. `private`: for no online voice."""

    entry: str
    unit: str
    title: str
    text: str
    text_hash: str
    private: bool


def voice_note(library: Library, entry_id: str, day: date, unit: str) -> VoiceNote | None:
    """The words of an entry's voice note: its script, and that no official has signed where none has. None for an entry that
    does not hold that day. Raises `KeyError` for an unknown id.
    """
    seen = spoken(library, entry_id, day, unit or None)
    if not seen.current:
        return None
    text = seen.text if seen.signed else f"{seen.text} {library.stamps.unsigned}"
    return VoiceNote(seen.id, unit, seen.title, text, text_hash([text]), private=not seen.signed)


def text_hash(texts: Sequence[str]) -> str:
    """SHA-256 of words in order, as the audio process counts them: layout around a stretch does not matter."""
    script = [unicodedata.normalize("NFC", text).strip() for text in texts if text.strip()]
    return hashlib.sha256("\n".join(script).encode()).hexdigest()


def _figures_end(library: Library, script: str, entry: Entry, day: date, unit: str | None) -> list[date | None]:
    """The last days of the figures a script names."""
    ends: list[date | None] = []
    for found in PLACEHOLDER.finditer(script):
        owner = library.entry(found[1], unit) if found[2] else entry
        if isinstance(owner, Policy):
            amount, on = library.amount(owner, found[2] or found[1], day, unit)
            value = amount.on(on)
            ends.append(value.valid_to if value else None)
    return ends
