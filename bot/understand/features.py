"""What a text gives as evidence: concepts, pairs of concepts, words and word pairs, each with a weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.understand.accents import Accents, Hand
from bot.understand.lexicon import Lexicon, Match
from bot.understand.numbers import Numbers
from bot.understand.tokens import Clause

#: weights by kind of evidence, chosen by leave-one-out over `asked_as`
CONCEPT, PAIR, WORD, TRUSTED_WORD, EXACT, COVERED, TWO_WORDS = 1.0, 0.3, 0.9, 0.4, 0.6, 0.4, 0.55
#: a text of more words than this is a story: its parts are weighed
LONG = 22
#: in a story: what a sentence that asks nothing weighs, what the first sentence weighs, and how much of a concept's
#: weight for the cues does not depend on where it stands
TOLD, FIRST, ASIDE = 0.65, 0.3, 0.3
#: what is weighed at most
MAX_CLAUSES = 60
MAX_TOKENS = 400


@dataclass(slots=True)
class Evidence:
    """The evidence of one text."""

    #: feature -> weight
    features: dict[str, float] = field(default_factory=dict)
    #: concept -> how surely it was said, wherever
    said: dict[str, float] = field(default_factory=dict)
    #: concept -> weight; in a story what stands aside weighs less
    concepts: dict[str, float] = field(default_factory=dict)
    words: int = 0
    #: words that are neither empty nor numbers
    content: int = 0


class Reader:
    """Turns clauses into evidence."""

    def __init__(
        self,
        lexicon: Lexicon,
        accents: Accents,
        numbers: Numbers,
        *,
        empty: frozenset[str],
        asking: frozenset[str],
        person: str,
    ) -> None:
        self._lexicon = lexicon
        self._accents = accents
        self._numbers = numbers
        self._empty = empty
        self._asking = asking
        self._person = person

    def read(self, clauses: Sequence[Clause], today: date, hand: Hand | None = None) -> Evidence:
        """The evidence of a whole text; of a story the asking and the later parts weigh more.

        `hand` is how the text is written, where the caller knows it better than the text shows.
        """
        hand = hand or self._accents.hand(clauses)
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
            for clause, matches, said in matched:
                for concept, sure in said.items():
                    evidence.said[concept] = max(evidence.said.get(concept, 0.0), sure)
                numbers = self._numbers.concepts(
                    clause.tokens, today, [m.start for m in matches if m.concept == self._person]
                )
                self._add(evidence, clause, matches, numbers, worth=worth, hand=hand)
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
        concepts: dict[str, float],
        *,
        worth: float,
        hand: Hand,
    ) -> None:
        tokens = clause.tokens
        trusted = hand.trust if hand.marked > 0.45 else 0.0
        covered: set[int] = set()
        for name, weight in concepts.items():
            evidence.said[name] = max(evidence.said.get(name, 0.0), weight)
        for m in matches:
            concepts[m.concept] = max(concepts.get(m.concept, 0.0), m.quality)
            covered.update(range(m.start, m.end))
        features = evidence.features
        names = sorted(concepts)
        for i, name in enumerate(names):
            weight = concepts[name]
            evidence.concepts[name] = max(evidence.concepts.get(name, 0.0), weight * (ASIDE + (1.0 - ASIDE) * worth))
            _put(features, "c:" + name, CONCEPT * weight * worth)
            for other in names[i + 1 :]:
                _put(features, f"p:{name}+{other}", PAIR * weight * concepts[other] * worth)
        plain_word = WORD - (WORD - TRUSTED_WORD) * trusted
        marked_word = 0.0 if hand.plain else EXACT * (0.5 + 0.5 * trusted)
        before = ""
        for i, t in enumerate(tokens):
            folded = t.folded
            if t.is_number:
                before = ""
                continue
            if folded not in self._empty:
                evidence.content += 1
                weight = (COVERED if i in covered else 1.0) * worth
                _put(features, "w:" + folded, weight * plain_word)
                if marked_word:
                    _put(features, "x:" + t.mark, weight * marked_word)
            if before:
                _put(features, f"b:{before} {folded}", TWO_WORDS * worth)
            before = folded


def _put(features: dict[str, float], feature: str, weight: float) -> None:
    if weight > features.get(feature, 0.0):
        features[feature] = weight


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
