"""Free text to a ranked list of entries, an intent, a refusal, or an alarm."""

from __future__ import annotations

from bot.understand.reading import Kind, Reading, Scored
from bot.understand.understanding import Understanding

__all__ = ["Kind", "Reading", "Scored", "Understanding"]
