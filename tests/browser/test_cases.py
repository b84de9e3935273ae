"""Cases in a real Chromium: from a household's photo to the answer in its own chat, and what officials need besides."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Page, expect

from bot.casework import arrivals
from bot.casework.receipt import short
from bot.clock import Clock
from bot.model.case import CaseKind
from bot.store import cases
from bot.wiring import worker
from tests.browser.conftest import DESKTOP, PHONE, Visit, Visits
from tests.browser.test_desk import checked, sign_in, unfold
from tests.casework.conftest import Desk
from tests.desk.office.conftest import add_official
from tests.harness.clock import Hands
from tests.harness.db import SqliteFiles
from tests.harness.site import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

INBOX = "/ban/ho-so"
SAID = "Đường vào thôn hỏng cả tháng nay, trẻ con đi học ngã"


@pytest_asyncio.fixture(loop_scope="session")
async def place(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A site of its own, on a Monday morning."""
    folder = tmp_path_factory.mktemp("cases")
    clock = Clock.starting(datetime(2026, 11, 23, 3, tzinfo=UTC))
    async with running(sqlite_files.fresh(folder), folder / "data", clock) as one:
        yield one


@pytest.fixture
def desk(place: Running) -> Desk:
    """Households that write without a browser."""
    return Desk(place.house.store, Hands(place.house.clock.now()))


async def catch_up(place: Running) -> None:
    """The jobs of the house that are due: files fetched, cases and new officials matched."""
    clock, jobs = place.house.clock, worker(place.house, [])
    while await jobs.step():
        pass
    await arrivals.catch_up(place.house.store, place.house.shelf.library, now=clock.now(), at=clock.true())


async def official(visit: Visits, place: Running, login: str, *roles: str, size: dict[str, int] = PHONE) -> Visit:
    """Somebody at the desk, matched against every case."""
    await add_official(place, login, *roles, is_chair=True)
    await catch_up(place)
    one = await visit("/ban/vao", size)
    await sign_in(one, login)
    return one


def theirs(page: Page, text: str | re.Pattern[str]):
    return page.locator(".letter.theirs").filter(has_text=text).last


async def report(household: Visit, photo: Path) -> str:
    """A report with a photo through the chat; its code."""
    page = household.page
    await expect(theirs(page, "Tôi là máy trả lời")).to_be_visible()
    await household.say("tôi muốn phản ánh")
    await expect(theirs(page, "Bác kể giúp tôi có chuyện gì")).to_be_visible()
    await household.say(SAID)
    await household.tap("Bỏ qua")
    await expect(theirs(page, "Bác có ảnh, tiếng nói hoặc giấy tờ")).to_be_visible()
    await page.locator("#pick").set_input_files(photo)
    await page.get_by_role("button", name="Gửi", exact=True).click()
    await expect(theirs(page, "Tôi đã nhận 1 tệp")).to_be_visible()
    await household.tap("Xong")
    await household.tap("Không nêu tên")
    await household.tap("Đồng ý")
    await household.tap("Gửi cho xã")
    done = theirs(page, re.compile(r"Mã việc:\s*[\d ]{7,}"))
    await expect(done).to_be_visible()
    found = re.search(r"Mã việc:\s*([\d ]{7,})", await done.inner_text())
    assert found
    return found[1].replace(" ", "")


