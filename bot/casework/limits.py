"""How much working time a case has, and what it is called when it is late."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.casework.clocks import Calendar
from bot.library import Library
from bot.library.schema.casework import CaseRules, Limit
from bot.model.case import CaseState
from bot.store.case_desk import SETTLED, DeskCase

#: a reminder comes when this much working time is left
REMIND_BEFORE_S = 4 * 3600


class Cause(StrEnum):
    """Why a case is late."""

    #: nobody looked at it
    UNREAD = "chua-xem"
    #: looked at, with nobody
    UNASSIGNED = "chua-giao"
    #: with an official
    WORKING = "dang-lam"
    #: another body has not answered
    OTHERS = "cho-don-vi-khac"
    #: the household said that it was not done
    REOPENED = "mo-lai"


def limit(library: Library, kind: str) -> Limit:
    """The limits of a kind; those of a question where the rules name none."""
    rules = library.phrase(CaseRules).limits
    return rules.get(kind) or rules["hoi-can-bo"]


def allowed_s(library: Library, kind: str, on: date) -> int:
    """Working seconds a case of that kind has until its answer."""
    return limit(library, kind).answer_days * Calendar.of(library).day_s(on)


def take_by(library: Library, one: DeskCase) -> datetime:
    """When a new case should have been looked at."""
    return Calendar.of(library).after(one.opened_at, limit(library, one.kind).take_hours * 3600)


def spent_s(library: Library, one: DeskCase, now: datetime) -> int:
    """Working seconds used so far; none while the ball is with the household."""
    running = Calendar.of(library).between(one.clock_since, now) if one.clock_since else 0
    return one.spent_s + running


def is_late(one: DeskCase, now: datetime) -> bool:
    """Whether its time ran out with the office."""
    return one.due_at is not None and one.due_at < now and one.state not in SETTLED


def cause(one: DeskCase) -> Cause:
    """Why it is late, or would be."""
    if one.reopened:
        return Cause.REOPENED
    if one.state == CaseState.NEW.value:
        return Cause.UNREAD
    if one.state == CaseState.WAITING_OTHERS.value:
        return Cause.OTHERS
    return Cause.WORKING if one.official_id is not None else Cause.UNASSIGNED


def stopped(library: Library, one: DeskCase, now: datetime) -> dict[str, Any]:
    """The clock's columns when the ball leaves the office."""
    return {"spent_s": spent_s(library, one, now), "clock_since": None, "due_at": None}


def started(library: Library, one: DeskCase, at: datetime) -> dict[str, Any]:
    """The clock's columns when the ball comes back: what was left runs on."""
    if one.clock_since is not None:
        return {}
    granted = one.allowed_s if one.allowed_s is not None else allowed_s(library, one.kind, at.date())
    left = max(granted - one.spent_s, 0)
    return {"allowed_s": granted, "clock_since": at, "due_at": Calendar.of(library).after(at, left)}


def renewed(library: Library, one: DeskCase, at: datetime) -> dict[str, Any]:
    """The clock's columns of a case that was settled and is taken up again: its time begins anew."""
    granted = allowed_s(library, one.kind, at.date())
    return {
        "allowed_s": granted,
        "spent_s": 0,
        "clock_since": at,
        "due_at": Calendar.of(library).after(at, granted),
        "warned_at": None,
        "escalated_at": None,
    }


def reminds_before(library: Library, now: datetime) -> datetime:
    """Cases due before then are reminded of now."""
    return Calendar.of(library).after(now, REMIND_BEFORE_S) + timedelta(seconds=1)
