"""Contacts and what is kept about them, as they may see it."""

from __future__ import annotations

from datetime import date, datetime

from bot.settings import LOCAL
from bot.store import Tx, attachments, cases, contacts, erasures, outbox, questions
from bot.store.conversations import Conversation


async def kept(tx: Tx, conversation: Conversation) -> dict[str, list[str]]:
    """Everything kept about a contact, by kind; the kinds are keys of the engine's `data-…` labels."""
    shown: dict[str, list[str]] = {}
    for identity in await contacts.identities_of(tx, conversation.id):
        shown.setdefault("name", []).extend(v for k, v in identity.items() if k != PHONE)
        shown.setdefault("phone", []).extend(v for k, v in identity.items() if k == PHONE)
    session = conversation.session
    facts, _unit, hamlet = await contacts.profile(tx, conversation.contact_id or 0)
    shown["hamlet"] = [h for h in dict.fromkeys((hamlet, session.hamlet)) if h]
    shown["facts"] = [f"{name}: {value}" for name, value in {**session.facts, **facts}.items()]
    agreed = await contacts.agreed(tx, conversation.contact_id or 0)
    shown["consents"] = [f"{c.purpose} ({c.version}), {_day(c.given_at)}" for c in agreed if c.withdrawn_at is None]
    shown["subscriptions"] = await contacts.topics(tx, conversation.contact_id or 0)
    often = await contacts.how_often(tx, conversation.contact_id or 0)
    shown["often"] = [often] if often else []
    held = (await cases.of_conversations(tx, [conversation.id]))[conversation.id]
    shown["cases"] = [f"{asking.code}, {_day(asking.case.opened_at)}" for asking in held]
    shown["files"] = await attachments.names_of(tx, conversation.id)
    shown["messages"] = [str(count)] if (count := await outbox.count_of(tx, conversation.id)) else []
    if asked := await questions.count_of(tx, conversation.id):
        shown["questions"] = [str(asked)]
    due = await erasures.waiting(tx, conversation.id)
    shown["erasure"] = [_day(due)] if due else []
    return {kind: values for kind, values in shown.items() if values}


#: the field of an identity that is a phone number, as the forms name it
PHONE = "dien-thoai"


def _day(moment: datetime) -> str:
    day: date = moment.astimezone(LOCAL).date()
    return f"{day:%d/%m/%Y}"
