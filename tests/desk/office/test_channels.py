"""How the bots are doing, as officials see it before they send and while it goes out."""

from __future__ import annotations

import httpx
import pytest

from bot.bots import BotSetting
from bot.model.channel_state import ChannelState
from bot.store import bot_names, leases, standings
from tests.desk.office.conftest import Client, NewClient, add_official
from tests.desk.office.test_broadcasts import act, approve, author, chair, hand_over, households, write
from tests.harness.clock import Hands
from tests.harness.site import Running

__all__ = ["author", "chair"]
NO_TOKEN = "Telegram chưa bật"
ACCOUNT = "700000001"


@pytest.fixture
async def bot(place: Running) -> Running:
    """A house with a bot that another process holds."""
    house = place.house
    house.bots.append(BotSetting(f"{ACCOUNT}:AAHtest_only_never_a_real_secret_000000", "xa-tu-ky"))
    async with house.store.write() as tx:
        await leases.take(tx, f"telegram:{ACCOUNT}", "there", house.clock.true())
        await bot_names.keep(tx, ACCOUNT, "xa-tu-ky", "loa_tu_ky_bot")
    return place


async def stands(place: Running, state: str, why: str = "") -> None:
    house = place.house
    seen = ChannelState("telegram", ACCOUNT, state, f"channel.{why or state}")
    async with house.store.write() as tx:
        await standings.keep(tx, seen, house.clock.true())
        await leases.take(tx, f"telegram:{ACCOUNT}", "there", house.clock.true())


async def test_without_a_token_it_is_told_before_anything_is_sent(place: Running, author: Client) -> None:
    await households(place, 1)
    path = await write(author)
    assert NO_TOKEN in (await author.get(f"{path}/dem")).text
    assert NO_TOKEN in (await author.get("/ban")).text
    only_web = await write(author, title="Chỉ trên mạng", kenh="web")
    assert NO_TOKEN not in (await author.get(f"{only_web}/dem")).text


async def test_who_neither_sends_nor_mends_is_not_told(place: Running, new_client: NewClient) -> None:
    await add_official(place, "nguoi.xem", "nguoi-xem")
    viewer = await new_client()
    await viewer.sign_in("nguoi.xem")
    assert NO_TOKEN not in (await viewer.get("/ban")).text


async def test_why_nothing_goes_out_since_when_and_what_to_do(
    bot: Running, author: Client, chair: Client, hands: Hands
) -> None:
    await households(bot, 2)
    await stands(bot, "refused", "wrong_token")
    path = await write(author)
    for page in ("/ban", f"{path}/dem"):
        told = (await author.get(page)).text
        assert "@loa_tu_ky_bot, xã Tứ Kỳ" in told.replace("Xã", "xã"), page
        assert "Telegram không nhận mã của bot. Xin xem lại LOATHON_TELEGRAM_TOKEN" in told, page
        assert "Chưa gửi được từ " in told, page
    await hand_over(author, path)
    await approve(chair, path)
    await act(author, path, "gui")
    for state, why, words in (
        ("refused", "second_poller", "Nơi khác đang chạy cùng mã bot này"),
        ("unreachable", "", "Máy chưa nối được tới Telegram"),
        ("ok", "", "đang nhận và gửi tin"),
    ):
        await stands(bot, state, why)
        assert words in (await author.get(path)).text
        assert words in (await author.get(f"{path}/tien-do?luc=running")).text
    # the process that had it is gone
    hands.move(minutes=2)
    assert "Xin chạy loathon worker" in (await author.get("/ban")).text


async def test_health_tells_it_in_words_and_by_a_key(bot: Running) -> None:
    await stands(bot, "refused", "second_poller")
    async with httpx.AsyncClient() as client:
        (told,) = (await client.get(f"{bot.url}/health")).json()["parts"]["channels"]
        figures = (await client.get(f"{bot.url}/metrics")).text
    assert (told["state"], told["holder"], told["key"]) == ("refused", "elsewhere", "channel.second_poller")
    assert told["message"].startswith("Nơi khác đang chạy cùng mã bot này.")
    assert told["since"]
    assert f'loathon_channel_up{{channel="telegram",account="{ACCOUNT}"}} 0' in figures
