"""What a text itself says its short forms stand for: the words right before or inside the brackets of a short form.

Offices introduce a short form once, in brackets after its words, and use it from then on; the text's own word on it goes
before every table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from audio.normalise.compounds import initial

_RUN = r"[^\W\d_](?:[^\W\d_]|[&\-](?=[^\W\d_])){1,15}"
_AFTER = re.compile(rf"\((?:[^()]{{0,40}}\s)?[\"\u201c]?({_RUN})[\"\u201d]?\)")
_BEFORE = re.compile(rf"(?<![^\W_])({_RUN})\s?\(([^()\d]{{5,120}})\)")
_WORD = re.compile(r"[^\W\d_]+")
_BREAK = re.compile(r"[.;:!?\n()]")
_REACH = 160  # characters back in which the words of a short form are looked for
_FEWEST = 2  # letters of a short form worth learning


def definitions(text: str, joining: frozenset[str], written: Mapping[str, str]) -> Mapping[str, str]:
    """Short form -> its words in small letters, for each one the text explains; the first explanation counts.

    `joining` words leave no letter; `written` gives the letter of words that leave another one than their first.
    """
    found: dict[str, str] = {}
    if "(" not in text:
        return found
    for m in _AFTER.finditer(text):
        left = _BREAK.split(text[max(0, m.start() - _REACH) : m.start()])[-1]
        _note(found, m[1], _tail(_letters(m[1]), _WORD.findall(left), joining, written))
    for m in _BEFORE.finditer(text):
        words = _WORD.findall(m[2])
        tail = _tail(_letters(m[1]), words, joining, written)
        _note(found, m[1], tail if tail and len(tail) == len(words) else None)
    return found


def _letters(run: str) -> str:
    return "".join(c for c in run if c.isalpha())


def _note(found: dict[str, str], run: str, words: Sequence[str] | None) -> None:
    letters = _letters(run)
    if words and letters.isupper() and len(letters) >= _FEWEST:
        found.setdefault(letters, " ".join(words).lower())


def _tail(
    letters: str, words: Sequence[str], joining: frozenset[str], written: Mapping[str, str]
) -> Sequence[str] | None:
    """The last words that leave these letters, joining words passed over; None when they are others."""
    at = len(words)
    for letter in reversed(letters):
        at -= 1
        while at >= 0 and not _leaves(words[at], letter, written) and words[at].lower() in joining:
            at -= 1
        if at < 0 or words[at].isupper() or not _leaves(words[at], letter, written):
            return None
    return words[at:]


def _leaves(word: str, letter: str, written: Mapping[str, str]) -> bool:
    return initial(word) == initial(letter) or written.get(word.lower()) == letter
