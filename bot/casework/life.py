"""The life of a case as a table: which states follow which, who may move it, and what that does to its clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.errors import LoaThonError
from bot.model.case import CaseState

NEW, RECEIVED, WORKING = CaseState.NEW, CaseState.RECEIVED, CaseState.WORKING
CITIZEN, OTHERS = CaseState.WAITING_CITIZEN, CaseState.WAITING_OTHERS
ANSWERED, CLOSED = CaseState.ANSWERED, CaseState.CLOSED

#: the ball is with the office: its clock runs. While others answer it runs too: the household waits all the same.
RUNNING: Final = frozenset({NEW, RECEIVED, WORKING, OTHERS})
#: nothing is asked of the office any more
SETTLED: Final = frozenset({ANSWERED, CLOSED})

#: what an official may lead a case to
BY_OFFICIAL: Final[Mapping[CaseState, frozenset[CaseState]]] = {
    NEW: frozenset({RECEIVED, WORKING, CITIZEN, OTHERS, ANSWERED, CLOSED}),
    RECEIVED: frozenset({WORKING, CITIZEN, OTHERS, ANSWERED, CLOSED}),
    WORKING: frozenset({CITIZEN, OTHERS, ANSWERED, CLOSED}),
    CITIZEN: frozenset({WORKING, OTHERS, ANSWERED, CLOSED}),
    OTHERS: frozenset({WORKING, CITIZEN, ANSWERED, CLOSED}),
    ANSWERED: frozenset({WORKING, ANSWERED, CLOSED}),
    CLOSED: frozenset({WORKING}),
}
#: what a household may lead it to: one tap opens it again, words wake it
BY_HOUSEHOLD: Final[Mapping[CaseState, frozenset[CaseState]]] = {
    CITIZEN: frozenset({WORKING}),
    ANSWERED: frozenset({RECEIVED}),
    CLOSED: frozenset({RECEIVED}),
}
#: what happens by itself: an answered case nobody spoke of again is closed
BY_MACHINE: Final[Mapping[CaseState, frozenset[CaseState]]] = {
    CITIZEN: frozenset({WORKING}),
    ANSWERED: frozenset({CLOSED}),
}


class WrongStateError(LoaThonError):
    """casework.wrong_state"""


def check(state: CaseState, to: CaseState, table: Mapping[CaseState, frozenset[CaseState]] = BY_OFFICIAL) -> CaseState:
    """`to`, if that step is allowed; raises `WrongStateError`."""
    if to not in table.get(state, frozenset()):
        raise WrongStateError(state=state.value, to=to.value)
    return to
