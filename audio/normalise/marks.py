"""Everything that is neither a letter nor a digit: bullets, markdown, emoji, arrows, slashes, dashes, signs."""

from __future__ import annotations

import re
import unicodedata

from audio.normalise.documents import Documents
from audio.normalise.lexicon import Lexicon
from audio.normalise.page import PAUSES, Page
from audio.normalise.quantities import alternation
from audio.normalise.spans import Hit

_DRAWN = (
    (0x2190, 0x21FF),
    (0x2300, 0x23FF),
    (0x2500, 0x27BF),
    (0x27C0, 0x27FF),
    (0x2900, 0x297F),
    (0x2B00, 0x2BFF),
    (0x3000, 0x303F),
    (0xE000, 0xF8FF),
    (0x1F000, 0x1FAFF),
    (0xE0000, 0xE007F),
)
# what shows something: silent, and reported
_PICTURES = (
    (0x2190, 0x23FF),
    (0x25A0, 0x27BF),
    (0x2900, 0x297F),
    (0x2B00, 0x2BFF),
    (0xE000, 0xF8FF),
    (0x1F000, 0x1FAFF),
)
# of these what is no list mark either, also where a line begins
_EMOJI = ((0x2600, 0x26FF), (0x2B50, 0x2B55), (0x1F000, 0x1FAFF))
_BULLET = re.compile(
    r"[^\w\s\"'()\u201c\u201d\u2018\u2019\u00ab\u00bb\u2026\[\].,;:!?]{1,12}(?=\s)|[-+\u2013](?=[^\W\d_])"
)
_RULE = re.compile(r"[-_=*~#.\u2013\u2014\u2026]{4,}|[-_=*~#\u2013\u2014]{3}")
_MEASURED = re.compile(r"\d[\d.,]*\s?(?:%|\u00b0|\u00ba|oC)")
_LINK = re.compile(r"\]\((?=https?:|www\.)")
_WORDS_LEFT = re.compile(r"([^\W\d_]+)\s?$")
_UNIT_RIGHT = re.compile(r"\s?([^\W\d_]+[23\u00b2\u00b3]?)")
_SAME_LEFT = re.compile(r"([^\W\d_]+)\s+[^\W_]{1,4}\s?$")
_SAME_RIGHT = re.compile(r"\s?([^\W\d_]+)\s+[^\W_]{1,4}(?![^\W_])")
_COUNTED_LEFT = re.compile(r"\d\s+([^\W\d_]+)\s?$")
_COUNTED_RIGHT = re.compile(r"\s?\d[\d.,]*\s+([^\W\d_]+)")
_NUMBERED = re.compile(r"\d|(?<![^\W_])[IVX]+(?![^\W_])")
_DIGIT_LEFT = re.compile(r"[\d.,]\s?$")


