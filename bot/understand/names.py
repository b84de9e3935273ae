"""How each piece of evidence is called: the same whether a household typed it or the library says it."""

from __future__ import annotations

#: how the names of words and of pairs of words begin
WORD, TWO = "w:", "b:"


def of_concept(concept: str) -> str:
    """A concept."""
    return "c:" + concept


def of_together(concept: str, other: str) -> str:
    """Two concepts of one clause, in the order of their names."""
    return f"p:{concept}+{other}"


def of_word(folded: str) -> str:
    """A word without its accents."""
    return WORD + folded


def of_exact(mark: str) -> str:
    """A word in its exact spelling."""
    return "x:" + mark


def of_two(folded: str, following: str) -> str:
    """A word and the one after it, without accents."""
    return f"{TWO}{folded} {following}"
