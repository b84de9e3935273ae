"""How channels are doing, kept for the other processes of a house."""

from __future__ import annotations

from datetime import timedelta

from bot.model.channel_state import ChannelState
from bot.runner.held import Roll, roll
from bot.store import Store, bot_names, leases, pulse, standings
from tests.harness.clock import Hands


def seen(state: str, account: str = "42", why: str = "") -> ChannelState:
    return ChannelState("telegram", account, state, f"channel.{why or state}")


async def keep(store: Store, hands: Hands, state: ChannelState) -> standings.Standing:
    hands.move(minutes=1)
    async with store.write() as tx:
        await standings.keep(tx, state, hands.at)
    async with store.read() as tx:
        return (await standings.known(tx))["telegram", state.account]


async def test_since_when_stays_while_the_reason_changes(store: Store, hands: Hands) -> None:
    up = await keep(store, hands, seen("ok"))
    assert up.since == hands.at
    assert (await keep(store, hands, seen("ok"))).since == up.since
    down = await keep(store, hands, seen("unreachable"))
    assert down.since == hands.at
    for state in (seen("starting"), seen("refused", why="wrong_token")):
        told = await keep(store, hands, state)
        assert (told.state, told.message, told.since) == (state.state, state.message, down.since)
    assert (await keep(store, hands, seen("ok"))).since == hands.at


async def test_an_open_desk_hears_of_it(store: Store, hands: Hands) -> None:
    async with store.read() as tx:
        before = await pulse.desk(tx)
    await keep(store, hands, seen("refused", why="second_poller"))
    async with store.read() as tx:
        assert await pulse.desk(tx) != before


async def test_another_process_tells_what_the_holder_saw(store: Store, hands: Hands) -> None:
    down = await keep(store, hands, seen("refused", why="wrong_token"))
    await keep(store, hands, seen("ok", "taken-out"))
    async with store.write() as tx:
        now = await leases.database_time(tx) or hands.at
        await leases.take(tx, "telegram:42", "there", now)
        await bot_names.keep(tx, "42", "xa-tu-ky", "loa_bot")
    # a desk without any token knows it too
    for own in ([], [ChannelState("telegram", "42", "elsewhere", "channel.elsewhere", "elsewhere")]):
        async with store.read() as tx:
            (told,) = (await roll(tx, now)).told(own)
        assert (told.state, told.message, told.since) == ("refused", "channel.wrong_token", down.since)
        assert (told.holder, told.unit, told.title) == ("elsewhere", "xa-tu-ky", "loa_bot")
    async with store.write() as tx:
        await leases.leave(tx, "telegram:42", "there", now)
    async with store.read() as tx:
        known = await roll(tx, now + timedelta(seconds=1))
    assert known.told([]) == []
    (idle,) = known.told([ChannelState("telegram", "42", "idle", "channel.idle", "nobody")])
    assert idle.since == now - timedelta(seconds=1)


def test_without_the_database_each_tells_what_it_sees() -> None:
    own = seen("ok")
    assert Roll().told([own]) == [own]
