"""Free text to a ranked list of entries, an intent, a refusal, or an alarm."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from bot.library import Library
from bot.understand.reading import Kind, Reading, Scored
from bot.understand.understanding import Understanding

__all__ = ["Kind", "Reading", "Scored", "Understanding", "rank"]


@lru_cache(maxsize=1)
def _of_this_checkout() -> Understanding:
    return Understanding.build(Library.load(Path(__file__).resolve().parents[2] / "content"))


def rank(text: str) -> list[str]:
    """Ids best first against this checkout's own content, or `["none", …]`: the call of the question scorer."""
    return _of_this_checkout().ranked_ids(text)