async def test_from_a_photo_in_the_chat_to_an_answer_that_is_rated(
    visit: Visits, place: Running, tmp_path: Path
) -> None:
    photo = tmp_path / "duong-hong.jpg"
    Image.new("RGB", (800, 600), "#96a68b").save(photo)
    lan = await official(visit, place, "tran.lan", "can-bo-xu-ly")
    await lan.page.goto(place.url + INBOX)
    await expect(lan.page.get_by_text("Không còn hồ sơ nào chờ")).to_be_visible()
    await checked(lan, "cases-01-empty")

    household = await visit("/chat", PHONE)
    code = await report(household, photo)
    await catch_up(place)
    # the open inbox hears of it without a reload
    line = lan.page.get_by_role("listitem").filter(has_text=SAID)
    await expect(line).to_be_visible()
    await checked(lan, "cases-02-one")
    await line.get_by_role("link").click()
    await expect(lan.page.get_by_role("heading", level=1)).to_contain_text("Phản ánh")
    picture = lan.page.get_by_role("img", name=re.compile("Ảnh 1 kèm hồ sơ"))
    await picture.scroll_into_view_if_needed()
    await expect(picture).to_have_js_property("complete", True)
    assert await picture.evaluate("one => one.naturalWidth") > 0
    await unfold(lan.page)
    await checked(lan, "cases-03-paper")
    await lan.page.get_by_role("button", name="Tiếp nhận").click()
    await expect(lan.page.get_by_role("status").first).to_contain_text("Đã tiếp nhận")
    await lan.page.get_by_label("Lời gửi dân").fill("Xã đã cho người san đường sáng nay. Bác xem giúp.")
    await lan.page.get_by_role("button", name="Gửi trả lời").click()
    await expect(lan.page.get_by_role("status").first).to_contain_text("Đã gửi trả lời")
    await checked(lan, "cases-04-answered")

    told = theirs(household.page, "san đường sáng nay")
    await expect(told).to_be_visible()
    await expect(told).to_contain_text(f"{code[:3]} {code[3:]}")
    await household.shot("cases-05-household")
    await told.get_by_role("button").first.click()
    await expect(theirs(household.page, "Cảm ơn")).to_be_visible()
    await expect(lan.page.get_by_text("Dân chấm").last).to_be_visible()
    await household.page.locator(".letter.theirs").get_by_role("button", name="Chưa xong").last.click()
    await catch_up(place)
    await expect(lan.page.get_by_text("Dân vừa nói thêm.")).to_be_visible()


async def test_draft_outlives_a_lost_connection_and_two_people_meet(visit: Visits, place: Running, desk: Desk) -> None:
    lan = await official(visit, place, "tran.lan", "can-bo-xu-ly")
    minh = await official(visit, place, "le.minh", "can-bo-xu-ly", size=DESKTOP)
    code = await desk.brings(SAID)
    for one in (lan, minh):
        await one.page.goto(f"{place.url}{INBOX}/{code}")
    box = lan.page.get_by_label("Lời gửi dân")
    await box.fill("Xã đang xem, mai có người")
    await lan.context.set_offline(True)
    await lan.page.get_by_role("button", name="Gửi trả lời").click()
    await expect(lan.page.get_by_text("chưa gửi được")).to_be_visible()
    await lan.context.set_offline(False)
    await lan.page.reload()
    await expect(box).to_have_value("Xã đang xem, mai có người")
    await expect(lan.page.get_by_text("Đã lấy lại lời viết dở")).to_be_visible()
    await expect(lan.page.get_by_text("Đang mở: Ông le.minh")).to_be_visible()
    await checked(lan, "cases-06-two-people")

    await minh.page.get_by_role("button", name="Tiếp nhận").click()
    await expect(lan.page.get_by_text("Ông le.minh vừa làm việc")).to_be_visible()
    await lan.page.get_by_role("button", name="Gửi trả lời").click()
    await expect(lan.page.get_by_role("alert")).to_contain_text("Người khác vừa làm việc")
    await expect(box).to_have_value("Xã đang xem, mai có người")
    await checked(lan, "cases-07-overtaken")
    await lan.page.get_by_role("button", name="Gửi trả lời").click()
    await expect(lan.page.get_by_role("status").first).to_contain_text("Đã gửi trả lời")
    await expect(box).to_have_value("")
    await lan.page.reload()
    await expect(box).to_have_value("")


