"""Signs: words that only alarms and neighbours listen for, found by their letters; patterns are followed, not unfolded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bot.understand.accents import Accents, Hand
from bot.understand.tokens import Token

#: what can stand at each place of a pattern; an empty choice leaves the place out
Places = Sequence[Sequence[tuple[Token, ...]]]


class _Opening(NamedTuple):
    """A sign, what it may begin with, and the places after that."""

    sign: str
    head: tuple[Token, ...]
    rest: Places

    def said(self, words: Sequence[str], start: int) -> Iterable[tuple[int, tuple[Token, ...]]]:
        """Where the sign ends when it begins at `start` of words without accents, and how it is spelt."""
        ways: Iterable[tuple[int, tuple[Token, ...]]] = _after(words, start, (), (self.head,))
        for place in self.rest:
            # a set: places that may be left out lead to the same end in many ways
            ways = {further for end, before in ways for further in _after(words, end, before, place)}
        return ways

    def seconds(self) -> Iterator[str]:
        """What its second word may be, without accents; "" where it may be its only one."""
        if len(self.head) > 1:
            yield self.head[1].folded
            return
        for choice, _ in _openings(self.rest):
            yield choice[0].folded
        if all(() in place for place in self.rest):
            yield ""


class Signs:
    """All signs. A pattern stands under the words it may begin with.

    There are many more phrases than are ever typed: unfolding all of them would cost more than building the index.
    """

    def __init__(self, patterns: Iterable[tuple[str, Places]], accents: Accents) -> None:
        self._accents = accents
        #: first word -> what begins with it
        self._first: dict[str, list[_Opening]] = defaultdict(list)
        for sign, places in patterns:
            for head, rest in _openings(places):
                self._first[head[0].folded].append(_Opening(sign, head, rest))
        #: the same by the second word too, for first words that were typed
        self._second: dict[str, dict[str, list[_Opening]]] = {}

    def heard(self, tokens: Sequence[Token], hand: Hand) -> dict[str, float]:
        """How surely each sign was said in these words."""
        found: dict[str, float] = {}
        words = [t.folded for t in tokens]
        for start, first in enumerate(words):
            if not (beginning := self._beginning(first)):
                continue
            second = words[start + 1] if start + 1 < len(words) else ""
            for opening in (*beginning.get("", ()), *(beginning.get(second, ()) if second else ())):
                for end, spelt in opening.said(words, start):
                    typed, marks = tokens[start:end], [t.mark for t in spelt]
                    sure = self._accents.certainty(typed, marks)
                    if sure > found.get(opening.sign, 0.0) and self._accents.agrees(typed, marks, hand):
                        found[opening.sign] = sure
        return found

    def _beginning(self, first: str) -> dict[str, list[_Opening]]:
        """What begins with a word, by the second one."""
        known = self._second.get(first)
        if known is None and first in self._first:
            known = defaultdict(list)
            for opening in self._first[first]:
                for second in dict.fromkeys(opening.seconds()):
                    known[second].append(opening)
            # only now, whole: another thread may be reading
            self._second[first] = known
        return known or {}


def _after(
    words: Sequence[str], start: int, before: tuple[Token, ...], place: Sequence[tuple[Token, ...]]
) -> list[tuple[int, tuple[Token, ...]]]:
    """The choices of a place that stand at `start`, each with where it ends, spelt together with what came before."""
    found = []
    for choice in place:
        end = start + len(choice)
        if end <= len(words) and all(word == t.folded for word, t in zip(words[start:end], choice, strict=True)):
            found.append((end, before + choice))
    return found


def _openings(places: Places) -> Iterator[tuple[tuple[Token, ...], Places]]:
    """What a pattern may begin with, and the places after it."""
    for at, place in enumerate(places):
        for choice in place:
            if choice:
                yield choice, places[at + 1 :]
        if all(place):
            return
