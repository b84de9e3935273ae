"""The desk in a real Chromium: from the printed link to a signature that a household sees."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot import integrations, officials, units_desk
from bot.clock import Clock
from tests.browser.conftest import DESKTOP, PHONE, Visit, Visits
from tests.desk.office.conftest import PASSWORD, UNIT, add_official
from tests.desk.office.test_units import sheet
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
    # while a page loads, Chromium goes to its anchor once more at the end and takes the focus along
    await one.page.wait_for_load_state("load")
    await one.page.get_by_role("link", name="Các mục").focus()
    await keys.press("Enter")
    await expect(one.page.get_by_role("navigation", name="Các mục")).to_be_visible()
    await keys.press("Tab")
    await expect(one.page.get_by_role("link", name="Đóng")).to_be_focused()
    await keys.press("Enter")
    await expect(one.page.get_by_role("navigation", name="Các mục")).to_be_hidden()


#: pages with what a usual official meets there
PAGES = (
    "/ban",
    "/ban/ho-so",
    "/ban/ho-so/moi",
    "/ban/toi/tin-bao",
    "/ban/noi-dung",
    "/ban/noi-dung/cau-hoi",
    "/ban/xac-nhan",
    f"/ban/xac-nhan/{UNIT}/ho-tro-tien-dien",
    f"/ban/xac-nhan/{UNIT}/ho-tro-tien-dien/sua",
    "/ban/don-vi",
    f"/ban/don-vi/{UNIT}",
    f"/ban/don-vi/{UNIT}/lien-he",
    f"/ban/don-vi/{UNIT}/bo-phan/moi",
    f"/ban/don-vi/{UNIT}/loa",
    "/ban/loa",
    "/ban/loa/so",
    f"/ban/don-vi/{UNIT}/giong",
    f"/ban/don-vi/{UNIT}/cap-tren",
    f"/ban/don-vi/{UNIT}/thon",
    "/ban/nguoi",
    "/ban/nguoi/moi",
    "/ban/nguoi/2",
    "/ban/ket-noi",
    "/ban/ket-noi/moi",
    "/ban/quyen",
    "/ban/so-lieu",
    "/ban/so-lieu/noi",
    "/ban/tim",
    "/ban/ho-so/xuat",
    "/ban/nhat-ky",
    "/ban/toi",
    "/ban/toi/ma",
    "/ban/khong-co-trang-nay",
)


def name_of(path: str) -> str:
    return path.removeprefix("/ban").strip("/").replace("/", "_").replace(UNIT, "xa") or "home"


async def unfold(page: Page) -> None:
    for part in await page.locator("details").all():
        await part.evaluate("part => part.open = true")


async def fill_up(place: Running) -> None:
    """A commune in full use: many people, hamlets of many years, all there is to tell."""
    house = place.house
    at, library = house.clock.true(), house.shelf.library
    async with house.store.write() as tx:
        chief = await officials.by_login(tx, "tran.binh", library, house.clock.today())
        years = {str(year): {"households": 120, "poor": 5, "near_poor": 7, "escaped": 2} for year in range(2022, 2027)}
        hamlets = [{"id": f"thon-{i}", "name": f"Thôn số {i} có tên rất dài", "years": years} for i in range(1, 15)]
        zones = [{"id": f"cum-{i}", "title": f"Cụm loa nhà văn hóa thôn số {i}"} for i in range(1, 9)]
        bodies = [
            {"id": f"phong-{i}", "name": f"Phòng Văn hóa - Xã hội, bộ phận số {i}", "topics": list(library.topics)[:i]}
            for i in range(1, 7)
        ]
        slots = [{"at": f"{hour:02}:30", "zone": f"cum-{hour - 4}", "days": [1, 3, 5]} for hour in range(5, 12)]
        told = {"hamlets": hamlets, "zones": zones, "bodies": bodies, "slots": slots}
        told |= {"phone": "0220 374 7999", "address": "Thôn La Tỉnh", "reception_days": ["Thứ ba, 8 giờ"] * 4}
        await units_desk.edit(tx, chief, library, UNIT, told, at=at)
        for i in range(4):
            given = {"name": f"Cổng dịch vụ công số {i} của tỉnh", "scopes": list(integrations.SCOPES)[: 2 * i + 2]}
            await integrations.make(tx, chief, library, unit=UNIT, **given, at=at)
        await integrations.revoke(tx, chief, 1, at=at)
    for i in range(20):
        await add_official(place, f"nguoi.thu.{i}", "can-bo-xu-ly", "tuyen-truyen-vien", topics=("bhyt", "tien-dien"))
    await house.shelf.catch_up()


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone", "desktop"])
async def test_every_page_is_accessible_and_fits(
    visit: Visits, place: Running, size: dict[str, int], scheme: str
) -> None:
    """Usual and full, on a phone by day and on a desktop by night."""
    await add_official(place, "tran.binh", "lanh-dao", "quan-tri", is_chair=True)
    await add_official(place, "nguoi.khac", "can-bo-xu-ly")
    one = await visit("/ban/vao", size, color_scheme=scheme)
    await checked(one, f"{scheme}-login")
    await sign_in(one, "tran.binh")
    for state in ("usual", "full"):
        if state == "full":
            await fill_up(place)
        for path in PAGES:
            await one.page.goto(place.url + path)
            await unfold(one.page)
            await checked(one, f"{scheme}-{state}-{name_of(path)}")
    await one.page.goto(place.url + f"/ban/don-vi/{UNIT}/thon/thon-3")
    await checked(one, f"{scheme}-full-hamlet")
    await one.page.goto(place.url + f"/ban/don-vi/{UNIT}/bo-phan/phong-3")
    await checked(one, f"{scheme}-full-body")


async def test_spreadsheet_is_previewed_in_place_and_taken(visit: Visits, place: Running, tmp_path: Path) -> None:
    await add_official(place, "can.bo", "can-bo-xu-ly")
    one = await visit("/ban/vao", PHONE)
    await sign_in(one, "can.bo")
    await one.page.goto(place.url + f"/ban/don-vi/{UNIT}/thon")
    wrong, good = tmp_path / "sai.xlsx", tmp_path / "dung.xlsx"
    wrong.write_bytes(sheet(("Thôn La Tỉnh", 2026, 10, 20, 0, 0, "không")))
    good.write_bytes(sheet(("Thôn La Tỉnh", 2026, 120, 5, 7, 2, "không")))
    await one.page.get_by_label("Tệp .xlsx").set_input_files(wrong)
    await one.page.get_by_role("button", name="Xem trước").click()
    await expect(one.page.get_by_text("Dòng 2:")).to_be_visible()
    await checked(one, "import-faults")
    await one.page.get_by_label("Tệp .xlsx").set_input_files(good)
    await one.page.get_by_role("button", name="Xem trước").click()
    await expect(one.page.get_by_text("Sẽ ghi 1 dòng")).to_be_visible()
    await checked(one, "import-preview")
    await one.page.get_by_role("button", name="Nhập vào sổ").click()
    await expect(one.page.get_by_role("status")).to_contain_text("Đã nhập số liệu thôn")
    await checked(one, "import-done")
