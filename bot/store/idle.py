"""What nobody has needed for long: people who left without a word, files of cases that are over, sessions gone cold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Column, ColumnElement, and_, delete, exists, or_, select, update

from bot.model.case import CaseState
from bot.store.case_tables import case_askers, case_attachments, cases
from bot.store.conversations import Conversation, lock
from bot.store.erasures import Erasure
from bot.store.store import Tx
from bot.store.tables import conversations, erasures, meta, subscriptions

_C = conversations.c
#: the row of `meta` that says up to when sessions have gone cold
_COLD_UNTIL = "sessions_cold_until"
#: before anybody wrote
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


async def people(tx: Tx, before: datetime, limit: int) -> tuple[list[Erasure], bool]:
    """Some who said nothing since then, follow nothing (or blocked us before then) and brought no case.

    Each with all their chats, as an erasure takes them; found through `limit` chats, those silent longest first. And
    whether there are no more.
    """
    rows = await tx.rows(
        select(_C.id, _C.contact_id)
        .where(_C.active_at < before, ~_C.chat.startswith("erased:"), _idle(before))
        .order_by(_C.active_at)
        .limit(limit)
    )
    # one person's chats are let go of together
    who = {row.contact_id or -row.id: row for row in rows}
    found = []
    for row in who.values():
        mine = _C.id == row.id if row.contact_id is None else _C.contact_id == row.contact_id
        found.append(Erasure(0, await lock(tx, mine), row.contact_id, None, 0))
    return found, len(rows) < limit


def _idle(before: datetime) -> ColumnElement[bool]:
    other = conversations.alias("other")
    waiting = and_(erasures.c.done_at.is_(None), erasures.c.cancelled_at.is_(None))

    def none_of(column: Column[int], *which: ColumnElement[bool]) -> ColumnElement[bool]:
        """No such row for this chat or another of the same person; each half has an index to go by."""
        of_person = exists(
            select(column).join(other, other.c.id == column).where(other.c.contact_id == _C.contact_id, *which)
        )
        return and_(~exists(select(column).where(column == _C.id, *which)), ~of_person)

    is_about = exists().where(other.c.contact_id == _C.contact_id, other.c.active_at >= before)
    follows = exists().where(subscriptions.c.contact_id == _C.contact_id)
    return and_(
        ~is_about,
        or_(~follows, _C.gone_at < before),
        none_of(case_askers.c.conversation_id),
        none_of(cases.c.conversation_id),
        none_of(erasures.c.conversation_id, waiting),
    )


async def drop_attachments(tx: Tx, before: datetime) -> int:
    """Let go of the files of cases that were answered or closed before then; how many. The bytes go as `unused`."""
    over = select(cases.c.id).where(
        cases.c.state.in_((CaseState.ANSWERED.value, CaseState.CLOSED.value)), cases.c.updated_at < before
    )
    f = case_attachments.c
    return await tx.run(
        update(case_attachments)
        .where(f.case_id.in_(over), f.state != "erased")
        .values(ref="", name="", mime="", sha256=None, size_bytes=None, state="erased")
    )


async def cold(tx: Tx, until: datetime, limit: int) -> tuple[list[Conversation], bool]:
    """The next conversations last active before `until` that were not looked at since, locked; whether there are no more.

    About `limit` at a time, in the order in which they went cold. How far it came is kept with the same transaction, so
    nothing is passed over however long the machine was off.
    """
    held = await tx.scalar(select(meta.c.value).where(meta.c.name == _COLD_UNTIL).with_for_update())
    since = datetime.fromisoformat(held) if held else None
    # with both ends, also the first time: with one alone SQLite goes through all conversations
    window = [_C.active_at >= (since or _EVER), _C.active_at < until]
    end = await tx.scalar(select(_C.active_at).where(*window).order_by(_C.active_at).offset(limit).limit(1))
    is_last = end is None
    if end is None:
        end = until
    elif since is not None and end <= since:
        end = since + timedelta(microseconds=1)
    found = await lock(tx, and_(*window, _C.active_at < end, _C.session != {}))
    if since is None or end > since:
        await tx.run(delete(meta).where(meta.c.name == _COLD_UNTIL))
        await tx.add(meta, [{"name": _COLD_UNTIL, "value": end.isoformat()}])
    return found, is_last
