"""Cases as officials see them: list, count, one by code. Who must not see a case is left out by the query itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal_column, not_, or_, select

from bot.model.official import Official
from bot.store import rights
from bot.store.case_tables import case_askers, case_hidden, case_history, case_screens, cases
from bot.store.store import Tx

#: bell that rings when a case moved
BELL = "cases"
#: held by the keeper of reports of wrongdoing
KEEP = "case-keep"
SETTLED = ("da-tra-loi", "dong")
#: spelled out, not bound: a partial index serves only a query that is seen to imply its condition
OPEN = tuple(cases.c.state != literal_column(f"'{state}'") for state in SETTLED)
_C, _A, _H = cases.c, case_askers.c, case_history.c


@dataclass(frozen=True, slots=True)
class Eye:
    """An official looking at cases. Made by `bot.casework.sight`."""

    official: Official
    #: actions that hold in a whole province: there they hold too for cases whose commune is not known yet
    wide: frozenset[str]
    #: of name and posts as they are today
    fingerprint: str


@dataclass(frozen=True, slots=True)
class DeskCase:
    """A case as the desk has it, without words."""

    id: int
    code: str
    kind: str
    state: str
    unit: str
    hamlet: str
    topic: str
    entry: str
    body: str
    source: str
    custody: str
    anonymous: bool
    about_role: str
    about_hamlet: str
    official_id: int | None
    identity_id: int | None
    conversation_id: int | None
    opened_at: datetime
    updated_at: datetime
    allowed_s: int | None
    spent_s: int
    clock_since: datetime | None
    due_at: datetime | None
    warned_at: datetime | None
    escalated_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    reopened: int
    merged_into: int | None
    head: str
    steps: int


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; an empty field narrows nothing."""

    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    hamlet: str = ""
    body: str = ""
    source: str = ""
    #: account they are with
    official_id: int | None = None
    #: with nobody
    unassigned: bool = False
    #: neither answered nor closed
    open_only: bool = False
    #: still open and due before then: now = late
    due_before: datetime | None = None
    opened_from: datetime | None = None
    opened_until: datetime | None = None
    #: also those answered with another case
    with_merged: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """One step. `payload` is None once redacted."""

    step: int
    what: str
    who: str
    at: datetime
    payload: dict[str, Any] | None
    hash: str


@dataclass(frozen=True, slots=True)
class Asker:
    """Someone who waits for the answer, with the code they hold. No conversation: came in person, called, wrote."""

    id: int
    case_id: int
    conversation_id: int | None
    code: str
    asked_at: datetime
    rating: int | None
    told_by: str
    told_at: datetime | None


_ROW = tuple(_C[one.name] for one in fields(DeskCase))


def visible(eye: Eye, action: str = "case-read") -> ColumnElement[bool]:
    """True for cases on which this official may do `action`; never for one that concerns them, or might."""
    me, official = eye.official.id, eye.official
    known = exists().where(case_screens.c.official_id == me, case_screens.c.fingerprint == eye.fingerprint)
    concerned = exists().where(case_hidden.c.case_id == _C.id, case_hidden.c.official_id == me)
    return and_(
        _C.screened,
        known,
        not_(concerned),
        or_(
            and_(_C.custody.in_(("", "xong")), _reached(eye, official, action)),
            and_(_C.custody != "", _reached(eye, official, KEEP)),
        ),
    )


def _reached(eye: Eye, official: Official, action: str) -> ColumnElement[bool]:
    # not the bare column: a list in its own order, looked through, costs less than all of some units, sorted
    there = rights.visible(official, action, unit=_C.unit.concat(""), hamlet=_C.hamlet, topic=_C.topic)
    return or_(there, _C.unit == "") if action in eye.wide else there


def narrowed(wanted: Filters) -> list[ColumnElement[bool]]:
    """The filters as conditions."""
    found: list[ColumnElement[bool]] = [] if wanted.with_merged else [_C.merged_into.is_(None)]
    among = ((_C.state, wanted.states), (_C.kind, wanted.kinds), (_C.topic, wanted.topics), (_C.unit, wanted.units))
    found += [column.in_(values) for column, values in among if values]
    is_one = ((_C.hamlet, wanted.hamlet), (_C.body, wanted.body), (_C.source, wanted.source))
    found += [column == value for column, value in is_one if value]
    if wanted.official_id is not None:
        found.append(_C.official_id == wanted.official_id)
    if wanted.unassigned:
        found.append(_C.official_id.is_(None))
    if wanted.open_only or wanted.due_before is not None:
        found += OPEN
    if wanted.due_before is not None:
        found.append(_C.due_at < wanted.due_before)
    if wanted.opened_from is not None:
        found.append(_C.opened_at >= wanted.opened_from)
    if wanted.opened_until is not None:
        found.append(_C.opened_at < wanted.opened_until)
    return found


#: how a list may be ordered -> column; due: what is due first, new: opened last, moved: changed last
ORDERS = {"due": _C.due_at, "new": _C.opened_at, "moved": _C.updated_at}


