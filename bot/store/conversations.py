"""Conversations: loaded all at once, in one order, locked, with their sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, bindparam, or_, select, type_coerce, update

from bot.model.inbound import ConversationKey
from bot.model.session import Session
from bot.store.case_tables import notice_addresses
from bot.store.each import Each
from bot.store.records import session_in, session_out
from bot.store.store import RefusedError, Tx
from bot.store.tables import conversations, outbox

_C = conversations.c
#: the session as text: it is read at once, without plain data between
_ROW = (
    _C.id,
    _C.channel,
    _C.account,
    _C.chat,
    type_coerce(_C.session, Text).label("session"),
    _C.contact_id,
    _C.gone_at,
)
_SAVED = Each(conversations, by=("id",), sets=("session", "active_at"))


@dataclass(frozen=True, slots=True)
class Conversation:
    """One chat as the database has it."""

    id: int
    key: ConversationKey
    session: Session
    contact_id: int | None
    is_gone: bool


async def load(tx: Tx, keys: Iterable[ConversationKey], at: datetime) -> dict[ConversationKey, Conversation]:
    """All of them in one query, ordered by id and locked until the transaction ends; new ones are made."""
    wanted = sorted(set(keys), key=str)
    if not wanted:
        return {}
    found = await _select(tx, wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        rows = [
            {"channel": k.channel, "account": k.account, "chat": k.chat, "created_at": at, "active_at": at}
            for k in missing
        ]
        await tx.add(conversations, rows, ignore=True)
        found |= await _select(tx, missing)
    return found


async def _select(tx: Tx, keys: Sequence[ConversationKey]) -> dict[ConversationKey, Conversation]:
    # chats by their account: given whole keys to look among, SQLite reads the table instead of going by the index
    chats: dict[tuple[str, str], list[str]] = {}
    for key in keys:
        chats.setdefault((key.channel, key.account), []).append(key.chat)
    wanted = or_(
        *(
            and_(_C.channel == channel, _C.account == account, _C.chat.in_(its))
            for (channel, account), its in chats.items()
        )
    )
    return {conversation.key: conversation for conversation in await lock(tx, wanted)}


async def lock(tx: Tx, which: ColumnElement[bool]) -> list[Conversation]:
    """The conversations for which that holds, in order of id, locked."""
    return [_conversation(row) for row in await tx.rows(select(*_ROW).where(which).order_by(_C.id).with_for_update())]


async def lock_ids(tx: Tx, ids: Sequence[int]) -> list[Conversation]:
    """These conversations, in order of id, locked."""
    return await lock(tx, _C.id.in_(ids)) if ids else []


async def find(tx: Tx, key: ConversationKey) -> Conversation | None:
    """That conversation, unlocked, if there is one."""
    where = (_C.channel == key.channel, _C.account == key.account, _C.chat == key.chat)
    row = await tx.one(select(*_ROW).where(*where))
    return _conversation(row) if row else None


async def by_id(tx: Tx, conversation_id: int) -> Conversation:
    """That conversation, locked; raises `LookupError`."""
    return (await lock(tx, _C.id == conversation_id))[0]


def _conversation(row: Any) -> Conversation:
    key = ConversationKey(row.channel, row.account, row.chat)
    return Conversation(row.id, key, session_in(row.session), row.contact_id, row.gone_at is not None)


async def save(tx: Tx, sessions: Iterable[tuple[int, Session]], at: datetime) -> None:
    """Write the sessions back, in one go."""
    rows = [{"id": number, "session": session_out(session), "active_at": at} for number, session in sessions]
    await _SAVED.run(tx, rows)


async def rewrite(tx: Tx, sessions: Iterable[tuple[int, Session]]) -> None:
    """Write sessions without the conversation having been active."""
    statement = update(conversations).where(_C.id == bindparam("which")).values(session=bindparam("session"))
    await tx.run_many(statement, [{"which": number, "session": session_out(session)} for number, session in sessions])


async def mark_gone(tx: Tx, ids: Sequence[int], at: datetime | None) -> None:
    """Blocked us or left (at), or came back (None)."""
    if ids:
        await tx.run(update(conversations).where(conversations.c.id.in_(ids)).values(gone_at=at))


async def migrate(tx: Tx, conversation_id: int, was: str, chat: str, at: datetime) -> None:
    """The chat `was` lives on under another id (a group that became a supergroup).

    Where something was said under the new id already, that conversation goes on: it takes over what this one has still to
    hear, its contact if it has none, and the notices an official wants there; this one is gone.
    """
    try:
        async with tx.apart():
            # one erased meanwhile has no chat any more, and gets none
            await tx.run(update(conversations).where(_C.id == conversation_id, _C.chat == was).values(chat=chat))
    except RefusedError:
        if not await _merge(tx, conversation_id, chat, at):
            raise


async def _merge(tx: Tx, conversation_id: int, chat: str, at: datetime) -> bool:
    """Let the conversation of that chat, on the same account, go on for this one; whether there is one."""
    same = conversations.alias("same")
    its_account = (same.c.id == conversation_id, same.c.channel == _C.channel, same.c.account == _C.account)
    heir = and_(_C.chat == chat, select(same.c.id).where(*its_account).exists())
    found = {conversation.id: conversation for conversation in await lock(tx, or_(_C.id == conversation_id, heir))}
    old = found.pop(conversation_id)
    new = next(iter(found.values()), None)
    if new is None:
        return False
    o, n = outbox.c, notice_addresses.c
    waits = (o.conversation_id == old.id, o.state.in_(("queued", "sending")))
    await tx.run(update(outbox).where(*waits).values(conversation_id=new.id))
    await tx.run(update(notice_addresses).where(n.conversation_id == old.id).values(conversation_id=new.id))
    if new.contact_id is None and old.contact_id is not None:
        await tx.run(update(conversations).where(_C.id == new.id).values(contact_id=old.contact_id))
    await mark_gone(tx, [old.id], at)
    return True
