"""A text as lines for a voice: read, cut for breath, packed as far as one request of an online voice holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from audio.normalise import Lexicon, read
from audio.normalise.breath import phrases

#: code points one request of an online voice takes; a neural voice reads best at such lengths too
LONGEST_LINE = 100
# a pause longer than a comma's ends a line, so that its length is ours and not the engine's
_COMMA_MS = 200
#: codes, telephone numbers and sums are written down by listeners
SLOW = 0.85
# after the last line of a text
_END_MS = 700
# before a text is said again
_AGAIN_MS = 1200


@dataclass(frozen=True, slots=True)
class Unit:
    """One line to be said, its speed and the silence after it in milliseconds."""

    text: str
    speed: float
    pause_ms: int


@dataclass(frozen=True, slots=True)
class Script:
    """The lines of a text and what could not be read (kind and excerpt)."""

    units: tuple[Unit, ...]
    residue: tuple[str, ...]


@lru_cache(maxsize=512)
def script(text: str, lexicon: Lexicon | None = None, *, twice: bool = False, respell: bool = True) -> Script:
    """Read and cut a text; the parts of a bulletin that did not change are remembered.

    `respell` writes known foreign words the Vietnamese way, as every engine here needs.
    """
    spoken = read(text, lexicon, respell=respell)
    units: list[Unit] = []
    joins = False
    for phrase in phrases(spoken, lexicon):
        last = units[-1] if units else None
        fits = last is not None and len(last.text) + 1 + len(phrase.text) <= LONGEST_LINE
        if last is not None and joins and fits and not phrase.slow:
            units[-1] = Unit(f"{last.text} {phrase.text}", 1.0, phrase.pause_ms)
        else:
            units.append(Unit(phrase.text, SLOW if phrase.slow else 1.0, phrase.pause_ms))
        joins = not phrase.slow and phrase.pause_ms <= _COMMA_MS
    if units:
        end = units[-1]
        if twice:
            again = Unit(end.text, end.speed, _AGAIN_MS)
            units = [*units[:-1], again, *units]
        units[-1] = Unit(end.text, end.speed, max(end.pause_ms, _END_MS))
    return Script(tuple(units), tuple(f"{left.kind}: {left.text}" for left in spoken.unread))
