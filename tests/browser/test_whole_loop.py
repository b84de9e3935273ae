"""The whole loop on phones: a household's report, its answer, that answer for everybody, the words of the next bulletin."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import expect

from bot.clock import Clock
from tests.browser.conftest import PHONE, Visits
from tests.browser.test_cases import INBOX, SAID, catch_up, official, report, theirs
from tests.browser.test_desk import checked
from tests.harness.db import SqliteFiles
from tests.harness.site import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TITLE = "Đường vào thôn bị hỏng thì báo ai"
HELD = "Bác báo trưởng thôn ngay khi đường hỏng. Xã cho người đến xem trong hai ngày."
#: what was written to one household: nobody else is to be given that number
PRIVATE = "Bác gọi anh Hùng, số 0987 654 321."
OFFICE = "UBND xã Tứ Kỳ"


@pytest_asyncio.fixture(loop_scope="session")
async def place(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A site of its own, on a Monday morning."""
    folder = tmp_path_factory.mktemp("loop")
    clock = Clock.starting(datetime(2026, 11, 23, 3, tzinfo=UTC))
    async with running(sqlite_files.fresh(folder), folder / "data", clock) as one:
        yield one


async def test_from_one_households_photo_to_the_loudspeaker(visit: Visits, place: Running, tmp_path: Path) -> None:
    photo = tmp_path / "duong-hong.jpg"
    Image.new("RGB", (800, 600), "#96a68b").save(photo)
    chair = await official(visit, place, "chu.tich", "lanh-dao")
    lan = await official(visit, place, "tran.lan", "can-bo-xu-ly")
    page = lan.page
    await page.goto(place.url + INBOX)
    await expect(page.get_by_text("Không còn hồ sơ nào chờ")).to_be_visible()

    # a household reports; the open inbox hears of it, and the photo is seen
    household = await visit("/chat", PHONE)
    code = await report(household, photo)
    await catch_up(place)
    line = page.get_by_role("listitem").filter(has_text=SAID)
    await expect(line).to_be_visible()
    await line.get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Phản ánh")
    picture = page.get_by_role("img", name=re.compile("Ảnh 1 kèm hồ sơ"))
    await picture.scroll_into_view_if_needed()
    await expect(picture).to_have_js_property("complete", True)
    assert await picture.evaluate("one => one.naturalWidth") > 0

    # it is answered in its own chat, and says what it thinks of the answer
    await page.get_by_label("Lời gửi dân").fill(f"{HELD} {PRIVATE}")
    await page.get_by_role("button", name="Gửi trả lời").click()
    told = theirs(household.page, HELD)
    await expect(told).to_be_visible()
    await expect(told).to_contain_text(f"{code[:3]} {code[3:]}")
    await told.get_by_role("button").first.click()
    await expect(theirs(household.page, "Cảm ơn")).to_be_visible()
    await expect(page.get_by_text("Dân chấm").last).to_be_visible()

    # the same answer for everybody: what only one household may know has to go before it is handed in
    await page.get_by_role("button", name="Có ích cho mọi người").click()
    # nothing the household said stands in it; the question is an official's
    script = page.get_by_label("Bài phát loa")
    told_at_first = await script.input_value()
    assert not [part for part in SAID.split(", ") if part in told_at_first]
    await expect(page.get_by_label("Tên mục")).to_have_value(re.compile(r"\[…\]"))
    await page.get_by_label("Tên mục").fill(TITLE)
    await page.get_by_label("Chữ trên nút").fill("Đường thôn hỏng")
    await page.get_by_label("Lĩnh vực").select_option("nha-o")
    await page.get_by_role("button", name="Gửi duyệt").click()
    await expect(page.locator("#r-answer mark").first).to_be_visible()
    await lan.shot("loop-01-remarks")
    await page.get_by_label("Câu trả lời đầu tiên").fill(HELD)
    await script.fill(told_at_first.replace(f" {PRIVATE}", "").replace("[…]", TITLE))
    await expect(page.locator("#soan mark")).to_have_count(0)
    await page.get_by_role("button", name="Gửi duyệt").click()
    await expect(page.get_by_text("chờ người khác duyệt")).to_be_visible()

    # the first page of the desk tells a second person that it waits
    await chair.page.goto(place.url + "/ban")
    await expect(chair.page.get_by_text("chưa giao")).to_be_visible()
    await checked(chair, "loop-02-first-page")
    await chair.page.get_by_role("region", name="Chờ bác duyệt").get_by_role("link", name=TITLE).click()
    await chair.page.get_by_role("button", name="Duyệt và đăng").click()
    await expect(chair.page.get_by_role("status").first).to_contain_text("Đã đăng")

    # another household asks in its own words, without accents
    neighbour = await visit("/chat", PHONE)
    await neighbour.say("duong vao thon nat het roi bao ai sua")
    answer = theirs(neighbour.page, HELD)
    await expect(answer).to_contain_text(re.compile(f"{OFFICE}.*23/11/2026"))
    await expect(answer).not_to_contain_text("Hùng")
    await neighbour.shot("loop-03-neighbour")

    # and the next bulletin, as it is proposed, reads it out
    await page.goto(place.url + "/ban/loa")
    await page.get_by_role("button", name="Soạn theo gợi ý 23/11/2026 17:00").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bản tin 17:00 ngày 23/11/2026")
    await expect(page.get_by_role("main")).to_contain_text(f"Bà con hỏi: {TITLE}? {OFFICE} xin trả lời. {HELD}")
    await expect(page.get_by_role("main")).not_to_contain_text("Hùng")
    await lan.shot("loop-04-bulletin")
