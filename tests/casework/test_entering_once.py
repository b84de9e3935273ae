"""Two clicks on one form at the same time: one matter, and both clicks are answered with its code."""

from __future__ import annotations

import asyncio

from bot.casework import entry
from bot.casework.entry import Brought, Entered
from bot.model.case import CaseKind
from tests.casework.conftest import LIBRARY, Desk
from tests.harness.officials import UNIT, role


async def test_two_clicks_at_once_are_one_matter(desk: Desk) -> None:
    clerk = await desk.official("clerk", role("can-bo-xu-ly"))
    brought = Brought(CaseKind.FEEDBACK, "tai-cho", UNIT, "Cống tắc ở ngõ nhà tôi", once="a1")
    both = asyncio.Barrier(2) if desk.store.dialect == "postgresql" else None

    async def click() -> Entered:
        async with desk.store.write() as tx:
            if both:
                await both.wait()
            return await entry.enter(tx, clerk, LIBRARY, brought, now=desk.hands.at, at=desk.hands.at)

    one, two = await asyncio.gather(click(), click())
    assert (one.code, one.pin, one.receipt) == (two.code, two.pin, two.receipt)
    assert {one.is_again, two.is_again} == {False, True}
    await desk.catch_up()
    assert await desk.sees(clerk) == {one.code}
