"""A message on its way, seen by everybody: one official writes it, another approves it, three households read it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import expect

from bot.clock import Clock
from bot.model.broadcast import BroadcastState
from bot.store import broadcasts as rows
from bot.store import recipients
from bot.wiring import feeder
from tests.browser.conftest import DESKTOP, PHONE, Visit, Visits
from tests.browser.test_desk import checked, sign_in, unfold
from tests.desk.office.conftest import UNIT, add_official
from tests.harness.db import SqliteFiles
from tests.harness.site import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TEXT = "Sáng mai phát gạo ở nhà văn hóa. Bà con mang theo căn cước."


@pytest_asyncio.fixture(loop_scope="session")
async def place(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A site of its own: what is sent here must not arrive elsewhere."""
    folder = tmp_path_factory.mktemp("broadcasts")
    clock = Clock.starting(datetime(2026, 11, 21, 3, tzinfo=UTC))
    async with running(sqlite_files.fresh(folder), folder / "data", clock) as one:
        yield one


@asynccontextmanager
async def feeding(place: Running) -> AsyncIterator[None]:
    """What hands messages over, as it runs beside a site."""
    one = feeder(place.house)
    task = asyncio.create_task(one.run())
    try:
        yield
    finally:
        one.stop()
        async with asyncio.timeout(10):
            await task


async def subscribed(visit: Visits) -> Visit:
    """A household that follows a topic, by its own word."""
    one = await visit("/chat", PHONE)
    await one.say("nhận tin")
    for label in ("Thẻ bảo hiểm y tế", "Xong", "Có tin là gửi", "Đồng ý"):
        await one.tap(label)
    await expect(one.page.locator(".letter.theirs").last).to_contain_text("Xong rồi ạ")
    return one


async def test_written_approved_sent_and_watched(visit: Visits, place: Running, tmp_path: Path) -> None:
    await add_official(place, "can.bo", "can-bo-xu-ly")
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    photo = tmp_path / "gao.png"
    Image.new("RGB", (120, 80), "green").save(photo)
    homes = await asyncio.gather(*(subscribed(visit) for _ in range(3)))

    author = await visit("/ban/vao", PHONE)
    await sign_in(author, "can.bo")
    page = author.page
    await page.get_by_role("link", name="Các mục").click()
    await page.get_by_role("link", name="Tin nhắn", exact=True).click()
    await checked(author, "tin-01-empty")
    await page.get_by_role("link", name="Soạn tin mới").click()
    await page.get_by_label("Tiêu đề").fill("Phát gạo")
    await page.get_by_label("Lời nhắn").fill(TEXT)
    await expect(page.locator("#dai")).to_have_text(f"{len(TEXT)}/3000")
    await page.get_by_label("Ảnh hoặc tiếng gửi kèm").set_input_files(photo)
    await page.get_by_role("button", name="Xem thử và đếm người nhận").click()
    await expect(page.get_by_text("3 nhà sẽ nhận")).to_be_visible()
    await checked(author, "tin-02-preview")
    await page.get_by_role("button", name="Lưu bản soạn").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã lưu")
    await expect(page.get_by_text("3 nhà sẽ nhận")).to_be_visible()
    await page.get_by_alt_text("Ảnh gửi kèm").scroll_into_view_if_needed()
    await expect(page.get_by_alt_text("Ảnh gửi kèm")).to_have_js_property("naturalWidth", 120)
    await checked(author, "tin-03-draft")
    await page.get_by_role("button", name="Trình người duyệt").click()
    await expect(page.get_by_text("Người soạn không tự duyệt")).to_be_visible()

    chair = await visit("/ban/vao", DESKTOP)
    await sign_in(chair, "chu.tich")
    await chair.page.get_by_role("link", name="Tin nhắn", exact=True).click()
    await expect(chair.page.get_by_role("heading", name="Chờ bác duyệt")).to_be_visible()
    await chair.page.get_by_role("link", name="Phát gạo").click()
    await expect(chair.page.get_by_text("3 nhà sẽ nhận")).to_be_visible()
    await checked(chair, "tin-04-deciding")
    await chair.page.get_by_role("button", name="Duyệt tin").click()
    await expect(chair.page.get_by_role("status")).to_contain_text("Đã duyệt")
    await chair.page.get_by_role("button", name="Gửi cho bà con").dblclick()
    await expect(chair.page.get_by_text("Đang gửi tới đâu")).to_be_visible()
    await checked(chair, "tin-05-under-way")
    await unfold(chair.page)
    await expect(chair.page.get_by_role("button", name="Hủy hẳn tin này")).to_be_visible()

    async with feeding(place):
        # nobody loads this page again: the bell does
        await expect(chair.page.get_by_text("3/3 nhà đã nhận")).to_be_visible()
        await expect(chair.page.get_by_role("heading", name="Kết quả")).to_be_visible()
        for home in homes:
            told = home.page.locator(".letter.theirs").last
            await expect(told).to_contain_text("Sáng mai phát gạo")
    for home in homes:
        await expect(home.page.locator(".letter.theirs").filter(has_text="Sáng mai phát gạo")).to_have_count(1)
    await checked(chair, "tin-06-result")
    await page.get_by_role("link", name="Tin nhắn", exact=True).first.click()
    await expect(page.get_by_text("3/3 nhà đã nhận")).to_be_visible()
    await checked(author, "tin-07-list")


