"""What an unlisted run of capitals most likely stands for, learned from the readings that are listed.

Every listed reading tells which word follows which. A run is spelled out as the likeliest chain of words whose first
letters it is: a second-order chain, each memory smoothed by the shorter one, the shortest being how often a word opens
another. A chain's share among all chains is its confidence; how much is enough is for the caller to say.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

_START, _END = "<", ">"
_BEAM = 32  # chains kept at each letter
_COMMON = 10  # words tried for a letter though they never followed the word before
_PAIR_DOUBT, _SINGLE_DOUBT = 1.0, 2.0  # weight of the shorter memory against the longer one
_UNSEEN = 0.05  # of a word, so that no chain is impossible
_LONGEST = 16  # letters; no longer short form has been seen outside the table
_MARKED_D = "\u0111"


@dataclass(frozen=True, slots=True)
class Expansion:
    """Words for a run; `confidence` is their share of all readings weighed, 0 to 1.

    `known` when every two neighbours were seen together, or one may end a word and the other begin the next.
    """

    words: str
    confidence: float
    known: bool


@lru_cache(maxsize=4096)
def initial(word: str) -> str:
    """The letter a word leaves in a short form: marks off, the barred d kept."""
    first = word[0].lower()
    return "\u0110" if first == _MARKED_D else unicodedata.normalize("NFD", first)[0].upper()


class Compounds:
    """A chain of words learned from `phrases` (whole readings) and `parts` (words that stand anywhere).

    `joining` words leave no letter in a short form; they are put back between two words that had one between them.
    `written` gives the letter of words that leave another one than their first.
    """

    def __init__(
        self, phrases: Iterable[str], parts: Iterable[str], joining: frozenset[str], written: Mapping[str, str]
    ) -> None:
        self._joining = joining
        self._other = written
        self._opening: Counter[str] = Counter()
        self._closing: set[str] = set()
        self._two: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._three: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._links: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for phrase in phrases:
            self._learn([_START, _START, *phrase.lower().split(), _END])
        for part in parts:
            self._learn(part.split())
        self._openings = self._opening.total()
        common: defaultdict[str, list[str]] = defaultdict(list)
        for word, _ in self._opening.most_common():
            for letter in self._letters(word):
                common[letter].append(word)
        self._common = {letter: words[:_COMMON] for letter, words in common.items()}
        self.expand = lru_cache(maxsize=2048)(self._expand)

    def _learn(self, words: Sequence[str]) -> None:
        kept = [w for w in words if w not in self._joining]
        said = [w for w in kept if w not in {_START, _END}]
        if not said:
            return
        self._opening[said[0]] += 1
        self._closing.add(said[-1])
        for first, second in pairwise(kept):
            self._two[first][second] += 1
        for first, second, third in zip(kept, kept[1:], kept[2:], strict=False):
            self._three[first, second][third] += 1
        link = ""
        last = words[0]
        for word in words[1:]:
            if word in self._joining:
                link = f"{link} {word}"
                continue
            self._links[last, word][link] += 1
            last, link = word, ""

    def _expand(self, letters: str, before: tuple[str, ...] = ()) -> Expansion | None:
        """The likeliest words for the letters after the words `before`; None when some letter begins no known word."""
        if len(letters) > _LONGEST:
            return None
        start = (_START, *before)[-2:] if before and before[-1] in self._two else (_START, _START)
        chains: dict[tuple[str, str], tuple[float, float, tuple[str, ...]]] = {(start[0], start[1]): (1.0, 1.0, ())}
        if before:
            chains.setdefault((_START, _START), (1.0, 1.0, ()))
        for letter in letters:
            grown: dict[tuple[str, str], tuple[float, float, tuple[str, ...]]] = {}
            for (first, second), (best, mass, words) in chains.items():
                for word in self._candidates(second, letter):
                    chance = self._chance(first, second, word)
                    one = (best * chance, mass * chance, (*words, word))
                    other = grown.get((second, word))
                    if other:
                        top = one if one[0] > other[0] else other
                        one = (top[0], one[1] + other[1], top[2])
                    grown[second, word] = one
            chains = dict(sorted(grown.items(), key=lambda item: -item[1][1])[:_BEAM])
            if not chains:
                return None
        ends = [
            (best * self._chance(first, second, _END), mass * self._chance(first, second, _END), words)
            for (first, second), (best, mass, words) in chains.items()
        ]
        best, _, words = max(ends)
        pairs = list(pairwise(words))
        seen = [second in self._two.get(first, ()) for first, second in pairs]
        known = all(ok or self._boundary(pairs, seen, at) for at, ok in enumerate(seen))
        linked = "".join(f"{self._link(pair)} {pair[1]}" for pair in pairs)
        return Expansion(f"{words[0]}{linked}", best / sum(mass for _, mass, _ in ends), known and bool(pairs))

    def _candidates(self, second: str, letter: str) -> Iterable[str]:
        wanted = initial(letter)
        followers = [w for w in self._two.get(second, ()) if w not in {_START, _END} and wanted in self._letters(w)]
        return dict.fromkeys((*followers, *self._common.get(wanted, ())))

    def _letters(self, word: str) -> tuple[str, ...]:
        other = self._other.get(word)
        return (initial(word), other) if other else (initial(word),)

    def _chance(self, first: str, second: str, word: str) -> float:
        """Of `word` after the two words before it."""
        chance = (self._opening[word] + _UNSEEN) / self._openings
        after = self._two.get(second)
        if after:
            chance = (after[word] + _SINGLE_DOUBT * chance) / (after.total() + _SINGLE_DOUBT)
        both = self._three.get((first, second))
        if both:
            chance = (both[word] + _PAIR_DOUBT * chance) / (both.total() + _PAIR_DOUBT)
        return chance

    def _boundary(self, pairs: Sequence[tuple[str, str]], seen: Sequence[bool], at: int) -> bool:
        """True where one seen word may end and the next begin, though the two never met."""
        first, second = pairs[at]
        whole = 0 < at < len(pairs) - 1 and seen[at - 1] and seen[at + 1]
        return whole and first in self._closing and second in self._opening

    def _link(self, pair: tuple[str, str]) -> str:
        links = self._links.get(pair)
        return links.most_common(1)[0][0] if links else ""