async def test_inbox_by_keyboard(visit: Visits, place: Running, desk: Desk) -> None:
    lan = await official(visit, place, "tran.lan", "can-bo-xu-ly", size=DESKTOP)
    for i, said in enumerate(("Đèn đường hỏng", "Cống tắc", "Ao làng bẩn")):
        await desk.brings(said, chat=f"nha-{i}")
    page, keys = lan.page, lan.page.keyboard
    await page.goto(place.url + INBOX)
    await expect(page.locator("#ds .case")).to_have_count(3)
    for key, said in (("j", "Đèn đường hỏng"), ("j", "Cống tắc"), ("k", "Đèn đường hỏng")):
        await keys.press(key)
        await expect(page.locator("#ds .case .go:focus")).to_contain_text(said)
    # a new case comes in between and the place is kept
    await desk.brings("Nước yếu", chat="nha-x")
    await expect(page.locator("#ds .case")).to_have_count(4)
    await expect(page.locator("#ds .case .go:focus")).to_contain_text("Đèn đường hỏng")
    await keys.press("/")
    await keys.type("cong tac")
    await keys.press("Enter")
    await expect(page.locator("#ds .case")).to_have_count(1)
    await keys.press("j")
    await keys.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Phản ánh")
    await page.go_back()
    await page.get_by_text("Phím tắt", exact=True).click()
    await page.get_by_label("Dùng phím tắt trên máy này").uncheck()
    await page.reload()
    await keys.press("j")
    await expect(page.locator("#ds .case .go:focus")).to_have_count(0)


async def test_near_case_is_merged_and_a_walk_in_gets_a_slip(visit: Visits, place: Running, desk: Desk) -> None:
    lan = await official(visit, place, "tran.lan", "can-bo-xu-ly")
    await desk.brings("Đường vào thôn Đông hỏng nặng, mưa lầy không đi được", hamlet="Thôn Đông")
    second = await desk.brings("Đường thôn Đông hỏng, mưa là lầy lội", chat="nha-b", hamlet="Thôn Đông")
    page = lan.page
    await page.goto(f"{place.url}{INBOX}/{second}")
    await expect(page.get_by_text(re.compile(r"giống \d+%"))).to_be_visible()
    await checked(lan, "cases-08-near")
    await page.get_by_role("button", name="Gộp vào").click()
    await expect(page.get_by_text("Đã gộp vào hồ sơ")).to_be_visible()
    await checked(lan, "cases-09-merged")

    await page.goto(place.url + INBOX + "/moi")
    await unfold(page)
    await checked(lan, "cases-10-new")
    await page.get_by_label("Gọi điện").check()
    await page.get_by_label("Loại việc").select_option("phan-anh")
    await page.get_by_label("Dân nói gì").fill("Bà gọi: cống đầu xóm tắc")
    await page.get_by_role("button", name="Ghi vào sổ").click()
    await expect(page.get_by_text("Số bí mật chỉ hiện một lần")).to_be_visible()
    await checked(lan, "cases-11-entered")
    await page.get_by_role("link", name="Mở hồ sơ").click()
    await page.get_by_text("Câu trả lời mẫu").click()
    await page.get_by_role("button", name=re.compile("Dùng mẫu này.*Đã nhận")).click()
    await expect(page.get_by_label("Lời gửi dân")).to_have_value(re.compile("Xã đã nhận lời"))
    await page.get_by_role("button", name="Gửi trả lời").click()
    await page.get_by_role("link", name="In phiếu").click()
    await expect(page.get_by_role("heading", name="Phiếu trả lời")).to_be_visible()
    await checked(lan, "cases-12-slip")
    await page.emulate_media(media="print")
    await expect(page.get_by_role("button", name="In phiếu")).to_be_hidden()
    await page.emulate_media(media="screen")
    await page.go_back()
    await page.get_by_role("button", name="Đã đọc qua điện thoại").click()
    await expect(page.get_by_text("Đã đọc qua điện thoại").first).to_be_visible()
    await checked(lan, "cases-13-told")


async def test_receipt_is_checked_by_anybody(visit: Visits, place: Running, desk: Desk) -> None:
    code = await desk.brings(SAID)
    async with place.house.store.read() as tx:
        receipt = short((await cases.by_codes(tx, [code]))[code].case.head)
    one = await visit("/", PHONE)
    await one.page.get_by_role("link", name="Kiểm tra biên nhận").click()
    for typed, told in ((receipt[::-1], "Chưa khớp."), (receipt, "Khớp. Sổ từ đầu")):
        await one.page.get_by_label("Mã việc").fill(f"{code[:3]} {code[3:]}")
        await one.page.get_by_label("Số biên nhận").fill(typed)
        await one.page.get_by_role("button", name="Kiểm tra").click()
        await expect(one.page.get_by_text(told)).to_be_visible()
        await checked(one, f"cases-19-{'good' if typed == receipt else 'bad'}")


