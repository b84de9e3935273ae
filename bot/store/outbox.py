"""The outbox: what goes out, its states, and the mailbox of channels without a wire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, Text, and_, bindparam, delete, func, literal, select, text, type_coerce, update

from bot.model.inbound import ConversationKey
from bot.model.outbound import Outbound
from bot.store import dialect
from bot.store.each import Each
from bot.store.records import outbound_in, outbound_read, outbound_written
from bot.store.store import Tx
from bot.store.tables import conversations, meta, outbox

_O = outbox.c
_earlier = outbox.alias("earlier")
#: spelled out, not bound: a partial index serves only a query that is seen to imply its condition
_OPEN = text("outbox.state in ('queued','sending')")
_LOST = text("outbox.state in ('failed','gone','unknown')")


@dataclass(frozen=True, slots=True)
class Draft:
    """A message on its way into the outbox. `state` is queued, or sent for a mailbox."""

    conversation_id: int
    key: ConversationKey
    outbound: Outbound
    is_reply: bool = True
    state: str = "queued"
    author: str = "bot"
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row this process is about to send, already marked `sending`."""

    id: int
    conversation_id: int
    key: ConversationKey
    outbound: Outbound
    is_reply: bool
    pieces: int
    attempts: int
    repeats: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row. `due_at` counts for queued ones only."""

    id: int
    state: str
    at: datetime
    due_at: datetime
    pieces: int = 0
    attempts: int = 0
    repeats: int = 0
    message_id: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of a mailbox. `is_mine`: the person's own words."""

    id: int
    is_mine: bool
    outbound: Outbound
    at: datetime
    #: the inbound's external id when it is the person's own
    message_id: str


async def add(tx: Tx, drafts: Sequence[Draft], at: datetime) -> list[int]:
    """Write messages in their order; their ids."""
    # of a message to many all drafts share one object
    bodies = {id(d.outbound): d.outbound for d in drafts}
    texts = {which: outbound_written(outbound) for which, outbound in bodies.items()}
    rows = [
        {
            "conversation_id": d.conversation_id,
            "channel": d.key.channel,
            "account": d.key.account,
            "author": d.author,
            "body": texts[id(d.outbound)],
            "is_reply": d.is_reply,
            "state": d.state,
            "due_at": at,
            "created_at": at,
            "sent_at": at if d.state == "sent" else None,
            "message_id": d.message_id,
        }
        for d in drafts
    ]
    return await tx.add_numbered(outbox, rows)


# statements of every message are built once: building them took as long as running them
_SENDING = (
    update(outbox)
    .where(_O.id.in_(bindparam("ids", expanding=True)))
    .values(state="sending", epoch=bindparam("under", type_=_O.epoch.type))
)
_SETTLED = Each(
    outbox,
    by=("id", "epoch"),
    sets=("state", "due_at", "sent_at", "pieces", "attempts", "repeats", "message_id", "error"),
    only=text("outbox.state = 'sending'"),
)


_CLAIMED = (
    _O.id,
    _O.conversation_id,
    _O.channel,
    _O.account,
    _O.is_reply,
    _O.pieces,
    _O.attempts,
    _O.repeats,
    _O.created_at,
)


@cache
def _due(channel: str, account: str, is_reply: bool) -> Select[Any]:
    """The first open rows of that account's conversations, due `until` then, at `most` so many."""
    waits = (
        select(_earlier.c.id)
        .where(
            _earlier.c.conversation_id == _O.conversation_id,
            _earlier.c.id < _O.id,
            _earlier.c.is_reply == is_reply,
            text("earlier.state in ('queued','sending')"),
        )
        .exists()
    )
    # nothing is begun while the house gets ready to move (`draining`)
    rests = select(literal(1)).where(meta.c.name == dialect.DRAINING, meta.c.value > bindparam("now")).exists()
    return (
        select(*_CLAIMED, type_coerce(_O.body, Text()).label("body"), conversations.c.chat)
        .join_from(outbox, conversations, _O.conversation_id == conversations.c.id)
        .where(~rests)
        .where(_OPEN, _O.state == "queued", _O.due_at <= bindparam("until", type_=_O.due_at.type))
        .where(_O.channel == channel, _O.account == account, _O.is_reply == is_reply, ~waits)
        # as its index has them, so that the first few are found without looking at all
        .order_by(_O.due_at, _O.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=outbox)
    )


async def claim(
    tx: Tx, channel: str, account: str, *, epoch: int, at: datetime, limit: int, is_reply: bool
) -> list[Claimed]:
    """Mark up to `limit` due rows as `sending` and give them, in order.

    Only the first open row of a conversation and kind is given, so messages keep their order and no row is marked before
    its turn.
    """
    rows = await tx.rows(_due(channel, account, is_reply), {"until": at, "most": limit, "now": dialect.spelled(at)})
    if rows:
        await tx.run(_SENDING, {"ids": [row.id for row in rows], "under": epoch})
    return [
        Claimed(
            row.id,
            row.conversation_id,
            ConversationKey(row.channel, row.account, row.chat),
            outbound_read(row.body),
            row.is_reply,
            row.pieces,
            row.attempts,
            row.repeats,
            row.created_at,
        )
        for row in rows
    ]


