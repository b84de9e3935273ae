"""Contacts, what they agreed to, what they follow, who they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from bot.store.store import Tx
from bot.store.tables import consents, contacts, conversations, identities, subscriptions


@dataclass(frozen=True, slots=True)
class Consent:
    """One purpose agreed to, and perhaps withdrawn."""

    purpose: str
    version: str
    given_at: datetime
    withdrawn_at: datetime | None


async def open_for(tx: Tx, conversation_ids: Sequence[int], at: datetime) -> dict[int, int]:
    """A new contact for each of these conversations: conversation id -> contact id."""
    made = await tx.add_numbered(contacts, [{"created_at": at} for _ in conversation_ids])
    statement = (
        update(conversations).where(conversations.c.id == bindparam("which")).values(contact_id=bindparam("contact"))
    )
    pairs = dict(zip(conversation_ids, made, strict=True))
    await tx.run_many(statement, [{"which": which, "contact": contact} for which, contact in pairs.items()])
    return pairs


async def give(tx: Tx, rows: Sequence[tuple[int, int, str, str]], at: datetime) -> None:
    """(contact, conversation, purpose, version): one row each; an earlier one of that purpose is closed."""
    for contact, _conversation, purpose, _version in rows:
        await withdraw(tx, contact, purpose, at)
    await tx.add(
        consents,
        [
            {
                "contact_id": contact,
                "conversation_id": conversation,
                "purpose": purpose,
                "version": version,
                "given_at": at,
            }
            for contact, conversation, purpose, version in rows
        ],
    )


async def withdraw(tx: Tx, contact: int, purpose: str, at: datetime) -> None:
    """Close the consent for that purpose, "" = every purpose."""
    c = consents.c
    statement = update(consents).where(c.contact_id == contact, c.withdrawn_at.is_(None)).values(withdrawn_at=at)
    await tx.run(statement.where(c.purpose == purpose) if purpose else statement)


async def agreed(tx: Tx, contact: int) -> list[Consent]:
    """All consents of a contact, oldest first."""
    c = consents.c
    rows = await tx.rows(
        select(c.purpose, c.version, c.given_at, c.withdrawn_at).where(c.contact_id == contact).order_by(c.id)
    )
    return [Consent(*row) for row in rows]


async def save_profile(tx: Tx, contact: int, *, facts: dict[str, Any], unit: str, hamlet: str) -> None:
    """Household facts and place, kept with consent; empty ones forget."""
    await tx.run(update(contacts).where(contacts.c.id == contact).values(facts=facts, unit=unit, hamlet=hamlet))


async def profile(tx: Tx, contact: int) -> tuple[dict[str, Any], str, str]:
    """(household facts, unit, hamlet) kept."""
    row = await tx.one(select(contacts.c.facts, contacts.c.unit, contacts.c.hamlet).where(contacts.c.id == contact))
    return (dict(row.facts), row.unit, row.hamlet) if row else ({}, "", "")


async def subscribe(
    tx: Tx, contact: int, topics: Iterable[str], *, unit: str, hamlet: str, at: datetime, often: str = "at-once"
) -> None:
    """Follow these topics; following one again changes the place. `often` holds for all the contact follows."""
    statement = tx.insert(subscriptions)
    statement = statement.on_conflict_do_update(
        index_elements=["contact_id", "topic"],
        set_={"unit": statement.excluded.unit, "hamlet": statement.excluded.hamlet},
    )
    rows = [
        {"contact_id": contact, "topic": t, "unit": unit, "hamlet": hamlet, "since": at} for t in sorted(set(topics))
    ]
    await tx.run_many(statement, rows)
    await tx.run(update(subscriptions).where(subscriptions.c.contact_id == contact).values(often=often))


async def how_often(tx: Tx, contact: int) -> str:
    """How often a contact wants news, "" when it follows nothing."""
    s = subscriptions.c
    return await tx.scalar(select(s.often).where(s.contact_id == contact).limit(1)) or ""


async def unsubscribe(tx: Tx, contact: int, topics: Sequence[str]) -> None:
    """Stop following these topics, () = all."""
    s = subscriptions.c
    statement = delete(subscriptions).where(s.contact_id == contact)
    await tx.run(statement.where(s.topic.in_(topics)) if topics else statement)


async def topics(tx: Tx, contact: int) -> list[str]:
    """What a contact follows, by name."""
    s = subscriptions.c
    return [row.topic for row in await tx.rows(select(s.topic).where(s.contact_id == contact).order_by(s.topic))]


async def add_identity(tx: Tx, contact: int | None, conversation: int, body: dict[str, str], at: datetime) -> int:
    """Who someone says they are; its number is all that a case carries."""
    row = {"contact_id": contact, "conversation_id": conversation, "body": body, "created_at": at}
    return (await tx.add_numbered(identities, [row]))[0]


async def add_named(tx: Tx, body: dict[str, str], at: datetime) -> int:
    """Who someone says they are who came in person, called or wrote: no chat leads to them."""
    return (await tx.add_numbered(identities, [{"body": body, "created_at": at}]))[0]


async def identities_of(tx: Tx, conversation: int) -> list[dict[str, str]]:
    """What this conversation told about who it is."""
    i = identities.c
    return [dict(r.body) for r in await tx.rows(select(i.body).where(i.conversation_id == conversation).order_by(i.id))]
