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
    """A sign, words it may begin with, and the places after these."""

    sign: str
    head: tuple[Token, ...]
    rest: Places

    def further(self) -> Iterator[_Opening]:
        """The same with a word more, in all ways it may go on; one that says all there is comes with its end."""
        if len(self.head) > 1:
            yield self
            return
        for choice, rest in _openings(self.rest):
            yield self._replace(head=self.head + choice, rest=rest)
        if all(() in place for place in self.rest):
            yield self._replace(rest=())

    def said(self, words: Sequence[str], start: int) -> Iterable[tuple[int, tuple[str, ...]]]:
        """Where the sign ends when its first two words stand at `start`, and how it is spelt."""
        if not _stands(self.head, words, start, 2):
            return ()
        # a set: places that may be left out lead to the same end in many ways
        ways = {(start + len(self.head), tuple([t.mark for t in self.head]))}
        for place in self.rest:
            ways = {
                (end + len(choice), (*spelt, *[t.mark for t in choice])) if choice else (end, spelt)
                for end, spelt in ways
                for choice in place
                if not choice or _stands(choice, words, end)
            }
            if not ways:
                break
        return ways


def _stands(phrase: Sequence[Token], words: Sequence[str], start: int, known: int = 0) -> bool:
    """Whether these words stand at `start`, of which the first `known` are."""
    at = start + known
    if at + len(phrase) - known > len(words):
        return False
    for t in phrase[known:]:
        if t.folded != words[at]:
            return False
        at += 1
    return True


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
        #: the same with the second word, for first words that were typed; "" where there need be no second
        self._second: dict[str, dict[str, list[_Opening]]] = {}

    def heard(self, tokens: Sequence[Token], hand: Hand) -> dict[str, float]:
        """How surely each sign was said in these words."""
        found: dict[str, float] = {}
        words = [t.folded for t in tokens]
        for start, first in enumerate(words):
            if not (beginning := self._beginning(first)):
                continue
            openings = beginning.get("", ())
            if start + 1 < len(words):
                openings = (*openings, *beginning.get(words[start + 1], ()))
            for opening in openings:
                for end, marks in opening.said(words, start):
                    typed = tokens[start:end]
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
                for further in opening.further():
                    known[further.head[1].folded if len(further.head) > 1 else ""].append(further)
            # only now, whole: another thread may be reading
            self._second[first] = known
        return known or {}


def _openings(places: Places) -> Iterator[tuple[tuple[Token, ...], Places]]:
    """What a pattern may begin with, and the places after it."""
    for at, place in enumerate(places):
        for choice in place:
            if choice:
                yield choice, places[at + 1 :]
        if all(place):
            return
