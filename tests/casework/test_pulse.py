"""What makes an open page of the desk look again."""

from __future__ import annotations

from bot.store import pulse
from tests.casework.conftest import Desk
from tests.harness.officials import role


async def test_a_case_is_news_when_it_comes_and_again_when_it_may_be_seen(desk: Desk) -> None:
    async def heard() -> str:
        async with desk.store.read() as tx:
            return await pulse.desk(tx)

    await desk.official("tran.lan", role("can-bo-xu-ly"))
    calm = await heard()
    await desk.brings("Đường vào thôn hỏng cả tháng nay", caught_up=False)
    arrived = await heard()
    assert arrived != calm
    await desk.catch_up()
    seen = await heard()
    assert seen != arrived
    await desk.catch_up()
    assert await heard() == seen
