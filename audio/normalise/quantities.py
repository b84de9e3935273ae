"""Numbers with what they count: money, measures, percentages, ranges, dimensions, scores."""

from __future__ import annotations

import re
from collections.abc import Iterable

from audio.normalise.lexicon import Lexicon
from audio.normalise.numerals import value_of
from audio.normalise.page import Page
from audio.normalise.spans import Hit

NUMBER = r"(?:\d{1,3}(?:\.\d{3})+(?!\d)(?:,\d+)?|\d{1,3}(?:,\d{3}){2,}(?!\d)|\d+(?:[.,]\d+)?)"
_RANGE = r"\s?[-\u2013\u2014~]\s?"
_NUMBER_NEAR = re.compile(r"\d")
_GRADES = re.compile(r"\d{1,3}(?:[-\u2013:]\d{1,3}){2,}(?![\d%]|[.,:]\d)")
_LISTED = re.compile(r"\d{1,2}(?:,\d{1,2}){2,}(?![\d%]|[.,/]\d)")
_LISTED_TWO = re.compile(r"[1-9]\d?,[1-9]\d?(?![\d%]|[.,/]\d)")
_PLACE = re.compile(
    r"(\d{1,3}(?:[.,]\d{1,2})?(?=\s?[\u00b0\u00ba])|\d{1,3}[.,]\d{1,2}(?=[NE]))(?:\s?[\u00b0\u00ba]\s?)?([NEB\u0110])"
)
_MULTIPLIED = frozenset({"measure", "money", "percent"})
_LETTER_KNOWN = frozenset("KTSR")
_CELSIUS = "\u00b0C"
_FALLEN = re.compile(r"(?:(\d{1,2}(?:,\d)?)\s?[-\u2013]\s?)?(\d{1,2}(?:,\d)?)\s?0C")
_ARTICLE = "\u0110"  # the short form of an article of a law, where it is no currency
_EARLIER = re.compile(r"(?:\d{1,3}\s?[,;]\s?)+$")
_LIST_REACH = 32  # characters of the earlier numbers in a list
_STAR = re.compile(r"\*(?!\*)")
_SPACED = re.compile(r"[1-9]\d{0,2}(?: \d{3})+(?![\d.,/])")


def alternation(words: Iterable[str]) -> str:
    """Longest first, escaped."""
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


