"""What in a text gives a person away, and what could stand in its place.

Found by form and by the words of `content/phrases/answers.yaml`; a human decides about what words alone cannot tell
(an official's own name in an announcement), a paper's number or a case code never stands in a public text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.library.schema.answers import AnswerWords, PrivateWords
from bot.library.schema.words import NumberWords
from bot.model.codes import CODE_LENGTH, is_code
from bot.model.fold import fold

if TYPE_CHECKING:
    from bot.library.library import Library

#: kinds no one may let stand
NEVER = frozenset({"number", "code"})
#: shortest run of digits said in words that is no figure of daily life
_SPOKEN = 7
#: papers of a person have nine digits (old identity card) to sixteen (bank card)
_NUMBER_FROM, _NUMBER_TO = 9, 16
#: Vietnamese names have two to five syllables
_NAME_MOST = 5
#: letters from which a surname without accents is taken for one
_BARE_FROM = 4

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_MAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\W\d_]{2,}")
_DIGITS = re.compile(r"(?<![\d.,/-])\+?\d(?:[ .-]?\d){6,17}(?![\d/])")
#: sums with their dots, also from one to another
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+(?: ?- ?\d{1,3}(?:\.\d{3})+)?$")
_DAY = re.compile(r"\d{1,2}-\d{1,2}-\d{4}$")
_CARD = re.compile(r"(?<!\w)[A-Z]{2}[ .-]?\d(?:[ .-]?\d){10,14}(?!\d)")


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that gives a person away. `start`, `end`: its place in the text; `mask`: what could stand there."""

    kind: str
    found: str
    start: int
    end: int
    mask: str

    @property
    def may_stand(self) -> bool:
        """Whether a human may let it stand."""
        return self.kind not in NEVER


def details(library: Library, text: str) -> tuple[Detail, ...]:
    """Everything found, in the order of the text, none over another. Raises `KeyError` without the answers' phrases."""
    words = library.phrase(AnswerWords).private
    found = [
        *_pattern(text, "mail", _MAIL, words),
        *_pattern(text, "number", _CARD, words),
        *_digits(library, text, words),
        *_spoken(library, text, words),
        *_pattern(text, "address", re.compile(words.address), words),
        *_pattern(text, "born", re.compile(words.born), words),
        *_names(text, words),
        *_rare(text, words),
    ]
    return tuple(_apart(found))


def masked(text: str, found: Iterable[Detail]) -> str:
    """The text with all of it masked."""
    for detail in sorted(found, key=lambda d: d.start, reverse=True):
        text = text[: detail.start] + detail.mask + text[detail.end :]
    return text


def _apart(found: list[Detail]) -> Iterator[Detail]:
    """In order, the longer where two meet."""
    last = -1
    for detail in sorted(found, key=lambda d: (d.start, -(d.end - d.start))):
        if detail.start >= last:
            last = detail.end
            yield detail


def _pattern(text: str, kind: str, pattern: re.Pattern[str], words: PrivateWords) -> Iterator[Detail]:
    for found in pattern.finditer(text):
        yield Detail(kind, found[0], found.start(), found.end(), _mask(words, kind))


def _digits(library: Library, text: str, words: PrivateWords) -> Iterator[Detail]:
    """Phones, papers' numbers and case codes; not sums, days, and what the units themselves publish."""
    open_to_all = _published(library)
    for found in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if _GROUPED.match(found[0]) or _DAY.match(found[0]) or digits in open_to_all:
            continue
        is_phone = (digits.startswith("0") and 10 <= len(digits) <= 11) or (
            digits.startswith("84") and len(digits) == 11
        )
        kind = "phone" if is_phone else "number" if _NUMBER_FROM <= len(digits) <= _NUMBER_TO else ""
        if len(digits) == CODE_LENGTH and is_code(digits):
            kind = "code"
        if kind:
            yield Detail(kind, found[0], found.start(), found.end(), _mask(words, kind))


def _published(library: Library) -> set[str]:
    """Digits of the phones that units give out themselves."""
    told = [phone for unit in library.units.values() for phone in (unit.phone, *(body.phone for body in unit.bodies))]
    return {re.sub(r"\D", "", phone) for phone in told if phone}


