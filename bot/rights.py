"""Who may do what: role x unit subtree x topic x action, as data in `rights.yaml`.

`reach` expands what an official was given into scopes once a request; `may` asks them of an object, and
`bot.store.rights.visible` makes the same scopes a condition of a query.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.errors import LoaThonError
from bot.library import Library
from bot.model.official import Assignment, Delegation, Official, OfficialState, Scope

_FILE = Path(__file__).with_name("rights.yaml")
#: the role that holds the accounts; a house has always one active official of it
ADMINISTRATOR = "quan-tri"


class NotAllowedError(LoaThonError):
    """rights.not_allowed"""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing an official can do."""

    id: str
    title: str
    #: assignments limited to topics reach only objects of those topics; otherwise their topics do not count
    by_topic: bool = False
    #: never on one's own work
    not_by_author: bool = False
    #: needs the chair, or the chair's written delegation
    delegated: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """What is given to a person."""

    id: str
    title: str
    about: str
    may: tuple[str, ...]


@cache
def _rules() -> tuple[Mapping[str, Action], Mapping[str, Role]]:
    read: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    actions = {name: Action(id=name, **told) for name, told in read["actions"].items()}
    roles = {
        name: Role(name, told["title"], told["about"], tuple(actions[a].id for a in told["may"]))
        for name, told in read["roles"].items()
    }
    return actions, roles


def actions() -> Mapping[str, Action]:
    """Every action by id, in the order of the file."""
    return _rules()[0]


def roles() -> Mapping[str, Role]:
    """Every role by id, in the order of the file."""
    return _rules()[1]


def tree(library: Library) -> dict[str, str | None]:
    """Each unit and the one above it."""
    return {unit.id: unit.parent for unit in library.units.values()}


def below(unit: str, units: Mapping[str, str | None]) -> frozenset[str]:
    """A unit and all units below it; a unit the tree does not know stands alone."""
    found, grows = {unit}, True
    while grows:
        more = {child for child, parent in units.items() if parent in found} - found
        found |= more
        grows = bool(more)
    return frozenset(found)


def standing(official: Official, units: Mapping[str, str | None], on: date) -> Official:
    """The official with `reach` filled in for that day; one who is not active reaches nothing."""
    if official.state is not OfficialState.ACTIVE:
        return replace(official, reach={}, not_own=frozenset())
    held = [a for a in official.assignments if a.since <= on and (a.until is None or on <= a.until)]
    given = [d for d in official.delegations if d.since <= on <= d.until]
    reach: dict[str, tuple[Scope, ...]] = {}
    for action in actions().values():
        scopes = dict.fromkeys(scope for a in held for scope in _scopes(a, action, given, units))
        if scopes:
            reach[action.id] = tuple(scopes)
    own = frozenset(action.id for action in actions().values() if action.not_by_author)
    return replace(official, reach=reach, not_own=own)


def may(
    official: Official, action: str, *, unit: str, hamlet: str = "", topic: str | None = None, author: int | None = None
) -> bool:
    """Whether the official may do that to an object of this unit, hamlet and topic, written by official `author`.

    Raises `KeyError` for an action that is not in `rights.yaml`.
    """
    known = actions()[action]
    if author is not None and author == official.id and known.id in official.not_own:
        return False
    return any(scope.holds(unit, hamlet, topic or "") for scope in official.reach.get(action, ()))


def may_anywhere(official: Official, action: str) -> bool:
    """Whether there is any place where the official may do that: whether its page is shown at all."""
    return bool(official.reach.get(actions()[action].id))


def require(
    official: Official, action: str, *, unit: str, hamlet: str = "", topic: str | None = None, author: int | None = None
) -> None:
    """Raise `NotAllowedError` unless `may`; the desk answers it like an object that is not there (404)."""
    if not may(official, action, unit=unit, hamlet=hamlet, topic=topic, author=author):
        raise NotAllowedError


def _scopes(
    assignment: Assignment, action: Action, given: Iterable[Delegation], units: Mapping[str, str | None]
) -> list[Scope]:
    if action.id not in roles()[assignment.role].may:
        return []
    topics = frozenset(assignment.topics) if action.by_topic and assignment.topics else None
    reached = below(assignment.unit, units) if assignment.unit else None
    own = Scope(reached, topics, assignment.hamlet)
    if not action.delegated or assignment.is_chair:
        return [own]
    return [scope for d in given if (scope := _meet(own, d, action, units))]


def _meet(own: Scope, delegation: Delegation, action: Action, units: Mapping[str, str | None]) -> Scope | None:
    """What an assignment and a delegation both cover."""
    lent = below(delegation.unit, units) if delegation.unit else None
    reached = own.units if lent is None else lent if own.units is None else own.units & lent
    lent_topics = frozenset(delegation.topics) if action.by_topic and delegation.topics else None
    topics = own.topics if lent_topics is None else lent_topics if own.topics is None else own.topics & lent_topics
    if reached == frozenset() or topics == frozenset():
        return None
    return Scope(reached, topics, own.hamlet)
