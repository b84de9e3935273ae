"""What a text gives as evidence: concepts, pairs of concepts, words and word pairs, each with a weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from bot.understand.accents import Accents, Hand
from bot.understand.lexicon import Lexicon, Match
from bot.understand.names import of_concept, of_exact, of_together, of_two, of_word
from bot.understand.numbers import Numbers
from bot.understand.signs import Signs
from bot.understand.tokens import Clause, Token

#: weights by kind of evidence, chosen by leave-one-out over `asked_as`
CONCEPT, PAIR, WORD, TRUSTED_WORD, EXACT, COVERED, TWO_WORDS = 1.0, 0.3, 0.9, 0.4, 0.6, 0.4, 0.7
#: a text of more words than this is a story: its parts are weighed
LONG = 22
#: in a story: what a sentence that asks nothing weighs, what the first sentence weighs, and how much of a concept's
#: weight for the cues does not depend on where it stands
TOLD, FIRST, ASIDE = 0.65, 0.3, 0.3
#: what is weighed at most
MAX_CLAUSES = 60
MAX_TOKENS = 400
#: words whose features are kept by name: a library has some thousands, what people type has no end
KNOWN_WORDS = 50_000


@dataclass(slots=True)
class Evidence:
    """The evidence of one text."""

    #: feature -> weight
    features: dict[str, float] = field(default_factory=dict)
    #: of each sentence: concept or sign -> how surely it was said
    spoken: list[dict[str, float]] = field(default_factory=list)
    #: concept -> weight; in a story what stands aside weighs less
    concepts: dict[str, float] = field(default_factory=dict)
    words: int = 0
    #: words that are neither empty nor numbers
    content: int = 0


class _Key(NamedTuple):
    """What one word gives as evidence."""

    #: whether it tells anything: neither empty nor a number
    telling: bool
    word: str
    exact: str
    #: the word as half of a pair; nothing for a number
    follows: str


class Reader:
    """Turns clauses into evidence."""

    def __init__(
        self,
        lexicon: Lexicon,
        signs: Signs,
        accents: Accents,
        numbers: Numbers,
        *,
        empty: frozenset[str],
        asking: frozenset[str],
        person: str,
    ) -> None:
        self._lexicon = lexicon
        self._signs = signs
        self._accents = accents
        self._numbers = numbers
        self._empty = empty
        self._asking = asking
        self._person = person
        self._keys: dict[str, _Key] = {}

    def read(self, clauses: Sequence[Clause], today: date) -> Evidence:
        """The evidence of a whole text; of a story the asking and the later parts weigh more."""
        hand = self._accents.hand(clauses)
        total = sum(len(c.tokens) for c in clauses)
        if total > MAX_TOKENS or len(clauses) > MAX_CLAUSES:
            clauses = _ends(clauses)
        evidence = Evidence(words=total)
        story = total > LONG
        sentences = _sentences(clauses)
        for at, sentence in enumerate(sentences):
            matched = [(clause, *self._lexicon.find(clause.tokens, hand)) for clause in sentence]
            asks = any(c.asks or any(m.concept in self._asking for m in matches) for c, matches, _ in matched)
            worth = self._worth(at, len(sentences), asks) if story else 1.0
            spoken: dict[str, float] = {}
            for clause, matches, said in matched:
                for concept, sure in (*said.items(), *self._signs.heard(clause.tokens, hand).items()):
                    spoken[concept] = max(spoken.get(concept, 0.0), sure)
                self._add(evidence, clause, matches, spoken, today, worth=worth, hand=hand)
            evidence.spoken.append(spoken)
        return evidence

    @staticmethod
    def _worth(at: int, of: int, asks: bool) -> float:
        later = (at + 1) / of
        return (1.0 if asks else TOLD) * (FIRST + (1.0 - FIRST) * later)

    def _add(
        self,
        evidence: Evidence,
        clause: Clause,
        matches: list[Match],
        spoken: dict[str, float],
        today: date,
        *,
        worth: float,
        hand: Hand,
    ) -> None:
        tokens = clause.tokens
        trusted = hand.trust if hand.marked > 0.45 else 0.0
        covered: set[int] = set()
        concepts = self._numbers.concepts(tokens, today, [m.start for m in matches if m.concept == self._person])
        for name, weight in concepts.items():
            spoken[name] = max(spoken.get(name, 0.0), weight)
        for m in matches:
            if m.quality > concepts.get(m.concept, 0.0):
                concepts[m.concept] = m.quality
            covered.update(range(m.start, m.end))
        features = evidence.features
        for name, weight in concepts.items():
            aside = weight * (ASIDE + (1.0 - ASIDE) * worth)
            if aside > evidence.concepts.get(name, 0.0):
                evidence.concepts[name] = aside
        self._add_concepts(features, concepts, worth)
        plain_word = (WORD - (WORD - TRUSTED_WORD) * trusted) * worth
        marked_word = 0.0 if hand.plain else EXACT * (0.5 + 0.5 * trusted) * worth
        pair = TWO_WORDS * worth
        before = ""
        for i, t in enumerate(tokens):
            key = self._keys.get(t.mark) or self._key(t)
            if key.telling:
                evidence.content += 1
                part = COVERED if i in covered else 1.0
                if (weight := part * plain_word) > features.get(key.word, 0.0):
                    features[key.word] = weight
                if (weight := part * marked_word) > features.get(key.exact, 0.0):
                    features[key.exact] = weight
            if before and key.follows and pair > features.get(two := of_two(before, key.follows), 0.0):
                features[two] = pair
            before = key.follows

    @staticmethod
    def _add_concepts(features: dict[str, float], concepts: Mapping[str, float], worth: float) -> None:
        names = sorted(concepts)
        for i, name in enumerate(names, 1):
            weight = concepts[name]
            if (alone := CONCEPT * weight * worth) > features.get(told := of_concept(name), 0.0):
                features[told] = alone
            for other in names[i:]:
                pair = PAIR * weight * concepts[other] * worth
                if pair > features.get(told := of_together(name, other), 0.0):
                    features[told] = pair

    def _key(self, t: Token) -> _Key:
        number = t.is_number
        telling = not number and t.folded not in self._empty
        key = _Key(telling, of_word(t.folded), of_exact(t.mark), "" if number else t.folded)
        if len(self._keys) < KNOWN_WORDS:
            self._keys[t.mark] = key
        return key


def _sentences(clauses: Sequence[Clause]) -> list[list[Clause]]:
    found: list[list[Clause]] = [[]]
    for clause in clauses:
        found[-1].append(clause)
        if clause.closed:
            found.append([])
    return [s for s in found if s]


def _ends(clauses: Sequence[Clause]) -> list[Clause]:
    """The first and the last clauses of a text too long to weigh, each cut to a length that says something."""
    half = MAX_CLAUSES // 2
    kept = [*clauses[:half], *clauses[max(half, len(clauses) - half) :]]
    each = max(8, MAX_TOKENS // max(1, len(kept)))
    return [Clause(c.tokens[-each:], c.asks, c.closed) for c in kept]
