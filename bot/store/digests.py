"""News kept for those who want them weekly or monthly, handed over as one message each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select, text, update

from bot.model.broadcast import Often
from bot.model.inbound import ConversationKey
from bot.model.outbound import Outbound
from bot.store import outbox as outgoing
from bot.store import recipients
from bot.store.audience import NEWS, latest
from bot.store.broadcast_tables import broadcast_recipients, broadcasts
from bot.store.each import Each
from bot.store.outbox import Draft
from bot.store.store import Tx
from bot.store.tables import consents, conversations, outbox, subscriptions

_B, _R = broadcasts.c, broadcast_recipients.c
_HELD = text("broadcast_recipients.state = 'held'")
_TAKEN_BACK = Each(
    broadcast_recipients, by=("broadcast_id", "contact_id"), sets=("state", "outbox_id"), only=recipients.ON_ITS_WAY
)
_HANDED = Each(broadcast_recipients, by=("broadcast_id", "contact_id"), sets=("state", "outbox_id"), only=_HELD)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one contact is to get in one message. `key` None: they opted out or cannot be reached."""

    contact_id: int
    broadcast_ids: tuple[int, ...]
    conversation_id: int | None
    key: ConversationKey | None


async def ripe(tx: Tx, often: str, started_before: datetime) -> list[int]:
    """Broadcasts begun before then that somebody waits for who chose that; neither paused nor cancelled."""
    rows = await tx.rows(
        select(_B.id)
        .where(_B.state.in_(("running", "done")), _B.held > 0, _B.started_at < started_before)
        .where(exists().where(_HELD, _R.often == often, _R.broadcast_id == _B.id))
        .order_by(_B.id)
    )
    return [row[0] for row in rows]


async def doubt(tx: Tx, often: str, started_before: datetime) -> int:
    """Of a copy that is put back: the digest that is due may have gone out since it was made. What would go out with it is
    listed as unknown, never sent; how many."""
    rows = await tx.rows(
        select(_B.id).where(_B.state != "cancelled", _B.held > 0, _B.started_at < started_before).order_by(_B.id)
    )
    return sum([await _settle(tx, broadcast_id, often, "unknown") for (broadcast_id,) in rows])


async def skip(tx: Tx, often: str, broadcast_id: int) -> int:
    """What this broadcast tells is over: nobody who chose that gets it any more; how many."""
    return await _settle(tx, broadcast_id, often, "skipped")


async def _settle(tx: Tx, broadcast_id: int, often: str, state: str) -> int:
    where = (_R.broadcast_id == broadcast_id, _HELD, _R.often == often)
    found = await tx.run(update(broadcast_recipients).where(*where).values(state=state))
    await recipients.count(tx, broadcast_id, {"held": -found, state: found})
    return found


async def take_back(tx: Tx) -> int:
    """Take digests that nobody has begun to send out of the outbox again; they are held anew. How many messages."""
    rows = await tx.rows(
        select(_R.broadcast_id, _R.contact_id, _R.outbox_id)
        .join_from(broadcast_recipients, outbox, outbox.c.id == _R.outbox_id)
        .where(recipients.ON_ITS_WAY, _R.outbox_id > 0, _R.often != Often.AT_ONCE)
        .where(outbox.c.state == "queued", outbox.c.pieces == 0)
        # a sender that has just claimed one keeps it
        .with_for_update(of=outbox, skip_locked=True)
    )
    messages = sorted({row.outbox_id for row in rows})
    if messages:
        await tx.run(delete(outbox).where(outbox.c.id.in_(messages)))
        back = [{"broadcast_id": row.broadcast_id, "contact_id": row.contact_id} for row in rows]
        await _TAKEN_BACK.run(tx, [{**one, "state": "held", "outbox_id": None} for one in back])
        for broadcast_id, found in Counter(row.broadcast_id for row in rows).items():
            await recipients.count(tx, broadcast_id, {"held": found, "queued": -found})
    return len(messages)


async def due(tx: Tx, often: str, broadcast_ids: Sequence[int], *, limit: int) -> list[Parcel]:
    """The parcels of some contacts who chose that, of these broadcasts, which the caller has locked."""
    # + 0: by the index of those held, oldest broadcast first, not through all recipients of each
    its = (_HELD, _R.often == often, (_R.broadcast_id + 0).in_(broadcast_ids))
    held = select(_R.contact_id).where(*its).order_by(_R.broadcast_id, _R.contact_id).limit(limit)
    ids = list(dict.fromkeys(row[0] for row in await tx.rows(held)))
    if not ids:
        return []
    s, a, c = subscriptions.c, consents.c, conversations.c
    agrees = exists().where(a.contact_id == _R.contact_id, a.purpose == NEWS, a.withdrawn_at.is_(None))
    follows = exists().where(s.contact_id == _R.contact_id)
    rows = await tx.rows(
        select(
            _R.contact_id,
            _R.broadcast_id,
            latest(_R.contact_id).label("chat"),
            (agrees & follows).label("ok"),
        )
        .where(_R.state == "held", _R.often == often, _R.broadcast_id.in_(broadcast_ids), _R.contact_id.in_(ids))
        .order_by(_R.contact_id, _R.broadcast_id)
    )
    chats = [row.chat for row in rows if row.chat is not None]
    keys = {
        row.id: ConversationKey(row.channel, row.account, row.chat)
        for row in await tx.rows(select(c.id, c.channel, c.account, c.chat).where(c.id.in_(chats)))
    }
    parcels: dict[int, Parcel] = {}
    for row in rows:
        earlier = parcels[row.contact_id].broadcast_ids if row.contact_id in parcels else ()
        key = keys.get(row.chat) if row.ok else None
        parcels[row.contact_id] = Parcel(row.contact_id, (*earlier, row.broadcast_id), row.chat, key)
    return list(parcels.values())


async def hand_over(
    tx: Tx, parcels: Sequence[tuple[Parcel, Outbound]], at: datetime, *, mailboxes: frozenset[str]
) -> None:
    """Write each parcel's message into the outbox; those who opted out or left are passed over."""
    going = [(parcel, outbound) for parcel, outbound in parcels if parcel.key is not None]
    drafts = [
        Draft(
            parcel.conversation_id or 0,
            parcel.key,
            outbound,
            is_reply=False,
            state="sent" if parcel.key.channel in mailboxes else "queued",
        )
        for parcel, outbound in going
        if parcel.key is not None
    ]
    ids = await outgoing.add(tx, drafts, at)
    places = {parcel.contact_id: place for (parcel, _outbound), place in zip(going, ids, strict=True)}
    handed = []
    moved: dict[int, Counter[str]] = {}
    for parcel, _outbound in parcels:
        place = places.get(parcel.contact_id)
        state = "skipped" if place is None else "queued"
        for broadcast_id in parcel.broadcast_ids:
            named = {"broadcast_id": broadcast_id, "contact_id": parcel.contact_id}
            handed.append({**named, "state": state, "outbox_id": place})
            moved.setdefault(broadcast_id, Counter())[state] += 1
    await _HANDED.run(tx, handed)
    for broadcast_id, its in sorted(moved.items()):
        await recipients.count(tx, broadcast_id, {**its, "held": -sum(its.values())})
