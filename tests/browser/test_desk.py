"""The desk in a real Chromium: from the printed link to a signature that a household sees."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot import officials
from bot.clock import Clock
from tests.browser.conftest import DESKTOP, PHONE, Visit, Visits
from tests.desk.office.conftest import PASSWORD, UNIT, add_official
from tests.harness.db import SqliteFiles
from tests.harness.site import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TITLE = "Hỗ trợ tiền điện cho hộ nghèo, hộ chính sách xã hội"
ASKED = "ho ngheo co duoc ho tro tien dien khong"
#: beside the cached style and script
PAGE_MAX = 30_000


@pytest_asyncio.fixture(loop_scope="session")
async def place(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A site of its own: what is signed here must not be signed elsewhere."""
    folder = tmp_path_factory.mktemp("desk")
    clock = Clock.starting(datetime(2026, 11, 21, 3, tzinfo=UTC))
    async with running(sqlite_files.fresh(folder), folder / "data", clock) as one:
        yield one


async def sign_in(one: Visit, login: str) -> None:
    await one.page.goto(one.url + "/ban/vao")
    await one.page.get_by_label("Tên đăng nhập").fill(login)
    await one.page.get_by_label("Mật khẩu").fill(PASSWORD)
    await one.page.get_by_role("button", name="Vào bàn làm việc").click()
    await expect(one.page.get_by_role("heading", level=1)).to_be_visible()


async def choose_password(page: Page, password: str) -> None:
    await page.get_by_label("Mật khẩu", exact=True).fill(password)
    await page.get_by_label("Gõ lại mật khẩu").fill(password)


async def checked(one: Visit, name: str) -> None:
    """Nothing for axe to find, nothing wider than the screen, small, and a picture for the eyes."""
    await one.no_violations()
    width = await one.page.evaluate("document.documentElement.scrollWidth")
    assert width <= one.page.viewport_size["width"], name  # type: ignore[index]
    assert len((await one.page.content()).encode()) < PAGE_MAX, name
    path = one.shots / f"desk-{name}-{one.page.viewport_size['width']}.png"  # type: ignore[index]
    await one.page.screenshot(path=path, full_page=True)


async def ask_for_confirmation(household: Visit) -> None:
    await household.say(ASKED)
    await expect(household.page.locator(".letter.theirs").last).to_contain_text("Theo quy định đến ngày")
    await household.tap("Nhờ xã xác nhận giúp")
    await household.tap("Đồng ý")
    await expect(household.page.locator(".letter.theirs").last).to_contain_text("Tôi đã nhờ")


