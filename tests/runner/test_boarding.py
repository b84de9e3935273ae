"""What is settled and claimed in the transaction of a turn."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.runner.outbox import Sender
from bot.store import Store
from tests.harness.clock import Hands
from tests.harness.sending import drafted, put, running, states
from tests.harness.talk import KeepingChannel


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
