"""Telephone numbers, hotlines, long identity and account numbers; web and mail addresses."""

from __future__ import annotations

import re

from audio.normalise.lexicon import Lexicon
from audio.normalise.page import Page
from audio.normalise.spans import Hit

_SEP = r"[ .\-\u2013]"
_PLUS = re.compile(rf"\+\s?(\d{{1,3}})(?:{_SEP}?\(?0?\)?{_SEP}?)?(\d{{1,4}}(?:{_SEP}?\d{{2,4}}){{1,4}})(?!\d)")
_COUNTRY = re.compile(rf"84(?:{_SEP}\d{{2,4}}){{2,4}}(?!\d|[.,/%]\d)")
_AREA = re.compile(rf"\((0\d{{1,4}})\){_SEP}?(\d{{1,4}}(?:{_SEP}?\d{{2,4}}){{0,3}})(?!\d)")
_LOCAL = re.compile(rf"0\d{{1,4}}(?:{_SEP}?\d{{1,4}}){{1,5}}(?!\d|[.,%]\d|/(?!0\d{{2}})\d)")
_DIALLED = re.compile(r"[*#]{1,2}\d{2,}(?:[*]\d+)*#?(?!\w)")
_SERVICE = re.compile(rf"1[89]00(?:{_SEP}?\d{{2,4}}){{1,3}}(?!\d|[.,/]\d)")
_SHORT = re.compile(r"(?:11[1-9]|1022|10\d\d|15\d\d|18\d|19\d|9\d{3}|8\d{3})(?!\d|[.,/%:]\d|\s?%)")
_NEXT_SHORT = re.compile(r"(?:11[1-9]|1022|108[01])(?!\d|[.,/%]\d)")
_ASIDE = re.compile(r"\([^()\d]{1,40}\)")
_EMERGENCY = frozenset({"111", "112", "113", "114", "115"})
_LONG = re.compile(r"\d{6,}(?:-\d{1,4})?(?![\d/]|[.,]\d)")
_CUED_CODE = re.compile(r"(?:\d{4,}(?:[ .\-]\d{2,})*|\d{3}(?:[ .\-]\d{3,4}){2,})(?![\d/]|[.,]\d)")
_ZEROS = re.compile(r"0\d{4,}(?![\d/]|[.,]\d)")

_MAIL = re.compile(r"[A-Za-z0-9][\w.+\-]*@[A-Za-z0-9][A-Za-z0-9\-]*(?:\.[A-Za-z0-9\-]+)+")
_SITE = re.compile(
    r"(?P<scheme>[Hh][Tt][Tt][Pp][Ss]?://)?(?P<host>(?:[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?\.)+(?P<top>[A-Za-z]{2,8}))"
    r"(?P<rest>(?::\d{2,5})?(?:[/?#][A-Za-z0-9%/_\-.~?=&#+:@!$*',;()]*)?)"
)
_BITS = re.compile(r"[^\W\d_]+|\d+|.", re.DOTALL)
_HANDLE = re.compile(r"@([A-Za-z]\w*(?:\.\w+)*)")


