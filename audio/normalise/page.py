"""A text being read: what stands before and after a place, asked in the same few ways by every rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from audio.normalise.definitions import definitions
from audio.normalise.lexicon import Lexicon
from audio.normalise.spans import Hit

# said by the pause they make; every engine knows them
PAUSES = frozenset(" \n.,;:!?\u2026()[]\"'\u201c\u201d\u2018\u2019\u00ab\u00bb-\u2013\u2014")
_WORD = re.compile(r"[^\W\d_]+(?:/[^\W\d_]+)?")
_REACH = 64  # characters looked at on either side
_MARGIN = 200  # characters of marks a line may begin with
_CLAUSE_END = re.compile(r"[.;:!?\n\u2026]\s")


@dataclass(slots=True)
class Page:
    """The regular text and the lexicon. `pos` arguments are offsets into `text`."""

    text: str
    lexicon: Lexicon
    hits: list[tuple[int, Hit]] = field(default_factory=list)
    own: Mapping[str, str] = field(init=False)
    # short form -> where and as what it was counted last
    counted: dict[str, tuple[int, str]] = field(default_factory=dict)
    guessed: int = -1  # where the last short form was that no neighbour explained

    def __post_init__(self) -> None:
        self.own = definitions(self.text, self.lexicon.joining, self.lexicon.written)

    def left(self, pos: int) -> str:
        """What stands before, lower case, blanks at the end removed."""
        return self.text[max(0, pos - _REACH) : pos].lower().rstrip()

    def right(self, pos: int) -> str:
        """What stands after, lower case, blanks at the start removed."""
        return self.text[pos : pos + _REACH].lower().lstrip()

    def words_before(self, pos: int, count: int = 3) -> list[str]:
        """Up to `count` lower-case words that end right before `pos`; a comma or full stop between ends the list."""
        left = self.left(pos).rstrip(" (\u201c\"'[*_")
        if left.endswith(":"):
            left = left[:-1].rstrip()
        words: list[str] = []
        end = len(left)
        while len(words) < count and end > 0:
            start = end
            while start > 0 and (left[start - 1].isalnum() or left[start - 1] in "/&"):
                start -= 1
            if start == end:
                break
            words.insert(0, left[start:end])
            end = start
            while end > 0 and left[end - 1] in " \n":
                end -= 1
        return words

    def cued(self, pos: int, cue: str) -> bool:
        """True when one of the lexicon's cue words (one to three syllables) stands right before `pos`."""
        known = self.lexicon.cues[cue]
        words = self.words_before(pos, 4)
        return any(" ".join(words[i:]) in known for i in range(len(words)))

    def follows(self, pos: int, cue: str) -> bool:
        """True when one of the cue words stands right after `pos`."""
        known = self.lexicon.cues[cue]
        words = self.words_after(pos)
        return any(" ".join(words[:i]) in known for i in range(1, len(words) + 1))

    def words_after(self, pos: int, count: int = 3) -> list[str]:
        """Up to `count` lower-case words that begin right after `pos`, one space apart."""
        words: list[str] = []
        text = self.text
        at = pos + 1 if text[pos : pos + 1] in {" ", "\n"} else pos
        while len(words) < count and (m := _WORD.match(text, at)):
            words.append(m.group().lower())
            at = m.end() + 1 if text[m.end() : m.end() + 1] in {" ", "\n"} else len(text)
        return words

    def unsaid(self, pos: int, spoken: str) -> str:
        """`spoken` without leading words that stand right before `pos`: a body is not said twice before its short form.

        The second half of a two-syllable word was not said for itself.
        """
        words = spoken.split()
        before = self.words_before(pos, min(3, len(words)))
        for count in range(min(len(before), len(words) - 1), 0, -1):
            if before[-count:] == words[:count] and (count > 1 or " ".join(before[-2:]) not in self.lexicon.parts):
                return " ".join(words[count:])
        return spoken

    def line_start(self, pos: int) -> bool:
        """True when nothing that can be said stands before `pos` on its line."""
        begin = max(0, pos - _MARGIN)
        return not any(c.isalnum() for c in self.text[self.text.rfind("\n", begin, pos) + 1 or begin : pos])

    def clause(self, pos: int) -> str:
        """What stands before `pos` in the same clause, lower case."""
        left = self.text[max(0, pos - _REACH) : pos]
        cut = [m.end() for m in _CLAUSE_END.finditer(left)]
        return left[cut[-1] if cut else 0 :].lower()

    def char(self, pos: int) -> str:
        """The character at `pos`, empty outside the text."""
        return self.text[pos] if 0 <= pos < len(self.text) else ""

    def next_char(self, pos: int) -> str:
        """The first character at or after `pos` that is no blank, as written; empty at the end."""
        return self.text[pos : pos + _REACH].lstrip()[:1]

    def free(self, end: int) -> bool:
        """True when no letter or digit follows at `end`."""
        return end >= len(self.text) or not (self.text[end].isalnum() or self.text[end] == "_")
