"""Whether a text names a person, the way people write names: by title, by post, without accents, in part, in capitals.

A last name is often a common word too. Behind a title, in capitals or where somebody does something it is a name; in small
letters, among other words, it is the word (lists in `content/phrases/conflict-words.yaml`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.library.schema.casework import ConflictWords
from bot.model.fold import clean, fold

#: words, and the marks behind which a sentence begins; the apostrophe of "H'Nhung" is no letter, however it is typed
_PIECES = re.compile(r"[^\W_\u02bc]+|[.!?;:\u2026\n]+")
#: what parts the name of an account from what was written beside it
_BESIDE = re.compile(r"[(),/\[\]]|\s[-\u2013\u2014]|[-\u2013\u2014]\s")
#: a name that begins with H', K' or Y, written as one word: no Vietnamese word begins so
_JOINED = re.compile(r"(?:[hk][bcdgj-npqrstvwxz]|y[bcdghj-npqrstvwxz])[a-z]+")
#: of so many words more than this share in capitals: capitals tell nothing there
_FEW, _CAPITALS = 4, 0.6
#: words that may stand between a title and a name
_BETWEEN = 2
#: words at most between an official and how they behave
_NEAR = 3
#: tone marks of Vietnamese as they are decomposed: one word is spelled with its tone on either of two vowels
_TONES = {0x300: "2", 0x301: "1", 0x303: "4", 0x309: "3", 0x323: "5"}

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """One word: as spelled (`key`: small letters, the tone at its end), without accents, and how it was written."""

    key: str
    bare: str
    is_capital: bool
    begins: bool


class Text:
    """A text in words."""

    def __init__(self, text: str) -> None:
        self.words = tuple(_words(text))
        #: written without any accent
        self.is_plain = all(word.key == word.bare for word in self.words)
        self.keys = " ".join(word.key for word in self.words)
        self._where: dict[str, list[int]] = {}
        for at, word in enumerate(self.words):
            self._where.setdefault(word.bare, []).append(at)

    def where(self, bare: str) -> Sequence[int]:
        """Where a word without accents stands."""
        return self._where.get(bare, ())


@dataclass(frozen=True, slots=True)
class _Called:
    """A person as texts call them: names in words, and names of one word that is nothing else."""

    names: tuple[tuple[Word, ...], ...]
    joined: frozenset[str]


class Names:
    """Finds people in texts, with the words of one library."""

    def __init__(self, words: ConflictWords) -> None:
        self._titles = _set_of(words.titles)
        self._weak = {fold(title) for title in words.weak_titles}
        self._between = _set_of((*words.ranks, *words.titles, *words.kin))
        self._posts = _set_of(said for posts in words.posts.values() for said in posts)
        self._everyday, self._phrases = _set_of(words.everyday_words), _set_of(words.everyday_phrases)
        self._acts, self._by, self._places = _set_of(words.acts), _set_of(words.by_words), _set_of(words.place_words)
        self._known: dict[str, _Called] = {}

    def has(self, text: Text, name: str) -> bool:
        """Whether that person may be meant somewhere in the text."""
        called = self._known.get(name)
        if called is None:
            called = self._known[name] = self._called(name)
        return any(text.where(bare) for bare in called.joined) or any(
            self._in_part(text, at, parts) or self._by_last_name(text, at, parts[-1])
            for parts in called.names
            for at in text.where(parts[-1].bare)
        )

    def _called(self, name: str) -> _Called:
        """The name of an account without what stands beside it; behind Y, H', K' and the like the given name follows."""
        pieces = [words for piece in _BESIDE.split(name) if (words := tuple(_words(piece)))]
        if not pieces:
            return _Called((), frozenset())
        # "CT xa - Nguyen Van Hung": a post is no name
        parts = next((words for words in pieces if not self._is_post(words)), pieces[0])
        names, joined = [parts], set[str]()
        one = parts[0]
        if _JOINED.fullmatch(one.bare):
            names.append(
                (replace(one, key=one.key[0], bare=one.bare[0]), replace(one, key=one.key[1:], bare=one.bare[1:]))
            )
            joined.add(one.bare)
        for at, word in enumerate(parts[:-1]):
            if len(word.bare) == 1:
                names.append(parts[at : at + _BETWEEN])
                joined.add(word.bare + parts[at + 1].bare)
        return _Called(tuple(names), frozenset(filter(_JOINED.fullmatch, joined)))

    def _is_post(self, words: Sequence[Word]) -> bool:
        return any(_among(words[:length], self._posts) for length in (1, 2, 3))

    def _in_part(self, text: Text, at: int, parts: Sequence[Word]) -> bool:
        """The whole name without accents; its last two words, or the first and the last, as spelled or without accents."""
        words = text.words
        if at + 1 >= len(parts) > _BETWEEN and _is_bare(words[at + 1 - len(parts) : at + 1], parts):
            return True
        if len(parts) < _BETWEEN or at < 1:
            return False
        two = words[at - 1 : at + 1]
        if self._is_everyday_phrase(text, at) and not all(word.is_capital for word in two):
            return False
        if any(word.is_capital for word in two) and len(parts) == _BETWEEN and _is_bare(two, parts):
            return True
        return any(_is_said(two, pair) for pair in (parts[-2:], (parts[0], parts[-1])))

    def _by_last_name(self, text: Text, at: int, name: Word) -> bool:
        word = text.words[at]
        if not _is_one(word, name):
            return False
        title = self._title_before(text, at)
        if title and word.is_capital:
            return True
        if self._is_everyday_phrase(text, at):
            return False
        is_everyday = _is_in(word, self._everyday, loosely=text.is_plain)
        acts = at + 1 < len(text.words) and _is_in(text.words[at + 1], self._acts)
        if title:
            return not title[0] or acts or not _is_in(name, self._everyday, loosely=False)
        if word.is_capital and not word.begins:
            return not self._is_place(text, at)
        if word.begins or self._has_post_behind(text, at):
            return not is_everyday or acts
        if acts and at and _is_in(text.words[at - 1], self._by):
            return True
        return not text.is_plain and not is_everyday and word.key == name.key

    def _title_before(self, text: Text, at: int) -> tuple[bool] | None:
        """None = no title there; (True,) one that may be another word as well."""
        words = text.words
        for skipped in range(min(_BETWEEN, at) + 1):
            end = at - skipped
            if skipped and not _is_in(words[end], self._between):
                return None
            for length in (2, 1):
                if end >= length and _among(words[end - length : end], self._titles):
                    said = words[end - 1]
                    return (length == 1 and said.key == said.bare and said.bare in self._weak,)
        return None

    def _has_post_behind(self, text: Text, at: int) -> bool:
        return any(_among(text.words[at + 1 : at + 1 + length], self._posts) for length in (1, 2, 3))

    def _is_everyday_phrase(self, text: Text, at: int) -> bool:
        """Whether the word is part of a phrase that is no name. One written in capitals is only where all of it is."""
        words = text.words
        for length in (2, 3):
            for first in range(max(at - length + 1, 0), at + 1):
                said = words[first : first + length]
                if len(said) < length or not _among(said, self._phrases, loosely=text.is_plain):
                    continue
                if not words[at].is_capital or words[at].begins or all(word.is_capital for word in said):
                    return True
        return False

    def _is_place(self, text: Text, at: int) -> bool:
        """Whether the words in capitals it stands among follow "hamlet", "commune", "road" …"""
        while at > 0 and not text.words[at].begins:
            at -= 1
            if _is_in(text.words[at], self._places):
                return True
            if not text.words[at].is_capital:
                return False
        return False


def key(word: str) -> str:
    """A word in small letters, its tone at its end, so that where the tone is put makes no difference."""
    small = unicodedata.normalize("NFD", word.lower())
    tones = "".join(_TONES[ord(c)] for c in small if ord(c) in _TONES)
    return unicodedata.normalize("NFC", "".join(c for c in small if ord(c) not in _TONES)) + tones


def _either(word: str, bare: str) -> str:
    """A pattern for a word as spelled, or with no accents at all."""
    return f"(?:{re.escape(word)}|{re.escape(bare)})"


def any_of(
    phrases: Iterable[str], shape: str = r"(?<!\S)(?:{})(?!\S)", *, lone_as_spelled: bool = False
) -> re.Pattern[str]:
    """Any of the phrases as whole words of `Text.keys`; compiled once, whichever library they stand in.

    `lone_as_spelled`: one word alone counts only with its accents, for without them it is most often another word.
    """
    return _compiled(tuple(phrases), shape, lone_as_spelled)


@lru_cache(maxsize=64)
def _compiled(phrases: tuple[str, ...], shape: str, lone_as_spelled: bool) -> re.Pattern[str]:
    listed = sorted({tuple((word.key, word.bare) for word in _words(one)) for one in phrases}, key=len, reverse=True)
    told = "|".join(
        re.escape(one[0][0]) if lone_as_spelled and len(one) == 1 else " ".join(_either(*word) for word in one)
        for one in listed
    )
    return re.compile(shape.replace("{}", told or "(?!)"))


class Accusing:
    """Whether words tell of wrongdoing in an office."""

    def __init__(self, words: ConflictWords) -> None:
        self._surely, self._maybe = any_of(words.accusing), any_of(words.dubious, lone_as_spelled=True)
        self._officials = any_of((*words.officials, *(said for posts in words.posts.values() for said in posts)))
        # a neighbour, a husband behaves so too: only said of the official, and not where that one is asked for help
        self._behaves = any_of(words.conduct, rf"(?:\s+\S+){{0,{_NEAR}}}\s+(?:{{}})(?!\S)", lone_as_spelled=True)
        self._asked = any_of(words.appeals_before, r"(?<!\S)(?:{})\s+$")

    def surely(self, text: Text) -> bool:
        """By words that say nothing else, by words of doubt about some official, or by how an official behaves."""
        if self._surely.search(text.keys):
            return True
        if self.maybe(text) and self._officials.search(text.keys) is not None:
            return True
        return any(
            self._behaves.match(text.keys, one.end()) and not self._asked.search(text.keys[: one.start()])
            for one in self._officials.finditer(text.keys)
        )

    def maybe(self, text: Text) -> bool:
        """By words that do if they are said of an official."""
        return self._maybe.search(text.keys) is not None


def _words(text: str) -> Iterator[Word]:
    for line in text.splitlines():
        sentence, begins = list[str](), True
        for piece in [*_PIECES.findall(clean(line)), "."]:
            if piece[0].isalnum():
                sentence.append(piece)
                continue
            # behind "o." for "ong" no sentence begins
            if len(sentence) == 1 and len(sentence[0]) == 1 and piece == ".":
                yield from _written(sentence, begins)
                sentence, begins = [], False
                continue
            yield from _written(sentence, begins)
            sentence, begins = [], True


def _written(sentence: Sequence[str], begins: bool) -> Iterator[Word]:
    capitals = sum(word[0].isupper() for word in sentence)
    told = len(sentence) < _FEW or capitals <= _CAPITALS * len(sentence)
    if len(sentence) > 1 and all(word.isupper() for word in sentence):
        told = False
    for at, word in enumerate(sentence):
        yield Word(key(word), fold(word), told and word[0].isupper(), begins and at == 0)


def _set_of(phrases: Iterable[str]) -> dict[Phrase, frozenset[Phrase]]:
    """Phrases without accents -> the ways of spelling them that are meant."""
    found: dict[Phrase, set[Phrase]] = {}
    for phrase in phrases:
        words = list(_words(phrase))
        found.setdefault(tuple(w.bare for w in words), set()).add(tuple(w.key for w in words))
    return {bare: frozenset(spelled) for bare, spelled in found.items()}


def _among(words: Sequence[Word], known: dict[Phrase, frozenset[Phrase]], *, loosely: bool = True) -> bool:
    """Whether these words are one of the phrases, each as spelled or, `loosely`, without accents."""
    spelled = known.get(tuple(word.bare for word in words))
    return spelled is not None and any(
        all(w.key == one or (loosely and w.key == w.bare) for w, one in zip(words, phrase, strict=True))
        for phrase in spelled
    )


def _is_in(word: Word, known: dict[Phrase, frozenset[Phrase]], *, loosely: bool = True) -> bool:
    return _among((word,), known, loosely=loosely)


def _is_one(word: Word, name: Word) -> bool:
    return word.key in (name.key, name.bare)


def _is_said(words: Sequence[Word], parts: Sequence[Word]) -> bool:
    return all(_is_one(word, part) for word, part in zip(words, parts, strict=True))


def _is_bare(words: Sequence[Word], parts: Sequence[Word]) -> bool:
    return all(word.bare == part.bare for word, part in zip(words, parts, strict=True))
