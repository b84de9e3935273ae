"""Roman numerals: after their cue word, in a list, as a heading mark, or unmistakable by their shape."""

from __future__ import annotations

import re

from audio.normalise.lexicon import Lexicon
from audio.normalise.numerals import roman_value
from audio.normalise.page import Page
from audio.normalise.spans import Hit

_SPAN = re.compile(r"([IVXLCDM]+)\s?[-\u2013]\s?([IVXLCDM]+)(?![\w])")
_LETTERED = re.compile(r"([IVX]+)([a-e\u0111AB])(?![^\W_])")
_NAMED = re.compile(r"(?:(?<=\s)[^\W\d_a-z]\w+ ){1,3}$")
_NAME_REACH = 40  # characters of the longest name of a place
_HIGHEST = 89  # numbered so in notices; more is a short form of the same letters
_YEAR = re.compile(r"\s?[/]\s?((?:19|20)\d\d)(?!\d)")


class Romans:
    """A rule for a token of the letters I V X L C D M."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._say = lexicon.numerals

    def number(self, page: Page, pos: int, word: str, end: int) -> Hit | None:
        """A Roman number after its cue word, in a list of them, as a heading, or unmistakable by its shape."""
        lettered = _LETTERED.fullmatch(word)
        if lettered and roman_value(lettered[1]) and self._may_be_lettered(page, pos):
            return Hit(end, "roman", f"{self._say.count(str(roman_value(lettered[1])))} {lettered[2]}")
        if not set(word) <= set("IVXLCDM") or not set(word) & set("IVX"):
            return None
        say = self._say
        quarter = page.cued(pos, "ordinal_quarter")
        span = _SPAN.match(page.text, pos)
        value = roman_value(word)
        if not value or (value > _HIGHEST and len(word) > 1):
            return None
        if span and roman_value(span[2]) > value:
            first, second = str(value), str(roman_value(span[2]))
            if quarter:
                return Hit(span.end(), "roman", f"{say.month(first)} {say['to']} {say['quarter']} {say.month(second)}")
            if page.cued(pos, "roman_before") or len(word + span[2]) > 2:
                return Hit(span.end(), "roman", f"{say.count(first)} {say['to']} {say.count(second)}")
        if not self._is_roman(page, pos, word, end):
            return None
        number = str(value)
        if quarter or self._quarter_list(page, pos):
            year = _YEAR.match(page.text, end)
            tail = f" {say['year']} {say.count(year[1])}" if year else ""
            return Hit(year.end() if year else end, "roman", say.month(number) + tail)
        year = _YEAR.match(page.text, end)
        if year:
            return Hit(year.end(), "roman", f"{say.count(number)} {say['year']} {say.count(year[1])}")
        said = say.ordinal(number) if page.cued(pos, "ordinal_roman") else say.count(number)
        return Hit(end, "roman", said)

    def sure(self, page: Page, pos: int, end: int) -> bool:
        """True where a word in a line of capitals cannot stand: after a cue, in a list, or as the mark of a heading."""
        return (
            self._in_list(page, pos)
            or page.cued(pos, "roman_before")
            or (page.line_start(pos) and page.right(end)[:1] in {".", ")", "/"})
        )

    def _may_be_lettered(self, page: Page, pos: int) -> bool:
        return page.cued(pos, "roman_before") or self._in_list(page, pos)

    def _is_roman(self, page: Page, pos: int, word: str, end: int) -> bool:
        if page.cued(pos, "roman_before"):
            return not (page.char(end) == "." and page.next_char(end + 1).islower() and len(word) == 1)
        if page.line_start(pos) and page.right(end)[:1] in {".", ")", "/"}:
            return set(word) <= set("IVX")
        if self._in_list(page, pos) or self._of_place(page, pos):
            return True
        return len(word) > 1 and set(word) <= set("IVX") and word not in self._lexicon.contexts

    @staticmethod
    def _of_place(page: Page, pos: int) -> bool:
        """True after a place's name: the noun for a place, then one to three words with a capital."""
        named = _NAMED.search(page.text, max(0, pos - _NAME_REACH), pos)
        if named is None or "\n" in page.text[max(0, named.start() - 2) : named.start()]:
            return False
        return page.cued(named.start(), "place_noun")

    @staticmethod
    def _in_list(page: Page, pos: int) -> bool:
        if not page.hits or page.hits[-1][1].kind != "roman":
            return False
        between = page.text[page.hits[-1][1].end : pos].strip()
        return len(between) <= 4 and "." not in between and not any(c.isdigit() for c in between)

    def _quarter_list(self, page: Page, pos: int) -> bool:
        if not self._in_list(page, pos):
            return False
        start = page.hits[-1][0]
        return page.cued(start, "ordinal_quarter")