class Phones:
    """Rules for a digit, a plus sign or an opening bracket."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._say = lexicon.numerals

    def phone(self, page: Page, pos: int) -> Hit | None:
        """A subscriber number: nine to eleven digits from 0, or a service number from 1800 or 1900."""
        m = _LOCAL.match(page.text, pos)
        if m:
            number, end = m.group(), m.end()
            if 9 <= len(re.sub(r"\D", "", number)) <= 11 and page.free(end):
                return Hit(end, "phone", self._say.each(number))
        m = _COUNTRY.match(page.text, pos)
        if m and 10 <= sum(c.isdigit() for c in m.group()) <= 12 and page.cued(pos, "phone_before"):
            return Hit(m.end(), "phone", self._say.each(m.group()))
        m = _SERVICE.match(page.text, pos)
        if m and page.free(m.end()) and (6 <= sum(c.isdigit() for c in m.group()) <= 10):
            spaced = not m.group().isdigit()
            if spaced or page.cued(pos, "phone_before"):
                return Hit(m.end(), "phone", self._say.each(m.group()))
        return self._short(page, pos)

    def _short(self, page: Page, pos: int) -> Hit | None:
        m = _SHORT.match(page.text, pos)
        if not m or not page.free(m.end()) or page.cued(pos, "numbered_thing"):
            return None
        if not page.cued(pos, "phone_before") and not (m.group() in _EMERGENCY and self._called(page, pos, m.end())):
            return self._listed(page, pos)
        number = m.group()
        after = page.words_after(m.end(), 1)
        # before a counted noun it is a count; an emergency number ends its clause or is followed by a new one
        if (
            number not in _EMERGENCY
            and after
            and page.words_before(pos, 1) != [page.lexicon.numerals["number"]]
            and (not page.follows(m.end(), "day_follow") and page.follows(m.end(), "count_noun"))
        ):
            return None
        if page.follows(m.end(), "per_noun"):
            return None
        return Hit(m.end(), "phone", self._say.each(number))

    @staticmethod
    def _called(page: Page, pos: int, end: int) -> bool:
        """True when the clause speaks of calling and nothing is counted after the number."""
        clause = page.clause(pos)
        counted = page.follows(end, "count_noun") or page.follows(end, "per_noun") or page.follows(end, "money_word")
        return not counted and any(word in clause for word in page.lexicon.cues["phone_clause"])

    def _listed(self, page: Page, pos: int) -> Hit | None:
        """An emergency number right after another one: `113, 114`."""
        m = _NEXT_SHORT.match(page.text, pos)
        if not m or not page.hits or page.hits[-1][1].kind != "phone":
            return None
        between = _ASIDE.sub("", page.text[page.hits[-1][1].end : pos]).strip()
        if len(between) > 5 or any(c.isdigit() or c == "." for c in between):
            return None
        return Hit(m.end(), "phone", self._say.each(m.group()))

    def marked(self, page: Page, pos: int) -> Hit | None:
        """`+84 912 ...`, `(0269) 3831 ...` and what is dialled with keys: `*101#`."""
        m = _DIALLED.match(page.text, pos)
        if m and (m.group()[-1] == "#" or page.cued(pos, "phone_before")):
            keys = {"*": self._say["star_key"], "#": self._say["hash_key"]}
            return Hit(m.end(), "phone", " ".join(keys.get(c) or self._say.each(c) for c in m.group()))
        m = _PLUS.match(page.text, pos)
        if m and 9 <= len(re.sub(r"\D", "", m[1] + m[2])) <= 14:
            return Hit(m.end(), "phone", f"{self._say.each(m[1])} {self._say.each(m[2])}")
        m = _AREA.match(page.text, pos)
        if m and 8 <= len(re.sub(r"\D", "", m.group())) <= 12:
            return Hit(m.end(), "phone", f"{self._say.each(m[1])} {self._say.each(m[2])}")
        return None

    def identity(self, page: Page, pos: int) -> Hit | None:
        """Account, identity and file numbers, and any long undotted digits: digit by digit."""
        if page.cued(pos, "digits_before"):
            m = _CUED_CODE.match(page.text, pos)
            if m and page.free(m.end()):
                return Hit(m.end(), "code", self._say.each(m.group()))
        m = _ZEROS.match(page.text, pos) or _LONG.match(page.text, pos)
        if not m or not page.free(m.end()):
            return None
        digits = re.sub(r"\D", "", m.group())
        round_sum = digits.endswith("000") and digits[0] != "0"
        if len(digits) < 8 and digits[0] != "0":
            return None
        if round_sum or page.follows(m.end(), "money_word"):
            return None
        return Hit(m.end(), "code", self._say.each(digits))


class Addresses:
    """Rules for web and mail addresses; nothing of an address is dropped but the scheme and `www`."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._say = lexicon.numerals
        self._marks = {
            ".": self._say["named_dot"],
            "@": self._say["at_sign"],
            "-": self._say["dash_sign"],
            "_": self._say["underscore"],
            "/": self._say["slash"],
            ":": self._say["colon_sign"],
        }

    def mail(self, page: Page, pos: int) -> Hit | None:
        """`name@host`."""
        m = _MAIL.match(page.text, pos)
        if not m:
            return None
        return Hit(m.end(), "email", self._spoken(m.group()))

    def handle(self, page: Page, pos: int) -> Hit | None:
        """`@name` of a chat account."""
        m = _HANDLE.match(page.text, pos)
        return Hit(m.end(), "web", self._spoken(m.group())) if m else None

    def site(self, page: Page, pos: int) -> Hit | None:
        """An address with or without scheme; without one the last part must be a known ending."""
        m = _SITE.match(page.text, pos)
        if not m:
            return None
        host, rest = m["host"], m["rest"].rstrip(".,;:!?)'")
        end = m.end("host") + len(rest)
        if not m["scheme"] and (m["top"].lower() not in self._lexicon.domains or not page.free(m.end("host"))):
            return None
        if not m["scheme"] and not (
            host.islower() or host.lower().startswith("www.") or "/" in rest or m["top"].islower()
        ):
            return None
        if host.lower().startswith("www."):
            host = host[4:]
        rest = rest.removesuffix("/")
        return Hit(end, "web", self._spoken(host + rest))

    def _spoken(self, address: str) -> str:
        words: list[str] = []
        for bit in _BITS.findall(address):
            if bit.isdigit():
                words.append(self._say.each(bit) if len(bit) > 3 or bit[0] == "0" else self._say.count(bit))
            elif bit.isalpha():
                low = bit.lower()
                words.append(self._lexicon.labels.get(low) or self._lexicon.abbreviations.get(low) or low)
            else:
                said = self._marks.get(bit) or self._lexicon.symbols.always.get(bit)
                words.append(said or "")
        return " ".join(w for w in words if w)