async def page(
    tx: Tx,
    eye: Eye,
    wanted: Filters,
    *,
    order: str = "due",
    after: tuple[datetime | None, int] | None = None,
    limit: int = 50,
) -> list[DeskCase]:
    """Cases in that order, those after a (moment, id); those without a due time come last."""
    column = ORDERS[order]
    if order == "due":
        return await _by_due(tx, eye, wanted, after, limit)
    statement = select(*_ROW).where(visible(eye), *narrowed(wanted)).limit(limit)
    statement = statement.order_by(column.desc(), _C.id.desc())
    if after is not None:
        statement = statement.where(or_(column < after[0], and_(column == after[0], _C.id < after[1])))
    return [DeskCase(*row) for row in await tx.rows(statement)]


async def _by_due(
    tx: Tx, eye: Eye, wanted: Filters, after: tuple[datetime | None, int] | None, limit: int
) -> list[DeskCase]:
    """In two runs of one index: those that have a due time, then those that wait for the household."""
    found: list[Any] = []
    seen, due = (visible(eye), *narrowed(wanted)), _C.due_at
    if after is None or after[0] is not None:
        statement = select(*_ROW).where(*seen, due.is_not(None)).order_by(due, _C.id).limit(limit)
        if after is not None:
            statement = statement.where(or_(due > after[0], and_(due == after[0], _C.id > after[1])))
        found += await tx.rows(statement)
    if len(found) < limit:
        statement = select(*_ROW).where(*seen, due.is_(None)).order_by(_C.id).limit(limit - len(found))
        if after is not None and after[0] is None:
            statement = statement.where(_C.id > after[1])
        found += await tx.rows(statement)
    return [DeskCase(*row) for row in found]


async def counts(tx: Tx, eye: Eye, wanted: Filters, at: datetime) -> dict[str, int]:
    """State -> how many, and under `late`, `mine`, `free` the open ones that are late, with this official, with nobody."""
    is_open = _C.state.not_in(SETTLED)
    told = {
        "late": and_(is_open, _C.due_at < at),
        "mine": and_(is_open, _C.official_id == eye.official.id),
        "free": and_(is_open, _C.official_id.is_(None)),
    }
    summed = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in told.values()]
    statement = select(_C.state, func.count(), *summed).where(visible(eye), *narrowed(wanted)).group_by(_C.state)
    found = dict.fromkeys(told, 0)
    for state, number, *rest in await tx.rows(statement):
        found[state] = int(number)
        for name, more in zip(told, rest, strict=True):
            found[name] += int(more)
    return found


async def count(tx: Tx, eye: Eye, wanted: Filters) -> int:
    """How many there are."""
    return int(await tx.scalar(select(func.count()).select_from(cases).where(visible(eye), *narrowed(wanted))) or 0)


async def one(tx: Tx, eye: Eye, code: str, *, action: str = "case-read", locked: bool = False) -> DeskCase | None:
    """The case of a code (of whoever asked), if this official may do `action` on it; `locked` until the end."""
    which = select(_A.case_id).where(_A.code == code).scalar_subquery()
    statement = select(*_ROW).where(or_(_C.code == code, _C.id == which), visible(eye, action))
    row = await tx.one(statement.with_for_update() if locked else statement)
    return DeskCase(*row) if row else None


async def by_ids(tx: Tx, eye: Eye, ids: Sequence[int], *, action: str = "case-read") -> dict[int, DeskCase]:
    """Those of these cases on which the official may do `action`."""
    if not ids:
        return {}
    statement = select(*_ROW).where(_C.id.in_(ids), visible(eye, action))
    return {row.id: DeskCase(*row) for row in await tx.rows(statement)}


async def seen(tx: Tx, eye: Eye, codes: Sequence[str]) -> set[str]:
    """Those of these codes (of whoever asked) whose case the official sees."""
    if not codes:
        return set()
    own = await tx.rows(select(_C.code).where(_C.code.in_(codes), visible(eye)))
    held = await tx.rows(select(_A.code).join_from(case_askers, cases).where(_A.code.in_(codes), visible(eye)))
    return {row[0] for row in (*own, *held)}


async def any_by_id(tx: Tx, case_id: int, *, locked: bool = False) -> DeskCase | None:
    """A case whoever may see it: for what the machine does."""
    statement = select(*_ROW).where(_C.id == case_id)
    row = await tx.one(statement.with_for_update() if locked else statement)
    return DeskCase(*row) if row else None


async def history(tx: Tx, case_ids: Sequence[int]) -> dict[int, list[History]]:
    """All steps of these cases, in order."""
    found: dict[int, list[History]] = {number: [] for number in case_ids}
    columns = (_H.case_id, _H.step, _H.what, _H.who, _H.at, _H.payload, _H.hash)
    for row in await tx.rows(select(*columns).where(_H.case_id.in_(case_ids)).order_by(_H.case_id, _H.step)):
        payload = json.loads(row.payload) if row.payload is not None else None
        found[row.case_id].append(History(row.step, row.what, row.who, row.at, payload, row.hash))
    return found


async def askers(tx: Tx, case_ids: Sequence[int]) -> list[Asker]:
    """Everyone who waits for the answer of these cases, oldest first."""
    columns = tuple(_A[one.name] for one in fields(Asker))
    rows = await tx.rows(select(*columns).where(_A.case_id.in_(case_ids)).order_by(_A.id))
    return [Asker(*row) for row in rows]


async def joined_to(tx: Tx, case_id: int) -> list[int]:
    """Cases answered together with this one."""
    return [row[0] for row in await tx.rows(select(_C.id).where(_C.merged_into == case_id).order_by(_C.id))]
