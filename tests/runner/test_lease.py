"""Who holds the lease receives and sends, and nobody else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from bot.channels.base import SendError
from bot.model.channel_state import ChannelState
from bot.runner import outcomes
from bot.runner.held import away
from bot.runner.outbox import TRUSTED_S, Sender
from bot.store import Store, Tx, bell, leases, outbox, standings
from bot.store.outbox import Claimed
from tests.harness.clock import Hands
from tests.harness.sending import put, running, states
from tests.harness.talk import KeepingChannel


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


async def test_how_the_channel_is_doing_is_written_for_the_others(
    store: Store, channel: KeepingChannel, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: asyncio.Queue[str] = asyncio.Queue()
    keep = standings.keep

    async def note(tx: Tx, seen: ChannelState, at: datetime) -> None:
        await keep(tx, seen, at)
        kept.put_nowait(seen.state)

    monkeypatch.setattr("bot.store.standings.keep", note)
    monkeypatch.setattr("bot.store.leases.RENEW_S", 0.01)
    async with running(sender), asyncio.timeout(10):
        assert await kept.get() == "ok"
        channel.reach = "unreachable"
        assert await kept.get() == "unreachable"
    async with store.read() as tx:
        told = (await standings.known(tx))[channel.name, channel.account]
    assert (told.state, told.message) == ("unreachable", "channel.unreachable")


async def test_a_fault_of_what_receives_is_told(store: Store, sender: Sender) -> None:
    async def receive() -> None:
        raise ZeroDivisionError

    sender.receive = receive
    async with asyncio.timeout(10):
        with pytest.raises(ZeroDivisionError):
            await sender.run()
    assert not sender.is_holding


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
