"""content/*.yaml and what officials published over it, as one immutable, typed library."""

from __future__ import annotations

from bot.library.answer import Answer, Part, Status, airable, answer, is_signed
from bot.library.faults import ContentFaults, Fault
from bot.library.folder import Base, read_folder
from bot.library.library import Library
from bot.library.overlay import Entry, EntryKey, Overlay, Published, Signature
from bot.library.places import Known, Place, Places, Several, Split, Unknown
from bot.library.spoken import Spoken, VoiceNote, spoken, text_hash, voice_note
from bot.library.truth import Facts

__all__ = [
    "Answer",
    "Base",
    "ContentFaults",
    "Entry",
    "EntryKey",
    "Facts",
    "Fault",
    "Known",
    "Library",
    "Overlay",
    "Part",
    "Place",
    "Places",
    "Published",
    "Several",
    "Signature",
    "Split",
    "Spoken",
    "Status",
    "Unknown",
    "VoiceNote",
    "airable",
    "answer",
    "is_signed",
    "read_folder",
    "spoken",
    "text_hash",
    "voice_note",
]
