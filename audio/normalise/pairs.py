"""Two numbers with a slash: a fraction, a count out of a total, a date, an address, a gauge; and dotted numbers."""

from __future__ import annotations

import re
from math import gcd

from audio.normalise.documents import spelled
from audio.normalise.lexicon import Lexicon
from audio.normalise.page import Page
from audio.normalise.spans import Hit
from audio.normalise.syllables import is_careless

_PAIR = re.compile(r"(\d+(?:\.\d{3})*(?:,\d+)?)\s?/\s?(\d+(?:\.\d{3})*(?:,\d+)?)(?![\d/]|[.,]\d)")
_CHAIN = re.compile(r"\d+[A-Za-z]?(?:/\d+[A-Za-z]?)+(?![\w])")
_DOTTED = re.compile(r"\d{1,3}(?:\.\d{1,3}){2,5}(?![\d%])")
_CODE = re.compile(r"(?:\d+[^\W\d_]{1,2}|\d+)(?:[-.]?(?:\d+|[A-Z\u0110]{1,3})(?![^\W_]))*")
_CARD = re.compile(r"\d[0-9A-Z]*(?:[.\-/][0-9A-Z]+)*(?: \d{3}\.\d{2}(?!\d))?")
_PLATE = re.compile(r"\d{2}\s?-?[A-Z][A-Z0-9]?[ \-](?:\d{3}\.\d{2}|\d{4,5})(?![\w.]\w)")
_PIECES = re.compile(r"\d+|[^\W\d_]+")
_SHARE = re.compile(r"\s?\((?:[^\W\d_]+\s)?\d{1,3}(?:,\d+)?\s?%")
_EVERYDAY = 5  # denominators up to here make a share of a counted thing after a word such as "only" or "got"
_CLASSIC = 10  # denominators up to here are fractions unless the sentence counts things


