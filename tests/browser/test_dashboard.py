"""Figures, search and export in a real Chromium: empty, usual and full, on a phone by day and a desktop by night."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot import officials, units_desk
from bot.casework import arrivals
from bot.clock import Clock
from bot.model.case import CaseKind, CaseState
from bot.store import case_moves, cases
from tests.browser.conftest import DESKTOP, PHONE, Visits
from tests.browser.test_desk import checked, sign_in, unfold
from tests.desk.office.conftest import UNIT, add_official
from tests.harness.db import SqliteFiles
from tests.harness.site import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def place(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A site of its own."""
    folder = tmp_path_factory.mktemp("figures")
    clock = Clock.starting(datetime(2026, 11, 21, 3, tzinfo=UTC))
    async with running(sqlite_files.fresh(folder), folder / "data", clock) as one:
        yield one


async def fill(place: Running, count: int, hamlets: int) -> None:
    """Cases of this year over topics, hamlets, kinds and states, most of them answered and rated."""
    house, chance = place.house, random.Random(5)
    library, now = house.shelf.library, house.clock.now()
    if hamlets:
        told = [{"id": f"thon-{i}", "name": f"Thôn số {i} có tên rất dài của nó"} for i in range(hamlets)]
        async with house.store.write() as tx:
            chief = await officials.by_login(tx, "tran.binh", library, house.clock.today())
            await units_desk.edit(tx, chief, library, UNIT, {"hamlets": told}, at=house.clock.true())
        await house.shelf.catch_up()
    topics, entries = list(library.topics), list(library.policies)
    rows = []
    for number in range(count):
        opened = now - timedelta(days=chance.random() ** 2 * 300)
        state = chance.choice(list(CaseState))
        is_done = state in {CaseState.ANSWERED, CaseState.CLOSED}
        late = chance.random() < 0.2
        rows.append(
            {
                "code": f"{number:07d}",
                "kind": chance.choice([kind.value for kind in CaseKind if kind is not CaseKind.WRONGDOING]),
                "state": state.value,
                "unit": UNIT if number % 4 else chance.choice([one for one in library.units if one != UNIT]),
                "hamlet": f"thon-{chance.randrange(hamlets)}" if hamlets else "",
                "topic": topics[min(int(chance.expovariate(0.4)), len(topics) - 1)],
                "entry": chance.choice(entries),
                "source": chance.choice(["bot", "bot", "bot", "tai-cho", "goi", "giay"]),
                "anonymous": True,
                "screened": True,
                "opened_at": opened,
                "updated_at": opened,
                "answered_at": opened + timedelta(days=chance.expovariate(0.2)) if is_done else None,
                "allowed_s": 100_000,
                "spent_s": 150_000 if late else chance.randrange(100_000),
                "due_at": None if is_done else opened + timedelta(days=30),
            }
        )
    async with house.store.write() as tx:
        ids = await cases.add(tx, rows)
        asked = [{"case_id": one, "code": f"9{one:06d}", "asked_at": now} for one in ids]
        await cases.add_askers(tx, asked)
        for one in asked[::3]:
            await case_moves.rate(tx, one["code"], chance.choice([3, 4, 4, 5, 5]), now)
    await arrivals.catch_up(house.store, library, now=now, at=house.clock.true())


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone", "desktop"])
async def test_figures_search_and_export_are_seen_whole(
    visit: Visits, place: Running, size: dict[str, int], scheme: str
) -> None:
    await add_official(place, "tran.binh", "lanh-dao", "quan-tri", is_chair=True)
    await arrivals.catch_up(
        place.house.store, place.house.shelf.library, now=place.house.clock.now(), at=place.house.clock.true()
    )
    one = await visit("/ban/vao", size, color_scheme=scheme)
    await sign_in(one, "tran.binh")
    states = {"empty": (0, 0), "usual": (60, 0), "full": (900, 40)} if scheme == "light" else {"full": (900, 40)}
    for state, (count, hamlets) in states.items():
        async with place.house.store.write() as tx:
            for name in ("case_askers", "cases"):
                await tx.connection.exec_driver_sql(f"delete from {name}")
        if count:
            await fill(place, count, hamlets)
        for path in ("so-lieu", "so-lieu/noi", "ho-so/xuat?xem=het", "tim?q=ho+ngheo", "ho-so", ""):
            await one.page.goto(f"{place.url}/ban/{path}".rstrip("/"))
            name = path.split("?")[0].replace("/", "_") or "home"
            await checked(one, f"{scheme}-{state}-dashboard-{name}")
            await unfold(one.page)
            await checked(one, f"{scheme}-{state}-dashboard-{name}-open")
    await one.page.goto(f"{place.url}/ban/so-lieu")
    await one.page.get_by_label("Kỳ").select_option("2026-q3")
    await one.page.get_by_role("button", name="Xem").click()
    await expect(one.page.get_by_text("Quý 3 năm 2026").first).to_be_visible()
    async with one.page.expect_download() as got:
        await one.page.get_by_role("link", name="Tải bảng số (CSV)").click()
    assert (await got.value).suggested_filename.startswith("so-lieu-")
    await one.page.get_by_role("link", name="Kỳ báo cáo, hoặc từ ngày đến ngày").click()
    await checked(one, f"{scheme}-full-dashboard-spans")
    await one.page.get_by_label("Từ ngày").fill("2026-07-01")
    await one.page.get_by_label("Đến hết ngày").fill("2026-11-20")
    await one.page.get_by_role("button", name="Lấy số liệu").click()
    await expect(one.page.get_by_text("Từ 1/7/2026 đến 20/11/2026").first).to_be_visible()
    await checked(one, f"{scheme}-full-dashboard-span")
    await one.page.goto(f"{place.url}/ban/ho-so/xuat?xem=het")
    async with one.page.expect_download() as got:
        await one.page.get_by_role("button", name="Tải CSV").click()
    assert (await got.value).suggested_filename == "ho-so.csv"
