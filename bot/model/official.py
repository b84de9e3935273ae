"""People who work at the desk: who they are, what they were given, and how far it reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class OfficialState(StrEnum):
    """Life of an account."""

    #: has a link but no password yet
    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One role in one unit and those below it. `unit` "" = the whole installation, `topics` () = all topics."""

    id: int
    role: str
    unit: str
    #: one hamlet of that unit alone; "" = all of it
    hamlet: str
    topics: tuple[str, ...]
    #: approves in their own right, without a delegation
    is_chair: bool
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Delegation:
    """The chair's written word that a deputy approves in their place, both days included."""

    id: int
    unit: str
    topics: tuple[str, ...]
    #: number of the document
    document: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a right holds. None = everywhere, for every topic."""

    units: frozenset[str] | None
    topics: frozenset[str] | None
    #: one hamlet of those units; "" = all
    hamlet: str = ""

    def holds(self, unit: str, hamlet: str, topic: str) -> bool:
        """Whether an object of that place and topic lies within."""
        return (
            (self.units is None or unit in self.units)
            and (not self.hamlet or hamlet == self.hamlet)
            and (self.topics is None or topic in self.topics)
        )


@dataclass(frozen=True, slots=True)
class Official:
    """An official as they stand on one day; `bot.rights.may` and `bot.store.rights.visible` read nothing else."""

    id: int
    login: str
    name: str
    state: OfficialState
    assignments: tuple[Assignment, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    #: whether a one-time code is asked at sign-in
    has_code: bool = False
    #: action -> where it holds; the official may where any of them holds
    reach: Mapping[str, tuple[Scope, ...]] = field(default_factory=dict)
    #: actions refused on what the official wrote
    not_own: frozenset[str] = frozenset()

    @property
    def who(self) -> str:
        """How audit and histories name them: never by name."""
        return f"official:{self.id}"
