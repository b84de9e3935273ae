"""What texts may say, and how long they may be: the rules of `bot.library.wording` over the whole library."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.library import Library
from bot.library.findings import Finding
from bot.library.wording import (
    ANSWER_MAX,
    MESSAGE_MAX,
    PART_MAX,
    SCRIPT_MAX,
    SCRIPT_MIN,
    SENTENCE_MAX,
    sentences,
    story_privacy,
    syllables,
)
from bot.library.wording import bare_figures as _bare_figures
from bot.library.wording import lengths as _lengths
from bot.library.wording import phrasing as _phrasing
from bot.library.wording import plainness as _plainness

__all__ = [
    "ANSWER_MAX",
    "MESSAGE_MAX",
    "PART_MAX",
    "SCRIPT_MAX",
    "SCRIPT_MIN",
    "SENTENCE_MAX",
    "sentences",
    "syllables",
]


def lengths(library: Library, today: date) -> Iterator[Finding]:
    """Rendered texts that are too long for the eye, the ear or the narrowest channel."""
    for entry in library.entries():
        yield from _lengths(library, entry, today)


def phrasing(library: Library, today: date) -> Iterator[Finding]:
    """Answers that do not speak as their basis allows; texts that promise what it does not."""
    for entry in library.entries():
        yield from _phrasing(library, entry, today)


def bare_figures(library: Library) -> Iterator[Finding]:
    """Figures written out in policies."""
    for policy in library.policies.values():
        yield from _bare_figures(library, policy)


def plainness(library: Library) -> Iterator[Finding]:
    """Words of offices in what units say themselves."""
    for told in library.faq.values():
        yield from _plainness(library, told)
    for news in library.announcements.values():
        yield from _plainness(library, news)


def sources(library: Library) -> tuple[list[Finding], list[Finding]]:
    """Entries without sources (errors) and policies without a legal document (warnings)."""
    none, unfounded = [], []
    for policy in library.policies.values():
        if not policy.sources:
            none.append(Finding("policies", policy.id, ("sources",), "no_sources"))
        if not policy.legal_basis:
            unfounded.append(Finding("policies", policy.id, ("legal_basis",), "no_legal_basis"))
    return none, unfounded


def privacy(library: Library) -> Iterator[Finding]:
    """Stories without consent that tell more than the province, or more than the source."""
    for story in library.stories.values():
        yield from story_privacy(library, story)
