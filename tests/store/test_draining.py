"""A house gets ready to move: nothing new is begun, what is under way is waited for, and goes on when it stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import select, update

from bot.model.outbound import Outbound
from bot.runner.outbox import Sender
from bot.store import Store, conversations, dialect, draining, outbox
from bot.store.outbox import Draft
from bot.store.tables import leases, meta
from bot.store.tables import outbox as rows
from tests.harness.clock import Hands
from tests.harness.talk import KeepingChannel, key


async def say(store: Store, hands: Hands, *texts: str) -> None:
    async with store.write() as tx:
        for text in texts:
            found = (await conversations.load(tx, [key(text)], hands.at))[key(text)]
            await outbox.add(tx, [Draft(found.id, found.key, Outbound(text), is_reply=False)], hands.at)


async def states(store: Store) -> list[str]:
    async with store.read() as tx:
        return [row.state for row in await tx.rows(select(rows.c.state).order_by(rows.c.id))]


@asynccontextmanager
async def sending(store: Store, hands: Hands, channel: KeepingChannel) -> AsyncIterator[None]:
    sender = Sender(store, channel, hands.clock, "here", takes_over=True)
    task = asyncio.create_task(sender.run())
    yield
    sender.stop()
    async with asyncio.timeout(20):
        await task


async def test_what_is_under_way_is_waited_for_and_nothing_is_begun(store: Store, hands: Hands) -> None:
    channel = KeepingChannel()
    channel.open.clear()
    await say(store, hands, "1", "2")
    async with sending(store, hands, channel):
        await channel.until(tried=2)
        asyncio.get_running_loop().call_later(0.3, channel.open.set)
        async with asyncio.timeout(30), draining.drained(store, hands.clock.true) as left:
            assert (left, await states(store)) == (0, ["sent", "sent"])


async def test_while_it_is_ready_messages_wait(store: Store, hands: Hands) -> None:
    channel = KeepingChannel()
    async with sending(store, hands, channel):
        async with draining.drained(store, hands.clock.true) as left:
            await say(store, hands, "1")
            # the sender has looked, and taken nothing
            async with store.write() as tx:
                assert await outbox.claim(tx, "telegram", "42", epoch=1, at=hands.at, limit=5, is_reply=False) == []
            assert (left, channel.tried, await states(store)) == (0, [], ["queued"])
        await channel.until(sent=1)


async def test_a_mark_whose_owner_died_holds_nothing_up_for_long(store: Store, hands: Hands) -> None:
    channel = KeepingChannel()
    async with store.write() as tx:
        await tx.add(meta, [{"name": dialect.DRAINING, "value": dialect.spelled(hands.at + draining.LASTS)}])
    await say(store, hands, "1")
    async with store.write() as tx:
        assert await outbox.claim(tx, "telegram", "42", epoch=1, at=hands.at, limit=5, is_reply=False) == []
    hands.move(seconds=61)
    async with sending(store, hands, channel):
        await channel.until(sent=1)


async def test_nobody_waits_for_the_dead_nor_for_ever(store: Store, hands: Hands) -> None:
    await say(store, hands, "1", "2")
    async with store.write() as tx:
        await tx.run(update(rows).values(state="sending", epoch=7))
    async with draining.drained(store, hands.clock.true) as left:
        assert left == 0, "its owner is gone"
    async with store.write() as tx:
        until = hands.at + timedelta(hours=1) if store.dialect == "sqlite" else hands.at + timedelta(days=3650)
        await tx.add(leases, [{"name": "telegram:42", "holder": "there", "epoch": 7, "until": until}])
    async with draining.drained(store, hands.clock.true, patience_s=0.0) as left:
        assert left == 2
