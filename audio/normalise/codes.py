"""Letters with digits: roads, places on a road, forms, file numbers, names of things such as a vaccine or a block."""

from __future__ import annotations

import re

from audio.normalise.documents import spelled
from audio.normalise.lexicon import Lexicon
from audio.normalise.numerals import roman_value
from audio.normalise.page import Page
from audio.normalise.spans import Hit
from audio.normalise.syllables import is_careless, is_syllable

_WORD = re.compile(r"[^\W\d_]+")
_RUNS = re.compile(r"\d+|[^\W\d_]+")
_FORM = re.compile(r"[A-Z\u0110]{1,3}\d{1,2}[a-z]?-[A-Z\u0110]{2,4}(?![\w/]|-\w)")
_ROAD = re.compile(r"([^\W\d_]{2})[.\s-]?(\d{1,4}[A-Z]?)(?![\w/]|[.,]\d)")
_MILESTONE = re.compile(r"(?:Km|KM|km)\s?(\d{1,4}(?:,\d)?)(?:\s?\+\s?(\d{1,3}))?(?![\w/]|[.,]\d)")
_FILE = re.compile(r"[A-Z\u0110]{1,3}\d+(?:[.\-/][A-Z0-9]+){1,4}(?![^\W_])")
_LONGEST_COUNTED = 5  # digits after letters; more are read one by one
_MIXED = re.compile(r"[A-Z\u0110][^\W_]*\d[^\W_]*")


class Codes:
    """Rules for a letter that digits follow."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._say = lexicon.numerals

    def road(self, page: Page, pos: int) -> Hit | None:
        """`QL1A`, `QL.14`, `TL8`: the road's class, then its number."""
        m = _ROAD.match(page.text, pos)
        if not m:
            return None
        kind = self._lexicon.roads.get(m[1])
        telephone = len(m[2]) > 2 and (m[2][0] == "0" or re.match(r"[ .\-]?\d{3}", page.text[m.end() :]))
        if kind is None or telephone or page.cued(pos, "variety_before") or self._variety(page, pos):
            return None
        after = _WORD.match(page.text, m.end() + (page.char(m.end()) == " "))
        if after and after.group() in self._lexicon.units:
            return None  # so many hectares
        number = re.sub(r"\D", "", m[2])
        letter = m[2][len(number) :]
        tail = f" {letter}" if letter else ""
        return Hit(m.end(), "address", f"{page.unsaid(pos, kind)} {self._say.count(number)}{tail}")

    @staticmethod
    def _variety(page: Page, pos: int) -> bool:
        """True in a list of seeds: a code was read just before, and the clause spoke of varieties."""
        last = page.hits[-1][1] if page.hits else None
        if last is None or last.kind != "code" or len(page.text[last.end : pos].strip()) > 1:
            return False
        words = page.clause(pos).split()
        return any(word in words for word in page.lexicon.cues["variety_clause"])

    def milestone(self, page: Page, pos: int, word: str) -> Hit | None:
        """`Km12+500`: a place on a road."""
        if word not in {"Km", "KM", "km"}:
            return None
        m = _MILESTONE.match(page.text, pos)
        if not m or page.cued(pos, "variety_before") or self._variety(page, pos):
            return None
        say = self._say
        more = f" {say['plus']} {say.count(m[2])}" if m[2] else ""
        return Hit(m.end(), "address", f"{self._lexicon.units['km']} {say.written(m[1])}{more}")

    def coded(self, page: Page, pos: int) -> Hit | None:
        """Letters and digits in one token: `A1`, `CT01`, `COVID19`; the number of a file digit by digit."""
        if page.cued(pos, "digits_before") and (file := _FILE.match(page.text, pos)):
            groups = re.split(r"[.\-/]", file.group())
            said = (" ".join(self._say.each(c) if c.isdigit() else c for c in group) for group in groups)
            return Hit(file.end(), "code", ", ".join(said))
        form = self._form(page, pos)
        if form:
            return form
        m = _MIXED.match(page.text, pos)
        if not m:
            return None
        parts = re.findall(r"\d+|[^\W\d_]+", m.group())
        out: list[str] = []
        for part in parts:
            if part[0] in "0123456789":
                out.append(self._say.each(part) if len(part) > _LONGEST_COUNTED else self._say.padded(part))
            elif len(part) > 2 and not part.isupper() and part in self._lexicon.abbreviations:
                out.append(self._lexicon.abbreviations[part])
            elif len(part) > 1 and roman_value(part) and set(part) <= set("IVX"):
                out.append(self._say.count(str(roman_value(part))))
            elif len(part) == 1:
                out.append(part.upper())
            elif self._lexicon.is_foreign(part) or not (part.isupper() or is_careless(part)):
                out.append(part)
            elif len(part) > 2 and is_syllable(part):
                out.append(part.lower())
            else:
                known = self._numbered(part) or (self._lexicon.abbreviations.get(part) if len(part) > 2 else None)
                out.append(known or spelled(self._lexicon, part))
        return Hit(m.end(), "code", " ".join(out))

    def _numbered(self, letters: str) -> str | None:
        """The sense these letters have before any number, where they have one."""
        senses = self._lexicon.contexts.get(letters, ())
        return next((s.say for s in senses if s.after == ("<number>",) and not s.before), None)

    def _form(self, page: Page, pos: int) -> Hit | None:
        """`TK1-TS` after the word for a form, and the next of a list: letters by name, they stand for no words."""
        m = _FORM.match(page.text, pos)
        if not m:
            return None
        last = page.hits[-1][1] if page.hits else None
        listed = (
            last is not None and last.kind == "form" and page.text[last.end : pos].strip() in {",", self._say["and"]}
        )
        if not listed and not page.cued(pos, "form_before"):
            return None
        words = (self._say.padded(p) if p[0].isdigit() else spelled(self._lexicon, p) for p in _RUNS.findall(m.group()))
        return Hit(m.end(), "form", " ".join(words))
