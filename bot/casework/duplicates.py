"""Matters that may be one: by what they are about, what happened to it, the words used, and where.

A suggestion for an official, who joins them or not; never across a wall (`merging.is_walled`).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from bot.casework import merging
from bot.library import Library
from bot.library.schema.casework import CaseLikeness
from bot.library.schema.words import NumberWords, SpellingWords
from bot.model.fold import fold
from bot.store import Tx, case_desk, case_moves, cases
from bot.store.case_desk import DeskCase, Eye
from bot.understand.syllable import bare
from bot.understand.tokens import Spelling, Token
from bot.work.intake import OWN_WORDS

#: likeness from which two matters are suggested as one (chosen on tests/casework/pairs.jsonl)
LIKE = 0.40
#: what a named thing, a named trouble, a plain word and two words in a row weigh
THING, TROUBLE, WORD, TWO = 2.0, 1.0, 0.6, 0.3
#: matters further apart in time are two
WITHIN = timedelta(days=60)
#: cases looked at, newest first, and shown
LOOKED_AT, SHOWN = 300, 5

Features = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Near:
    """A case that may be the same matter."""

    case: DeskCase
    likeness: float


class Likeness:
    """How alike two matters are, with the words of one library."""

    def __init__(self, library: Library) -> None:
        words = library.phrase(CaseLikeness)
        spelling, numbers = library.phrase(SpellingWords), library.phrase(NumberWords)
        self._spelling = Spelling(spelling.short, numbers.glued)
        self._empty = {t.folded for said in (*spelling.empty, *words.empty) for t in self._tokens(said, ours=True)}
        self._named: dict[tuple[str, ...], list[tuple[tuple[Token, ...], str, float]]] = {}
        for kind, groups, weight in (("t", words.things, THING), ("s", words.troubles, TROUBLE)):
            for name, phrases in groups.items():
                for phrase in phrases:
                    tokens = tuple(self._tokens(phrase, ours=True))
                    self._named.setdefault(_folded(tokens), []).append((tokens, f"{kind}:{name}", weight))
        self._longest = max(map(len, self._named), default=1)

    def features(self, text: str) -> Features:
        """What a matter is told by."""
        found: dict[str, float] = {}
        for clause in self._spelling.clauses(text):
            tokens = clause.tokens
            taken: set[int] = set()
            for at in range(len(tokens)):
                for length in range(min(self._longest, len(tokens) - at), 0, -1):
                    names = self._said(tokens[at : at + length])
                    found.update(names)
                    if names:
                        taken.update(range(at, at + length))
                        break
            telling = [(i, t.folded) for i, t in enumerate(tokens) if t.folded not in self._empty and not t.is_number]
            for i, word in telling:
                found[f"w:{word}"] = WORD / 2 if i in taken else WORD
            for (i, one), (j, other) in pairwise(telling):
                if j == i + 1:
                    found[f"b:{one} {other}"] = TWO
        return found

    def likeness(self, one: Features, other: Features) -> float:
        """0 to 1: the angle between what the two tell; matters about different things share little, whatever the words."""
        if not one or not other:
            return 0.0
        shared = sum(weight * other[name] for name, weight in one.items() if name in other)
        angle = shared / math.sqrt(_square(one) * _square(other))
        mine, theirs = _things(one), _things(other)
        return angle / 2 if mine and theirs and not mine & theirs else angle

    def _said(self, tokens: tuple[Token, ...]) -> list[tuple[str, float]]:
        """The names a run of words stands for; words with other accents are other words, words without any may be."""
        return [
            (name, weight)
            for meant, name, weight in self._named.get(_folded(tokens), ())
            if all(bare(typed.mark) or typed.mark == own.mark for typed, own in zip(tokens, meant, strict=True))
        ]

    def _tokens(self, text: str, *, ours: bool) -> list[Token]:
        return [t for clause in self._spelling.clauses(text, ours=ours) for t in clause.tokens]


def same_place(one: str, other: str) -> bool:
    """Whether two hamlets may be one: a place not told may be any."""
    return not one or not other or fold(one) == fold(other)


async def near(tx: Tx, eye: Eye, library: Library, case: DeskCase) -> list[Near]:
    """Cases the official sees that may be the same matter, the likest first."""
    since: datetime = case.opened_at - WITHIN
    among = [
        one
        for one in await case_moves.candidates(tx, case, since, LOOKED_AT)
        if one.kind == case.kind
        and same_place(one.hamlet, case.hamlet)
        and not (case.entry and one.entry != case.entry)
    ]
    if case.custody or not among:
        return []
    words = await cases.words(tx, [case.id, *(one.id for one in among)], OWN_WORDS)
    told = {number: _joined(said) for number, said in words.items()}
    # hundreds of texts take the better part of a second: nobody's message waits for that
    scores = await asyncio.to_thread(_scores, library, told[case.id], [told[one.id] for one in among])
    scored = list(zip(scores, among, strict=True))
    likest = sorted(((score, one) for score, one in scored if score >= LIKE), key=lambda pair: -pair[0])
    seen = await case_desk.by_ids(tx, eye, [one.id for _score, one in likest[: SHOWN * 3]])
    found = []
    for score, one in likest:
        if one.id in seen and not await merging.is_walled(tx, case, one):
            found.append(Near(seen[one.id], round(score, 2)))
        if len(found) == SHOWN:
            break
    return found


def _scores(library: Library, mine: str, others: Sequence[str]) -> list[float]:
    likeness = Likeness(library)
    own = likeness.features(mine)
    return [likeness.likeness(own, likeness.features(other)) for other in others]


def _joined(words: Iterable[tuple[str, str]]) -> str:
    return "\n".join(text for _what, text in words if text)


def _folded(tokens: tuple[Token, ...]) -> tuple[str, ...]:
    return tuple(token.folded for token in tokens)


def _square(features: Features) -> float:
    return sum(weight * weight for weight in features.values())


def _things(features: Features) -> set[str]:
    return {name for name in features if name.startswith("t:")}