def _spoken(library: Library, text: str, words: PrivateWords) -> Iterator[Detail]:
    """Digits written in words, one after the other: a phone read aloud."""
    if "words-numbers" not in library.phrases:
        return
    digits = {fold(word) for word, value in library.phrase(NumberWords).digits.items() if 0 <= value <= 9}
    run: list[re.Match[str]] = []
    for word in (*_WORD.finditer(text), None):
        if (
            word is not None
            and fold(word[0]) in digits
            and (not run or not text[run[-1].end() : word.start()].strip(" ,"))
        ):
            run.append(word)
            continue
        if len(run) >= _SPOKEN:
            start, end = run[0].start(), run[-1].end()
            yield Detail("phone", text[start:end], start, end, _mask(words, "phone"))
        run = [word] if word is not None and fold(word[0]) in digits else []


def _names(text: str, words: PrivateWords) -> Iterator[Detail]:
    said = list(_WORD.finditer(text))
    titles = {title.lower() for title in words.titles}
    surnames = {name.lower() for name in words.surnames}
    middles = {middle.lower() for middle in words.middles}
    # short surnames without accents are everyday words
    bare_surnames = {bare for name in surnames if len(bare := fold(name)) >= _BARE_FROM}
    bare_middles = {fold(middle) for middle in middles}
    places = {place.lower() for place in (*words.places, *words.no_name_after)}
    no_names = set(words.no_names)
    at = 0
    while at < len(said):
        word, before = said[at][0], said[at - 1][0].lower() if at else ""
        length = 0
        if before in titles and _adjoins(text, said, at - 1) and word[0].isupper() and word not in no_names:
            length = _capitals(text, said, at)
        elif before not in places and word[0].isupper() and word.lower() in surnames:
            length = _capitals(text, said, at)
            length = length if length > 1 else 0
        accented = word.lower() in surnames and _middle(text, said, at, middles)
        if not length and (accented or (word.lower() in bare_surnames and _middle(text, said, at, bare_middles))):
            length = 3
        if length:
            start, end = said[at].start(), said[at + length - 1].end()
            yield Detail("name", text[start:end], start, end, _mask(words, "name"))
        at += max(length, 1)


def _middle(text: str, said: list[re.Match[str]], at: int, middles: set[str]) -> bool:
    """Whether a name goes on as names typed without capitals do: surname, middle, given name."""
    return (
        at + 2 < len(said)
        and said[at + 1][0].lower() in middles
        and _adjoins(text, said, at)
        and _adjoins(text, said, at + 1)
    )


def _capitals(text: str, said: list[re.Match[str]], at: int) -> int:
    """How many words from here on are written large, one space apart."""
    length = 1
    while (
        length < _NAME_MOST
        and at + length < len(said)
        and _adjoins(text, said, at + length - 1)
        and said[at + length][0][0].isupper()
    ):
        length += 1
    return length


def _adjoins(text: str, said: list[re.Match[str]], at: int) -> bool:
    return text[said[at].end() : said[at + 1].start()] == " "


def _rare(text: str, words: PrivateWords) -> Iterator[Detail]:
    """What few share, where a hamlet or street is named beside it: together they name the person."""
    places = list(_places(text, words))
    if not places:
        return
    for word in words.rare:
        for found in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
            yield Detail("rare", found[0], found.start(), found.end(), _mask(words, "rare"))
            yield from places


def _places(text: str, words: PrivateWords) -> Iterator[Detail]:
    listed = "|".join(re.escape(place) for place in sorted(words.places, key=len, reverse=True))
    for found in re.finditer(rf"(?<!\w)(?:{listed}) ([^\W\d_]\w*(?: [^\W\d_]\w*)*|\d+)", text, re.IGNORECASE):
        named = found[1].split()
        large = 0
        while large < len(named) and (named[large][0].isupper() or named[large].isdigit()):
            large += 1
        if large:
            end = found.start(1) + len(" ".join(named[:large]))
            yield Detail("place", text[found.start() : end], found.start(), end, _mask(words, "place"))


def _mask(words: PrivateWords, kind: str) -> str:
    masks: Mapping[str, str] = {str(name): mask for name, mask in words.masks.items()}
    return masks[kind]
