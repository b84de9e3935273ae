"""What the desk changes on cases beside their history. Statements only; the rules stand in `bot/casework/`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select, text, update

from bot.store.case_desk import OPEN, SETTLED, DeskCase
from bot.store.case_tables import (
    case_askers,
    case_attachments,
    case_hidden,
    case_history,
    case_screens,
    cases,
)
from bot.store.store import Tx
from bot.store.tables import identities

_C, _A, _H = cases.c, case_askers.c, case_history.c
_ROW = tuple(_C[name] for name in DeskCase.__slots__)


async def change(tx: Tx, case_id: int, **values: Any) -> None:
    """Set columns of a case that the caller holds locked."""
    await tx.run(update(cases).where(_C.id == case_id).values(**values))


async def with_step(tx: Tx, case_ids: Sequence[int], what: str) -> set[int]:
    """Those of these cases whose history has such a step."""
    rows = await tx.rows(select(_H.case_id).where(_H.case_id.in_(case_ids), _H.what == what).distinct())
    return {row[0] for row in rows}


async def last_step(tx: Tx, case_ids: Sequence[int], what: str) -> dict[int, datetime]:
    """When each of these cases last had such a step; those that never had are left out."""
    mine = (_H.case_id.in_(case_ids), _H.what == what)
    rows = await tx.rows(select(_H.case_id, func.max(_H.at).label("at")).where(*mine).group_by(_H.case_id))
    return {row.case_id: row.at for row in rows}


# who must not see it


async def keep(tx: Tx, case_ids: Sequence[int]) -> None:
    """From now on their keeper alone sees them; those under custody, or settled, stay as they are, and urgent ones."""
    if case_ids:
        mine = (_C.id.in_(case_ids), _C.custody == "", _C.kind != "khan-cap")
        await tx.run(update(cases).where(*mine).values(custody="giu", official_id=None))


async def hide(tx: Tx, rows: Sequence[tuple[int, int, str]]) -> None:
    """(case, official, why): from now on that official never sees that case; the first reason stays."""
    values = [{"case_id": number, "official_id": official, "why": why} for number, official, why in rows]
    await tx.add(case_hidden, values, ignore=True)


async def hidden(tx: Tx, case_id: int) -> dict[int, str]:
    """Officials who must not see it -> why."""
    h = case_hidden.c
    rows = await tx.rows(select(h.official_id, h.why).where(h.case_id == case_id))
    return {row.official_id: row.why for row in rows}


async def show_to_all(tx: Tx, case_id: int) -> None:
    """Nobody is kept from it any more; the custodian names anew who is."""
    await tx.run(delete(case_hidden).where(case_hidden.c.case_id == case_id))


async def kept_open(tx: Tx, unit: str, limit: int = 1000) -> list[tuple[str, set[int]]]:
    """(hamlet, officials who must not see it) of the open cases of a unit that their keeper alone sees, the oldest."""
    h = case_hidden.c
    mine = (_C.unit == unit, _C.custody.in_(("giu", "kin")), *OPEN, _C.merged_into.is_(None))
    kept = await tx.rows(select(_C.id, _C.hamlet).where(*mine).order_by(_C.id).limit(limit))
    found: dict[int, set[int]] = {row.id: set() for row in kept}
    for row in await tx.rows(select(h.case_id, h.official_id).where(h.case_id.in_(sorted(found)))):
        found[row.case_id].add(row.official_id)
    return [(row.hamlet, found[row.id]) for row in kept]


async def unscreened(tx: Tx, limit: int) -> list[DeskCase]:
    """Cases with words nobody was matched against yet, oldest first, locked."""
    statement = select(*_ROW).where(text("not cases.screened")).order_by(_C.id).limit(limit).with_for_update()
    return [DeskCase(*row) for row in await tx.rows(statement)]


async def screened(tx: Tx, case_ids: Sequence[int]) -> None:
    """All words of these cases were matched."""
    await tx.run(update(cases).where(_C.id.in_(case_ids)).values(screened=True))


async def after(tx: Tx, case_id: int, limit: int) -> list[DeskCase]:
    """The next cases by number, for a look at all of them."""
    statement = select(*_ROW).where(_C.id > case_id).order_by(_C.id).limit(limit)
    return [DeskCase(*row) for row in await tx.rows(statement)]


async def fingerprints(tx: Tx) -> dict[int, str]:
    """Officials against whom all cases were matched, as they were then."""
    s = case_screens.c
    return {row.official_id: row.fingerprint for row in await tx.rows(select(s.official_id, s.fingerprint))}


async def looked_through(tx: Tx, official_id: int, fingerprint: str, at: datetime) -> None:
    """All cases were matched against this official as they are now."""
    statement = tx.insert(case_screens).values(official_id=official_id, fingerprint=fingerprint, at=at)
    excluded = statement.excluded
    await tx.run(
        statement.on_conflict_do_update(
            index_elements=["official_id"], set_={"fingerprint": excluded.fingerprint, "at": excluded.at}
        )
    )


# who waits


async def tick(tx: Tx, asker_id: int, how: str, at: datetime) -> None:
    """The answer reached someone whom no channel reaches."""
    await tx.run(update(case_askers).where(_A.id == asker_id).values(told_by=how, told_at=at))


async def rate(tx: Tx, code: str, rating: int, at: datetime) -> None:
    """What the holder of a code thinks of the answer."""
    await tx.run(update(case_askers).where(_A.code == code).values(rating=rating, rated_at=at))


# time


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case whose household spoke after it was asked something."""

    case: DeskCase
    spoke_at: datetime


