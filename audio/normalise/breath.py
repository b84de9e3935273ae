"""Spoken text cut into phrases a voice can say in one breath, with the pause after each.

Pauses are read off the punctuation; a sentence with too few marks is cut before a joining word. Codes, telephone
numbers and sums are marked so that the voice slows down for them: a listener far from the horn writes them down.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from audio.normalise.lexicon import Lexicon
from audio.normalise.spans import Spoken

# Words to a breath: about 8 s at the 130-140 words a minute a horn wants.
LONGEST_WORDS = 25
# A phrase shorter than this joins its neighbour: a voice that stops after every word is harder to follow.
SHORTEST_WORDS = 4
# Milliseconds after each mark; horns in a valley answer each other for half a second, so a full stop waits longer.
PAUSES_MS = {
    "\n": 700,
    ".": 500,
    "!": 500,
    "?": 500,
    "\u2026": 500,
    ";": 350,
    ":": 300,
    ",": 200,
    "\u2013": 200,
    "\u2014": 200,
    "-": 200,
    "": 120,
}
# Kinds of span said slowly.
SLOW_KINDS = frozenset({"document", "phone", "code", "money", "web", "email"})

_MARK = re.compile(
    r"\n+|[.!?\u2026]+[\"\u201d\u2019)\]]*(?=\s|$)|[;:,][\"\u201d\u2019)]*(?=\s|$)|\s[-\u2013\u2014](?=\s)"
)
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words said in one breath, the pause after them in milliseconds, and whether to say them slowly."""

    text: str
    pause_ms: int
    slow: bool


def phrases(spoken: Spoken, lexicon: Lexicon | None = None) -> tuple[Phrase, ...]:
    """Cut a spoken text. Every word of `spoken.text` is in exactly one phrase, in order."""
    joints = (lexicon or Lexicon.load()).cues["breath_before"]
    slow = tuple((m.start, m.end) for m in spoken.marks if m.kind in SLOW_KINDS)
    out: list[Phrase] = []
    for start, end, mark in _merged(spoken.text, tuple(_clauses(spoken.text))):
        pieces = list(_breaths(spoken.text, start, end, joints))
        for i, (a, b) in enumerate(pieces):
            text = " ".join(spoken.text[a:b].split())
            if text:
                pause = PAUSES_MS[mark] if i == len(pieces) - 1 else PAUSES_MS[""]
                out.append(Phrase(text, pause, any(s < b and a < e for s, e in slow)))
    return tuple(out)


def breath_lines(text: str) -> tuple[str, ...]:
    """A text in any language cut into lines to be read aloud one at a time: for recording where no voice speaks it.

    Nothing is expanded: a person reads. No line is longer than a breath (25 words).
    """
    return tuple(phrase.text for phrase in phrases(Spoken(unicodedata.normalize("NFC", text), (), (), ())))


def _clauses(text: str) -> Iterator[tuple[int, int, str]]:
    at = 0
    for m in _MARK.finditer(text):
        mark = m.group().strip(' "\u201d\u2019)]')[:1] or "\n"
        yield at, m.end(), mark if mark in PAUSES_MS else ","
        at = m.end()
    if at < len(text):
        yield at, len(text), "\n"


def _merged(text: str, clauses: tuple[tuple[int, int, str], ...]) -> Iterator[tuple[int, int, str]]:
    """Join clauses at light marks as long as one breath holds them and one of them is short."""
    held: tuple[int, int, str] | None = None
    for start, end, mark in clauses:
        if held is not None:
            both = len(text[held[0] : end].split())
            short = min(len(text[held[0] : held[1]].split()), len(text[start:end].split())) < SHORTEST_WORDS
            if held[2] in ",-\u2013\u2014:" and short and both <= LONGEST_WORDS:
                held = (held[0], end, mark)
                continue
            yield held
        held = (start, end, mark)
    if held is not None:
        yield held


def _breaths(text: str, start: int, end: int, joints: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Cut a clause of too many words: before a joining word near the middle of what is left, else at the limit."""
    words = [(m.start(), m.end()) for m in _WORD.finditer(text, start, end)]
    while len(words) > LONGEST_WORDS:
        goal = min(LONGEST_WORDS, max(SHORTEST_WORDS, len(words) // 2))
        options = [
            i
            for i in range(SHORTEST_WORDS, min(LONGEST_WORDS, len(words) - SHORTEST_WORDS) + 1)
            if text[words[i][0] : words[i][1]].lower() in joints
        ]
        after_mark = [i for i in range(SHORTEST_WORDS, LONGEST_WORDS + 1) if text[words[i - 1][1] - 1] in ",;:"]
        cut = min(after_mark or options or [LONGEST_WORDS], key=lambda i: abs(i - goal))
        yield words[0][0], words[cut - 1][1]
        words = words[cut:]
    if words:
        yield words[0][0], words[-1][1]