class Quantities:
    """Rules for a digit, after dates, times and document numbers had their chance."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._say = lexicon.numerals
        self._suffixes = {**lexicon.units, **lexicon.magnitudes, **lexicon.currencies}
        after = r"(?![^\W_])"
        money = alternation(lexicon.currencies)
        big = alternation(lexicon.magnitudes)
        unit = alternation(lexicon.units)
        # a point is allowed between a short "million" and the currency; a bare letter needs to stand close or before a mark
        tail = rf"(?:\s?(?P<big>{big}){after}[. ]?)?(?:\s?(?P<unit>{money}|{unit}){after}|(?P<cent>\s?[%\u2030]))?"
        self._amount = re.compile(rf"(?P<a>{NUMBER})(?:(?P<range>{_RANGE})(?P<b>{NUMBER}))?{tail}")
        self._both = re.compile(
            rf"(?P<a>{NUMBER})\s?(?P<ua>{big}|{money}|{unit}|%)(?P<range>{_RANGE})(?P<b>{NUMBER})\s?(?P<ub>{big}|{money}|{unit}|%)"
        )
        self._sizes = re.compile(
            rf"({NUMBER})\s?(m|cm|mm|km)?\s?[xX\u00d7*]\s?({NUMBER})(?:\s?(m|cm|mm|km)(?=\s?[xX\u00d7*]))?(?:\s?[xX\u00d7*]\s?({NUMBER}))?\s?(?P<unit>{unit})?{after}"
        )
        self._spaced = re.compile(rf"\d{{1,3}}(?: \d{{3}})+(?=\s?(?:{big}|{money}){after})")
        mixed = alternation(["m", "kg", "km", *(k for k in lexicon.magnitudes if k.isalpha())])
        self._mixed = re.compile(rf"(\d{{1,3}})({mixed})(\d{{1,3}})(?!\w|[.,]\d)")
        # people counted by a title that opens like a currency: no price of so many
        titles = (k for k in lexicon.contexts if k.partition("/")[0] in lexicon.currencies and "/" in k)
        self._titled = re.compile(rf"(?:{alternation(titles)}){after}")
        self._ratio = re.compile(r"(\d{1,3}):(\d{1,3}(?:\.\d{3})+|\d{1,6}(?:,\d{1,2}(?!\d))?)(?!\d|:)")
        self._money_words = lexicon.cues["money_word"]

    def sizes(self, page: Page, pos: int) -> Hit | None:
        """`3x4m`, `3 x 4 x 2 m`."""
        m = self._sizes.match(page.text, pos)
        if not m:
            return None
        say = self._say
        units = self._lexicon.units
        parts = [say.written(m[1]) + (f" {units[m[2]]}" if m[2] else "")]
        parts.append(say.written(m[3]) + (f" {units[m[4]]}" if m[4] else ""))
        if m[5]:
            parts.append(say.written(m[5]))
        tail = f" {units[m['unit']]}" if m["unit"] else ""
        return Hit(m.end(), "measure", f" {say['times']} ".join(parts) + tail)

    def mixed(self, page: Page, pos: int) -> Hit | None:
        """`1m65`, `2tr5`: a unit between the whole and the rest."""
        m = self._mixed.match(page.text, pos)
        if not m:
            return None
        say = self._say
        words = f"{say.count(m[1])} {self._suffixes[m[2]]}"
        rest = m[3]
        if m[2] in {"m", "km"} and rest in {"2", "3"} and not page.cued(pos, "height"):
            return None
        if len(rest) == 1:
            return Hit(m.end(), "measure", f"{words} {say['half'] if rest == '5' else say.month(rest)}")
        if rest[0] == "0":
            return Hit(m.end(), "measure", f"{words} {say.each(rest)}")
        if m[2] == "m" and len(rest) == 2 and rest[1] != "0":
            tail = say["five_after_tens"] if rest[1] == "5" else say.digits[int(rest[1])]
            return Hit(m.end(), "measure", f"{words} {say.digits[int(rest[0])]} {tail}")
        return Hit(m.end(), "measure", f"{words} {say.count(rest)}")

    def several(self, page: Page, pos: int) -> Hit | None:
        """Numbers that only look like one: thousands set with blanks, lists without blanks, grades joined by dashes."""
        text, say = page.text, self._say
        spaced = self._spaced.match(text, pos) or _SPACED.match(text, pos)
        if spaced and (spaced.re is self._spaced or self._grouped(page, spaced)):
            return Hit(spaced.end(), "number", say.count(spaced.group().replace(" ", "")))
        listed = _LISTED.match(text, pos) or (_LISTED_TWO.match(text, pos) if page.cued(pos, "listed_before") else None)
        if listed and page.free(listed.end()):
            # "2,4,6": a list set without blanks, no decimals
            return Hit(listed.end(), "number", ", ".join(say.count(n) for n in listed.group().split(",")))
        chain = _GRADES.match(text, pos)
        if chain and page.free(chain.end()):
            # three and more numbers joined by dashes are no range: a fertiliser's grades, a team's line-up
            return Hit(chain.end(), "code", ", ".join(say.count(n) for n in re.findall(r"\d+", chain.group())))
        place = _PLACE.match(text, pos)
        if place and page.free(place.end()):
            side = self._lexicon.compass[place[2]]
            return Hit(place.end(), "measure", f"{say.written(place[1].replace('.', ','))} {side}")
        return None

    def degrees(self, page: Page, pos: int) -> Hit | None:
        """`25 0C`, `18-220C`: the degree sign of a typewriter, a raised zero that fell to the line."""
        m = _FALLEN.match(page.text, pos)
        if not m or not page.free(m.end()):
            return None
        if not any(word in page.clause(pos) for word in self._lexicon.cues["heat_clause"]):
            return None
        say = self._say
        first = f"{say.written(m[1])} {say['to']} " if m[1] else ""
        return Hit(m.end(), "measure", f"{first}{say.written(m[2])} {self._suffixes[_CELSIUS]}")

    def amount(self, page: Page, pos: int) -> Hit | None:
        """A number, a range or both with the unit, currency or percent sign after it."""
        text, say = page.text, self._say
        both = self._both.match(text, pos)
        if both and page.free(both.end()):
            first = f"{say.written(both['a'])} {self._unit(both['ua'])}"
            return Hit(both.end(), "range", f"{first} {say['to']} {say.written(both['b'])} {self._unit(both['ub'])}")
        m = self._amount.match(text, pos)
        if m is None or self._saying(page, pos, m):
            return None
        end = m.end()
        big, unit, cent = m["big"], m["unit"], m["cent"]
        if big and not unit and text[end - 1] in ". ":
            end = m.end("big")
        if not unit and not cent and not big and not page.free(end):
            # a decimal glued to letters: the letters are another rule's
            return Hit(end, "number", say.written(m["a"])) if "," in m["a"] and not m["b"] else None
        if unit and not self._unit_fits(page, m, unit):
            unit, end = None, m.end("big") if big else m.end("b") if m["b"] else m.end("a")
            if not page.free(end):
                return None
        if text[end - 1] == "." and (not text[end : end + 1].strip() and not page.next_char(end).islower()):
            end -= 1  # the sentence's own stop
        words = self._value(page, pos, m, end)
        special = None if big or cent else self._aged_or_starred(page, pos, end, unit)
        if special:
            return Hit(end + (unit is None), "count", f"{words} {special}")
        for tail in (big, unit):
            if tail:
                words += f" {self._suffixes[tail]}"
        if cent:
            words += " " + say["percent" if cent.strip() == "%" else "permille"]
        kind = self._kind(m, big, unit, cent)
        return Hit(end, "score" if kind == "range" and self._scored(page, pos) else kind, words)

    def _aged_or_starred(self, page: Page, pos: int, end: int, unit: str | None) -> str | None:
        """The word for a person's age after "16t", for the stars of a product after "3*"."""
        before = _EARLIER.sub("", page.text[:pos][-_LIST_REACH:]).rstrip("<>\u2264\u2265 ")
        at = max(0, pos - _LIST_REACH) + len(before)
        if unit in {"t", "T"} and (page.cued(at, "age_before") or self._aged(page, pos)):
            return self._say["age"]
        if unit is None and _STAR.match(page.text, end) and self._is_starred(page, pos):
            return self._say["star"]
        return None

    def _aged(self, page: Page, pos: int) -> bool:
        """True where an age was read a few words earlier in the same breath: "from 18t to 25t"."""
        if not page.hits:
            return False
        between = page.text[page.hits[-1][1].end : pos]
        near = len(between) <= _LIST_REACH and not any(c in between for c in ",.;:")
        return near and page.hits[-1][1].spoken.endswith(f" {self._say['age']}")

    def _is_starred(self, page: Page, pos: int) -> bool:
        """True for the stars of a product, and for the next ones in a list of them."""
        said = page.hits[-1][1].spoken if page.hits else ""
        listed = said.endswith(f" {self._say['star']}") or page.left(pos).rstrip(", ").endswith(f" {self._say['star']}")
        return listed or page.cued(pos, "star_before")

    @staticmethod
    def _grouped(page: Page, m: re.Match[str]) -> bool:
        """True when blanks group thousands: a round number, several groups, or something counted after it."""
        groups = m.group().split(" ")
        return groups[-1] == "000" or len(groups) > 2 or page.follows(m.end(), "count_noun")

    def prefixed(self, page: Page, pos: int) -> Hit | None:
        """A currency sign before its number: the number is said first."""
        unit = self._lexicon.currencies.get(page.text[pos])
        if unit is None or not page.char(pos + 1).isdigit():
            return None
        m = self._amount.match(page.text, pos + 1)
        if m is None or m["unit"] or m["cent"] or not page.free(m.end()):
            return None
        big = f" {self._suffixes[m['big']]}" if m["big"] else ""
        return Hit(m.end(), "money", f"{self._value(page, pos + 1, m, m.end())}{big} {unit}")

    def times(self, page: Page, pos: int, word: str, end: int) -> Hit | None:
        """The letter x between two numbers."""
        spaced = page.char(pos - 1) == " " and page.char(end) == " "
        measured = bool(page.hits) and page.hits[-1][1].kind in _MULTIPLIED and page.hits[-1][1].end == pos - 1
        if word == "x" and spaced and measured and _NUMBER_NEAR.search(page.text, end, end + 16):
            return Hit(end, "sign", f" {self._say['times']} ")
        if word not in {"x", "X"} or not spaced or not page.right(end)[:1].isdigit() or not page.hits:
            return None
        return Hit(end, "sign", f" {self._say['times']} ")

    def loose(self, page: Page, pos: int, word: str, end: int) -> Hit | None:
        """A unit that stands after a number another rule has read, such as a gauge's pair."""
        if not page.hits or len(word) < 2 or word not in self._lexicon.units:
            return None
        last = page.hits[-1][1]
        if last.kind not in {"count", "number", "fraction", "range"} or page.text[last.end : pos] not in {"", " "}:
            return None
        return Hit(end, "measure", self._lexicon.units[word])

    def _unit_fits(self, page: Page, m: re.Match[str], unit: str) -> bool:
        """A one-letter unit after a blank is often something else: a name's initial, a point of a law, the next word."""
        after = page.char(m.end())
        gap = page.text[m.start("unit") - 1] == " "
        if gap and len(m["a"]) <= 3 and not m["big"] and self._titled.match(page.text, m.start("unit")):
            return False
        if unit in {"V", "W"} and gap and len(m["a"]) > 1 and not page.cued(m.start(), "numbered_thing"):
            return not page.char(m.end()).isalnum()
        if unit in {"A", "V", "T", "t", "a", "s", "H", "W", "w"} and (gap or unit in {"A", "a"}):
            return False
        if unit == _ARTICLE and page.char(m.end()) == "." and page.cued(m.start(), "dot_before"):
            return False
        if unit in {"V", "t", "L", "HP", "s"} and after.isalnum():
            return False
        return not (gap and unit in {"l", "g", "h", "m"} and after in ".)" and page.cued(m.start(), "dot_before"))

    def _value(self, page: Page, pos: int, m: re.Match[str], end: int) -> str:
        say = self._say
        first = self._number(page, pos, m["a"], alone=not m["b"] and end == m.end("a"))
        if not m["b"]:
            return first
        second = say.written(m["b"])
        low, high = value_of(m["a"]), value_of(m["b"])
        tie = m["a"] == m["b"] and len(m["a"]) <= 2
        if (self._scored(page, pos) or tie) and not m["unit"] and not m["cent"]:
            return f"{first} {second}"
        if high < low and not (m["unit"] or m["cent"] or m["big"]):
            return f"{first}, {second}"
        return f"{first} {say['to']} {second}"

    @staticmethod
    def _saying(page: Page, pos: int, m: re.Match[str]) -> bool:
        """True for a saying known by a number and a letter, which is no sum and no weight."""
        return (m["big"] or m["unit"]) in _LETTER_KNOWN and not m["b"] and page.cued(pos, "slogan_before")

    @staticmethod
    def _scored(page: Page, pos: int) -> bool:
        """True for a score, or for the next one in a list of scores."""
        last = page.hits[-1][1] if page.hits else None
        listed = last is not None and last.kind == "score" and page.text[last.end : pos] == ", "
        return listed or page.cued(pos, "score_before")

    def _number(self, page: Page, pos: int, number: str, *, alone: bool) -> str:
        say = self._say
        if number.isdigit():
            if number[0] == "0" and len(number) > 1 and alone and (len(number) > 2 or page.cued(pos, "form_before")):
                return say.padded(number)
            return say.count(number)
        if re.fullmatch(r"\d{1,2}\.\d{1,2}", number) and alone and self._dotted(page, pos, number):
            left, _, right = number.partition(".")
            return f"{say.count(left)} {say['dot']} {say.padded(right)}"
        return say.written(number)

    @staticmethod
    def _dotted(page: Page, pos: int, number: str) -> bool:
        """True for a section or version number, where the point is a point."""
        if (
            page.line_start(pos)
            or number.endswith(".0")
            or page.cued(pos, "dot_before")
            or page.cued(pos, "form_before")
        ):
            return True
        nxt = page.char(pos + len(number))
        return (
            nxt == "." and page.char(pos + len(number) + 1) == " " and page.next_char(pos + len(number) + 1).isupper()
        )

    def _unit(self, mark: str) -> str:
        return self._say["percent"] if mark == "%" else self._suffixes[mark]

    def _kind(self, m: re.Match[str], big: str | None, unit: str | None, cent: str | None) -> str:
        if big or (unit and unit in self._lexicon.currencies):
            return "money"
        if unit:
            return "measure"
        if cent:
            return "percent"
        return "range" if m["b"] else "number"

    def ratio(self, page: Page, pos: int) -> Hit | None:
        """`1:500` after a word for scale or mixing."""
        m = self._ratio.match(page.text, pos)
        if not m:
            return None
        say = self._say
        joint = say["over"] if page.cued(pos, "ratio_before") or page.cued(pos, "map_before") else ","
        return Hit(m.end(), "ratio", f"{say.count(m[1])} {joint} {say.written(m[2])}".replace(" ,", ","))