async def spoken_since_asked(tx: Tx, limit: int = 200) -> list[Waiting]:
    """Cases that wait for the household although its words came after the question."""
    earlier = case_history.alias("earlier").c
    asked = (
        select(func.max(earlier.step))
        .where(earlier.case_id == _C.id, earlier.what == "asked-citizen")
        .correlate(cases)
        .scalar_subquery()
    )
    statement = (
        select(func.max(_H.at).label("spoke"), *_ROW)
        .join_from(cases, case_history, _H.case_id == _C.id)
        .where(_C.state == "cho-dan", _H.what == "added", _H.step > func.coalesce(asked, 0))
        .group_by(*_ROW)
        .order_by(_C.id)
        .limit(limit)
    )
    return [Waiting(DeskCase(*row[1:]), row[0]) for row in await tx.rows(statement)]


async def nearly_late(tx: Tx, before: datetime, limit: int = 200) -> list[DeskCase]:
    """Open cases due before then of which nobody was reminded, what is due first first."""
    statement = (
        select(*_ROW)
        .where(*OPEN, _C.due_at < before, _C.warned_at.is_(None), _C.screened)
        .order_by(_C.due_at)
        .limit(limit)
    )
    return [DeskCase(*row) for row in await tx.rows(statement)]


async def late(tx: Tx, at: datetime, limit: int = 200) -> list[DeskCase]:
    """Open cases past their time that were not taken further up, oldest first."""
    statement = (
        select(*_ROW)
        .where(*OPEN, _C.due_at < at, _C.escalated_at.is_(None), _C.screened)
        .order_by(_C.due_at)
        .limit(limit)
    )
    return [DeskCase(*row) for row in await tx.rows(statement)]


async def quiet_since(tx: Tx, before: datetime, limit: int = 200) -> list[DeskCase]:
    """Answered cases of which nobody spoke since then."""
    statement = select(*_ROW).where(_C.state == "da-tra-loi", _C.updated_at < before).order_by(_C.id).limit(limit)
    return [DeskCase(*row) for row in await tx.rows(statement)]


# what is near


async def candidates(tx: Tx, to: DeskCase, since: datetime, limit: int = 300) -> list[DeskCase]:
    """Cases the same answer might serve: same place, not answered with another, not under custody, brought since then."""
    statement = (
        select(*_ROW)
        .where(
            _C.id != to.id,
            _C.unit == to.unit,
            _C.custody == "",
            _C.merged_into.is_(None),
            _C.opened_at >= since,
            or_(_C.state.not_in(SETTLED), _C.id < to.id),
        )
        .order_by(_C.id.desc())
        .limit(limit)
    )
    return [DeskCase(*row) for row in await tx.rows(statement)]


async def is_hidden_from_somebody(tx: Tx, case_ids: Sequence[int]) -> set[int]:
    """Which of these cases somebody must not see."""
    h = case_hidden.c
    return {row[0] for row in await tx.rows(select(h.case_id).where(h.case_id.in_(case_ids)).distinct())}


# who it is, and files


async def identity(tx: Tx, identity_id: int) -> dict[str, str]:
    """Name and phone as given; {} when erased."""
    row = await tx.one(select(identities.c.body).where(identities.c.id == identity_id))
    return dict(row.body) if row else {}


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of a case. `sha256` is None until it is here."""

    id: int
    case_id: int
    kind: str
    mime: str
    size_bytes: int | None
    sha256: str | None
    state: str
    added_at: datetime


_FILE = tuple(case_attachments.c[name] for name in FileRow.__slots__)


async def files(tx: Tx, case_id: int) -> list[FileRow]:
    """The files of a case, in order; their names as given stay out of the desk."""
    f = case_attachments.c
    return [FileRow(*row) for row in await tx.rows(select(*_FILE).where(f.case_id == case_id).order_by(f.id))]


async def receipt_steps(tx: Tx, code: str, beginning: str) -> list[tuple[int, str, datetime]]:
    """(step, hash, when) of the case of a code whose hash begins so."""
    which = select(_A.case_id).where(_A.code == code)
    mine = or_(_H.case_id.in_(select(_C.id).where(_C.code == code)), _H.case_id.in_(which))
    rows = await tx.rows(
        select(_H.step, _H.hash, _H.at).where(mine, _H.hash.startswith(beginning, autoescape=True)).order_by(_H.step)
    )
    return [(row.step, row.hash, row.at) for row in rows]


async def is_taken(tx: Tx, code: str) -> bool:
    """Whether a code is somebody's already."""
    return bool(await tx.scalar(select(exists().where(_A.code == code))))


async def was_entered(tx: Tx, code: str, salt: str) -> bool:
    """Whether the case of that code began with that entry: `salt` is that of its first step."""
    mine = (_C.code == code, _H.step == 1, _H.what == "entered", _H.salt == salt)
    return bool(await tx.scalar(select(exists().where(_H.case_id == _C.id, *mine))))


async def open_with(tx: Tx, official_id: int) -> int:
    """How many open cases are with an official."""
    where = and_(_C.official_id == official_id, _C.state.not_in(SETTLED))
    return int(await tx.scalar(select(func.count()).select_from(cases).where(where)) or 0)
