"""Matters that may be one: by what they are about, what happened to it, the words used, and where.

A suggestion for an official, who joins them or not; never across a wall (`merging.is_walled`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.casework import merging
from bot.casework.likeness import LIKE, likeness_of
from bot.library import Library
from bot.model.fold import fold
from bot.store import Tx, case_desk, case_moves, cases
from bot.store.case_desk import DeskCase, Eye
from bot.work.intake import OWN_WORDS

#: matters further apart in time are two
WITHIN = timedelta(days=60)
#: cases looked at, newest first, and shown
LOOKED_AT, SHOWN = 300, 5


@dataclass(frozen=True, slots=True)
class Near:
    """A case that may be the same matter."""

    case: DeskCase
    likeness: float


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
    likeness = likeness_of(library)
    own = likeness.told(mine)
    return [likeness.likeness(own, likeness.told(other)) for other in others]


def _joined(words: Iterable[tuple[str, str]]) -> str:
    return "\n".join(text for _what, text in words if text)
