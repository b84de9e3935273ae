"""What waits in the outbox, and a sender at work on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.model.outbound import Outbound
from bot.runner.outbox import Sender
from bot.store import Store, Tx, conversations, outbox
from bot.store.outbox import Draft
from bot.store.tables import outbox as outbox_table
from tests.harness.clock import Hands
from tests.harness.talk import key


@asynccontextmanager
async def running(sender: Sender) -> AsyncIterator[None]:
    """It sends within, and has ended after."""
    task = asyncio.create_task(sender.run())
    yield
    sender.stop()
    async with asyncio.timeout(10):
        await task


async def put(
    store: Store, hands: Hands, *outbounds: Outbound | str, chat: str = "7", is_reply: bool = True
) -> list[int]:
    """Write these into the outbox of a chat; their ids."""
    async with store.write() as tx:
        found = (await conversations.load(tx, [key(chat)], hands.at))[key(chat)]
        told = [Outbound(o) if isinstance(o, str) else o for o in outbounds]
        drafts = [Draft(found.id, found.key, outbound, is_reply=is_reply) for outbound in told]
        ids = await outbox.add(tx, drafts, hands.at)
        tx.ring("outbox:telegram:42")
    return ids


async def states(store: Store) -> list[tuple[str, int]]:
    """State and repeats of all messages, in their order."""
    async with store.read() as tx:
        rows = await tx.rows(outbox_table.select().order_by(outbox_table.c.id))
        return [(row.state, row.repeats) for row in rows]


async def drafted(tx: Tx, hands: Hands, text: str, chat: str = "7") -> None:
    """Write one into the outbox, within a transaction."""
    found = (await conversations.load(tx, [key(chat)], hands.at))[key(chat)]
    await outbox.add(tx, [Draft(found.id, found.key, Outbound(text))], hands.at)
    tx.ring("outbox:telegram:42")
