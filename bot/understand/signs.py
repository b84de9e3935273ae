"""Signs: words that only alarms and neighbours listen for, found by their letters; patterns unfold when typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, product

from bot.understand.accents import Accents, Hand
from bot.understand.patterns import MOST
from bot.understand.tokens import Token

#: what can stand at each place of a pattern; an empty choice leaves the place out
Places = Sequence[Sequence[tuple[Token, ...]]]


class _Node:
    __slots__ = ("ends", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        #: sign and spelling of what ends here
        self.ends: list[tuple[str, tuple[str, ...]]] = []


class Signs:
    """All signs. A pattern stands under the words it may begin with until one of them is typed.

    There are many more phrases than are ever typed: unfolding all of them would cost more than building the index.
    """

    def __init__(self, patterns: Iterable[tuple[str, Places]], accents: Accents) -> None:
        self._accents = accents
        self._folded: dict[str, list[tuple[str, tuple[Token, ...], Places]]] = defaultdict(list)
        for sign, places in patterns:
            for head, rest in _openings(places):
                self._folded[head[0].folded].append((sign, head, rest))
        self._grown: dict[str, _Node] = {}

    def heard(self, tokens: Sequence[Token], hand: Hand) -> dict[str, float]:
        """How surely each sign was said in these words."""
        found: dict[str, float] = {}
        for start in range(len(tokens)):
            node, end = self._beginning(tokens[start].folded), start + 1
            while node is not None:
                for sign, marks in node.ends:
                    typed = tokens[start:end]
                    sure = self._accents.certainty(typed, marks)
                    if sure > found.get(sign, 0.0) and self._accents.agrees(typed, marks, hand):
                        found[sign] = sure
                node, end = (node.next.get(tokens[end].folded) if end < len(tokens) else None), end + 1
        return found

    def _beginning(self, first: str) -> _Node | None:
        if (node := self._grown.get(first)) is None and first in self._folded:
            node = _Node()
            for sign, head, rest in self._folded[first]:
                for chosen in islice(product(*rest), MOST):
                    words = [*head, *chain.from_iterable(chosen)]
                    at = node
                    for word in words[1:]:
                        at = at.next.setdefault(word.folded, _Node())
                    at.ends.append((sign, tuple([w.mark for w in words])))
            # only now, whole: another thread may be reading
            self._grown[first] = node
        return node


def _openings(places: Places) -> Iterator[tuple[tuple[Token, ...], Places]]:
    """What a pattern may begin with, and the places after it."""
    for at, place in enumerate(places):
        for choice in place:
            if choice:
                yield choice, places[at + 1 :]
        if all(place):
            return
