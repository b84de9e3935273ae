"""How many messages stand in the outbox at once, and when the next look comes."""

from __future__ import annotations

import pytest

from bot.dispatch import LOOK_S
from bot.store import bell, outbox
from tests.broadcasts.conftest import Town


async def everything_goes_out(town: Town) -> int:
    """Whatever stands in the outbox is sent; how many it was."""
    async with town.store.write() as tx:
        at = town.hands.at
        claimed = await outbox.claim(tx, "telegram", "42", epoch=1, at=at, limit=1000, is_reply=False)
        await outbox.settle(tx, [outbox.Outcome(row.id, "sent", at, at) for row in claimed], 1)
    return len(claimed)


async def test_a_fast_channel_is_handed_more_and_quick_looks_take_nothing_back(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.dispatch.WINDOW_LEAST", 2)
    town.dispatch._window = 2
    for n in range(60):
        await town.subscriber(str(n))
    await town.started()
    handed = []
    for _ in range(3):
        await town.dispatch.step()
        # rung meanwhile by what an official did: no time in which anything could go out
        for _ in range(5):
            await town.dispatch.step()
        handed.append(await everything_goes_out(town))
        town.hands.move(seconds=LOOK_S)
    assert handed == [2, 8, 32], "each time what goes out in two seconds at the speed of the last half second"


async def test_the_next_look_is_soon_while_something_goes_out_and_is_not_rung_by_the_last(town: Town) -> None:
    assert await town.dispatch.step() == bell.POLL_S
    await town.subscriber("1")
    number = await town.started()
    async with town.store.bell.ear(bell.BROADCASTS) as orders, town.store.bell.ear(bell.BROADCASTS_MOVED) as moved:
        assert await town.dispatch.step() == LOOK_S
        assert await moved.heard(), "who watches is told"
        assert not await orders.heard(0.01)
    assert await everything_goes_out(town) == 1
    assert await town.dispatch.step() == LOOK_S
    assert (await town.get(number)).state == "done"
    assert await town.dispatch.step() == bell.POLL_S
