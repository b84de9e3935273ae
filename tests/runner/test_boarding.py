"""What is settled and claimed in the transaction of a turn."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.channels.base import SendError, Sent
from bot.runner.outbox import Sender
from bot.runner.outcomes import after_error, after_sent
from bot.store import RefusedError, Store, UnavailableError, conversations, outbox
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


async def moved(store: Store, sender: Sender, hands: Hands, chat: str) -> None:
    """A message is refused because its chat lives on under that id, which is not written yet."""
    await put(store, hands, "1")
    epoch = await sender._take_lease()
    assert epoch is not None
    async with store.write() as tx:
        (row,) = await outbox.claim(tx, "telegram", "42", epoch=epoch, at=hands.at, limit=9, is_reply=True)
    sender.takes_over, sender.is_holding, sender._epoch = True, True, epoch
    sender._results = [after_error(row, SendError("migrated", migrated_to=chat), hands.at)]


async def test_a_chat_that_moved_to_one_already_known_refuses_no_turn(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    await moved(store, sender, hands, "8")
    async with store.write() as tx:
        await drafted(tx, hands, "2", chat="8")
        landed = await sender.board(tx)
    landed(True)
    await channel.until(sent=1)
    assert [(d.key.chat, d.outbound.text) for d in channel.sent] == [("8", "1")]
    assert await states(store) == [("sending", 0), ("queued", 0)]


async def test_an_outcome_that_is_refused_refuses_neither_the_turn_nor_the_others(
    store: Store, sender: Sender, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_told: object) -> None:
        raise RefusedError("no such chat")

    monkeypatch.setattr(conversations, "migrate", refuse)
    await moved(store, sender, hands, "8")
    await put(store, hands, "2", chat="9")
    async with store.write() as tx:
        (row,) = await outbox.claim(tx, "telegram", "42", epoch=sender._epoch, at=hands.at, limit=9, is_reply=True)
    sender._results.append(after_sent(row, Sent("m"), hands.at, is_last=True))
    async with store.write() as tx:
        await drafted(tx, hands, "3", chat="10")
        landed = await sender.board(tx)
        assert tx.rings == ("outbox:telegram:42",)
    landed(True)
    assert await states(store) == [("sending", 0), ("sending", 0), ("queued", 0)]
    assert await sender._round(sender._epoch) == 0
    assert sender._results == []
    assert await states(store) == [("failed", 0), ("sent", 0), ("queued", 0)]


async def test_outcomes_the_database_cannot_take_now_are_kept(
    store: Store, sender: Sender, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused, away = RefusedError("no such chat"), UnavailableError("disk full")
    answers = [refused, away]

    async def refuse(*_told: object) -> None:
        raise answers.pop(0)

    monkeypatch.setattr(conversations, "migrate", refuse)
    await moved(store, sender, hands, "8")
    with pytest.raises(UnavailableError):
        await sender._round(sender._epoch)
    assert len(sender._results) == 1
    assert await states(store) == [("sending", 0)]
