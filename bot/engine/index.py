"""The understanding of a library, built once per revision: the same library gives the same index."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from weakref import WeakValueDictionary

from bot.library import Library
from bot.understand import Reading, Understanding
from bot.understand.understanding import ASKING

_BUILT: WeakValueDictionary[str, Understanding] = WeakValueDictionary()
_LATEST: list[Understanding] = []


def understanding_of(library: Library) -> Understanding:
    """The index of this revision. Pure: only remembered, so that a turn does not build it again."""
    known = _BUILT.get(library.revision)
    if known is None:
        known = Understanding.build(library)
        _BUILT[library.revision] = known
        _LATEST[:] = [known]
        _remembered.cache_clear()
    return known


#: what many people type alike is short; longer texts are a person's own and are not kept
_ALIKE_MAX = 80


def reading_of(library: Library, text: str, today: date, unit: str | None) -> Reading:
    """What a text means as of a day to people of a unit.

    Pure: short texts are remembered, so that a question asked by many is read once.
    """
    known, untold = understanding_of(library), library.untold(unit, today)
    if len(text) <= _ALIKE_MAX:
        return _remembered(known, text, today, untold)
    return known.read(text, today, untold)


def asks(library: Library, text: str, today: date) -> bool:
    """Whether a text is worded as a question."""
    heard = understanding_of(library).evidence(text, today).concepts
    return text.rstrip().endswith("?") or not ASKING.isdisjoint(heard)


@lru_cache(maxsize=1024)
def _remembered(known: Understanding, text: str, today: date, untold: frozenset[str]) -> Reading:
    return known.read(text, today, untold)
