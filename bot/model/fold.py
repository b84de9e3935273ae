"""Folding Vietnamese text for comparison: NFC, lower case, accents off, d-bar to d."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"\s+")
#: U+0111 has no decomposition, so NFD leaves it; both cases, and U+00D0/U+00F0 typed for it by mistake
_D_BAR = str.maketrans({0x111: "d", 0x110: "D", 0xF0: "d", 0xD0: "D"})


def clean(text: str) -> str:
    """NFC, one space between words, zero-width and control marks (right-to-left marks too) removed."""
    text = unicodedata.normalize("NFC", text)
    # nothing to remove: no mark, no separator but the plain space
    if text.isprintable() and "  " not in text:
        return text.strip()
    kept = (" " if unicodedata.category(c) in {"Zs", "Zl", "Zp"} or c in "\t\r\n" else c for c in text)
    return _SPACES.sub(
        " ", "".join(c for c in kept if c == " " or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})
    ).strip()


def strip_accents(text: str) -> str:
    """The text without tone and vowel marks; d-bar becomes d."""
    if text.isascii():
        return text
    bare = unicodedata.normalize("NFD", text.translate(_D_BAR))
    return unicodedata.normalize("NFC", "".join(c for c in bare if unicodedata.category(c) != "Mn"))


def fold(text: str) -> str:
    """What two spellings of the same words share: cleaned, lower case, no accents."""
    return strip_accents(clean(text)).lower()
