"""Messages that are nothing but courtesy, and those that only name what somebody came for: no matter is in them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from bot.engine.scene import Scene
from bot.engine.words import bare
from bot.library import Library
from bot.library.schema.words import IntentWords

#: more words than this are never courtesy alone
MOST = 14
_Phrases = frozenset[tuple[str, ...]]


def kind_of(scene: Scene, text: str) -> str:
    """Which courtesy the whole message is (thanks, good-bye, praise …), a name of `courtesies`; "" for none."""
    said = _words(text)
    if not 0 < len(said) <= MOST:
        return ""
    kinds, beside = _courtesies(scene.library)
    everything = beside.union(*kinds.values())
    if not _made_of(said, everything):
        return ""
    return next((kind for kind, phrases in kinds.items() if any(_holds(said, p) for p in phrases)), "")


def only_names(scene: Scene, text: str, intent: str) -> bool:
    """Whether the words only say that somebody wants to ask, complain, report: the matter is still to come."""
    named = _naming(scene.library).get(intent, frozenset())
    said = _words(text)
    return _made_of(said, named | _courtesies(scene.library)[1]) and any(_holds(said, p) for p in named)


def _made_of(said: tuple[str, ...], phrases: _Phrases) -> bool:
    """Whether the words are phrases and nothing else."""
    longest = max(map(len, phrases), default=0)
    ends = {0}
    for end in range(1, len(said) + 1):
        if any(start in ends and said[start:end] in phrases for start in range(max(0, end - longest), end)):
            ends.add(end)
    return len(said) in ends


def _holds(said: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return any(said[at : at + len(phrase)] == phrase for at in range(len(said) - len(phrase) + 1))


def _words(text: str) -> tuple[str, ...]:
    return tuple(bare(text).split())


def _phrases(listed: Iterable[str]) -> _Phrases:
    return frozenset(_words(phrase) for phrase in listed)


@lru_cache(maxsize=1)
def _courtesies(library: Library) -> tuple[dict[str, _Phrases], _Phrases]:
    """The courtesies by kind, in their order, and the words that may stand beside them."""
    words = library.phrase(IntentWords)
    return {kind: _phrases(listed) for kind, listed in words.courtesies.items()}, _phrases(words.beside)


@lru_cache(maxsize=1)
def _naming(library: Library) -> dict[str, _Phrases]:
    return {intent: _phrases(listed) for intent, listed in library.phrase(IntentWords).naming.items()}
