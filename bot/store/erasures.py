"""Erasure: asked for, and done. `bot/erasure.py` says when and what is told; here is what goes.

What stays: keyed hashes of ids, and cases as anonymised records (kind, place, dates, the chain without words).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from bot.store import answers, attachments, edits, notice_addresses, recipients, search, sources
from bot.store import cases as case_store
from bot.store import contacts as contact_store
from bot.store import jobs as job_store
from bot.store.case_tables import case_askers, case_attachments, cases
from bot.store.conversations import Conversation, lock
from bot.store.store import Tx
from bot.store.tables import conversations, erasures, identities, outbox, quarantine, unanswered

_E = erasures.c


@dataclass(frozen=True, slots=True)
class Erasure:
    """One request that is due. `conversations` are all chats of the contact."""

    id: int
    conversations: list[Conversation]
    contact_id: int | None
    told_at: datetime | None
    #: messages still to go out to these chats
    waiting: int


async def ask(tx: Tx, conversation_id: int, *, asked_at: datetime, due_at: datetime) -> None:
    """Everything of this contact is to go then; asking again changes nothing."""
    if await waiting(tx, conversation_id) is None:
        await tx.add(erasures, [{"conversation_id": conversation_id, "asked_at": asked_at, "due_at": due_at}])


async def cancel(tx: Tx, conversation_id: int, at: datetime) -> None:
    """The person changed their mind."""
    await tx.run(update(erasures).where(_E.conversation_id == conversation_id, *_OPEN).values(cancelled_at=at))


async def waiting(tx: Tx, conversation_id: int) -> datetime | None:
    """When everything of this conversation goes, if that was asked."""
    return await tx.scalar(  # type: ignore[no-any-return]
        select(_E.due_at).where(_E.conversation_id == conversation_id, *_OPEN)
    )


_OPEN = (_E.cancelled_at.is_(None), _E.done_at.is_(None))


async def due(tx: Tx, at: datetime, *, told_before: datetime, passing: Sequence[int] = ()) -> Erasure | None:
    """The oldest request that is due, with the chats it covers, locked.

    One whose person was told is due again at `told_before`; those in `passing` are left out.
    """
    row = await tx.one(
        select(_E.id, _E.conversation_id, _E.told_at)
        .where(_E.due_at <= at, or_(_E.told_at.is_(None), _E.told_at <= told_before), _E.id.not_in(passing), *_OPEN)
        .order_by(_E.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    c = conversations.c
    contact = await tx.scalar(select(c.contact_id).where(c.id == row.conversation_id))
    mine = c.id == row.conversation_id if contact is None else c.contact_id == contact
    chats = await lock(tx, mine)
    open_rows = (outbox.c.conversation_id.in_([chat.id for chat in chats]), outbox.c.state.in_(("queued", "sending")))
    waits = await tx.scalar(select(func.count()).select_from(outbox).where(*open_rows))
    return Erasure(row.id, chats, contact, row.told_at, int(waits or 0))


async def told(tx: Tx, erasure: Erasure, at: datetime) -> None:
    """The person was told."""
    await tx.run(update(erasures).where(_E.id == erasure.id).values(told_at=at))


async def erase(tx: Tx, erasure: Erasure, at: datetime) -> list[str]:
    """Clear name, chat id, words, files, raw updates, outbox and search; the sha256 of files nobody else needs.

    The caller removes those files after the commit.
    """
    ids = [conversation.id for conversation in erasure.conversations]
    mine = await case_store.of_conversations(tx, ids)
    await _erase_cases(tx, sorted({asking.case.id for askings in mine.values() for asking in askings}), ids)
    files = await _erase_files(tx, ids, await _files_shown(tx, ids))
    files += await sources.erase(tx, await _codes(tx, case_askers.c.conversation_id.in_(ids)), at)
    q = quarantine.c
    for key in (conversation.key for conversation in erasure.conversations):
        await tx.run(delete(quarantine).where(q.channel == key.channel, q.account == key.account, q.chat == key.chat))
    await tx.run(delete(outbox).where(outbox.c.conversation_id.in_(ids)))
    await tx.run(delete(unanswered).where(unanswered.c.conversation_id.in_(ids)))
    await answers.erase(tx, ids)
    await tx.run(update(case_askers).where(case_askers.c.conversation_id.in_(ids)).values(pin_hash=""))
    await notice_addresses.forget(tx, ids)
    if erasure.contact_id is not None:
        who = erasure.contact_id
        await recipients.erase(tx, who)
        await contact_store.unsubscribe(tx, who, ())
        await contact_store.withdraw(tx, who, "", at)
        await contact_store.save_profile(tx, who, facts={}, unit="", hamlet="")
    for number, key in ((conversation.id, conversation.key) for conversation in erasure.conversations):
        hashed = hashlib.blake2b(str(key).encode(), digest_size=16, key=tx.key).hexdigest()
        await tx.run(
            update(conversations)
            .where(conversations.c.id == number)
            .values(chat=f"erased:{number}:{hashed}", session={}, gone_at=at)
        )
    await tx.run(update(erasures).where(_E.conversation_id.in_(ids), *_OPEN).values(done_at=at))
    return files


async def _erase_cases(tx: Tx, case_ids: Sequence[int], conversation_ids: Sequence[int]) -> None:
    """Words, names and roles go; the record of that there was a case stays. Words of others who joined stay theirs."""
    c = cases.c
    opened = (c.id.in_(case_ids), c.conversation_id.in_(conversation_ids))
    named = [row[0] for row in await tx.rows(select(c.identity_id).where(*opened, c.identity_id.is_not(None)))]
    await tx.run(
        update(cases).where(*opened).values(identity_id=None, anonymous=True, about_role="", about_hamlet="", hamlet="")
    )
    i = identities.c
    await tx.run(delete(identities).where(or_(i.id.in_(named), i.conversation_id.in_(conversation_ids))))
    a = case_askers.c
    # who came in person waits as well, without a chat
    other = or_(a.conversation_id.is_(None), a.conversation_id.not_in(conversation_ids))
    others = select(a.case_id).where(a.case_id.in_(case_ids), other)
    shared = {row[0] for row in await tx.rows(others)}
    alone = [number for number in case_ids if number not in shared]
    await edits.erase_case(tx, alone)
    await case_store.redact(tx, case_ids=alone, conversation_ids=conversation_ids)
    await search.drop(tx, case_store.SEARCHED, [str(number) for number in case_ids])


async def erase_entered(tx: Tx, case_id: int, identity_id: int | None, at: datetime) -> list[str]:
    """Words, name and files of a matter no chat brought; the sha256 of files nobody else needs."""
    f = case_attachments.c
    rows = await tx.rows(select(f.sha256).where(f.case_id == case_id, f.sha256.is_not(None)))
    await tx.run(
        update(case_attachments)
        .where(f.case_id == case_id)
        .values(ref="", name="", mime="", sha256=None, size_bytes=None, state="erased")
    )
    await tx.run(
        update(cases)
        .where(cases.c.id == case_id)
        .values(identity_id=None, anonymous=True, about_role="", about_hamlet="", hamlet="")
    )
    if identity_id is not None:
        await tx.run(delete(identities).where(identities.c.id == identity_id))
    await tx.run(update(case_askers).where(case_askers.c.case_id == case_id).values(pin_hash=""))
    await edits.erase_case(tx, [case_id])
    await case_store.redact(tx, case_ids=[case_id])
    await search.drop(tx, case_store.SEARCHED, [str(case_id)])
    hashes = {row.sha256 for row in rows}
    still = {row[0] for row in await tx.rows(select(f.sha256).where(f.sha256.in_(hashes)))} if hashes else set()
    return [*sorted(hashes - still), *await sources.erase(tx, await _codes(tx, case_askers.c.case_id == case_id), at)]


async def _codes(tx: Tx, whose: ColumnElement[bool]) -> list[str]:
    return [row.code for row in await tx.rows(select(case_askers.c.code).where(whose))]


async def _files_shown(tx: Tx, conversation_ids: Sequence[int]) -> set[str]:
    """The hashes of files the person sent that their mailbox shows."""
    o = outbox.c
    rows = await tx.rows(select(o.body).where(o.conversation_id.in_(conversation_ids), o.author == "person"))
    return {row.body["media"]["sha256"] for row in rows if row.body.get("media")}


async def _erase_files(tx: Tx, conversation_ids: Sequence[int], shown: set[str]) -> list[str]:
    """Rows lose name and handle; the hashes of files that no other row needs."""
    f = case_attachments.c
    rows = await tx.rows(select(f.id, f.sha256).where(f.conversation_id.in_(conversation_ids)))
    hashes = {row.sha256 for row in rows if row.sha256} | shown
    await tx.run(
        update(case_attachments)
        .where(f.conversation_id.in_(conversation_ids))
        .values(ref="", name="", mime="", sha256=None, size_bytes=None, state="erased")
    )
    for row in rows:
        await job_store.drop(tx, attachments.job_key(row.id))
    still = {row[0] for row in await tx.rows(select(f.sha256).where(f.sha256.in_(hashes)))} if hashes else set()
    return sorted(hashes - still)