async def settle(tx: Tx, outcomes: Sequence[Outcome], epoch: int) -> None:
    """Write what became of claimed rows, in one go; rows claimed since under another lease are left alone."""
    rows = [
        {
            "id": o.id,
            "epoch": epoch,
            "state": o.state,
            "due_at": o.due_at,
            "sent_at": o.at if o.state == "sent" else None,
            "pieces": o.pieces,
            "attempts": o.attempts,
            "repeats": o.repeats,
            "message_id": o.message_id,
            "error": o.error,
        }
        for o in outcomes
    ]
    await _SETTLED.run(tx, rows)


async def orphan(tx: Tx, channel: str, account: str, *, epoch: int, at: datetime, repeat_at: datetime) -> int:
    """Settle rows an earlier owner was sending when it died: nobody knows whether they went out.

    A reply is repeated once, at `repeat_at`; bulk and what was repeated already is listed as unknown. How many there were.
    """
    mine = and_(_OPEN, _O.channel == channel, _O.account == account, _O.state == "sending", _O.epoch < epoch)
    again = await tx.run(
        update(outbox)
        .where(mine, _O.is_reply, _O.repeats == 0)
        .values(state="queued", due_at=repeat_at, repeats=1, error="owner died")
    )
    lost = await tx.run(update(outbox).where(mine).values(state="unknown", error="owner died", due_at=at))
    return again + lost


async def hasten(tx: Tx, ids: Sequence[int], at: datetime) -> None:
    """What waited for its next try is due now."""
    values = [{"which": number, "due": at} for number in ids]
    statement = update(outbox).where(_O.id == bindparam("which"), _O.state == "queued")
    await tx.run_many(statement.values(due_at=bindparam("due"), attempts=0), values)


async def give_up(tx: Tx, conversation_ids: Sequence[int], *, replies_too: bool) -> None:
    """The person left: what still waits for them is gone."""
    if conversation_ids:
        statement = update(outbox).where(_O.conversation_id.in_(conversation_ids), _O.state == "queued")
        await tx.run((statement if replies_too else statement.where(~_O.is_reply)).values(state="gone"))


async def next_due(tx: Tx, channel: str, account: str) -> datetime | None:
    """When the next queued row is due."""
    return await tx.scalar(  # type: ignore[no-any-return]
        select(func.min(_O.due_at)).where(_OPEN, _O.channel == channel, _O.account == account, _O.state == "queued")
    )


async def mailbox(
    tx: Tx, key: ConversationKey, *, after: int = 0, before: int | None = None, limit: int = 50
) -> list[Letter]:
    """Messages of one conversation in order: the first after `after`, or with `before` the last ones before it."""
    statement = (
        select(_O.id, _O.author, _O.body, _O.created_at, _O.message_id)
        .join_from(outbox, conversations, _O.conversation_id == conversations.c.id)
        .where(
            conversations.c.channel == key.channel,
            conversations.c.account == key.account,
            conversations.c.chat == key.chat,
        )
        .limit(limit)
    )
    if before is None:
        rows = await tx.rows(statement.where(_O.id > after).order_by(_O.id))
    else:
        rows = (await tx.rows(statement.where(_O.id > after, _O.id < before).order_by(_O.id.desc())))[::-1]
    return [Letter(r.id, r.author == "person", outbound_in(r.body), r.created_at, r.message_id) for r in rows]


async def states(tx: Tx) -> dict[str, int]:
    """How many rows stand in each state still open or in doubt (sent ones are not counted)."""
    counted = select(_O.state, func.count()).group_by(_O.state)
    return {row[0]: row[1] for which in (_OPEN, _LOST) for row in await tx.rows(counted.where(which))}


async def count_of(tx: Tx, conversation_id: int) -> int:
    """How many messages of a conversation are kept."""
    counted = await tx.scalar(select(func.count()).select_from(outbox).where(_O.conversation_id == conversation_id))
    return int(counted or 0)


async def forget(tx: Tx, before: datetime, limit: int) -> int:
    """Of the first messages, at most so many, drop those settled and older than that; how many.

    They are kept in the order in which they came, so the old ones stand first: nobody looks at all the others.
    """
    first = select(_O.id, _O.created_at, _O.state).order_by(_O.id).limit(limit).subquery()
    old = select(first.c.id).where(first.c.created_at < before, first.c.state.not_in(("queued", "sending")))
    return await tx.run(delete(outbox).where(_O.id.in_(old)))


async def forget_said(tx: Tx, conversation_ids: Sequence[int], since: datetime) -> None:
    """Drop both sides of what was said in these chats since then, but what is still on its way."""
    gone = (_O.conversation_id.in_(conversation_ids), _O.created_at >= since, _O.state.not_in(("queued", "sending")))
    await tx.run(delete(outbox).where(*gone))
