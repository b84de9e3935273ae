"""Short messages that only name a thing: "vay", "bhyt", the office's telephone number. What they lead to is data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.library.schema.words import Head, HeadWords
from bot.understand.patterns import written_out
from bot.understand.syllable import bare
from bot.understand.tokens import Spelling, Token

#: a message of more words than this says more than a head
MOST_WORDS = 10


class Heads:
    """Heads by their whole wording; words of courtesy around them count nothing."""

    def __init__(self, words: HeadWords, spelling: Spelling, known: Iterable[str]) -> None:
        """`known`: the targets there are; a head keeps those of them it leads to, and one with none is left out."""
        self._known = frozenset(known)
        self._spelling = spelling
        self._beside = frozenset(t.folded for word in words.beside for t in self._tokens(word))
        #: folded words -> how each wording is spelt, and its head
        self._said: dict[tuple[str, ...], list[tuple[tuple[str, ...], Head]]] = {}
        for head in words.heads:
            kept = head.model_copy(update={"to": tuple(t for t in head.to if t in self._known)})
            for phrase in (p for said in head.said for p in written_out(said, self._tokens)[1]):
                folded = tuple(t.folded for t in phrase)
                if kept.to:
                    self._said.setdefault(folded, []).append((tuple(t.mark for t in phrase), kept))

    def _tokens(self, phrase: str) -> tuple[Token, ...]:
        return tuple(t for clause in self._spelling.clauses(phrase, ours=True) for t in clause.tokens)

    def meant(self, tokens: Sequence[Token]) -> Head | None:
        """The head that all words of a message name together; accents that were typed must be those of its wording."""
        if len(tokens) > MOST_WORDS:
            return None
        start, end = 0, len(tokens)
        # the shortest cut first: a head may begin or end with a word that elsewhere is courtesy
        while True:
            for first, last in ((start, end), (0, end), (start, len(tokens))):
                if found := self._named(tokens[first:last]):
                    return found
            if start < end and tokens[start].folded in self._beside:
                start += 1
            elif start < end and tokens[end - 1].folded in self._beside:
                end -= 1
            else:
                return None

    def _named(self, tokens: Sequence[Token]) -> Head | None:
        for spelt, head in self._said.get(tuple(t.folded for t in tokens), ()):
            if all(t.mark == mark or bare(t.mark) for t, mark in zip(tokens, spelt, strict=True)):
                return head
        return None