async def test_words_outlive_a_lost_connection_and_a_closed_session(visit: Visits, place: Running) -> None:
    await add_official(place, "can.bo", "can-bo-xu-ly")
    one = await visit("/ban/vao", PHONE)
    await sign_in(one, "can.bo")
    page = one.page
    await page.goto(place.url + "/ban/tin/moi")
    await page.get_by_label("Tiêu đề").fill("Phát gạo")
    await page.get_by_label("Lời nhắn").fill(TEXT)
    await page.get_by_text("Chỉ người theo dõi một số mục").click()
    await page.get_by_label("Trợ cấp", exact=True).check()
    await page.wait_for_function("() => Object.values(localStorage).some(kept => kept.includes('topic'))")
    await one.context.clear_cookies()
    await page.get_by_role("button", name="Lưu bản soạn").click()
    await expect(page.get_by_label("Tên đăng nhập")).to_be_visible()
    await sign_in(one, "can.bo")
    await page.goto(place.url + "/ban/tin/moi")
    await expect(page.get_by_text("còn giữ lời bác viết dở")).to_be_visible()
    await checked(one, "tin-08-kept-words")
    await page.get_by_role("button", name="Lấy lại").click()
    await expect(page.get_by_label("Tiêu đề")).to_have_value("Phát gạo")
    await expect(page.get_by_label("Lời nhắn")).to_have_value(TEXT)
    assert await page.locator("[name=topic][value=tro-giup-xa-hoi]").is_checked()
    await page.get_by_role("button", name="Lưu bản soạn").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã lưu")
    await page.goto(place.url + "/ban/tin/moi")
    await expect(page.get_by_label("Tiêu đề")).to_have_value("")
    await expect(page.get_by_text("còn giữ lời bác viết dở")).to_be_hidden()


async def test_composed_by_keyboard_alone(visit: Visits, place: Running) -> None:
    await add_official(place, "can.bo", "can-bo-xu-ly")
    one = await visit("/ban/vao", PHONE)
    await sign_in(one, "can.bo")
    page, keys = one.page, one.page.keyboard
    await page.goto(place.url + "/ban/tin/moi")
    await page.get_by_label("Tiêu đề").focus()
    await keys.type("Phat gao")
    while not await page.evaluate("document.activeElement.matches('#f-text')"):
        await keys.press("Tab")
    await keys.type("Sang mai phat gao.")
    while not await page.evaluate("document.activeElement.matches('.big')"):
        await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("Đã lưu")


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone", "desktop"])
async def test_pages_of_messages_are_accessible_and_fit(
    visit: Visits, place: Running, size: dict[str, int], scheme: str
) -> None:
    """The full form, a refused one, one with remarks and a draft somebody else changed."""
    await add_official(place, "can.bo", "can-bo-xu-ly", unit="tinh-dak-lak")
    await add_official(place, "tran.binh", "can-bo-xu-ly", "lanh-dao")
    one = await visit("/ban/vao", size, color_scheme=scheme)
    page = one.page
    await sign_in(one, "can.bo")
    for path in ("/ban/tin/moi", "/ban/tin/bai"):
        await page.goto(place.url + path)
        await unfold(page)
        await checked(one, f"{scheme}-{path.removeprefix('/ban/').replace('/', '_')}")
    await one.context.clear_cookies()
    await sign_in(one, "tran.binh")
    await page.goto(f"{place.url}/ban/tin/moi?xa={UNIT}")
    await page.get_by_label("Tiêu đề").fill("Gặp anh Nguyễn Văn Hùng")
    await page.get_by_label("Lời nhắn").fill("Căn cứ số 001082012345, gọi anh Nguyễn Văn Hùng, số 0912 345 678.")
    await page.get_by_label("Ngày giờ gửi").fill("2026-11-22T23:00")
    await page.get_by_role("button", name="Lưu bản soạn").click()
    await expect(page.get_by_role("alert")).to_contain_text("bà con đang ngủ")
    await unfold(page)
    await checked(one, f"{scheme}-tin-refused")
    await page.get_by_label("Ngày giờ gửi").fill("2026-11-22T08:00")
    await page.get_by_role("button", name="Lưu bản soạn").click()
    await expect(page.get_by_text("Phải sửa rồi mới gửi được")).to_be_visible()
    await unfold(page)
    await checked(one, f"{scheme}-tin-remarks")
    paper = page.url.partition("?")[0]
    await page.goto(paper + "/sot")
    await checked(one, f"{scheme}-tin-left")
    async with place.house.store.write() as tx:
        at = place.house.clock.now()
        await rows.change(tx, 1, at, state=BroadcastState.RUNNING, started_at=at)
        told = {
            "waiting": 300,
            "held": 12,
            "queued": 40,
            "sent": 640,
            "failed": 3,
            "gone": 4,
            "unknown": 1,
            "skipped": 2,
        }
        await recipients.count(tx, 1, told)
    for path in (paper, place.url + "/ban/tin"):
        await page.goto(path)
        await unfold(page)
        await checked(one, f"{scheme}-tin-running{path.count('tin/')}")
    # a list drawn anew leaves the keyboard where it was
    await page.get_by_role("link", name="Gặp anh").focus()
    await page.evaluate("document.activeElement.dataset.old = '1'; htmx.trigger(document.body, 'sending')")
    await expect(page.locator("#tin-1:not([data-old])")).to_be_visible()
    await expect(page.get_by_role("link", name="Gặp anh")).to_be_focused()
