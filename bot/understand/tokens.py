"""A typed text as words: cleaned, Telex and VNI keys turned back, short-hand written out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import cast

from bot.model.fold import clean, strip_accents
from bot.understand.syllable import from_telex, from_vni, is_syllable, marked, unmark

#: longer texts are cut: the need is told at the start or at the end, so both are kept
MAX_CHARS = 6_000
_WORD = re.compile(r"\d+(?:[.,/]\d+)*[^\W\d_]*\d*|[^\W\d_]+(?:['\u2019][^\W\d_]+)*[^\W_]*|[?!.;:\n,]")
_GLUED = re.compile(r"^(\d+(?:[.,]\d+)?)([^\W\d_]+)(\d*)$")
_TELEX_SIGNS = re.compile(r"dd|aa|ee|oo|[aou]w|[aeiouy]+[a-z]{0,2}[sfrxj]$|[aeiouyw][sfrxj][a-z]{1,2}$")


@dataclass(frozen=True, slots=True)
class Token:
    """One word. `folded` has no accents; `mark` keeps them in a spelling that does not depend on the tone's place."""

    folded: str
    mark: str

    @property
    def is_number(self) -> bool:
        """Whether it starts with a digit."""
        return self.folded[:1].isdigit()


@dataclass(frozen=True, slots=True)
class Clause:
    """Words between two marks of punctuation. `asks` when it ended with a question mark."""

    tokens: tuple[Token, ...]
    asks: bool = False
    #: whether a full stop, question mark or line end closed it (not a comma)
    closed: bool = True


def _cut(text: str) -> str:
    if len(text) <= MAX_CHARS:
        return text
    half = MAX_CHARS // 2
    return text[:half] + " . " + text[-half:]


@lru_cache(maxsize=50_000)
def token(word: str) -> Token:
    """A token of one word as typed."""
    lower = word.lower().replace("'", "").replace("\u2019", "")
    return Token(strip_accents(lower), marked(lower))


def _keyed(words: list[str], known: Container[tuple[str, ...]]) -> dict[int, Token]:
    """Which words are unconverted Telex or VNI, by position. Needs evidence beyond a single odd word."""
    telex: dict[int, Token] = {}
    strong = 0
    vni: dict[int, Token] = {}
    for i, word in enumerate(words):
        if not (word.isascii() and word.isalnum()) or len(word) > 9 or (word,) in known:
            continue
        if word.isalpha():
            if not is_syllable(word) and _TELEX_SIGNS.search(word) and (mark := from_telex(word)):
                telex[i] = Token(unmark(mark), mark)
                strong += bool(re.search(r"dd|aa|ee|oo|[aou]w", word))
        elif word[0].isalpha() and (mark := from_vni(word)):
            vni[i] = Token(unmark(mark), mark)
    found = dict(telex) if len(telex) >= 3 or (len(telex) >= 2 and strong) or (strong and len(words) <= 4) else {}
    if len(vni) >= 2 or any(re.search(r"\d[a-z]|\d\d", words[i]) for i in vni):
        found |= vni
    return found


class Spelling:
    """Short-hand written out, from `words-spelling` and the glued measures of `words-numbers`."""

    def __init__(self, short: Mapping[str, str], glued: Mapping[str, str]) -> None:
        self._short: dict[tuple[str, ...], tuple[Token, ...]] = {}
        for typed, meant in short.items():
            self._short[tuple(clean(typed).lower().split())] = tuple(token(w) for w in clean(meant).split())
        self._longest: dict[str, int] = {}
        for words in self._short:
            self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))
        #: how short-hand of several words begins
        self._pairs = frozenset(words[:2] for words in self._short if len(words) > 1)
        self._firsts = frozenset(first for first, _ in self._pairs)
        #: words of our own phrases that stand for themselves unless such a pair begins with them
        self._plain: dict[str, Token] = {}
        #: short-hand of one word
        self._alone = frozenset(w[0] for w in self._short if len(w) == 1 and _WORD.findall(w[0]) == [w[0]])
        self._glued = {strip_accents(k.lower()): tuple(token(w) for w in v.split()) for k, v in glued.items()}

    def clauses(self, text: str, *, ours: bool = False) -> list[Clause]:
        """The clauses of a text, empty ones left out. `ours` are phrases of the library: no Telex or VNI in them."""
        # words met before with spaces between, as most of our phrases are: one clause
        if ours and (known := self._met(text.lower().split(" "))):
            return [Clause(known)]
        found: list[Clause] = []
        raw: list[str] = []
        pieces = _WORD.findall(self._prepared(text))
        for piece in [*pieces, "."]:
            if piece in {"?", "!", ".", ";", ":", "\n", ","}:
                if raw:
                    tokens = self._own(raw) if ours else tuple(self._tokens(raw, _keyed(raw, self._short)))
                    found.append(Clause(tokens, piece == "?", piece != ","))
                    raw = []
            else:
                raw.append(piece)
        return found

    @staticmethod
    def _prepared(text: str) -> str:
        """Cleaned line by line, so that a line end still ends a clause; lower case."""
        if text.isprintable() and len(text) <= MAX_CHARS and unicodedata.is_normalized("NFC", text):
            return text.lower()
        return "\n".join(clean(line) for line in _cut(text).splitlines()).lower()

    def _own(self, words: list[str]) -> tuple[Token, ...]:
        """The tokens of a phrase of the library: most of its words were met before and stand for themselves."""
        if known := self._met(words):
            return known
        for word in words:
            if word not in self._plain and (word,) not in self._short and not word[0].isdigit():
                self._plain[word] = token(word)
        return tuple(self._tokens(words, {}))

    def _met(self, words: list[str]) -> tuple[Token, ...] | None:
        """The tokens of words that were all met before or are short-hand."""
        met = tuple(map(self._plain.get, words))
        if all(met):
            if self._firsts.isdisjoint(words) or self._pairs.isdisjoint(pairwise(words)):
                return cast("tuple[Token, ...]", met)
        elif not self._alone.issuperset([word for word, t in zip(words, met, strict=True) if t is None]):
            return None
        return tuple(self._tokens(words, {}))

    def _tokens(self, words: list[str], keyed: Mapping[int, Token]) -> list[Token]:
        found: list[Token] = []
        i = 0
        while i < len(words):
            if i in keyed:
                found.append(keyed[i])
                i += 1
                continue
            if words[i] not in self._longest and not words[i][0].isdigit():
                found.append(token(words[i]))
                i += 1
                continue
            for n in range(min(self._longest.get(words[i], 0), len(words) - i), 0, -1):
                if (meant := self._short.get(tuple(words[i : i + n]))) is not None:
                    found += meant
                    i += n
                    break
            else:
                found += self._split(words[i])
                i += 1
        return found

    def _split(self, word: str) -> tuple[Token, ...]:
        """A figure and the measure glued to it, apart: 2tr8 becomes 2, million, 8."""
        if word[0].isdigit() and not word.isdecimal() and (m := _GLUED.match(word)):
            number, letters, rest = m.groups()
            if measure := self._glued.get(strip_accents(letters)):
                return (token(number), *measure, *((token(rest),) if rest else ()))
        return (token(word),)