class Pairs:
    """Rules for a digit followed by a slash or by several dots."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._say = lexicon.numerals

    def pair(self, page: Page, pos: int) -> Hit | None:
        """`1/2`, `10/11`, `12/3`, `24/24`, `120/80`."""
        address = self._address(page, pos)
        if address:
            return address
        m = _PAIR.match(page.text, pos)
        if not m or not page.free(m.end()):
            return self._chain(page, pos) if not m or page.char(m.end()) == "/" else self._glued(page, m)
        say = self._say
        a, b = m[1], m[2]
        top, bottom = say.written(a), say.written(b)
        over = Hit(m.end(), "count", f"{top} {say['over']} {bottom}")
        if not (a.isdigit() and b.isdigit()) or int(b) == 0:
            return over
        n, d = int(a), int(b)
        # "14/16 (87,5%)": what is worked out as a share is a count out of a total
        if page.cued(pos, "map_before") or page.cued(pos, "grade_before") or _SHARE.match(page.text, m.end()):
            return over
        if (n, d) == (24, 7) and not page.cued(pos, "date_before"):
            return over
        if n >= d or d > 100:
            return self._date_or(page, pos, m, over)
        if self._is_fraction(page, pos, m.end(), n, d):
            return Hit(m.end(), "fraction", f"{say.count(a)} {say['part']} {say.month(b) if d == 4 else say.count(b)}")
        return self._date_or(page, pos, m, over)

    def _date_or(self, page: Page, pos: int, m: re.Match[str], other: Hit) -> Hit:
        """With nothing counted after it, a pair that could be a day and a month is a date."""
        n, d = int(m[1]), int(m[2])
        say = self._say
        if not (1 <= n <= 31 and 1 <= d <= 12) or page.follows(m.end(), "count_noun") or page.cued(pos, "count_verb"):
            return other
        same = n == d and not (m[1][0] == "0" or page.cued(pos, "date_named"))
        if page.follows(m.end(), "fraction_noun") or page.right(m.end())[:1].isdigit() or same:
            return other
        lead = "" if page.cued(pos, "date_named") else f"{say['day']} "
        return Hit(m.end(), "date", f"{lead}{say.day(m[1])} {say['month']} {say.month(m[2])}")

    def _is_fraction(self, page: Page, pos: int, end: int, n: int, d: int) -> bool:
        if page.follows(end, "fraction_noun"):
            return True
        counted = page.follows(end, "count_noun")
        if counted and page.cued(pos, "count_verb") and (d > _EVERYDAY or not page.cued(pos, "fraction_verb")):
            return False
        if page.cued(pos, "fraction_verb"):
            return d <= _CLASSIC and gcd(n, d) == 1
        listed = counted and d > 3 and page.line_start(pos) and not page.follows(end, "people_noun")
        return d <= _EVERYDAY and gcd(n, d) == 1 and not listed

    def _glued(self, page: Page, m: re.Match[str]) -> Hit | None:
        """`24/24h`: read the pair, leave the unit to the next rule."""
        unit = re.compile(r"[^\W\d_]+").match(page.text, m.end())
        tails = {**self._lexicon.units, **self._lexicon.magnitudes, **self._lexicon.currencies}
        if not unit or unit.group() not in tails:
            return self._chain(page, m.start())
        say = self._say
        words = f"{say.written(m[1])} {say['over']} {say.written(m[2])} {tails[unit.group()]}"
        return Hit(unit.end(), "measure", words)

    def _address(self, page: Page, pos: int) -> Hit | None:
        m = _CHAIN.match(page.text, pos)
        if not m or not page.cued(pos, "address_before"):
            return None
        if page.follows(m.end(), "fraction_noun") or (
            page.follows(m.end(), "people_noun") and not page.cued(pos, "number_said") and _PAIR.match(page.text, pos)
        ):
            return None
        return Hit(m.end(), "address", f" {self._say['slash']} ".join(self._token(t) for t in m.group().split("/")))

    def _chain(self, page: Page, pos: int) -> Hit | None:
        m = _CHAIN.match(page.text, pos)
        if not m or "/" not in m.group():
            return None
        return Hit(m.end(), "code", f" {self._say['slash']} ".join(self._token(t) for t in m.group().split("/")))

    def dotted(self, page: Page, pos: int) -> Hit | None:
        """`1.1.2`: a heading, a clause or a version; three dotted groups of three are a count."""
        m = _DOTTED.match(page.text, pos)
        if not m or re.fullmatch(r"\d{1,3}(?:\.\d{3})+", m.group()):
            return None
        say = self._say
        return Hit(m.end(), "reference", f" {say['dot']} ".join(say.count(p) for p in m.group().split(".")))

    def cued_code(self, page: Page, pos: int) -> Hit | None:
        """A plate, file or card number with letters in it: digits one by one, marks as pauses."""
        plate = _PLATE.match(page.text, pos)
        if plate and page.char(pos + 2).isspace() and not page.cued(pos, "digits_before"):
            plate = None  # a number, a short form and a year
        m = plate or _CARD.match(page.text, pos)
        if not m or m.group().isdigit() or not page.free(m.end()):
            return None
        if not plate and not page.cued(pos, "digits_before"):
            return None
        say = self._say
        groups = [
            " ".join(say.each(p) if p.isdigit() else p for p in _PIECES.findall(g))
            for g in re.split(r"[ .\-/]", m.group())
        ]
        return Hit(m.end(), "code", ", ".join(groups))

    def code(self, page: Page, pos: int) -> Hit | None:
        """`25B`, `12A1`, `30a`: digits and letters of one name; letters stay letters."""
        m = _CODE.match(page.text, pos)
        if not m or not page.free(m.end()) or m.group().isdigit():
            return None
        return Hit(m.end(), "code", self._token(m.group()))

    def _token(self, token: str) -> str:
        say = self._say
        pieces = _PIECES.findall(token)
        return " ".join(
            say.padded(p) if p[0] in "0123456789" else p if len(p) == 1 else self._lettered(p) for p in pieces
        )

    def _lettered(self, letters: str) -> str:
        return spelled(self._lexicon, letters) if letters.isupper() or is_careless(letters) else letters
