"""Public pages: every entry and story, without account, cookie or script; made to be forwarded."""

from __future__ import annotations

from desk.public.pages import PublicPages
from desk.public.receipts import Receipts
from desk.public.sound_files import VoiceNotes
from desk.public.station import StationPages

__all__ = ["PublicPages", "Receipts", "StationPages", "VoiceNotes"]
