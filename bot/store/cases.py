"""Cases and their chained history. Statements only; the rules of a case stand in `bot/cases.py`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update

from bot.store import chain
from bot.store.case_tables import case_askers, case_history, cases
from bot.store.store import Tx

#: kind under which cases are found by words
SEARCHED = "case"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as the database has it, without words."""

    id: int
    code: str
    kind: str
    state: str
    unit: str
    conversation_id: int | None
    opened_at: datetime
    updated_at: datetime
    head: str
    steps: int


@dataclass(frozen=True, slots=True)
class Asking:
    """One asker's hold on a case: their own code, and the case it leads to."""

    code: str
    #: none for who came in person, called or wrote on paper
    conversation_id: int | None
    pin_hash: str
    case: CaseRow


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a case. `salt` is random, `payload` its words and files as JSON."""

    case_id: int
    what: str
    who: str
    at: datetime
    salt: str
    payload: dict[str, Any]
    #: whose words they are, so that erasure finds them; None = not a household's
    conversation_id: int | None = None


_C = cases.c
_A = case_askers.c
_ROW = tuple(_C[field.name] for field in fields(CaseRow))
_ASKING = (_A.code, _A.conversation_id, _A.pin_hash)


def _asking(row: Any) -> Asking:
    code, conversation, pin, *case = row
    return Asking(code, conversation, pin, CaseRow(*case))


async def by_codes(tx: Tx, codes: Sequence[str]) -> dict[str, Asking]:
    """Who holds these codes and of which case, in one query."""
    if not codes:
        return {}
    rows = await tx.rows(select(*_ASKING, *_ROW).join_from(case_askers, cases).where(_A.code.in_(codes)))
    return {row[0]: _asking(row) for row in rows}


async def open_by_join(tx: Tx, keys: Sequence[str]) -> dict[str, int]:
    """Open cases others may join: join key -> case id, locked."""
    if not keys:
        return {}
    rows = await tx.rows(select(_C.join_key, _C.id).where(_C.join_key.in_(keys)).order_by(_C.id).with_for_update())
    return {row.join_key: row.id for row in rows}


async def of_conversations(tx: Tx, ids: Sequence[int]) -> dict[int, list[Asking]]:
    """The cases each conversation opened or joined, newest first, each once."""
    found: dict[int, dict[int, Asking]] = {number: {} for number in ids}
    rows = await tx.rows(
        select(*_ASKING, *_ROW)
        .join_from(case_askers, cases)
        .where(_A.conversation_id.in_(ids))
        .order_by(_C.id.desc(), _A.id)
    )
    for row in rows:
        asking = _asking(row)
        if asking.conversation_id is not None:
            found[asking.conversation_id].setdefault(asking.case.id, asking)
    return {number: list(askings.values()) for number, askings in found.items()}


async def add(tx: Tx, rows: Sequence[dict[str, Any]]) -> list[int]:
    """New cases without steps; their ids in order. Each row names the same columns."""
    return await tx.add_numbered(cases, [{**row, "head": chain.START, "steps": 0} for row in rows])


async def add_askers(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Who waits for an answer; each row names the same columns."""
    await tx.add(case_askers, rows)


async def askers(tx: Tx, case_id: int) -> list[int]:
    """The conversations that wait for this case's answer, each once."""
    mine = (_A.case_id == case_id, _A.conversation_id.is_not(None))
    rows = await tx.rows(select(_A.conversation_id).where(*mine).order_by(_A.id))
    return list(dict.fromkeys(row[0] for row in rows))


async def record(tx: Tx, steps: Sequence[Step], *, state: str | None = None) -> list[int]:
    """Chain these steps to their cases' histories, under the cases' row locks; the steps' ids in order.

    `state` moves the cases to that state with the same statement.
    """
    ids = sorted({step.case_id for step in steps})
    if not ids:
        return []
    locked = await tx.rows(
        select(_C.id, _C.code, _C.head, _C.steps).where(_C.id.in_(ids)).order_by(_C.id).with_for_update()
    )
    heads = {row.id: (row.code, row.head, row.steps) for row in locked}
    rows, latest = [], {}
    for step in steps:
        code, previous, count = heads[step.case_id]
        payload = chain.canonical(step.payload)
        meta = chain.metadata(code, count + 1, step.what, step.who, step.at)
        hashed = chain.payload_hash(step.salt, payload)
        head = chain.link(previous, meta, hashed)
        heads[step.case_id] = (code, head, count + 1)
        rows.append(
            {
                "case_id": step.case_id,
                "step": count + 1,
                "conversation_id": step.conversation_id,
                "what": step.what,
                "who": step.who,
                "at": step.at,
                "metadata": meta,
                "salt": step.salt,
                "payload": payload,
                "payload_hash": hashed,
                "hash": head,
            }
        )
        latest[step.case_id] = {"which": step.case_id, "new_head": head, "new_steps": count + 1, "at": step.at}
    numbers = await tx.add_numbered(case_history, rows)
    moved: dict[str, Any] = {"state": state} if state else {}
    statement = (
        update(cases)
        .where(_C.id == bindparam("which"))
        .values(head=bindparam("new_head"), steps=bindparam("new_steps"), updated_at=bindparam("at"), **moved)
    )
    await tx.run_many(statement, list(latest.values()))
    return numbers


