"""Written Vietnamese to spoken Vietnamese, for any speech engine.

`read` classifies the text once into typed spans and says each once; what it cannot say is reported, never dropped in
silence. Tables are in `audio/lexicon/*.yaml`.
"""

from __future__ import annotations

from functools import lru_cache

from audio.normalise.breath import Phrase, breath_lines, phrases
from audio.normalise.lexicon import Lexicon, LexiconError
from audio.normalise.reader import Reader
from audio.normalise.spans import Mark, Residue, Span, Spoken

__all__ = [
    "Lexicon",
    "LexiconError",
    "Mark",
    "Phrase",
    "Residue",
    "Span",
    "Spoken",
    "breath_lines",
    "phrases",
    "read",
    "to_spoken",
]


@lru_cache(maxsize=16)
def _reader(lexicon: Lexicon | None, respell: bool) -> Reader:
    return Reader(lexicon or Lexicon.load(), respell=respell)


def read(text: str, lexicon: Lexicon | None = None, *, respell: bool = False) -> Spoken:
    """The text as it is to be said, with its spans and what was left over.

    `respell` writes known foreign words the Vietnamese way, for engines that would switch to English or skip them.
    Keep a `Lexicon` of your own and pass the same object: its rules are compiled once.
    """
    return _reader(lexicon, respell).read(text)


def to_spoken(text: str) -> str:
    """`read(text).text`."""
    return read(text).text
