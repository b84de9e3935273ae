"""Who looks at cases: an official's rights, and whether every case was matched against them as they are today."""

from __future__ import annotations

import hashlib

from bot import rights
from bot.casework.conflict import RULES
from bot.library import Library
from bot.model.official import Official
from bot.store.case_desk import Eye


def eye(official: Official, library: Library) -> Eye:
    """The official (with their rights expanded) looking at cases.

    They see none until all cases were matched against their name and posts of today (`bot.casework.arrivals`).
    """
    wide = frozenset(
        action for action in official.reach if action.startswith("case-") and _is_wide(official, action, library)
    )
    return Eye(official, wide, fingerprint(official))


def fingerprint(official: Official) -> str:
    """Of all that conflicts are matched by: another name, post or way of matching asks for another look at all cases."""
    posts = sorted({f"{a.role}|{a.unit}|{a.hamlet}" for a in official.assignments})
    return hashlib.sha256("\n".join((str(RULES), official.name, *posts)).encode()).hexdigest()


def _is_wide(official: Official, action: str, library: Library) -> bool:
    """Whether an action holds in the whole house or a whole province: there is nobody else for a case of no commune."""
    provinces = {unit.id for unit in library.units.values() if unit.level == "tinh"}
    return any(
        not scope.hamlet and scope.topics is None and (scope.units is None or scope.units & provinces)
        for scope in official.reach.get(action, ())
    )


def may_anywhere(official: Official) -> bool:
    """Whether there is any case this official might see: readers and keepers of reports."""
    return rights.may_anywhere(official, "case-read") or rights.may_anywhere(official, "case-keep")
