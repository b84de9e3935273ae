"""A batch out: in order, replies first, nothing twice that need not be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.channels.base import SendError
from bot.channels.console import CAPS
from bot.model.outbound import Outbound, OutMedia, OutMediaKind
from bot.runner import outcomes
from bot.runner.held import away
from bot.runner.outbox import TRUSTED_S, Sender
from bot.runner.outcomes import REPEAT_AFTER
from bot.store import Store, Tx, UnavailableError, bell, conversations, leases, outbox
from bot.store.outbox import Claimed, Draft
from bot.store.tables import outbox as outbox_table
from tests.harness.clock import Hands
from tests.harness.talk import KeepingChannel, key


@pytest.fixture
def channel() -> KeepingChannel:
    return KeepingChannel()


@pytest.fixture
def sender(store: Store, channel: KeepingChannel, hands: Hands) -> Sender:
    return Sender(store, channel, hands.clock, "here")


@asynccontextmanager
async def running(sender: Sender) -> AsyncIterator[None]:
    task = asyncio.create_task(sender.run())
    yield
    sender.stop()
    async with asyncio.timeout(10):
        await task


async def put(
    store: Store, hands: Hands, *outbounds: Outbound | str, chat: str = "7", is_reply: bool = True
) -> list[int]:
    async with store.write() as tx:
        found = (await conversations.load(tx, [key(chat)], hands.at))[key(chat)]
        told = [Outbound(o) if isinstance(o, str) else o for o in outbounds]
        drafts = [Draft(found.id, found.key, outbound, is_reply=is_reply) for outbound in told]
        ids = await outbox.add(tx, drafts, hands.at)
        tx.ring("outbox:telegram:42")
    return ids


async def states(store: Store) -> list[tuple[str, int]]:
    async with store.read() as tx:
        rows = await tx.rows(outbox_table.select().order_by(outbox_table.c.id))
        return [(row.state, row.repeats) for row in rows]


async def test_messages_keep_their_order(store: Store, channel: KeepingChannel, sender: Sender, hands: Hands) -> None:
    await put(store, hands, "1", "2", "3")
    await put(store, hands, "a", "b", chat="8")
    async with running(sender):
        await channel.until(sent=5)
    assert [d.outbound.text for d in channel.sent if d.key == key("7")] == ["1", "2", "3"]
    assert [d.outbound.text for d in channel.sent if d.key == key("8")] == ["a", "b"]
    assert await states(store) == [("sent", 0)] * 5


async def test_sending_is_committed_before_the_request(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    channel.open.clear()
    await put(store, hands, "1", "2")
    async with running(sender):
        await channel.until(tried=1)
        assert await states(store) == [("sending", 0), ("queued", 0)]
        channel.open.set()
        await channel.until(sent=2)
    assert await states(store) == [("sent", 0), ("sent", 0)]


async def test_replies_go_before_bulk(store: Store, channel: KeepingChannel, sender: Sender, hands: Hands) -> None:
    for chat in range(5):
        await put(store, hands, f"tin {chat}", chat=f"{chat}", is_reply=False)
    await put(store, hands, "trả lời", chat="4")
    async with running(sender):
        await channel.until(sent=6)
    assert channel.texts[0] == "trả lời"


async def test_no_more_bulk_is_claimed_than_it_may_be_ahead(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    sender.bulk_ahead = 3
    channel.open.clear()
    for chat in range(5):
        await put(store, hands, f"tin {chat}", chat=f"{chat}", is_reply=False)
    async with running(sender):
        await channel.until(tried=3)
        assert [state for state, _ in await states(store)] == ["sending"] * 3 + ["queued"] * 2
        channel.open.set()
        await channel.until(sent=5)


async def test_long_texts_go_in_pieces_and_only_what_is_left_is_repeated(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    channel.caps = replace(CAPS, text_max=10)
    channel.faults = [None, SendError("busy", retryable=True), None, None]
    await put(store, hands, "Câu một. Câu hai. Câu ba.")
    async with running(sender):
        await channel.until(tried=2)
    assert await states(store) == [("queued", 0)]
    hands.move(seconds=3)
    async with running(replace(sender, _stopping=False)):
        await channel.until(sent=3)
    assert channel.texts == ["Câu một.", "Câu hai.", "Câu ba."]


async def test_an_unknown_reply_is_repeated_once_after_five_seconds(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    lost = SendError("no answer", unknown=True)
    channel.faults = [lost, lost]
    await put(store, hands, "trả lời")
    async with running(sender):
        await channel.until(tried=1)
    assert await states(store) == [("queued", 1)]
    hands.move(seconds=REPEAT_AFTER.total_seconds() - 1)
    async with store.write() as tx:
        assert await outbox.claim(tx, "telegram", "42", epoch=9, at=hands.at, limit=9, is_reply=True) == []
    hands.move(seconds=1)
    async with running(replace(sender, _stopping=False)):
        await channel.until(tried=2)
    assert await states(store) == [("unknown", 1)]


async def test_unknown_bulk_is_listed_never_repeated(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    channel.faults = [SendError("no answer", unknown=True)]
    await put(store, hands, "tin", is_reply=False)
    async with running(sender):
        await channel.until(tried=1)
    assert await states(store) == [("unknown", 0)]


async def test_retry_after_is_kept_exactly(store: Store, channel: KeepingChannel, sender: Sender, hands: Hands) -> None:
    channel.faults = [SendError("slow down", retryable=True, retry_after_s=17.0)]
    await put(store, hands, "1", "2")
    async with running(sender):
        await channel.until(tried=1)
    async with store.read() as tx:
        due = await outbox.next_due(tx, "telegram", "42")
    # the second waits behind the first, whose time has not come
    assert channel.texts == []
    assert due is not None
    assert (due - hands.at).total_seconds() in {0.0, 17.0}
    hands.move(seconds=17)
    async with running(replace(sender, _stopping=False)):
        await channel.until(sent=2)
    assert channel.texts == ["1", "2"]


async def test_who_left_gets_nothing_more(store: Store, channel: KeepingChannel, sender: Sender, hands: Hands) -> None:
    channel.faults = [SendError("blocked", contact_gone=True)]
    await put(store, hands, "1", "2", "3")
    async with running(sender):
        await channel.until(tried=1)
    assert [state for state, _ in await states(store)] == ["gone"] * 3
    async with store.read() as tx:
        found = await conversations.find(tx, key())
    assert found is not None
    assert found.is_gone


async def test_a_chat_that_moved_is_followed(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    channel.faults = [SendError("migrated", migrated_to="-100777")]
    await put(store, hands, "1")
    async with running(sender):
        await channel.until(sent=1)
    assert channel.sent[0].key == key("-100777")


async def test_what_can_never_be_sent_fails_and_the_next_goes_on(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    channel.faults = [SendError("bad request"), ZeroDivisionError()]
    await put(store, hands, "1", "2", "3")
    async with running(sender):
        await channel.until(sent=1)
    assert [state for state, _ in await states(store)] == ["failed", "failed", "sent"]


async def test_a_day_of_trying_ends(store: Store, channel: KeepingChannel, sender: Sender, hands: Hands) -> None:
    channel.faults = [SendError("unreachable", retryable=True)]
    await put(store, hands, "1")
    hands.move(hours=25)
    async with running(sender):
        await channel.until(tried=1)
    assert await states(store) == [("failed", 0)]


async def test_a_file_is_uploaded_once(store: Store, channel: KeepingChannel, sender: Sender, hands: Hands) -> None:
    sha256 = await store.blobs.put(b"loa")
    clip = Outbound("Nghe", media=OutMedia(OutMediaKind.AUDIO, sha256, "loa.mp3", "audio/mpeg"))
    await put(store, hands, clip, clip)
    async with running(sender):
        await channel.until(sent=2)
    assert [(d.media_bytes, d.media_handle) for d in channel.sent] == [(b"loa", ""), (b"", "handle-1")]


async def test_what_a_dead_owner_was_sending(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    await put(store, hands, "trả lời", chat="1")
    await put(store, hands, "tin", chat="2", is_reply=False)
    async with store.write() as tx:
        epoch = await leases.take(tx, sender.lease, "dead", hands.at)
        assert epoch is not None
        for is_reply in (True, False):
            claimed = await outbox.claim(tx, "telegram", "42", epoch=epoch, at=hands.at, limit=9, is_reply=is_reply)
            assert len(claimed) == 1
    sender.takes_over = True
    if store.dialect == "postgresql":
        async with store.write() as tx:
            await leases.leave(tx, sender.lease, "dead", await leases.database_time(tx) or hands.at)
    assert await sender._take_lease() is not None
    assert await states(store) == [("queued", 1), ("unknown", 0)]
    hands.move(seconds=5)
    async with running(replace(sender, _stopping=False)):
        await channel.until(sent=1)
    assert channel.texts == ["trả lời"]


async def test_only_the_holder_of_the_lease_sends(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    async with store.write() as tx:
        await leases.take(tx, sender.lease, "there", hands.at)
    await put(store, hands, "1")
    async with running(sender), store.read() as tx:
        assert not await leases.held(tx, sender.lease, "here", 1)
    assert channel.tried == []


async def test_a_channel_in_reach_again_is_used_at_once(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    away = SendError("not sent", retryable=True)
    slow = SendError("slow down", retryable=True, retry_after_s=90.0)
    channel.faults = [away, slow]
    channel.reach = "unreachable"
    await put(store, hands, "1", chat="7")
    await put(store, hands, "2", chat="8")
    async with running(sender):
        await channel.until(tried=2)
        hands.move(seconds=1)
        await put(store, hands, "3", chat="9")
        await channel.until(sent=1)
        channel.reach = "ok"
        # the pause of our own ends, the one Telegram named does not
        await channel.until(sent=2)
    assert sorted(channel.texts) == ["1", "3"]


async def test_receiving_goes_with_the_lease(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW_S", 0.02)
    began, ended = asyncio.Event(), asyncio.Event()

    async def receive() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    sender.receive = receive
    async with running(sender), asyncio.timeout(10):
        await began.wait()
        assert sender.state({sender.lease}).state == "ok"
        async with store.write() as tx:
            epoch = await leases.take(tx, sender.lease, "there", hands.at, force=True)
        await ended.wait()
        await put(store, hands, "1")
        assert sender.state({sender.lease}).state == "elsewhere"
        assert away("telegram", "42", set()).state == "idle"
        began.clear()
        # the other lets go: no waiting for the lease to run out
        hands.move(seconds=1)
        async with store.write() as tx:
            assert await leases.held(tx, sender.lease, "there", epoch or 0)
            await leases.leave(tx, sender.lease, "there", await leases.database_time(tx) or hands.at)
            tx.ring(bell.freed(sender.lease))
        await began.wait()
        await channel.until(sent=1)


async def test_a_fault_of_what_receives_is_told(store: Store, sender: Sender) -> None:
    async def receive() -> None:
        raise ZeroDivisionError

    sender.receive = receive
    async with asyncio.timeout(10):
        with pytest.raises(ZeroDivisionError):
            await sender.run()
    assert not sender.is_holding


async def test_a_database_away_for_a_moment_forgets_no_message(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell, "POLL_S", 0.02)
    channel.open.clear()
    await put(store, hands, "1")
    whole, away_for = outbox.settle, 3

    async def settle(*args: Any) -> None:
        nonlocal away_for
        away_for -= 1
        if away_for >= 0:
            raise UnavailableError("disk full")
        await whole(*args)

    async with running(sender):
        await channel.until(tried=1)
        monkeypatch.setattr(outbox, "settle", settle)
        channel.open.set()
        await channel.until(sent=1)
    assert await states(store) == [("sent", 0)]


async def test_nothing_is_sent_on_a_lease_in_doubt(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubted, after_error = asyncio.Event(), outcomes.after_error

    def note(row: Claimed, error: SendError, at: datetime) -> outcomes.Result:
        doubted.set()
        return after_error(row, error, at)

    monkeypatch.setattr("bot.runner.outbox.after_error", note)
    async with running(sender):
        await put(store, hands, "1")
        await channel.until(sent=1)
        # not renewed for so long that another may soon take it
        hands.move(seconds=TRUSTED_S + 1)
        await put(store, hands, "2")
        async with asyncio.timeout(10):
            await doubted.wait()
    assert channel.texts == ["1"]
    assert await states(store) == [("sent", 0), ("queued", 0)]


async def drafted(tx: Tx, hands: Hands, text: str, chat: str = "7") -> None:
    found = (await conversations.load(tx, [key(chat)], hands.at))[key(chat)]
    await outbox.add(tx, [Draft(found.id, found.key, Outbound(text))], hands.at)
    tx.ring("outbox:telegram:42")


async def test_an_answer_is_claimed_in_the_transaction_of_its_turn(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    sender.takes_over = True
    channel.open.clear()
    async with running(sender):
        await put(store, hands, "1")
        await channel.until(tried=1)
        async with store.write() as tx:
            await drafted(tx, hands, "2")
            await drafted(tx, hands, "a", chat="8")
            landed = await sender.board(tx)
            assert tx.rings == ()
        assert await states(store) == [("sending", 0), ("queued", 0), ("sending", 0)]
        landed(True)
        await channel.until(tried=2)
        channel.open.set()
        await channel.until(sent=3)
    assert sorted(channel.texts) == ["1", "2", "a"]
    assert await states(store) == [("sent", 0)] * 3


async def test_a_turn_rolled_back_sends_nothing_and_forgets_no_outcome(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    # outcomes wait long for company, so that the turn meets them
    monkeypatch.setattr("bot.runner.outbox.GATHER_S", 0.5)
    sender.takes_over = True
    async with running(sender):
        await put(store, hands, "1")
        await channel.until(sent=1)
        landed: list[Callable[[bool], None]] = []

        async def fail() -> None:
            async with store.write() as tx:
                await drafted(tx, hands, "2")
                landed.append(await sender.board(tx))
                raise ArithmeticError

        with pytest.raises(ArithmeticError):
            await fail()
        landed[0](False)
    assert channel.texts == ["1"]
    assert await states(store) == [("sent", 0)]


async def test_where_another_may_hold_the_lease_a_turn_claims_nothing(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    sender.at_once = 0
    async with running(sender), store.write() as tx:
        await drafted(tx, hands, "1")
        landed = await sender.board(tx)
        assert tx.rings == ("outbox:telegram:42",)
        landed(True)
    assert await states(store) == [("queued", 0)]
    assert channel.texts == []