class Marks:
    """Rules for a character that is neither letter nor digit."""

    def __init__(self, lexicon: Lexicon, documents: Documents) -> None:
        self._lexicon = lexicon
        self._documents = documents
        self._say = lexicon.numerals
        self._phrases = re.compile(alternation(lexicon.symbols.phrases))
        self._phrase_first = frozenset(p[0] for p in lexicon.symbols.phrases)

    def mark(self, page: Page, pos: int) -> Hit | None:
        """The hit for this character; None when it is an ordinary pause; an empty kind when nobody knows it."""
        ch = page.text[pos]
        if unicodedata.category(ch)[0] == "M":
            return None  # a vowel sign or tone mark belongs to the letter before it
        if ch in self._phrase_first:
            m = self._phrases.match(page.text, pos)
            if m and not (m.group()[-1].isalpha() and page.char(m.end()).isalpha()):
                said = self._lexicon.symbols.phrases[m.group()]
                return Hit(m.end(), "mark", said if len(said) <= 1 else f" {said} ")
        line = _RULE.match(page.text, pos)
        if line:
            return Hit(line.end(), "mark", "\u2026" if ch in ".\u2026" else " ")
        if page.line_start(pos):
            bullet = _BULLET.match(page.text, pos)
            if bullet and not (ch in self._lexicon.symbols.number and page.right(bullet.end())[:1].isdigit()):
                return self._bullet(page, pos, bullet)
            if ch in "-\u2013\u2014":
                return self._bullet_dash(page, pos)
        if ch in "-\u2013\u2014":
            return self._dash(page, pos)
        if ch == "/":
            return self._slash(page, pos)
        if ch in PAUSES:
            return self._link(page, pos) if ch == "]" else None
        return self._sign(page, pos, ch)

    def _bullet(self, page: Page, pos: int, bullet: re.Match[str]) -> Hit | None:
        """A bullet is silent; a sign of unknown meaning among its marks keeps the whole from being taken for one."""
        for ch in bullet.group():
            if ch in PAUSES or ch in self._lexicon.symbols.silent or ch in self._lexicon.symbols.pause or drawn(ch):
                continue
            return self._sign(page, pos, page.text[pos])
        end = bullet.end()
        kind = "decoration" if any(_within(ch, _EMOJI) for ch in bullet.group()) else "bullet"
        return Hit(end + (page.char(end) == " "), kind, "")

    def _bullet_dash(self, page: Page, pos: int) -> Hit:
        """A dash that opens a line is a bullet, or a minus when a share or a temperature follows."""
        if _MEASURED.match(page.text, pos + 1):
            return Hit(pos + 1, "sign", f"{self._say['minus']} ")
        return Hit(pos + 1, "bullet", "")

    def _link(self, page: Page, pos: int) -> Hit | None:
        return Hit(pos + 2, "mark", "] (") if _LINK.match(page.text, pos) else None

    def _dash(self, page: Page, pos: int) -> Hit | None:
        """Between two numbered things of one kind a dash says the range; before a number with a unit it is a minus."""
        left, right = page.text[max(0, pos - 32) : pos], page.text[pos + 1 : pos + 33]
        for a, b in ((_SAME_LEFT, _SAME_RIGHT), (_COUNTED_LEFT, _COUNTED_RIGHT)):
            one, two = a.search(left), b.match(right)
            if (
                one
                and two
                and one[1].lower() == two[1].lower()
                and all(_NUMBERED.search(side.group()) for side in (one, two))
            ):
                return Hit(pos + 1, "range", f" {self._say['to']} ")
        last = page.hits[-1][1] if page.hits else None
        if last and last.end >= pos - 1 and last.kind not in {"bullet", "mark"} and page.follows(pos + 1, "open_end"):
            return Hit(pos + 1, "range", f" {self._say['to']} ")
        if (
            last
            and last.kind in {"weekday", "time", "date", "address"}
            and last.end >= pos - 1
            and self._same_next(page, pos, last.kind)
        ):
            return Hit(pos + 1, "range", f" {self._say['to']} ")
        before, after = page.char(pos - 1), page.char(pos + 1)
        if after.isdigit() and before == " " and page.cued(pos, "minus_before"):
            return Hit(pos + 1, "sign", f"{self._say['minus']} ")
        if after.isdigit() and before in {"", " ", "(", "\n"} and not re.search(r"[\d\w]\s$", left):
            return Hit(pos + 1, "sign", f"{self._say['minus']} ")
        if before == " " and _MEASURED.match(right) and not _DIGIT_LEFT.search(left):
            return Hit(pos + 1, "sign", f"{self._say['minus']} ")
        return None

    def _same_next(self, page: Page, pos: int, kind: str) -> bool:
        right = page.text[pos + 1 : pos + 16].lstrip()
        if kind == "weekday":
            return bool(re.match(r"T\s?[2-7]|CN\b", right))
        if kind == "address":
            return bool(re.match(r"[Kk][Mm]\s?\d", right))
        if kind == "time":
            return bool(re.match(r"\d{1,2}\s?[hg:]", right))
        return bool(re.match(r"\d{1,2}[/.]\d|T\d", right))

    def _slash(self, page: Page, pos: int) -> Hit | None:
        """A rate, a code without number, a list of alternatives; never silently nothing."""
        text = page.text
        if page.hits and page.hits[-1][1].end == pos and page.hits[-1][1].kind == "phone":
            return Hit(pos + 1, "slash", ", ")
        after = _UNIT_RIGHT.match(text, pos + 1)
        if not after:
            said = page.char(pos - 1) not in PAUSES - {")"} and page.char(pos + 1).isalnum()
            return Hit(pos + 1, "slash", f" {self._say['over']} " if said else " ")
        word, end = after[1], after.end()
        if page.char(end).isalnum() or page.char(end) == "_":
            return Hit(pos + 1, "slash", " ")
        if word[0].isupper():
            code = self._documents.blank(page, pos)
            if code:
                return code
        left = _WORDS_LEFT.search(text[max(0, pos - 16) : pos])
        before = left[1].lower() if left else ""
        pair = f"{before}/{word.lower()}"
        mark = len(before) == 1 and page.char(pos + 1) == " " and not (page.hits and page.hits[-1][1].end == pos)
        if mark or pair in self._lexicon.cues["list_pair"]:
            return Hit(pos + 1, "slash", ", ")
        unit = self._lexicon.units.get(word) or self._lexicon.per_units.get(word)
        per = f" {self._say['per']} "
        if self._counts(page, pos, before, word):
            if unit and not (page.char(end) == "." and len(word) == 1 and page.char(end + 1).isalnum()):
                return Hit(end, "rate", per + unit)
            return Hit(pos + 1, "rate", per)
        return Hit(pos + 1, "slash", ", ")

    def _counts(self, page: Page, pos: int, before: str, word: str) -> bool:
        """True when the slash means "for one": money, a unit or a number stands before and a countable thing after."""
        lexicon = self._lexicon
        low = word.lower()
        countable = low in lexicon.cues["per_noun"] or page.follows(pos + 1, "per_noun")
        countable = countable or word in lexicon.units or word in lexicon.per_units
        if before in lexicon.cues["money_word"] or page.char(pos - 1) == "%":
            return True
        hit = page.hits[-1] if page.hits else None
        if hit and hit[1].end == pos and hit[1].kind in {"money", "measure", "percent", "rate", "number", "range"}:
            return (
                countable
                or hit[1].kind in {"money", "percent"}
                or (hit[1].kind == "measure" and word in lexicon.abbreviations)
            )
        if not countable:
            return False
        clause = page.clause(pos)
        if hit and hit[1].kind == "rate" and pos - hit[1].end < 16:
            return True
        recent = clause[-40:]
        return (
            bool(re.search(r"\d", recent))
            or before in lexicon.units.values()
            or any(w in lexicon.cues["number_word"] for w in recent.split()[-4:-1])
        )

    def _sign(self, page: Page, pos: int, ch: str) -> Hit:
        """A sign: said, drawn, a pause, or unknown."""
        symbols = self._lexicon.symbols
        left, right = page.text[max(0, pos - 2) : pos], page.text[pos + 1 : pos + 3].lstrip()
        digits = right[:1].isdigit()
        if ch in symbols.between and digits and _DIGIT_LEFT.search(left):
            return Hit(pos + 1, "sign", f" {symbols.between[ch]} ")
        if ch in symbols.number and digits and page.words_before(pos, 1) == [symbols.number[ch]]:
            return Hit(pos + 1, "mark", "")
        if ch in symbols.number and digits:
            return Hit(pos + 1, "sign", f" {symbols.number[ch]} ")
        if ch == "+" and (digits or self._adds(page, pos)):
            return Hit(pos + 1, "sign", f" {symbols.always[ch]} ")
        if ch in symbols.pause:
            said = symbols.pause[ch]
            return Hit(pos + 1, "mark", f"{said} " if said == "," else said)
        if ch in symbols.silent:
            return Hit(pos + 1, "mark", "")
        if ch in symbols.always:
            return Hit(pos + 1, "sign", f" {symbols.always[ch]} ")
        if drawn(ch):
            return Hit(pos + 1, "decoration" if _within(ch, _PICTURES) else "mark", " ")
        return Hit(pos + 1, "", " ")

    @staticmethod
    def _adds(page: Page, pos: int) -> bool:
        """A plus between two words or after a number is said; a lone one is a drawn mark."""
        before, after = page.text[max(0, pos - 2) : pos].strip(), page.text[pos + 1 : pos + 3].strip()
        return (
            bool(before and before[-1].isalnum())
            and not page.line_start(pos)
            and (bool(after and after[0].isalnum()) or before[-1].isdigit())
        )


def drawn(ch: str) -> bool:
    """True for emoji, arrows, boxes, private-use bullets and the like: pictures, not text."""
    return _within(ch, _DRAWN) and unicodedata.category(ch) not in {
        "Cn",
        "Lo",
        "Lm",
        "Nl",
        "No",
    }


def _within(ch: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= ord(ch) <= high for low, high in ranges)
