"""Saved views and who has a case open, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.library import Library
from bot.store import Store, case_readers, views
from bot.store.views import View
from tests.casework.conftest import CONTENT, Desk
from tests.harness.clock import Hands
from tests.harness.officials import made, role

PAGE = "/ban/ho-so"


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(CONTENT)


async def test_views_are_one_s_own_replaced_by_name_and_not_endless(
    store: Store, hands: Hands, library: Library
) -> None:
    lan, minh = [(await made(store, library, hands, login, role("can-bo-xu-ly"))).id for login in ("lan", "minh")]
    async with store.write() as tx:
        await views.save(tx, lan, PAGE, View("Trễ", "xem=tre"), hands.at)
        await views.save(tx, lan, PAGE, View("Trễ", "xem=tre&lv=bhyt"), hands.at)
        await views.save(tx, lan, "/ban/khac", View("Khác", "a=b"), hands.at)
        await views.save(tx, minh, PAGE, View("Của Minh", "xem=toi"), hands.at)
        assert await views.listed(tx, lan, PAGE) == [View("Trễ", "xem=tre&lv=bhyt")]
        for i in range(views.MOST):
            await views.save(tx, lan, PAGE, View(f"{i:02}", "x=y"), hands.at + timedelta(minutes=i + 1))
        names = [one.name for one in await views.listed(tx, lan, PAGE)]
        assert names == [f"{i:02}" for i in range(views.MOST)]
        await views.drop(tx, lan, PAGE, "00")
        assert len(await views.listed(tx, lan, PAGE)) == views.MOST - 1
        assert len(await views.listed(tx, minh, PAGE)) == 1


async def test_readers_are_others_and_gone_after_a_minute(store: Store, hands: Hands, library: Library) -> None:
    lan, minh = [(await made(store, library, hands, login, role("can-bo-xu-ly"))).id for login in ("lan", "minh")]
    await Desk(store, hands).brings("Đèn hỏng")
    async with store.write() as tx:
        await case_readers.note(tx, 1, lan, hands.at)
        await case_readers.note(tx, 1, lan, hands.at)
        assert await case_readers.others(tx, 1, lan, hands.at) == []
        assert await case_readers.others(tx, 1, minh, hands.at) == [lan]
        later = hands.at + timedelta(minutes=2)
        assert await case_readers.others(tx, 1, minh, later) == []
        await case_readers.note(tx, 1, minh, later)
        assert await case_readers.others(tx, 1, lan, hands.at) == [minh]
