"""How alike two told matters are: the thing, what is wrong with it, what is wanted, then the words.

Two households may use the same words of two matters (one lamp is dark, the other burns all day), or none in common of
one matter. So the thing, the trouble and the wish are compared apart, each by groups of ways of saying it
(`content/phrases/case-likeness.yaml`), and the words only fill in what these leave open.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from bot.library import Library
from bot.library.schema.casework import CaseLikeness
from bot.library.schema.words import ConceptWords, NumberWords, SpellingWords
from bot.understand.patterns import written_out
from bot.understand.syllable import bare
from bot.understand.tokens import Clause, Spelling, Token

#: likeness from which two matters are suggested as one
LIKE = 0.35
#: kinds of phrases, each looked for by itself, in this order
SAME, PLACE, THING, TROUBLE, WISH, WHOSE = "same", "place", "thing", "trouble", "wish", "whose"
#: whose a matter is: one household's, or that of many
OWN, COMMON = "own", "common"
#: what a plain word weighs, a word of each kind of phrase at most, and two words in a row
WORD = 0.6
WEIGHTS = {PLACE: 0.15, THING: 0.3, TROUBLE: 0.3, WISH: 0.3, WHOSE: 0.15}
TWO = 0.3
#: what is added where both name the same thing, the same trouble
SAME_THING, SAME_TROUBLE = 0.25, 0.3
#: and where both want the same and neither tells of a trouble the other has or has not
SAME_WISH = 0.25
#: what is left where they name different things, different troubles, want something different, or one gives thanks
OTHER_THING, OTHER_TROUBLE, OTHER_WISH, SETTLED = 0.35, 0.35, 0.4, 0.2
#: what is left where of the same thing only one tells a trouble that is known: the other's may be any
ONE_TROUBLE = 0.85
#: what is left where one household's own case stands beside what befell many
OWN_CASE = 0.25
#: share of words with marks below which a text is written without them
PLAIN = 0.2
#: libraries whose words are kept ready
KEPT = 2

_Tokens = tuple[Token, ...]


class _Meaning(NamedTuple):
    """What a phrase of the words file stands for."""

    name: str
    words: _Tokens


@dataclass(slots=True)
class _Known:
    """The phrases of one kind."""

    #: a word without marks that is an empty word too names nothing of this kind
    is_careful: bool
    meanings: dict[tuple[str, ...], list[_Meaning]] = field(default_factory=dict)
    #: first word -> how many words the phrases have that begin with it, the longest first
    lengths: dict[str, list[int]] = field(default_factory=dict)

    def add(self, name: str, words: _Tokens) -> None:
        """A phrase."""
        known = self.meanings.setdefault(tuple(t.folded for t in words), [])
        if (meant := _Meaning(name, words)) not in known:
            known.append(meant)
        lengths = {len(words), *self.lengths.get(words[0].folded, ())}
        self.lengths[words[0].folded] = sorted(lengths, reverse=True)


@dataclass(frozen=True, slots=True)
class Told:
    """What one text tells. Each kind twice: what is surely named, and what may be named or only says where."""

    words: Mapping[str, float] = field(default_factory=dict)
    length: float = 0.0
    things: AbstractSet[str] = frozenset()
    maybe_things: AbstractSet[str] = frozenset()
    troubles: AbstractSet[str] = frozenset()
    maybe_troubles: AbstractSet[str] = frozenset()
    wishes: AbstractSet[str] = frozenset()
    #: `OWN` or `COMMON` where only one of them is told
    whose: str = ""

    def __bool__(self) -> bool:
        """Whether it tells anything."""
        return bool(self.words)


class Likeness:
    """How alike two matters are, with the words of one library."""

    def __init__(self, library: Library) -> None:
        words = library.phrase(CaseLikeness)
        spelling, numbers = library.phrase(SpellingWords), library.phrase(NumberWords)
        self._spelling = Spelling(spelling.short, numbers.glued)
        self._empty = {t.folded for said in (*spelling.empty, *words.empty) for t in self._tokens(said)}
        self._meant = {of: _Known(of in {SAME, PLACE, THING}) for of in (SAME, PLACE, THING, TROUBLE, WISH, WHOSE)}
        concepts = library.phrase(ConceptWords).concepts if words.heard else {}
        for of, groups in (
            (THING, words.things),
            (TROUBLE, words.troubles),
            (WISH, words.needs),
            (SAME, words.same_words),
        ):
            for name, phrases in groups.items():
                heard = chain.from_iterable(concepts[concept] for concept in words.heard.get(name, ()))
                self._add(of, name, chain(phrases, heard))
        self._add(PLACE, PLACE, words.places)
        self._add(WHOSE, OWN, words.own)
        self._add(WHOSE, COMMON, words.common)
        self._each_its_own = frozenset(words.each_its_own)
        #: the last word of what stands before a place -> all of it
        self._beside: dict[str, list[_Tokens]] = {}
        for said in words.beside:
            before = tuple(self._tokens(said))
            self._beside.setdefault(before[-1].folded, []).append(before)
        self._asides = frozenset(words.asides)
        self._instead = {name: frozenset(others) for name, others in words.instead.items()}
        self._settled = frozenset(words.settled)
        self._closing = [
            (need, self._tokens(opens)[0], self._tokens(closes)[0])
            for need, pairs in words.closing.items()
            for opens, closes in pairs
        ]
        self._against = frozenset(frozenset(pair) for pair in words.against)

    def told(self, text: str) -> Told:
        """What a text tells."""
        clauses = self._spelling.clauses(text)
        tokens = [t for clause in clauses for t in clause.tokens if not t.is_number]
        plain = sum(not bare(t.mark) for t in tokens) < PLAIN * len(tokens)
        telling = _Telling()
        for clause in clauses:
            self._read(clause, telling, plain=plain)
        return telling.told(self._instead)

    def likeness(self, one: Told, other: Told) -> float:
        """0 to 1; a suggestion from `LIKE`. The same either way round."""
        if not one or not other:
            return 0.0
        if one == other:
            return 1.0
        shared = sum(weight * other.words[word] for word, weight in one.words.items() if word in other.words)
        found = shared / (one.length * other.length)
        things = _agree(one.things, one.maybe_things, other.things, other.maybe_things)
        if things < 0:
            return found * OTHER_THING
        troubles = _agree(one.troubles, one.maybe_troubles, other.troubles, other.maybe_troubles)
        if any(frozenset((a, b)) in self._against for a in one.troubles for b in other.troubles):
            troubles = -1
        found += SAME_THING * things
        if troubles > 0:
            found += SAME_TROUBLE
        elif troubles < 0:
            found *= OTHER_TROUBLE
        elif things > 0 and bool(one.troubles) != bool(other.troubles):
            found *= ONE_TROUBLE
        if one.wishes & other.wishes:
            found += 0.0 if troubles else SAME_WISH
        elif (one.wishes | other.wishes) & self._settled:
            found *= SETTLED
        elif (one.wishes or other.wishes) and not things > 0 < troubles:
            # who asks about the same trouble of the same thing only tells of it in another way
            found *= OTHER_WISH
        if {one.whose, other.whose} == {OWN, COMMON} and not (one.troubles & other.troubles) - self._each_its_own:
            found *= OWN_CASE
        return min(1.0, found)

    def _add(self, of: str, name: str, phrases: Iterable[str]) -> None:
        for pattern in phrases:
            for words in written_out(pattern, self._tokens)[1]:
                self._meant[of].add(name, words)

    def _read(self, clause: Clause, telling: _Telling, *, plain: bool) -> None:
        tokens = clause.tokens
        weights = [0.0 if t.folded in self._empty or t.is_number else WORD for t in tokens]
        words = [t.folded for t in tokens]
        # words inside a longer name of a thing or a place: none of them alone is a trouble
        inside: set[int] = set()
        for of, known in self._meant.items():
            for start, end, meanings in self._said(known, tokens, plain=plain):
                if of == SAME:
                    weights[start:end] = [WORD] + [0.0] * (end - start - 1)
                    words[start] = meanings[0].name
                    continue
                if end - start == 1 and start in inside:
                    continue
                aside = of == THING and self._is_beside(tokens, start, plain=plain)
                for meaning in meanings:
                    guessed = plain and end - start == 1 and meaning.words[0].mark != tokens[start].mark
                    telling.add(of, meaning.name, unsure=guessed or aside or meaning.name in self._asides)
                most = WEIGHTS[PLACE if aside else of]
                weights[start:end] = [min(most, weight) for weight in weights[start:end]]
                if of == TROUBLE and plain and end - start > 1:
                    # without marks two words may be two of ours as well as one phrase
                    for t in tokens[start:end]:
                        for meaning in () if t.folded in self._empty else known.meanings.get((t.folded,), ()):
                            telling.add(of, meaning.name, unsure=True)
                if end - start > 1 and of in {THING, PLACE}:
                    inside.update(range(start, end))
        for need, opens, closes in self._closing:
            if _is(tokens[-1], closes, plain=plain) and any(_is(t, opens, plain=plain) for t in tokens[:-1]):
                telling.add(WISH, need, unsure=False)
        telling.weigh(list(zip(words, weights, strict=True)))

    def _said(self, known: _Known, tokens: _Tokens, *, plain: bool) -> Iterator[tuple[int, int, list[_Meaning]]]:
        """From left to right the longest phrases of one kind, and what each stands for.

        Who writes marks meant the word they wrote; a text without any may mean each that is spelled so.
        """
        keys = [t.folded for t in tokens]
        reach = 0
        for at in [at for at, key in enumerate(keys) if key in known.lengths]:
            if at < reach:
                continue
            for length in known.lengths[keys[at]]:
                end = at + length
                found = known.meanings.get(tuple(keys[at:end])) if end <= len(keys) else None
                if not found or (plain and length == 1 and known.is_careful and keys[at] in self._empty):
                    continue
                said = tokens[at:end]
                meant = [m for m in found if all(_is(t, w, plain=plain) for t, w in zip(said, m.words, strict=True))]
                if meant:
                    yield at, end, meant
                    reach = end
                    break

    def _is_beside(self, tokens: _Tokens, at: int, *, plain: bool) -> bool:
        """Whether the words before only say where."""
        return at > 0 and any(
            len(own) <= at and all(_is(t, o, plain=plain) for t, o in zip(tokens[at - len(own) : at], own, strict=True))
            for own in self._beside.get(tokens[at - 1].folded, ())
        )

    def _tokens(self, text: str) -> list[Token]:
        return [t for clause in self._spelling.clauses(text, ours=True) for t in clause.tokens]


class _Telling:
    """What a text tells, while it is read."""

    def __init__(self) -> None:
        self._words: dict[str, float] = {}
        self._sure: dict[str, set[str]] = {THING: set(), TROUBLE: set(), WISH: set(), PLACE: set(), WHOSE: set()}
        self._maybe: dict[str, set[str]] = {THING: set(), TROUBLE: set(), WISH: set(), PLACE: set(), WHOSE: set()}

    def add(self, of: str, name: str, *, unsure: bool) -> None:
        """A name that was said."""
        (self._maybe if unsure else self._sure)[of].add(name)

    def weigh(self, weights: Sequence[tuple[str, float]]) -> None:
        """The words of a clause in their order."""
        for word, weight in weights:
            if weight > self._words.get(word, 0.0):
                self._words[word] = weight
        for (one, first), (other, second) in pairwise(weights):
            if first and second:
                self._words[f"{one} {other}"] = min(TWO, first, second)

    def told(self, instead: Mapping[str, AbstractSet[str]]) -> Told:
        """All of it, without the troubles that only say how bad another is."""
        length = math.sqrt(sum(weight * weight for weight in self._words.values()))
        things, said = frozenset(self._sure[THING]), self._sure[TROUBLE]
        beside = frozenset(chain.from_iterable(instead.get(name, ()) for name in said))
        troubles = frozenset(said - beside)
        return Told(
            self._words,
            length,
            things,
            frozenset(self._maybe[THING]) - things,
            troubles,
            frozenset(self._maybe[TROUBLE]) - troubles - beside,
            frozenset(self._sure[WISH]),
            next(iter(self._sure[WHOSE])) if len(self._sure[WHOSE]) == 1 else "",
        )


def _is(typed: Token, own: Token, *, plain: bool) -> bool:
    """Whether a typed word is one of ours: with its marks, or without any in a text that has none."""
    return typed.mark == own.mark or (plain and typed.folded == own.folded and bare(typed.mark))


def _agree(
    one: AbstractSet[str], maybe_one: AbstractSet[str], other: AbstractSet[str], maybe_other: AbstractSet[str]
) -> int:
    """1 where something is named by both, at least once surely; -1 where both surely name other things; 0 else."""
    if one & other or one & maybe_other or maybe_one & other:
        return 1
    return -1 if one and other else 0


@lru_cache(maxsize=KEPT)
def likeness_of(library: Library) -> Likeness:
    """The likeness of a library, made once."""
    return Likeness(library)