async def test_report_is_hidden_from_the_person_concerned(visit: Visits, place: Running, desk: Desk) -> None:
    keeper = await official(visit, place, "pham.giu", "giu-danh-tinh")
    lan = await official(visit, place, "tran.lan", "can-bo-xu-ly")
    await official(visit, place, "chu.tich", "lanh-dao")
    code = await desk.brings(
        "Bà tran.lan thu tiền làm giấy", kind=CaseKind.WRONGDOING, about="hang-xom", identity={"name": "Bà Kín"}
    )
    await lan.page.goto(place.url + INBOX)
    await expect(lan.page.get_by_text("Không còn hồ sơ nào chờ")).to_be_visible()
    await lan.page.goto(f"{place.url}{INBOX}/{code}")
    await expect(lan.page.get_by_role("heading", level=1)).to_contain_text("Không có trang này")
    page = keeper.page
    await page.goto(f"{place.url}{INBOX}/{code}")
    await unfold(page)
    await checked(keeper, "cases-14-keeper")
    await expect(page.get_by_label("Ông tran.lan")).to_be_checked()
    await page.get_by_label("Vì sao cần mở").fill("Gọi lại để hỏi ngày thu tiền")
    await page.get_by_role("button", name="Mở tên").click()
    await expect(page.get_by_text("Bà Kín")).to_be_visible()
    await checked(keeper, "cases-15-name")
    await page.get_by_role("button", name="Đã rõ").click()
    await expect(page.get_by_role("status").first).to_contain_text("Đã ghi người liên quan")
    await lan.page.goto(place.url + INBOX)
    await expect(lan.page.get_by_text("Không còn hồ sơ nào chờ")).to_be_visible()
    await page.goto(place.url + INBOX + "/ten")
    await checked(keeper, "cases-16-by-code")
    await page.goto(place.url + "/ban/toi/tin-bao")
    await page.get_by_role("button", name="Bật tin báo").click()
    await checked(keeper, "cases-17-notices")


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone", "desktop"])
async def test_full_inbox_and_long_case_fit(
    visit: Visits, place: Running, desk: Desk, size: dict[str, int], scheme: str
) -> None:
    """A commune in full use: many cases, long words, late, urgent, waiting, reopened."""
    await add_official(place, "tran.lan", "can-bo-xu-ly", is_chair=True)
    await catch_up(place)
    long = "Nhà tôi ở cuối xóm " + "kểdàikhôngdấucách" * 12 + " mong xã xem giúp sớm cho bà con nhờ. " * 4
    hands = desk.hands
    hands.move(days=-40)
    for i in range(24):
        kind = (CaseKind.FEEDBACK, CaseKind.QUESTION, CaseKind.PROPOSAL)[i % 3]
        await desk.brings(
            f"{i} {long}", chat=f"nha-{i}", kind=kind, hamlet=f"Thôn số {i} tên dài", topic="bhyt", caught_up=False
        )
    await desk.catch_up()
    hands.move(days=40)
    for i in range(3):
        await desk.brings("Nước ngập tới giường, có cụ già", chat=f"gap-{i}", kind=CaseKind.URGENT)
    one = await visit("/ban/vao", size, color_scheme=scheme)
    await sign_in(one, "tran.lan")
    await one.page.goto(place.url + INBOX)
    await checked(one, f"cases-{scheme}-full")
    await unfold(one.page)
    await checked(one, f"cases-{scheme}-full-unfolded")
    await one.page.goto(place.url + INBOX + "?xem=tre&loai=phan-anh")
    await checked(one, f"cases-{scheme}-late")
    await one.page.get_by_role("list", name="Danh sách hồ sơ").get_by_role("link").first.click()
    await unfold(one.page)
    await checked(one, f"cases-{scheme}-long")
    small = await one.page.evaluate(
        """() => [...document.querySelectorAll('main :is(button, input, textarea, select):not([type=checkbox])')]
            .filter(e => e.offsetParent && e.offsetHeight < 44).map(e => e.outerHTML)"""
    )
    assert small == []