async def test_from_the_printed_link_to_the_signature_a_household_sees(visit: Visits, place: Running) -> None:
    clock = place.house.clock
    async with place.house.store.write() as tx:
        printed = await officials.setup_link(tx, on=clock.today(), at=clock.true())
    assert printed is not None

    admin = await visit(printed.address(""), DESKTOP)
    await checked(admin, "01-setup")
    await admin.page.get_by_label("Họ và tên").fill("Nguyễn Văn An")
    await admin.page.get_by_label("Tên đăng nhập").fill("nguyen.van.an")
    await choose_password(admin.page, PASSWORD)
    await admin.page.get_by_role("button", name="Tạo tài khoản").click()
    await expect(admin.page.get_by_role("status")).to_contain_text("Xin chào")

    await admin.page.get_by_role("link", name="Người và quyền").click()
    await admin.page.get_by_role("link", name="Mời một người").click()
    await admin.page.get_by_label("Họ và tên").fill("Trần Thị Bình")
    await admin.page.get_by_label("Tên đăng nhập").fill("tran.binh")
    await admin.page.get_by_label("Vai", exact=True).select_option("lanh-dao")
    await admin.page.get_by_label("Địa bàn").select_option(UNIT)
    await admin.page.get_by_label("Là chủ tịch").check()
    await admin.page.get_by_role("button", name="Tạo đường dẫn mời").click()
    invitation = await admin.page.get_by_label("Đường dẫn", exact=True).input_value()
    await checked(admin, "02-link")

    household = await visit("/chat", PHONE)
    await ask_for_confirmation(household)

    official = await visit(invitation.removeprefix(place.url), PHONE)
    await checked(official, "03-choose-password")
    await choose_password(official.page, "mùa gặt năm nay vui")
    await official.page.get_by_role("button", name="Đặt mật khẩu và vào").click()
    await official.page.get_by_role("link", name="Các mục").click()
    await checked(official, "04-menu")
    await official.page.get_by_role("link", name="Xác nhận nội dung").click()
    first = official.page.get_by_role("main").get_by_role("listitem").first
    await expect(first).to_contain_text(TITLE)
    await expect(first).to_contain_text("1 người đợi")
    await checked(official, "05-waiting")
    await first.get_by_role("link").click()
    await expect(official.page.get_by_text("Nội dung này cần xã xác nhận.")).to_be_visible()
    await checked(official, "06-paper")
    await official.page.get_by_label("Số văn bản, nếu có").fill("45/TB-UBND")
    await official.page.get_by_role("button", name="Ký xác nhận").click()
    await expect(official.page.get_by_role("status")).to_contain_text("Đã ký")
    await checked(official, "07-signed")

    told = household.page.locator(".letter.theirs").last
    await expect(told).to_contain_text("Xã đã xác nhận")
    await expect(told).to_contain_text("UBND xã Tứ Kỳ xác nhận ngày 21/11/2026")
    await household.say(ASKED)
    await expect(household.page.locator(".letter.mine").last).to_contain_text(ASKED)
    answer = household.page.locator(".letter.theirs").filter(has_text=re.compile("Nhà có giấy chứng nhận")).last
    await expect(answer).to_contain_text("UBND xã Tứ Kỳ xác nhận ngày 21/11/2026")
    await expect(answer).to_contain_text("45/TB-UBND")
    await household.shot("desk-08-household")

    await admin.page.get_by_role("link", name="Sổ nhật ký").click()
    await expect(admin.page.get_by_role("main")).to_contain_text("Ký xác nhận")
    await checked(admin, "09-journal")
    await admin.page.get_by_role("button", name="Kiểm tra sổ").click()
    await expect(admin.page.get_by_role("status")).to_contain_text("Sổ còn nguyên")


async def test_list_grows_without_reload(visit: Visits, place: Running) -> None:
    await add_official(place, "tran.binh", "lanh-dao", is_chair=True)
    official = await visit("/ban/vao", DESKTOP)
    await sign_in(official, "tran.binh")
    await official.page.goto(place.url + "/ban/xac-nhan")
    await expect(official.page.get_by_role("main")).not_to_contain_text("người đợi")
    household = await visit("/chat", PHONE)
    await ask_for_confirmation(household)
    await expect(official.page.get_by_role("main").get_by_role("listitem").first).to_contain_text("1 người đợi")


async def test_desk_by_keyboard_alone(visit: Visits, place: Running) -> None:
    await add_official(place, "tran.binh", "lanh-dao", is_chair=True)
    one = await visit("/ban/vao", PHONE)
    keys = one.page.keyboard
    await keys.press("Tab")
    await expect(one.page.get_by_role("link", name="Tới nội dung")).to_be_focused()
    await one.page.get_by_label("Tên đăng nhập").focus()
    await keys.type("tran.binh")
    await keys.press("Tab")
    await keys.type(PASSWORD)
    await keys.press("Enter")
    await expect(one.page.get_by_role("link", name="Các mục")).to_be_visible()
    await one.page.get_by_role("link", name="Các mục").focus()
    await keys.press("Enter")
    await expect(one.page.get_by_role("navigation", name="Các mục")).to_be_visible()
    await keys.press("Tab")
    await expect(one.page.get_by_role("link", name="Đóng")).to_be_focused()
    await keys.press("Enter")
    await expect(one.page.get_by_role("navigation", name="Các mục")).to_be_hidden()
