"""The understanding of a library, built once per revision: the same library gives the same index."""

from __future__ import annotations

from weakref import WeakValueDictionary

from bot.library import Library
from bot.understand import Understanding

_BUILT: WeakValueDictionary[str, Understanding] = WeakValueDictionary()
_LATEST: list[Understanding] = []


def understanding_of(library: Library) -> Understanding:
    """The index of this revision. Pure: only remembered, so that a turn does not build it again."""
    known = _BUILT.get(library.revision)
    if known is None:
        known = Understanding.build(library)
        _BUILT[library.revision] = known
        _LATEST[:] = [known]
    return known
