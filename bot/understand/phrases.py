"""The library's own phrases as evidence: read once while an index is built, so every feature is a number from the start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from datetime import date
from itertools import combinations, count, pairwise

from bot.understand.features import CONCEPT, COVERED, EXACT, PAIR, TRUSTED_WORD, TWO_WORDS
from bot.understand.lexicon import Verbatim
from bot.understand.names import of_concept, of_exact, of_together, of_two, of_word
from bot.understand.numbers import Numbers
from bot.understand.tokens import Clause, Token

#: what a word weighs that a concept was already heard in
_COVERED_WORD, _COVERED_EXACT = COVERED * TRUSTED_WORD, COVERED * EXACT

#: of a word: whether it tells anything, its two features, and the word as half of a pair
_Key = tuple[bool, int, int, str]


class Phrases:
    """Reads phrases of the library: their spelling is taken at its word, and no part of them weighs less.

    A feature gets its name, the one `features.Reader` gives it, at the end: most are met many times.
    """

    def __init__(
        self, verbatim: Verbatim, numbers: Numbers, today: date, *, empty: Container[str], person: str
    ) -> None:
        self._verbatim = verbatim
        self._numbers = numbers
        self._today = today
        self._empty = empty
        self._person = person
        number = count().__next__
        self._concepts: defaultdict[str, int] = defaultdict(number)
        self._together: defaultdict[tuple[str, str], int] = defaultdict(number)
        self._words: defaultdict[str, int] = defaultdict(number)
        self._two: defaultdict[tuple[str, str], int] = defaultdict(number)
        #: by its spelling
        self._keys: dict[str, _Key] = {}
        #: the spellings met with which a number may be told
        self._figures: set[str] = set()

    def names(self) -> dict[str, int]:
        """All features read so far with their numbers, which count from 0 without gaps."""
        found = {of_concept(concept): number for concept, number in self._concepts.items()}
        found |= {of_together(*pair): number for pair, number in self._together.items()}
        found |= self._words
        found |= {of_two(*pair): number for pair, number in self._two.items()}
        return found

    def read(self, clauses: Sequence[Clause]) -> dict[int, float]:
        """The features of one phrase, by number, with their weights."""
        features: dict[int, float] = {}
        for clause in clauses:
            tokens = clause.tokens
            marks = [t.mark for t in tokens]
            met = list(map(self._keys.get, marks))
            keys = [key or self._key(t) for key, t in zip(met, tokens, strict=True)]
            matches = self._verbatim.find(marks)
            if not self._figures.isdisjoint(marks):
                people = [start for concept, start, _ in matches if concept == self._person]
                self._add(features, matches, self._numbers.concepts(tokens, self._today, people))
            elif matches:
                self._add(features, matches, {})
            outside = keys
            if matches:
                inside, outside = _apart(keys, matches)
                for telling, word, exact, _ in inside:
                    if telling:
                        features.setdefault(word, _COVERED_WORD)
                        features.setdefault(exact, _COVERED_EXACT)
            for telling, word, exact, _ in outside:
                if telling:
                    features[word] = TRUSTED_WORD
                    features[exact] = EXACT
            follows = [follows for _, _, _, follows in keys]
            pairs = pairwise(follows) if all(follows) else (two for two in pairwise(follows) if all(two))
            features |= dict.fromkeys(map(self._two.__getitem__, pairs), TWO_WORDS)
        return features

    def _add(
        self, features: dict[int, float], matches: Iterable[tuple[str, int, int]], concepts: dict[str, float]
    ) -> None:
        """Adds what was said in words (`matches`) and in numbers (`concepts`)."""
        if not concepts:
            # what is said in words is said for sure: nothing weighs more
            names = sorted({concept for concept, _, _ in matches})
            features |= dict.fromkeys(map(self._concepts.__getitem__, names), CONCEPT)
            features |= dict.fromkeys(map(self._together.__getitem__, combinations(names, 2)), PAIR)
            return
        concepts |= {concept: 1.0 for concept, _, _ in matches}
        names = sorted(concepts)
        for name in names:
            number, weight = self._concepts[name], CONCEPT * concepts[name]
            features[number] = max(weight, features.get(number, 0.0))
        for pair in combinations(names, 2):
            number, weight = self._together[pair], PAIR * concepts[pair[0]] * concepts[pair[1]]
            features[number] = max(weight, features.get(number, 0.0))

    def _key(self, t: Token) -> _Key:
        if self._numbers.telling(t):
            self._figures.add(t.mark)
        number = t.is_number
        telling = not number and t.folded not in self._empty
        # a word that tells nothing is no feature
        word = self._words[of_word(t.folded)] if telling else -1
        exact = self._words[of_exact(t.mark)] if telling else -1
        key = self._keys[t.mark] = (telling, word, exact, "" if number else t.folded)
        return key


def _apart(keys: Sequence[_Key], matches: Iterable[tuple[str, int, int]]) -> tuple[list[_Key], list[_Key]]:
    """The words inside of matches and those outside; matches stand in their order and none inside another."""
    inside: list[_Key] = []
    outside: list[_Key] = []
    reach = 0
    for _, start, end in matches:
        if start >= reach:
            outside += keys[reach:start]
            inside += keys[start:end]
        else:
            inside += keys[reach:end]
        reach = end
    outside += keys[reach:]
    return inside, outside
