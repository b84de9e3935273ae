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


#: a longer message is no lone control word
CONTROL_WORDS_MOST = 6


def control(scene: Scene, text: str) -> str | None:
    """Which control word the whole message is ("menu", "yes", "no", "stop", "again", "back", …), if any."""
    return next(iter(_names(scene.library, bare(text))), None)


def is_word(scene: Scene, text: str, name: str) -> bool:
    """Whether the whole message is one of the control words of that name; a word may have several names."""
    return name in _names(scene.library, bare(text))


def fixed_button(scene: Scene, text: str) -> str | None:
    """The payload of the button of a fixed text that is worded so, if any."""
    return _fixed_buttons(scene.library).get(bare(text))


def _names(library: Library, said: str) -> tuple[str, ...]:
    """The names of the control word a bare text is, also with polite words around it; of two names the first leads."""
    controls, polite = _controls(library)
    words = said.split()
    if said in controls or len(words) > CONTROL_WORDS_MOST:
        return controls.get(said, ())
    inner = list(words)
    while inner and inner[-1] in polite:
        inner.pop()
        if named := controls.get(" ".join(inner)):
            return named
    while inner and inner[0] in polite:
        inner.pop(0)
        if named := controls.get(" ".join(inner)):
            return named
    # nothing but polite words, one of which agrees: "da vang a"
    agreed = [controls[word] for word in words if word in controls] if not inner else []
    return agreed[0] if agreed else ()


@lru_cache(maxsize=1)
def _controls(library: Library) -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    """Control words as they are compared, each with its names in order, and the polite words."""
    controls = library.phrase(Controls)
    named: dict[str, tuple[str, ...]] = {}
    for name, words in controls.words.items():
        for word in dict.fromkeys(bare(word) for word in words):
            named[word] = (*named.get(word, ()), name)
    return named, frozenset(bare(word) for word in controls.polite)


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
