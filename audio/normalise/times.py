"""Clock times and durations written with h, g, a colon or minute marks."""

from __future__ import annotations

import re

from audio.normalise.lexicon import Lexicon
from audio.normalise.page import Page
from audio.normalise.spans import Hit

_QUOTE_REACH = 400  # characters back in which an opening quotation mark is looked for
_RATIO_REACH = 32  # characters back in which a word for ratio still governs `1:10`
_END = r"(?![^\W_])"
_MARK = r"(?:'|\u2019|ph|p)"
_AFTER_HOUR = r"(?:[ :.]?(\d{2}))?"
_CLOCK = rf"(\d{{1,2}})(?:\s?[hH]{_AFTER_HOUR}|g(\d{{2}})|:([0-5]\d)(?::([0-5]\d))?[hH]?)(?:\s?{_MARK}{_END})?"
_ONE = re.compile(rf"{_CLOCK}(?![^\W_]|[:/]\d)")
_TWO = re.compile(rf"{_CLOCK} *[-\u2013\u2014] *{_CLOCK}(?![^\W_])")
_BARE_TWO = re.compile(rf"(\d{{1,2}}) *[-\u2013] *{_CLOCK}(?![^\W_])")
_G_TWO = re.compile(r"(\d{1,2})g(\d{2})?\s?[-\u2013]\s?(\d{1,2})g(\d{2})?(?![^\W_])")
_HOURS = re.compile(r"(\d{1,4}(?:[.,]\d{1,2})?)\s?[hH](?![^\W_])")
_MINUTES = re.compile(r"(\d{1,3})\s?(?:'|\u2019)(?:\s?(\d{1,2})\s?(?:\"|''|\u201d))?(?![^\W_])")
_ARC = re.compile(r"(\d{1,2})\s?['\u2019]\s?([A-Z\u0110])(?![^\W_])")
_SECONDS = re.compile(r"(\d{1,3})\"(\d{1,2})(?![^\W_])")
_SHORT_MINUTES = re.compile(r"(\d{1,3})\s?(?:p|ph)(?![^\W_])")
_NO_MINUTES = re.compile(r"00(?![^\W_]|[:/.,]\d)")
_G_HOUR = re.compile(r"(\d{1,2})\s?g(?![^\W_])")


class Times:
    """Rules for a digit."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._say = lexicon.numerals

    def clock(self, page: Page, pos: int) -> Hit | None:
        """One time or a range of two."""
        say = self._say
        m = _TWO.match(page.text, pos)
        if m:
            first, second = self._time(m.groups()[:5]), self._time(m.groups()[5:])
            if first and second:
                return Hit(m.end(), "time", f"{first} {say['to']} {second}")
        m = _G_TWO.match(page.text, pos)
        if m and int(m[1]) <= 24 and int(m[3]) <= 24:
            first = self._time((m[1], m[2], None, None, None))
            second = self._time((m[3], m[4], None, None, None))
            return Hit(m.end(), "time", f"{first} {say['to']} {second}")
        m = _BARE_TWO.match(page.text, pos)
        if m and int(m[1]) <= 24:
            second = self._time(m.groups()[1:])
            if second:
                return Hit(m.end(), "time", f"{say.count(m[1])} {say['to']} {second}")
        m = _ONE.match(page.text, pos)
        if m and not page.cued(pos, "ratio_before") and not (":" in m.group() and self._in_ratio(page, pos)):
            words = self._time(m.groups(), marked=not page.text[m.end() - 1].isdigit())
            if words:
                return Hit(m.end(), "time", self._once(page, m.end(), words))
        return self._long(page, pos)

    @staticmethod
    def _in_ratio(page: Page, pos: int) -> bool:
        """True when the words before speak of a ratio, though not right before the number."""
        clause = page.text[max(0, pos - _RATIO_REACH) : pos].lower()
        return any(word in clause for word in page.lexicon.cues["map_before"])

    def _long(self, page: Page, pos: int) -> Hit | None:
        say = self._say
        m = _NO_MINUTES.match(page.text, pos)
        if m and page.words_before(pos, 1) == [say["hour"]] and page.words_after(m.end(), 1) != [say["minute"]]:
            # no minutes past the hour are not said, unless the text names them
            return Hit(m.end(), "time", "")
        m = _HOURS.match(page.text, pos)
        if m:
            return Hit(m.end(), "time", f"{say.written(m[1])} {say['hour']}")
        m = _G_HOUR.match(page.text, pos)
        if m and int(m[1]) <= 24 and self._is_g_hour(page, pos, m.end(), int(m[1])):
            return Hit(m.end(), "time", f"{say.count(m[1])} {say['hour']}")
        m = _MINUTES.match(page.text, pos)
        if m and not self._quoted(page, pos, m.end()):
            seconds = f" {say.count(m[2])} {say['second']}" if m[2] else ""
            return Hit(m.end(), "time", f"{say.count(m[1])} {say['minute']}{seconds}")
        m = _ARC.match(page.text, pos)
        if m and m[2] in self._lexicon.compass:
            side = self._lexicon.compass[m[2]].split(" ", 1)[1]  # the degree was said with the number before
            return Hit(m.end(), "measure", f"{say.count(m[1])} {say['minute']} {side}")
        m = _SECONDS.match(page.text, pos)
        if m:
            return Hit(m.end(), "time", f"{say.count(m[1])} {say['second']} {say.count(m[2])}")
        m = _SHORT_MINUTES.match(page.text, pos)
        if m:
            return Hit(m.end(), "time", f"{say.count(m[1])} {say['minute']}")
        return None

    def _is_g_hour(self, page: Page, pos: int, end: int, hour: int) -> bool:
        """True after a word for time, or where the second of two falls below the first: an evening to a morning."""
        if page.cued(pos, "time_before"):
            return not page.right(end).startswith("/")
        right = page.right(end).removeprefix(self._say["to"]).lstrip()
        until = _G_HOUR.match(right) if right != page.right(end) else None
        return until is not None and int(until[1]) < hour

    @staticmethod
    def _quoted(page: Page, pos: int, end: int) -> bool:
        """True when the mark closes a quotation instead of standing for minutes."""
        mark = page.text[end - 1]
        line = page.text[page.text.rfind("\n", 0, pos) + 1 : pos][-_QUOTE_REACH:]
        opener = "\u2018" if mark == "\u2019" else mark
        return line.count(opener) % 2 == 1 if mark != "\u2019" else line.count(opener) > line.count(mark)

    def _once(self, page: Page, end: int, words: str) -> str:
        """The minute word is not said again when the text goes on with it."""
        minute = self._say["minute"]
        return words.removesuffix(f" {minute}") if page.words_after(end, 1) == [minute] else words

    def _time(self, groups: tuple[str | None, ...], *, marked: bool = False) -> str | None:
        hour, minute_h, minute_g, minute_c, second = groups
        minute = minute_h or minute_g or minute_c
        if hour is None or int(hour) > 24 or (minute is not None and int(minute) > 59):
            return None
        say = self._say
        words = f"{say.count(hour)} {say['hour']}"
        if minute and int(minute):
            words += f" {say.count(minute)}"
            if second or marked or int(minute) < 10:
                words += f" {say['minute']}"
        if second and int(second):
            words += f" {say.count(second)} {say['second']}"
        return words
