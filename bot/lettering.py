"""Letters on paper: the strokes and breves the fonts lack, and words in place of what they cannot print.

The fonts (Noto Sans, its Latin part) hold all letters of Vietnamese. Of the Latin letters of E De, Gia Rai and Ba Na
three things are missing: b with a stroke, its capital and the breve set above a letter that has another mark already. These
are drawn by hand over the plain letter. Khmer and the old Thai letters need fonts and shaping of their own: a paper says
that they are not printed rather than showing wrong ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.errors import say

#: the fonts of everything drawn and printed
FONTS = Path(__file__).parent / "fonts"
#: points along a line to draw: two of a straight one, four of a Bezier curve, each as x and y in shares of the letters' size
Mark = tuple[float, ...]

_NAMED = re.compile(r"LATIN (SMALL|CAPITAL) LETTER ([A-Z])\b")
_BREVE = "\u0306"
_ABOVE = 230  # the combining class of marks set over a letter (UAX 44); a horn or a dot below leaves the room free
_STROKED = {"\u0180": "b", "\u0243": "B"}
#: how thick a mark is, in shares of the letters' size
THICK = 0.055
# shares of the letters' size, taken from Noto Sans: heights of small letters, of small ones with a mark and of capitals
_SMALL_HIGH, _MARKED_HIGH, _CAPITAL_HIGH = 0.55, 0.79, 0.73
_STROKE_FROM, _STROKE_WIDE = -0.02, 0.36
# of each letter with a stroke: how high it is, above the bowl of the small one, across the upright of the capital
_STROKE_HIGH = {"\u0180": 0.64, "\u0243": 0.36}
_BREVE_WIDE, _BREVE_DEEP, _BREVE_GAP = 0.26, 0.1, 0.05


def drawable(text: str, known: frozenset[int]) -> str:
    """Only what can be printed with a font that has the `known` letters, marks drawn by hand included.

    A run of letters of another script becomes a few words that say so; nothing becomes a blank.
    """
    return "".join(_printed(unicodedata.normalize("NFC", text), known))


def bare(text: str) -> str:
    """What the font itself prints of a drawable line."""
    return "".join(_STROKED.get(letter, letter) for letter in text if letter != _BREVE)


def marks(text: str, advance: Callable[[str], float]) -> Iterator[Mark]:
    """What is drawn by hand over a drawable line, from its left end on the base line.

    `advance` tells how wide a line of the font's own letters is, in shares of their size.
    """
    for i, letter in enumerate(text):
        if letter not in _STROKED and letter != _BREVE:
            continue
        at = advance(bare(text[:i]))
        if letter == _BREVE:
            yield _breve(at - advance(bare(text[i - 1 : i])) / 2, text[i - 1 : i])
        else:
            high = _STROKE_HIGH[letter]
            yield at + _STROKE_FROM, high, at + _STROKE_FROM + _STROKE_WIDE, high


def nearest(letter: str) -> str:
    """The plain letter a Latin letter with a stroke or hook is drawn upon, by its Unicode name; "" for others."""
    named = _NAMED.match(unicodedata.name(letter, ""))
    if named is None:
        return ""
    return named[2].lower() if named[1] == "SMALL" else named[2]


def _breve(middle: float, letter: str) -> Mark:
    marked = any(unicodedata.combining(mark) == _ABOVE for mark in unicodedata.normalize("NFD", letter))
    high = _CAPITAL_HIGH if letter.isupper() else _SMALL_HIGH
    foot = _BREVE_GAP + high + (_MARKED_HIGH - _SMALL_HIGH if marked else 0.0)
    half, top = _BREVE_WIDE / 2, foot + _BREVE_DEEP
    return middle - half, top, middle - half / 2, foot, middle + half / 2, foot, middle + half, top


def _printed(text: str, known: frozenset[int]) -> Iterator[str]:
    strange = False
    for i, letter in enumerate(text):
        other = unicodedata.category(letter)[0] in "LM" and not nearest(letter)
        if letter == "\n" or ord(letter) in known or letter in _STROKED:
            # said once, however many words of it there are
            strange = strange and letter == " "
            yield letter
        elif letter == _BREVE and i and text[i - 1].isalpha() and not strange:
            yield letter
        elif letter.isspace():
            yield " "
        elif other and not (unicodedata.combining(letter) and not strange):
            if not strange:
                yield say("paper.unprinted")
            strange = True
        elif not unicodedata.combining(letter) and unicodedata.category(letter)[0] != "C":
            strange = False
            yield nearest(letter) or "?"
