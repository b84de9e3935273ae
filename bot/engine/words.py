"""Words that mean the same at every point of a conversation."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from bot.engine.scene import Scene
from bot.model.fold import fold

_PUNCTUATION = str.maketrans("", "", "!?.,;:…()[]\"'")


#: labels and control words are the same few, folded for every message
@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """Folded, without punctuation: how control words and labels are compared."""
    return " ".join(fold(text).translate(_PUNCTUATION).split())


def control(scene: Scene, text: str) -> str | None:
    """Which control word the whole message is ("menu", "yes", "no", "stop", "again", "back", …), if any."""
    said = bare(text)
    return next((name for name, words in scene.controls.words.items() if said in {bare(w) for w in words}), None)


def chosen(text: str, labels: Iterable[tuple[str, str]]) -> str | None:
    """The id of the label a typed text means: its number, its words, or the only label that begins with them."""
    listed = list(labels)
    said = bare(text)
    if said.isascii() and said.isdigit():
        index = int(said[:3])
        return listed[index - 1][0] if 0 < index <= len(listed) else None
    names = [(ident, bare(label)) for ident, label in listed]
    if exact := [ident for ident, name in names if name == said]:
        return exact[0]
    begins = [ident for ident, name in names if said and (name.startswith(said + " ") or said.startswith(name + " "))]
    return begins[0] if len(begins) == 1 else None
