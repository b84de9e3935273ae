"""Who asked is told by day: a telephone is not rung at night because an official worked late."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from bot import telling
from bot.jobs import reminders
from bot.jobs.worker import Worker
from bot.library import Library
from bot.store import Store, conversations
from tests.harness.clock import Hands
from tests.harness.talk import key
from tests.signing.conftest import ENTRY

PHRASE = telling.ANSWERED


async def test_at_night_a_telephone_waits_for_the_morning_and_a_page_does_not(
    store: Store, hands: Hands, library: Library
) -> None:
    hands.at = datetime.fromisoformat("2026-11-21T23:10:00+07:00")
    run = reminders.kinds(store, hands.clock, lambda: library, "https://xa.example")[telling.TELL]
    worker = Worker(store, hands.clock, {telling.TELL: run})

    async def told() -> list[str]:
        async with store.read() as tx:
            return [row[0] for row in await tx.rows(text("select channel from outbox order by id"))]

    async with store.write() as tx:
        keys = [key("1", "telegram"), key("2", "telegram"), key("3", "web")]
        found = await conversations.load(tx, keys, hands.at)
        chats = [found[one] for one in keys]
        assert await telling.tell(tx, library, ENTRY, PHRASE, chats, now=hands.at, at=hands.at) == 3
    assert await told() == ["web"]
    hands.at = datetime.fromisoformat("2026-11-22T04:59:00+07:00")
    assert not await worker.step()
    async with store.write() as tx:
        # blocked the bot meanwhile
        await tx.run(
            conversations.conversations.update()
            .where(conversations.conversations.c.chat == "2")
            .values(gone_at=hands.at)
        )
    hands.at = datetime.fromisoformat("2026-11-22T05:00:00+07:00")
    while await worker.step():
        pass
    assert await told() == ["web", "telegram"]


async def test_what_is_over_by_the_morning_is_not_told(store: Store, hands: Hands, library: Library) -> None:
    entry = ENTRY._replace(id="chuan-ngheo-2022-2026")
    night = datetime.fromisoformat("2026-12-31T22:00:00+07:00")
    async with store.write() as tx:
        one = (await conversations.load(tx, [key("1", "telegram")], night))[key("1", "telegram")]
        await telling.tell(tx, library, entry, PHRASE, [one], now=night, at=night)
    hands.at = datetime.fromisoformat("2027-01-01T06:00:00+07:00")
    run = reminders.kinds(store, hands.clock, lambda: library, "https://xa.example")[telling.TELL]
    assert await Worker(store, hands.clock, {telling.TELL: run}).step()
    async with store.read() as tx:
        assert await tx.scalar(text("select count(*) from outbox")) == 0


async def test_what_was_not_told_by_day_waits_for_the_next_morning(
    store: Store, hands: Hands, library: Library
) -> None:
    night = datetime.fromisoformat("2026-11-21T23:10:00+07:00")
    async with store.write() as tx:
        one = (await conversations.load(tx, [key("1", "telegram")], night))[key("1", "telegram")]
        await telling.tell(tx, library, ENTRY, PHRASE, [one], now=night, at=night)
    run = reminders.kinds(store, hands.clock, lambda: library, "https://xa.example")[telling.TELL]
    worker = Worker(store, hands.clock, {telling.TELL: run})
    # no power all day
    hands.at = datetime.fromisoformat("2026-11-22T21:30:00+07:00")
    assert await worker.step()
    assert not await worker.step()
    hands.at = datetime.fromisoformat("2026-11-23T05:00:00+07:00")
    assert await worker.step()
    async with store.read() as tx:
        assert await tx.scalar(text("select count(*) from outbox")) == 1


async def test_a_signature_taken_back_in_the_night_is_not_told(store: Store, hands: Hands, library: Library) -> None:
    night = datetime.fromisoformat("2026-11-21T22:00:00+07:00")
    async with store.write() as tx:
        one = (await conversations.load(tx, [key("1", "telegram")], night))[key("1", "telegram")]
        await telling.tell(tx, library, ENTRY, telling.CONFIRMED, [one], now=night, at=night)
    hands.at = datetime.fromisoformat("2026-11-22T06:00:00+07:00")
    run = reminders.kinds(store, hands.clock, lambda: library, "https://xa.example")[telling.TELL]
    assert await Worker(store, hands.clock, {telling.TELL: run}).step()
    async with store.read() as tx:
        assert await tx.scalar(text("select count(*) from outbox")) == 0
