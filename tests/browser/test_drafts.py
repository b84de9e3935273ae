"""What an official typed outlives a lost connection and a session that ended, on every form for more than a line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.bulletins import editing
from bot.clock import Clock
from tests.browser.conftest import PHONE, Visits
from tests.browser.test_desk import checked, sign_in
from tests.desk.office.conftest import UNIT, add_official
from tests.harness.db import SqliteFiles
from tests.harness.site import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SAID = "Bảy giờ tối mai, mời bà con họp ở nhà văn hóa thôn."
KEPT = "Máy này còn giữ lời bác viết dở"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A site of its own."""
    folder = tmp_path_factory.mktemp("drafts")
    clock = Clock.starting(datetime(2026, 11, 21, 3, tzinfo=UTC))
    async with running(sqlite_files.fresh(folder), folder / "data", clock) as one:
        await add_official(one, "phat.thanh", "phat-thanh-vien")
        await add_official(one, "tran.lan", "can-bo-xu-ly")
        yield one


async def kept(page: Page) -> list[str]:
    """Everything this browser holds, and under which names."""
    told: list[str] = await page.evaluate("() => Object.entries(localStorage).flat()")
    return told


async def test_news_outlives_a_lost_connection_and_a_session_that_ended(visit: Visits, place: Running) -> None:
    house = place.house
    today = house.clock.today()
    async with house.store.write() as tx:
        given = {"unit": UNIT, "air_on": today, "slot_at": "17:00", "today": today, "at": house.clock.true()}
        number = await editing.create(tx, None, house.shelf.library, **given)
    one = await visit("/ban/vao", PHONE)
    await sign_in(one, "phat.thanh")
    page, path = one.page, f"{place.url}/ban/loa/tin/{number}/bai/moi"
    await page.goto(path)
    title, said = page.get_by_label("Tên bài"), page.get_by_label("Đoạn 1", exact=True)
    await title.fill("Họp thôn")
    await said.fill(SAID)
    await one.context.set_offline(True)
    await page.get_by_role("button", name="Lưu", exact=True).click()
    await expect(page.get_by_text("Máy này giữ lời bác viết, có mạng bác bấm lại")).to_be_visible()
    await expect(said).to_have_value(SAID)
    await one.context.set_offline(False)
    await page.reload()
    await expect(page.get_by_text(KEPT)).to_be_visible()
    await checked(one, "draft-offered")
    await page.get_by_role("button", name="Lấy lại").click()
    await expect(said).to_have_value(SAID)
    # the session ends while it is being written
    await one.context.clear_cookies()
    await page.get_by_role("button", name="Lưu", exact=True).click()
    await expect(page.get_by_label("Tên đăng nhập")).to_be_visible()
    await sign_in(one, "phat.thanh")
    await page.goto(path)
    await page.get_by_role("button", name="Lấy lại").click()
    await expect(title).to_have_value("Họp thôn")
    await page.get_by_role("button", name="Lưu", exact=True).click()
    await expect(page.get_by_text("Đã lưu.")).to_be_visible()
    await page.goto(path)
    await expect(page.get_by_text(KEPT)).to_be_hidden()
    assert SAID not in "".join(await kept(page)), "what is saved is forgotten"


async def test_a_walk_in_is_kept_without_name_and_gone_when_somebody_signs_out(visit: Visits, place: Running) -> None:
    one = await visit("/ban/vao", PHONE)
    await sign_in(one, "tran.lan")
    page, path = one.page, f"{place.url}/ban/ho-so/moi"
    await page.goto(path)
    await page.get_by_label("Dân nói gì").fill("Đường vào thôn sạt lở.")
    await page.get_by_label("Tên", exact=True).fill("Bà Mơ")
    await page.get_by_label("Điện thoại").fill("0912345678")
    await page.reload()
    await page.get_by_role("button", name="Lấy lại").click()
    await expect(page.get_by_label("Dân nói gì")).to_have_value("Đường vào thôn sạt lở.")
    await expect(page.get_by_label("Tên", exact=True)).to_have_value("")
    told = "".join(await kept(page))
    assert "sạt lở" in told
    assert "Mơ" not in told
    assert "0912345678" not in told
    await page.get_by_role("button", name="Ghi vào sổ").click()
    await expect(page.get_by_text("Đã ghi việc").first).to_be_visible()
    assert "sạt lở" not in "".join(await kept(page))
    await page.goto(path)
    await page.get_by_label("Dân nói gì").fill("Cầu gỗ gãy.")
    await page.goto(f"{place.url}/ban")
    assert "Cầu gỗ gãy" in "".join(await kept(page))
    await page.get_by_role("link", name="Các mục").click()
    await page.get_by_role("button", name="Đăng xuất").click()
    await expect(page.get_by_label("Tên đăng nhập")).to_be_visible()
    assert "Cầu gỗ gãy" not in "".join(await kept(page))


async def test_who_signs_out_leaves_no_word_behind_of_messages_and_content(visit: Visits, place: Running) -> None:
    one = await visit("/ban/vao", PHONE)
    await sign_in(one, "tran.lan")
    page = one.page
    await page.goto(place.url + "/ban/tin/moi")
    # content.js keeps under such a name what the server does not have yet
    await page.evaluate(
        "localStorage.setItem('loathon-7-1-dau', JSON.stringify({ at: Date.now(), fields: ['Nhà dột'] }))"
    )
    await page.get_by_label("Tiêu đề").fill("Phát gạo sáng mai")
    await page.wait_for_function("() => Object.keys(localStorage).some(name => name.startsWith('tin:'))")
    assert "Nhà dột" in "".join(await kept(page))
    # from the very page that is being written
    await page.get_by_role("link", name="Các mục").click()
    await page.get_by_role("button", name="Đăng xuất").click()
    await expect(page.get_by_label("Tên đăng nhập")).to_be_visible()
    left = "".join(await kept(page))
    assert "Phát gạo" not in left
    assert "Nhà dột" not in left


async def test_back_shows_the_same_form(visit: Visits, place: Running) -> None:
    one = await visit("/ban/vao", PHONE)
    await sign_in(one, "tran.lan")
    page, path = one.page, f"{place.url}/ban/ho-so/moi"
    await page.goto(path)
    once = page.locator("input[data-once]")
    first = await once.input_value()
    await page.get_by_label("Dân nói gì").fill("Kênh cạn nước.")
    await page.get_by_role("button", name="Ghi vào sổ").click()
    await expect(page.get_by_text("Đã ghi việc").first).to_be_visible()
    await page.go_back()
    await expect(once).to_have_value(first)
    await page.goto(path + "?")
    await expect(once).not_to_have_value(first)
