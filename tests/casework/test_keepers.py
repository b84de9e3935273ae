"""The last keeper of reports: warned of before they go, and what nobody can see is counted."""

from __future__ import annotations

from datetime import date

import pytest

from bot import checklist, officials
from bot.casework import custody, keepers
from bot.model.case import CaseKind
from bot.model.official import Official
from tests.casework.conftest import LIBRARY, Desk
from tests.harness.officials import ON, UNIT, role


async def unread(desk: Desk) -> int:
    async with desk.store.read() as tx:
        return await keepers.unread(tx, LIBRARY, UNIT, ON)


async def refused(desk: Desk, one: Official, *, sure: bool = False, without: int | None = None) -> bool:
    async with desk.store.read() as tx:
        try:
            await keepers.require_another(tx, LIBRARY, one, ON, sure=sure, without=without)
        except keepers.LastKeeperError:
            return True
    return False


async def test_what_nobody_can_see_is_counted_and_nothing_else_told(desk: Desk) -> None:
    admin = await desk.official("admin", role("quan-tri"), name="Đỗ Quản Trị")
    code = await desk.brings("Ông Sáu khai gian", kind=CaseKind.WRONGDOING, about="hang-xom")
    assert await unread(desk) == 1, "no keeper"
    accused = await desk.official("sau", role("giu-danh-tinh"), name="Lê Văn Sáu")
    assert await unread(desk) == 1, "the keeper is whom it is about"
    async with desk.store.read() as tx:
        first, *rest = await checklist.missing(tx, LIBRARY, UNIT, admin, ON)
    assert (first.kind, first.title, first.ref) == ("unread", "1", "")
    assert "keeper" not in {one.kind for one in rest}
    keeper = await desk.official("giu", role("giu-danh-tinh"), name="Phạm Thị Mới")
    assert await unread(desk) == 0
    assert code in await desk.sees(keeper)
    assert code not in await desk.sees(accused)
    async with desk.store.write() as tx:
        await officials.disable(tx, admin, keeper, on=ON, at=desk.hands.at)
    assert await unread(desk) == 1, "who is away reads nothing"
    await desk.official("giu-hai", role("giu-danh-tinh"), name="Ngô Thị Hai")
    assert await unread(desk) == 0


async def test_settled_reports_are_not_counted(desk: Desk) -> None:
    keeper = await desk.official("giu", role("giu-danh-tinh"), name="Phạm Thị Mới")
    code = await desk.brings("Có người khai gian", kind=CaseKind.WRONGDOING, about="hang-xom")
    await desk.does(keeper, code, custody.settle, set())
    async with desk.store.write() as tx:
        await officials.disable(tx, None, keeper, on=ON, at=desk.hands.at)
    assert await unread(desk) == 0


async def test_the_last_keeper_goes_only_after_a_word(desk: Desk) -> None:
    keeper = await desk.official("giu", role("giu-danh-tinh"), role("can-bo-xu-ly"), name="Phạm Thị Mới")
    keeping, clerking = (
        next(a.id for a in keeper.assignments if a.role == name) for name in ("giu-danh-tinh", "can-bo-xu-ly")
    )
    assert await refused(desk, keeper)
    assert await refused(desk, keeper, without=keeping)
    assert not await refused(desk, keeper, without=clerking)
    assert not await refused(desk, keeper, sure=True)
    await desk.official("giu-hai", role("giu-danh-tinh"), name="Ngô Thị Hai")
    assert not await refused(desk, keeper)


@pytest.mark.parametrize("on", [ON, date(2027, 1, 1)])
async def test_a_unit_without_a_keeper_is_told(desk: Desk, on: date) -> None:
    admin = await desk.official("admin", role("quan-tri"))
    async with desk.store.read() as tx:
        assert "keeper" in {one.kind for one in await checklist.missing(tx, LIBRARY, UNIT, admin, on)}
