"""Words that mean the same at every point of a conversation."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from bot.engine.scene import Scene
from bot.library import Library
from bot.library.schema.says import Controls, Says
from bot.model.fold import fold

_PUNCTUATION = str.maketrans("", "", "!?.,;:…()[]\"'")


#: labels and control words are the same few, folded for every message
@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """Folded, without punctuation: how control words and labels are compared."""
    return " ".join(fold(text).translate(_PUNCTUATION).split())


def control(scene: Scene, text: str) -> str | None:
    """Which control word the whole message is ("menu", "yes", "no", "stop", "again", "back", …), if any."""
    return _controls(scene.library).get(bare(text))


def is_word(scene: Scene, text: str, name: str) -> bool:
    """Whether the whole message is one of the control words of that name; a word may have several names."""
    return bare(text) in _named(scene.library, name)


def fixed_button(scene: Scene, text: str) -> str | None:
    """The payload of the button of a fixed text that is worded so, if any."""
    return _fixed_buttons(scene.library).get(bare(text))


@lru_cache(maxsize=1)
def _controls(library: Library) -> dict[str, str]:
    """Control words as they are compared, each with its name; of two names the first."""
    named = reversed(library.phrase(Controls).words.items())
    return {bare(word): name for name, words in named for word in words}


@lru_cache(maxsize=32)
def _named(library: Library, name: str) -> frozenset[str]:
    """The control words of a name as they are compared."""
    return frozenset(
        bare(word) for key, words in library.phrase(Controls).words.items() if key == name for word in words
    )


@lru_cache(maxsize=1)
def _fixed_buttons(library: Library) -> dict[str, str]:
    """Labels as they are compared, each with its payload; of two buttons the first."""
    buttons = [b for say in library.phrase(Says).says.values() for row in say.rows for b in row]
    return {bare(button.label): button.press for button in reversed(buttons)}


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
