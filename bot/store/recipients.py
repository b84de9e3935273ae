"""Recipients on their way: handed to the outbox a few at a time, taken back from it, their outcomes counted.

Few rows stand in the outbox at any moment, so that pausing, cancelling and opting out reach nearly everybody. Whoever
changes recipients holds the lock of their broadcast's row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, exists, func, select, text, update

from bot.model.inbound import ConversationKey
from bot.model.outbound import Outbound
from bot.store import outbox as outgoing
from bot.store.audience import Reach, follows, latest
from bot.store.broadcast_tables import broadcast_recipients, broadcasts
from bot.store.each import Each
from bot.store.outbox import Draft
from bot.store.store import Tx
from bot.store.tables import conversations, outbox, subscriptions

_B, _R, _O, _S = broadcasts.c, broadcast_recipients.c, outbox.c, subscriptions.c
#: spelled out, not bound: a partial index serves only a query that is seen to imply its condition
ON_ITS_WAY = text("broadcast_recipients.state = 'queued'")
#: what a message of the outbox came to, where it came to anything; `error` of one taken back for who opted out
OPTED_OUT = "opted out"
_FINAL = ("sent", "failed", "gone", "unknown")
_BECAME = (
    update(broadcast_recipients)
    .where(_R.broadcast_id == bindparam("which"), _R.contact_id.in_(bindparam("people", expanding=True)))
    .values(state=bindparam("new_state"), outbox_id=None)
)
_MOVED = Each(broadcast_recipients, by=("broadcast_id", "contact_id"), sets=("state", "outbox_id"))


@dataclass(frozen=True, slots=True)
class Turn:
    """One recipient whose turn it is. `key` is None when they opted out or nowhere can be reached any more."""

    contact_id: int
    conversation_id: int | None
    key: ConversationKey | None
    #: whether they still follow and agree
    follows: bool


@dataclass(frozen=True, slots=True)
class Left:
    """One recipient it did not reach, or nobody knows. Contacts are numbers: no name, no chat."""

    contact_id: int
    state: str


async def next_turns(tx: Tx, broadcast_id: int, reach: Reach, *, after: int, limit: int) -> list[Turn]:
    """The next recipients in order of contact, with where it would go: their conversation last active."""
    c = conversations.c
    follows_still = (
        exists().where(_S.contact_id == _R.contact_id, follows(reach, by_contact=True)).correlate(broadcast_recipients)
    )
    page = (
        select(_R.contact_id, latest(_R.contact_id, reach.audience.channels).label("chat"), follows_still.label("ok"))
        .where(_R.broadcast_id == broadcast_id, _R.contact_id > after, _R.state == "waiting")
        .order_by(_R.contact_id)
        .limit(limit)
        .subquery()
    )
    rows = await tx.rows(
        select(page.c.contact_id, page.c.chat, page.c.ok, c.channel, c.account, c.chat.label("where_to"))
        .join_from(page, conversations, c.id == page.c.chat, isouter=True)
        .order_by(page.c.contact_id)
    )
    return [
        Turn(
            row.contact_id,
            row.chat,
            ConversationKey(row.channel, row.account, row.where_to) if row.chat is not None else None,
            bool(row.ok),
        )
        for row in rows
    ]


async def hand_over(
    tx: Tx, broadcast_id: int, turns: Sequence[Turn], outbound: Outbound, at: datetime, *, mailboxes: frozenset[str]
) -> None:
    """Write the messages of these turns into the outbox, never to be repeated, and count who is passed over."""
    going: list[Turn] = []
    drafts: list[Draft] = []
    states: dict[int, str] = {}
    for turn in turns:
        if turn.key is None or not turn.follows:
            states[turn.contact_id] = "gone" if turn.follows else "skipped"
            continue
        # a mailbox has it by its being there; its row is counted like any other
        state = "sent" if turn.key.channel in mailboxes else "queued"
        drafts.append(Draft(turn.conversation_id or 0, turn.key, outbound, is_reply=False, state=state))
        going.append(turn)
        states[turn.contact_id] = "queued"
    ids = await outgoing.add(tx, drafts, at)
    places = dict(zip((turn.contact_id for turn in going), ids, strict=True))
    await _move(tx, broadcast_id, states, places)
    counted = Counter(states.values())
    await count(tx, broadcast_id, {**counted, "waiting": -len(turns)})
    if turns:
        await tx.run(update(broadcasts).where(_B.id == broadcast_id).values(fed_to=turns[-1].contact_id))


async def _move(tx: Tx, broadcast_id: int, states: Mapping[int, str], places: Mapping[int, int]) -> None:
    rows = [
        {"broadcast_id": broadcast_id, "contact_id": who, "state": state, "outbox_id": places.get(who)}
        for who, state in states.items()
    ]
    await _MOVED.run(tx, rows)


async def count(tx: Tx, broadcast_id: int, changes: Mapping[str, int]) -> None:
    values = {name: _B[name] + change for name, change in changes.items() if change}
    if values:
        await tx.run(update(broadcasts).where(_B.id == broadcast_id).values(values))


def _skipping(state: ColumnElement[str], error: ColumnElement[str]) -> ColumnElement[str]:
    return case((and_(state == "failed", error == OPTED_OUT), "skipped"), else_=state)


async def collect(tx: Tx, only: int | None = None, *, limit: int | None = None) -> int:
    """Take over what became of messages handed over (of one broadcast, if named); of how many it did.

    A message that is no longer there was erased with everything of its household.
    """
    # every one of them has a place; saying so leads to the index of these few
    mine = (ON_ITS_WAY, _R.outbox_id > 0, *((_R.broadcast_id == only,) if only is not None else ()))
    ids = [row[0] for row in await tx.rows(select(_R.broadcast_id).where(*mine).distinct())]
    if not ids:
        return 0
    await tx.rows(select(_B.id).where(_B.id.in_(ids)).order_by(_B.id).with_for_update())
    became = case((_O.id.is_(None), "skipped"), else_=_skipping(_O.state, _O.error)).label("became")
    rows = await tx.rows(
        select(_R.broadcast_id, _R.contact_id, became)
        .join_from(broadcast_recipients, outbox, _O.id == _R.outbox_id, isouter=True)
        .where(*mine, _R.broadcast_id.in_(ids))
        .where(_O.id.is_(None) | _O.state.in_(_FINAL))
        .limit(limit)
    )
    went: dict[int, dict[str, list[int]]] = {}
    for row in rows:
        went.setdefault(row.broadcast_id, {}).setdefault(row.became, []).append(row.contact_id)
    for broadcast_id, its in sorted(went.items()):
        for state, people in its.items():
            # one statement for all: between many the thread of SQLite waits each time for the interpreter
            await tx.run(_BECAME, {"which": broadcast_id, "people": people, "new_state": state})
        counted = {state: len(people) for state, people in its.items()}
        await count(tx, broadcast_id, {**counted, "queued": -sum(counted.values())})
    return len(rows)


async def take_back(tx: Tx, broadcast_id: int) -> int:
    """Take messages that nobody has begun to send out of the outbox again; their recipients wait anew. How many."""
    # every one of them has a place; saying so leads to the index of these few
    mine = (_R.broadcast_id == broadcast_id, ON_ITS_WAY, _R.outbox_id > 0)
    untouched = (_O.state == "queued", _O.pieces == 0)
    rows = await tx.rows(
        select(_R.contact_id, _R.outbox_id)
        .join_from(broadcast_recipients, outbox, _O.id == _R.outbox_id)
        .where(*mine, *untouched)
        # a sender that has just claimed one keeps it
        .with_for_update(of=outbox, skip_locked=True)
    )
    shared = await _shared(tx, [row.outbox_id for row in rows], broadcast_id)
    ours = {row.contact_id: row.outbox_id for row in rows if row.outbox_id not in shared}
    if ours:
        await tx.run(delete(outbox).where(_O.id.in_(list(ours.values()))))
        await _move(tx, broadcast_id, dict.fromkeys(ours, "waiting"), {})
        await count(tx, broadcast_id, {"waiting": len(ours), "queued": -len(ours)})
        await tx.run(
            update(broadcasts).where(_B.id == broadcast_id, _B.fed_to >= min(ours)).values(fed_to=min(ours) - 1)
        )
    return len(ours)


async def _shared(tx: Tx, outbox_ids: Sequence[int], broadcast_id: int) -> set[int]:
    """Messages that tell of other broadcasts too: digests."""
    if not outbox_ids:
        return set()
    where = (_R.outbox_id.in_(outbox_ids), ON_ITS_WAY, _R.broadcast_id != broadcast_id)
    return {row[0] for row in await tx.rows(select(_R.outbox_id).where(*where))}


async def opt_out(tx: Tx, contact_id: int) -> None:
    """What waits in the outbox for a contact who wants no more news is not sent."""
    mine = select(_R.outbox_id).where(ON_ITS_WAY, _R.state == "queued", _R.contact_id == contact_id)
    await tx.run(update(outbox).where(_O.id.in_(mine), _O.state == "queued").values(state="failed", error=OPTED_OUT))


async def left(tx: Tx, broadcast_id: int, state: str, *, after: int = 0, limit: int = 50) -> list[Left]:
    """Recipients that stand in `failed`, `gone` or `unknown`, by number."""
    rows = await tx.rows(
        select(_R.contact_id, _R.state)
        .where(text("broadcast_recipients.state in ('failed','gone','unknown')"))
        .where(_R.broadcast_id == broadcast_id, _R.state == state, _R.contact_id > after)
        .order_by(_R.contact_id)
        .limit(limit)
    )
    return [Left(*row) for row in rows]


async def on_their_way(tx: Tx) -> int:
    """How many messages of broadcasts stand in the outbox."""
    return int(await tx.scalar(select(func.count()).select_from(broadcast_recipients).where(ON_ITS_WAY)) or 0)


async def erase(tx: Tx, contact_id: int) -> None:
    """Forget what a contact was sent; the counts stay."""
    ids = [row[0] for row in await tx.rows(select(_B.id))]
    for broadcast_id in ids:
        where = (_R.broadcast_id == broadcast_id, _R.contact_id == contact_id)
        row = await tx.one(select(_R.state).where(*where))
        if row is None:
            continue
        await tx.run(delete(broadcast_recipients).where(*where))
        if row.state in {"waiting", "held", "queued"}:
            await count(tx, broadcast_id, {row.state: -1, "skipped": 1})


async def forget(tx: Tx, before: datetime, limit: int) -> int:
    """Drop some recipients of broadcasts that ended before that; how many. The counts stay."""
    c = broadcasts.c
    old = await tx.rows(select(c.id).where(c.ended_at < before).order_by(c.id))
    for (broadcast_id,) in old:
        ends = await tx.scalar(
            select(_R.contact_id)
            .where(_R.broadcast_id == broadcast_id)
            .order_by(_R.contact_id)
            .limit(1)
            .offset(limit - 1)
        )
        mine = (_R.broadcast_id == broadcast_id, *((_R.contact_id <= ends,) if ends is not None else ()))
        dropped = await tx.run(delete(broadcast_recipients).where(*mine))
        if dropped:
            return dropped
    return 0
