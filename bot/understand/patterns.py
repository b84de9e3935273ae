"""Phrases with choices: "(a|b) (c|)" stands for "a c", "a", "b c" and "b"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain, islice, product

from bot.understand.tokens import Token

_CHOICE = re.compile(r"\(([^()]*)\)")
#: a pattern stands for at most this many phrases; more are a slip of who wrote it
MOST = 1_000


def choices(pattern: str) -> list[list[str]]:
    """What can stand at each place of a pattern, in its order; an empty choice leaves the place out."""
    # every second piece stood in brackets
    pieces = enumerate(_CHOICE.split(pattern))
    return [[c.strip() for c in piece.split("|")] if at % 2 else [piece.strip()] for at, piece in pieces]


def unbalanced(pattern: str) -> bool:
    """Whether a bracket is missing or stands inside another, or a choice stands outside of any."""
    return not frozenset("()|").isdisjoint(_CHOICE.sub(" ", pattern))


def places(pattern: str, tokens: Callable[[str], Sequence[Token]]) -> list[list[tuple[Token, ...]]]:
    """What can stand at each place, as words; `tokens` reads a piece."""
    return [[tuple(tokens(choice)) if choice else () for choice in place] for place in choices(pattern)]


def written_out(pattern: str, tokens: Callable[[str], Sequence[Token]]) -> tuple[list[Token], list[tuple[Token, ...]]]:
    """The words of a pattern, each once, and all phrases it stands for; `tokens` reads a piece.

    Word files use patterns where people put the same few words together in many ways ("stop sending", "no need to
    tell"). The words are given once so that a pattern says no more about how words are spelt than a phrase does.
    """
    read = places(pattern, tokens)
    words = [t for place in read for choice in place for t in choice]
    every = islice(product(*read), MOST)
    return words, [phrase for chosen in every if (phrase := tuple(chain.from_iterable(chosen)))]
