"""What a house took away for good, carried over into an older copy of it that is put back.

A copy knows nothing of what was erased, disabled, revoked, withdrawn or refused after it was made. Rows are known by their
number and the moment they were made: a number alone may belong to somebody else where an older copy was put back before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import dialect
from bot.store.answer_tables import api_keys
from bot.store.bulletin_tables import bulletins
from bot.store.case_tables import case_history, cases
from bot.store.every_table import TABLES
from bot.store.official_tables import official_sessions, officials
from bot.store.store import Tx
from bot.store.tables import consents, conversations, erasures

_ERASED = "erased:%"
#: long enough ago that nobody is told a second time that everything of theirs went
_TOLD_LONG_AGO = timedelta(days=30)
#: rows asked for in one statement: databases take only so many values in one
_AT_ONCE = 2_000
_B, _C = bulletins.c, consents.c


#: a row's number, and when it was made
Row = tuple[int, datetime]


@dataclass(frozen=True, slots=True)
class TakenAway:
    """Rows of a house; `asked`: erasures still to be done, by their chat; `last`: the last number each table gave.
    `kept`: requests for erasure that were taken back."""

    chats: frozenset[Row]
    asked: dict[Row, tuple[datetime, datetime]]
    kept: frozenset[Row]
    officials: frozenset[Row]
    keys: frozenset[Row]
    bulletins: dict[Row, dict[str, Any]]
    consents: dict[Row, dict[str, Any]]
    #: codes of matters brought in person whose words were erased at the desk
    entered: frozenset[str]
    last: dict[str, int]


@dataclass(frozen=True, slots=True)
class Again:
    """How many were taken away again. `entered`: codes of matters brought in person that have to be erased anew by hand."""

    chats: int
    officials: int
    keys: int
    bulletins: int
    consents: int
    entered: tuple[str, ...] = ()


async def read(house: AsyncConnection) -> TakenAway:
    """Everything a house took away; raises what the driver raises of one that cannot be read."""

    async def rows(
        *columns: ColumnElement[Any], where: Any, source: FromClause | None = None
    ) -> dict[Row, dict[str, Any]]:
        statement = select(*columns).where(where)
        found = await house.execute(statement.select_from(source) if source is not None else statement)
        return {(row[columns[0]], row[columns[1]]): dict(row) for row in found.mappings()}

    c, e, o, k = conversations.c, erasures.c, officials.c, api_keys.c
    waits = and_(e.cancelled_at.is_(None), e.done_at.is_(None))
    asked = await rows(
        c.id,
        c.created_at,
        e.asked_at,
        e.due_at,
        where=waits,
        source=erasures.join(conversations, c.id == e.conversation_id),
    )
    withdrawn = (_B.withdrawn_at, _B.withdrawn_by, _B.withdrawn_why)
    codes = await house.execute(
        select(cases.c.code)
        .join(case_history, case_history.c.case_id == cases.c.id)
        .where(case_history.c.what == "erased")
    )
    return TakenAway(
        chats=frozenset(await rows(c.id, c.created_at, where=c.chat.like(_ERASED))),
        asked={row: (told["asked_at"], told["due_at"]) for row, told in asked.items()},
        kept=frozenset(await rows(e.id, e.asked_at, where=e.cancelled_at.is_not(None))),
        officials=frozenset(await rows(o.id, o.created_at, where=o.state == "disabled")),
        keys=frozenset(await rows(k.id, k.created_at, where=k.revoked.is_(True))),
        bulletins=await rows(_B.id, _B.created_at, *withdrawn, where=_B.state == "withdrawn"),
        consents=await rows(_C.id, _C.given_at, _C.withdrawn_at, where=_C.withdrawn_at.is_not(None)),
        entered=frozenset(row[0] for row in codes),
        last=await house.run_sync(dialect.last_numbers, TABLES),
    )


async def take_again(tx: Tx, taken: TakenAway, at: datetime) -> Again:
    """Take the same away in the copy; erasures are due at once and done by the job that does all of them.

    No number the house ever gave is given again.
    """
    own = await tx.connection.run_sync(dialect.last_numbers, TABLES)
    last = {name: max(number, own.get(name, 0)) for name, number in taken.last.items()}
    await tx.connection.run_sync(dialect.set_last_numbers, last)
    s, h = official_sessions.c, case_history.c
    erased = select(h.case_id).where(h.what == "erased")
    still = await tx.rows(select(cases.c.code).where(cases.c.code.in_(taken.entered), cases.c.id.not_in(erased)))
    disabled = await _those(tx, officials, taken.officials, officials.c.state != "disabled")
    revoked = await _those(tx, api_keys, taken.keys, api_keys.c.revoked.is_(False))
    aired = await _those(tx, bulletins, taken.bulletins, _B.state != "withdrawn")
    agreed = await _those(tx, consents, taken.consents, _C.withdrawn_at.is_(None), made=_C.given_at)
    for number, _made in disabled:
        await tx.run(update(officials).where(officials.c.id == number).values(state="disabled"))
        signed_in = (s.official_id == number, s.revoked_at.is_(None))
        await tx.run(update(official_sessions).where(*signed_in).values(revoked_at=at))
    for number, _made in revoked:
        await tx.run(update(api_keys).where(api_keys.c.id == number).values(revoked=True))
    for row in aired:
        noted = {name: taken.bulletins[row][name] for name in ("withdrawn_at", "withdrawn_by", "withdrawn_why")}
        await tx.run(update(bulletins).where(_B.id == row[0]).values(state="withdrawn", **noted))
    for row in agreed:
        withdrawn_at = taken.consents[row]["withdrawn_at"]
        await tx.run(update(consents).where(_C.id == row[0]).values(withdrawn_at=withdrawn_at))
    chats = await _erase_again(tx, taken, at)
    return Again(chats, len(disabled), len(revoked), len(aired), len(agreed), tuple(sorted(row[0] for row in still)))


async def _erase_again(tx: Tx, taken: TakenAway, at: datetime) -> int:
    """Ask for the erasures that were done, due now, and for those that were asked for, due when they were.

    A request that was taken back since is taken back in the copy as well: nobody loses what they chose to keep.
    """
    c, e = conversations.c, erasures.c
    done = await _those(tx, conversations, taken.chats, c.chat.not_like(_ERASED))
    asked = await _those(tx, conversations, taken.asked, c.chat.not_like(_ERASED))
    for number, _made in await _those(tx, erasures, taken.kept, e.cancelled_at.is_(None), made=e.asked_at):
        await tx.run(update(erasures).where(e.id == number).values(cancelled_at=at))
    open_ones = (e.cancelled_at.is_(None), e.done_at.is_(None))
    for number, _made in {*done, *asked}:
        await tx.run(update(erasures).where(e.conversation_id == number, *open_ones).values(cancelled_at=at))
    told = {"asked_at": at, "due_at": at, "told_at": at - _TOLD_LONG_AGO}
    await tx.add(erasures, [{"conversation_id": row[0], **told} for row in done])
    waiting = [(row[0], *taken.asked[row]) for row in asked if row not in taken.chats]
    await tx.add(erasures, [{"conversation_id": one, "asked_at": since, "due_at": due} for one, since, due in waiting])
    return len({*done, *asked})


async def _those(
    tx: Tx, table: Table, known: Iterable[Row], still: ColumnElement[bool], *, made: ColumnElement[Any] | None = None
) -> list[Row]:
    """Rows of the copy that are among these, and still there."""
    wanted, found = sorted(known), list[Row]()
    at = table.c.created_at if made is None else made
    for first in range(0, len(wanted), _AT_ONCE):
        some = dict(wanted[first : first + _AT_ONCE])
        rows = await tx.rows(select(table.c.id, at).where(table.c.id.in_(some), still))
        found += [(row[0], row[1]) for row in rows if some[row[0]] == row[1]]
    return found
