"""A group that became a supergroup: one conversation goes on, whichever id was heard of first."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from bot.model.outbound import Outbound
from bot.store import RefusedError, Store, Tx, contacts, conversations, notice_addresses, officials, outbox
from bot.store.conversations import Conversation
from bot.store.outbox import Draft, Outcome
from bot.store.tables import conversations as conversations_table
from bot.store.tables import outbox as outbox_table
from tests.harness.clock import Hands
from tests.harness.talk import key

OLD, NEW = "-12", "-100777"


async def chats(tx: Tx, hands: Hands, *which: str) -> list[Conversation]:
    found = await conversations.load(tx, [key(chat) for chat in which], hands.at)
    return [found[key(chat)] for chat in which]


async def test_where_nothing_was_said_yet_the_conversation_goes_along(store: Store, hands: Hands) -> None:
    async with store.write() as tx:
        (old,) = await chats(tx, hands, OLD)
        await conversations.migrate(tx, old.id, OLD, NEW, hands.at)
        # told of it twice
        await conversations.migrate(tx, old.id, OLD, NEW, hands.at)
        found = await conversations.find(tx, key(NEW))
    assert found is not None
    assert (found.id, found.is_gone) == (old.id, False)


async def test_where_something_was_said_that_conversation_goes_on(store: Store, hands: Hands) -> None:
    async with store.write() as tx:
        old, new = await chats(tx, hands, OLD, NEW)
        contact = (await contacts.open_for(tx, [old.id], hands.at))[old.id]
        ids = await outbox.add(tx, [Draft(old.id, old.key, Outbound(text)) for text in ("1", "2")], hands.at)
        await outbox.claim(tx, "telegram", "42", epoch=1, at=hands.at, limit=1, is_reply=True)
        await outbox.settle(tx, [Outcome(ids[0], "sent", hands.at, hands.at)], 1)
    for _ in range(2):
        async with store.write() as tx:
            await conversations.migrate(tx, old.id, OLD, NEW, hands.at)
    async with store.read() as tx:
        was, now = [await conversations.find(tx, key(chat)) for chat in (OLD, NEW)]
        rows = await tx.rows(outbox_table.select().order_by(outbox_table.c.id))
    assert was is not None
    assert now is not None
    assert (was.id, was.is_gone) == (old.id, True)
    assert (now.id, now.is_gone, now.contact_id) == (new.id, False, contact)
    assert [(row.conversation_id, row.state) for row in rows] == [(old.id, "sent"), (new.id, "queued")]


async def test_the_one_that_goes_on_keeps_its_own_contact(store: Store, hands: Hands) -> None:
    async with store.write() as tx:
        old, new = await chats(tx, hands, OLD, NEW)
        made = await contacts.open_for(tx, [old.id, new.id], hands.at)
        await conversations.migrate(tx, old.id, OLD, NEW, hands.at)
        found = await conversations.find(tx, key(NEW))
    assert found is not None
    assert found.contact_id == made[new.id]


async def test_another_account_with_that_chat_is_another(store: Store, hands: Hands) -> None:
    async with store.write() as tx:
        (old,) = await chats(tx, hands, OLD)
        other = key(NEW, account="43")
        await conversations.load(tx, [other], hands.at)
        await conversations.migrate(tx, old.id, OLD, NEW, hands.at)
        found, untouched = await conversations.find(tx, key(NEW)), await conversations.find(tx, other)
    assert found is not None
    assert found.id == old.id
    assert untouched is not None
    assert untouched.id != old.id


async def test_notices_follow(store: Store, hands: Hands) -> None:
    async with store.write() as tx:
        old, new = await chats(tx, hands, OLD, NEW)
        official = await officials.add(tx, "lan", "Lan", hands.at)
        await notice_addresses.add_link(tx, official, "token", at=hands.at, expires_at=hands.at.replace(year=2027))
        assert await notice_addresses.link(tx, "token", old.id, hands.at)
        await conversations.migrate(tx, old.id, OLD, NEW, hands.at)
        assert await notice_addresses.of(tx, [official]) == {official: new.id}


async def test_what_was_erased_gets_no_chat_again(store: Store, hands: Hands) -> None:
    async with store.write() as tx:
        (old,) = await chats(tx, hands, OLD)
        erased = conversations_table.update().where(conversations_table.c.id == old.id).values(chat="erased:1")
        await tx.run(erased)
        await conversations.migrate(tx, old.id, OLD, NEW, hands.at)
        assert await conversations.find(tx, key(NEW)) is None


async def test_a_part_that_fails_is_undone_alone(store: Store, hands: Hands) -> None:
    async def clash(tx: Tx) -> None:
        async with tx.apart():
            await chats(tx, hands, "9")
            await tx.add(conversations_table, [{**asdict(key("7")), "created_at": hands.at, "active_at": hands.at}])

    async with store.write(short=True) as tx:
        await chats(tx, hands, "7")
        with pytest.raises(RefusedError):
            await clash(tx)
        await chats(tx, hands, "8")
    async with store.read() as tx:
        assert [await conversations.find(tx, key(chat)) is not None for chat in "789"] == [True, True, False]
