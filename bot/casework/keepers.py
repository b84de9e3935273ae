"""Who keeps reports of wrongdoing: whether anybody is free to, what nobody can see, who is the last one.

A report is kept from whom it may be about, and from everybody but its keepers. Without a keeper who is at work and not
matched it would lie here unread; so it is not taken, and what is here already is counted for whoever gives rights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot import officials, rights
from bot.casework.conflict import Told, matcher_of
from bot.errors import LoaThonError
from bot.library import Library
from bot.model.official import Official
from bot.store import Tx, case_moves
from bot.store.case_desk import KEEP

#: units named in a warning at most
_NAMED = 3


class LastKeeperError(LoaThonError):
    """casework.last_keeper"""


async def has_one(tx: Tx, library: Library, unit: str, on: date) -> bool:
    """Whether somebody at work keeps reports of that unit."""
    return any(rights.may(one, KEEP, unit=unit) for one in await officials.every(tx, library, on))


async def has_free_one(tx: Tx, library: Library, told: Told, on: date) -> bool:
    """Whether somebody at work may keep such a report and is not whom it may be about."""
    matcher = matcher_of(library)
    return any(
        rights.may(one, KEEP, unit=told.unit, hamlet=told.hamlet) and not matcher.why(told, one)
        for one in await officials.every(tx, library, on)
    )


async def unread(tx: Tx, library: Library, unit: str, on: date) -> int:
    """How many open reports of a unit nobody can see: no keeper is at work there, or each may be whom it is about."""
    kept = await case_moves.kept_open(tx, unit)
    staff = [one for one in await officials.every(tx, library, on) if one.reach.get(KEEP)] if kept else []
    return sum(
        not any(one.id not in hidden and rights.may(one, KEEP, unit=unit, hamlet=hamlet) for one in staff)
        for hamlet, hidden in kept
    )


async def require_another(
    tx: Tx, library: Library, target: Official, on: date, *, without: int | None = None, sure: bool = False
) -> None:
    """Before an account is closed, or one of its roles (`without`) ends: raises `LastKeeperError` for the last keeper
    of a unit, unless who does it is `sure`.
    """
    if sure or not target.reach.get(KEEP):
        return
    held = [one for one in target.assignments if one.id != without] if without is not None else []
    after = rights.standing(replace(target, assignments=tuple(held)), rights.tree(library), on)
    others = [one for one in await officials.every(tx, library, on) if one.id != target.id]
    alone = [unit for unit in library.units if _keeps(unit, target) and not _keeps(unit, after, *others)]
    if alone:
        raise LastKeeperError(name=target.name, units=_told(library, alone))


def _keeps(unit: str, *among: Official) -> bool:
    return any(rights.may(one, KEEP, unit=unit) for one in among)


def _told(library: Library, units: Sequence[str]) -> str:
    names = [library.units[unit].name for unit in units[:_NAMED]]
    return ", ".join([*names, "\u2026"] if len(units) > _NAMED else names)
