"""Conversations: loaded all at once, in one order, locked, with their sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, tuple_, update

from bot.model.inbound import ConversationKey
from bot.model.session import Session
from bot.store.records import session_in, session_out
from bot.store.store import Tx
from bot.store.tables import conversations


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
    c = conversations.c
    statement = (
        select(c.id, c.channel, c.account, c.chat, c.session, c.contact_id, c.gone_at)
        .where(tuple_(c.channel, c.account, c.chat).in_([(k.channel, k.account, k.chat) for k in keys]))
        .order_by(c.id)
        .with_for_update()
    )
    rows = await tx.rows(statement)
    return {
        (key := ConversationKey(row.channel, row.account, row.chat)): Conversation(
            row.id, key, session_in(row.session), row.contact_id, row.gone_at is not None
        )
        for row in rows
    }


async def find(tx: Tx, key: ConversationKey) -> Conversation | None:
    """That conversation, unlocked, if there is one."""
    c = conversations.c
    row = await tx.one(
        select(c.id, c.session, c.contact_id, c.gone_at).where(
            c.channel == key.channel, c.account == key.account, c.chat == key.chat
        )
    )
    return Conversation(row.id, key, session_in(row.session), row.contact_id, row.gone_at is not None) if row else None


async def save(tx: Tx, sessions: Iterable[tuple[int, Session]], at: datetime) -> None:
    """Write the sessions back, in one go."""
    statement = (
        update(conversations)
        .where(conversations.c.id == bindparam("which"))
        .values(session=bindparam("session"), active_at=bindparam("at"))
    )
    await tx.run_many(
        statement, [{"which": number, "session": session_out(session), "at": at} for number, session in sessions]
    )


async def mark_gone(tx: Tx, ids: Sequence[int], at: datetime | None) -> None:
    """Blocked us or left (at), or came back (None)."""
    if ids:
        await tx.run(update(conversations).where(conversations.c.id.in_(ids)).values(gone_at=at))


async def migrate(tx: Tx, conversation_id: int, chat: str) -> None:
    """The chat lives on under another id (a group that became a supergroup)."""
    await tx.run(update(conversations).where(conversations.c.id == conversation_id).values(chat=chat))