async def words(tx: Tx, case_ids: Sequence[int], what: Sequence[str]) -> dict[int, list[tuple[str, str]]]:
    """(what, text) of the steps of those kinds that were not redacted, oldest first."""
    found: dict[int, list[tuple[str, str]]] = {number: [] for number in case_ids}
    h = case_history.c
    rows = await tx.rows(
        select(h.case_id, h.what, h.payload)
        .where(h.case_id.in_(case_ids), h.what.in_(what), h.payload.is_not(None))
        .order_by(h.id)
    )
    for row in rows:
        found[row.case_id].append((row.what, json.loads(row.payload).get("text", "")))
    return found


async def redact(tx: Tx, *, case_ids: Sequence[int] = (), conversation_ids: Sequence[int] = ()) -> None:
    """Delete salt and payload of all steps of these cases and of all words of these conversations; the chain still holds."""
    h = case_history.c
    mine = or_(h.case_id.in_(case_ids), h.conversation_id.in_(conversation_ids))
    await tx.run(update(case_history).where(mine).values(salt=None, payload=None, conversation_id=None))


async def broken(tx: Tx, code: str) -> int | None:
    """The first step at which a case's chain does not hold, None when it does; raises `KeyError` for an unknown code."""
    case = (await by_codes(tx, [code]))[code].case
    h = case_history.c
    previous, count = chain.START, 0
    for row in await tx.rows(select(case_history).where(h.case_id == case.id).order_by(h.step)):
        count += 1
        meta = chain.metadata(case.code, count, row.what, row.who, row.at)
        held = row.payload is None or chain.payload_hash(row.salt, row.payload) == row.payload_hash
        if (
            not held
            or row.step != count
            or row.metadata != meta
            or row.hash != chain.link(previous, meta, row.payload_hash)
        ):
            return count
        previous = row.hash
    return None if (previous, count) == (case.head, case.steps) else count + 1


async def units(tx: Tx, case_ids: Sequence[int]) -> dict[int, str]:
    """The unit each of these cases belongs to."""
    return {row.id: row.unit for row in await tx.rows(select(_C.id, _C.unit).where(_C.id.in_(case_ids)))}


async def codes(tx: Tx) -> list[str]:
    """Every case's own code, oldest first."""
    return [row[0] for row in await tx.rows(select(_C.code).order_by(_C.id))]


async def count(tx: Tx) -> int:
    """How many cases there are."""
    return int(await tx.scalar(select(func.count()).select_from(cases)) or 0)


async def askers_by_join(tx: Tx, keys: Sequence[str]) -> dict[str, int]:
    """How many conversations wait at each open join key."""
    rows = await tx.rows(
        select(_C.join_key, func.count(_A.conversation_id.distinct()))
        .join_from(cases, case_askers)
        .where(_C.join_key.in_(keys))
        .group_by(_C.join_key)
    )
    return {row[0]: row[1] for row in rows}


async def unscreen(tx: Tx, case_ids: Sequence[int]) -> None:
    """New words: nobody at the desk sees these cases until they were matched."""
    await tx.run(update(cases).where(_C.id.in_(case_ids)).values(screened=False))


async def reopen(tx: Tx, case_id: int) -> None:
    """It was not done: taken out of what it was joined to, its clock to be started anew."""
    await tx.run(
        update(cases)
        .where(_C.id == case_id)
        .values(
            reopened=_C.reopened + 1,
            merged_into=None,
            clock_since=None,
            due_at=None,
            closed_at=None,
            warned_at=None,
            escalated_at=None,
        )
    )


async def settle(tx: Tx, case_id: int) -> None:
    """An answered case is no longer joined: who asks again opens a new one."""
    await tx.run(update(cases).where(_C.id == case_id).values(join_key=None))
