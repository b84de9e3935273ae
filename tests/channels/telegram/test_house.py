"""The whole house on SQLite behind Telegram: real content, engine, store and outbox; only Telegram is played."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.channels.telegram import TelegramChannel
from bot.clock import Clock
from bot.settings import Settings
from bot.store import bot_names
from bot.wiring import House, receiving, telegram_channels
from tests.harness.botapi import BotApiServer, Limits, UserChat

GUARD_S = 20.0


def heard_twice(person: UserChat) -> bool:
    """Whether the same words came more than once."""
    texts = [heard.text for heard in person.screen]
    return len(set(texts)) < len(texts)


def settings_of(server: BotApiServer, folder: Path) -> Settings:
    """Of a house with one bot."""
    return Settings.from_env(
        {
            "LOATHON_DATA_DIR": str(folder),
            "LOATHON_TELEGRAM_TOKEN": server.token,
            "LOATHON_TELEGRAM_API_URL": server.url,
        }
    )


@asynccontextmanager
async def house_on(server: BotApiServer, folder: Path) -> AsyncIterator[TelegramChannel]:
    """A running house whose only outlet is the played Telegram."""
    house = await House.open(settings_of(server, folder), Clock())
    (channel,) = telegram_channels(house)
    await channel.open()
    sender = house.add_channel(channel)
    handling = asyncio.create_task(house.handler.run())
    listening = asyncio.create_task(receiving(house, channel)())
    sending = asyncio.create_task(sender.run())
    try:
        yield channel
    finally:
        await channel.stop()
        await listening
        sender.stop()
        await sending
        handling.cancel()
        await asyncio.wait({handling})
        await channel.close()
        await house.close()


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(limits=Limits()) as running:
        yield running


async def test_a_household_asks(server: BotApiServer, tmp_path: Path) -> None:
    lan = server.user(7, first_name="Lan")
    async with house_on(server, tmp_path):
        await lan.starts()
        assert (await lan.hears(GUARD_S)).labels
        await lan.says("hộ nghèo có được thẻ bảo hiểm y tế không?")
        answer = await lan.hears(GUARD_S)
        assert "bảo hiểm y tế" in answer.text.lower()
        assert answer.message["entities"][0]["type"] == "bold"
        press = await lan.presses(answer.labels[0])
        await press.answer(GUARD_S)
        assert (await lan.hears(GUARD_S)).text != answer.text
    assert server.violations == []


async def test_another_process_knows_the_bots_name(server: BotApiServer, tmp_path: Path) -> None:
    """As the desk alone, which never speaks with Telegram; nor does it know a bot that was taken out of the settings."""
    desk = await House.open(settings_of(server, tmp_path), Clock())
    telegram_channels(desk)
    assert await desk.names() == {}
    async with desk.store.write() as tx:
        await bot_names.keep(tx, "1", "xa-dak-doa", "gone_bot")
    lan = server.user(7)
    async with house_on(server, tmp_path):
        await lan.starts()
        await lan.hears(GUARD_S)
    assert await desk.names() == {"": server.bot.username}
    await desk.close()


async def test_many_people_at_once_within_the_limits(server: BotApiServer, tmp_path: Path) -> None:
    people = [server.user(number) for number in range(1, 51)]
    for person in people:
        await person.says("cho hỏi tiền điện hộ nghèo")
    async with house_on(server, tmp_path):
        for person in people:
            await person.hears(GUARD_S)
    assert [person.id for person in people if heard_twice(person)] == []
    assert server.violations == []


@pytest.mark.slow
async def test_bad_days(server: BotApiServer, tmp_path: Path) -> None:
    """429, a gateway's 502, lost answers and repeated updates: everybody is answered, nobody asked too early."""
    people = [server.user(number) for number in range(1, 11)]
    server.faults.flood(2, "sendMessage", chat=3)
    server.faults.bad_gateway("sendMessage", chat=4)
    server.faults.drop("sendMessage", chat=5, after=False)
    lost = server.faults.drop("sendMessage", chat=6, after=True)
    server.faults.error(500, "Internal Server Error: restart", "sendMessage", chat=7)
    server.faults.drop("getUpdates", after=True)
    await people[7].blocks()
    async with house_on(server, tmp_path):
        for person in people:
            await person.says("xin chào")
        for person in people:
            if person.id != 8:
                await person.hears(GUARD_S)
        server.bot.updates.deliver_again(5)
        async with asyncio.timeout(GUARD_S):
            while not heard_twice(people[5]):
                await people[5].hears(GUARD_S)
    assert lost.times == 0
    twice = {person.id for person in people if heard_twice(person)}
    assert twice == {6}, "only the lost answer, whose fate nobody could know, is repeated"
    assert all(person.screen for person in people if person.id != 8)
    assert len(server.calls_of("sendMessage", chat=8)) == 1
    assert server.violations == []


async def test_odd_things_are_answered(server: BotApiServer, tmp_path: Path) -> None:
    lan = server.user(7, first_name="Lan")
    async with house_on(server, tmp_path):
        await lan.sends_voice(b"OggS" + bytes(100))
        assert (await lan.hears(GUARD_S)).text
        await lan.sends_sticker()
        await lan.says("😀" * 300)
        assert (await lan.hears(GUARD_S)).text
        await lan.blocks()
        await lan.unblocks()
        await lan.says("đ" * 4096)
        assert (await lan.hears(GUARD_S)).text
    assert server.violations == []


async def test_a_group_that_became_a_supergroup_is_answered_there(server: BotApiServer, tmp_path: Path) -> None:
    lan = server.user(7, first_name="Lan")
    group = server.group(-5)
    await group.says(lan, "/menu")
    larger = await group.upgrades(lan, -1005)
    # its new id is heard of before an answer under the old one is refused
    await larger.says(lan, "/menu")
    async with house_on(server, tmp_path):
        menus = 0
        while menus < 2:
            menus += bool((await larger.hears(GUARD_S)).labels)
        await larger.says(lan, "/menu")
        while menus < 3:
            menus += bool((await larger.hears(GUARD_S)).labels)
    assert group.screen == []
    assert server.violations == []
