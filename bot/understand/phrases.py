"""The library's own phrases as evidence: read once while an index is built, so every feature is a number from the start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence
from datetime import date
from itertools import combinations, count, pairwise

from bot.understand.features import CONCEPT, COVERED, EXACT, PAIR, TRUSTED_WORD, TWO_WORDS
from bot.understand.lexicon import Verbatim
from bot.understand.names import of_concept, of_exact, of_together, of_two, of_word
from bot.understand.numbers import Numbers
from bot.understand.tokens import Clause, Token


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
        #: by its spelling: whether a word tells anything, its two features, and the word as half of a pair
        self._keys: dict[str, tuple[bool, int, int, str]] = {}

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
            matches = self._verbatim.find(marks)
            people = [start for concept, start, _ in matches if concept == self._person]
            concepts = self._numbers.concepts(tokens, self._today, people)
            covered: set[int] = set()
            for concept, start, end in matches:
                concepts[concept] = 1.0
                covered.update(range(start, end))
            if concepts:
                self._add(features, concepts)
            met = map(self._keys.get, marks)
            keys = [key or self._key(t) for key, t in zip(met, tokens, strict=True)]
            for i in covered:
                telling, word, exact, _ = keys[i]
                if telling:
                    features.setdefault(word, COVERED * TRUSTED_WORD)
                    features.setdefault(exact, COVERED * EXACT)
            for i, (telling, word, exact, _) in enumerate(keys):
                if telling and i not in covered:
                    features[word] = TRUSTED_WORD
                    features[exact] = EXACT
            follows = [follows for _, _, _, follows in keys]
            pairs = pairwise(follows) if all(follows) else (two for two in pairwise(follows) if all(two))
            for number in map(self._two.__getitem__, pairs):
                features[number] = TWO_WORDS
        return features

    def _add(self, features: dict[int, float], concepts: dict[str, float]) -> None:
        names = sorted(concepts)
        for name in names:
            number, weight = self._concepts[name], CONCEPT * concepts[name]
            features[number] = max(weight, features.get(number, 0.0))
        for pair in combinations(names, 2):
            number, weight = self._together[pair], PAIR * concepts[pair[0]] * concepts[pair[1]]
            features[number] = max(weight, features.get(number, 0.0))

    def _key(self, t: Token) -> tuple[bool, int, int, str]:
        number = t.is_number
        telling = not number and t.folded not in self._empty
        # a word that tells nothing is no feature
        word = self._words[of_word(t.folded)] if telling else -1
        exact = self._words[of_exact(t.mark)] if telling else -1
        key = self._keys[t.mark] = (telling, word, exact, "" if number else t.folded)
        return key
