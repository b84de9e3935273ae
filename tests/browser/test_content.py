"""Content at the desk in a real Chromium: written on a phone with a weak line, approved on a desktop, read by households."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot import officials
from bot.clock import Clock
from bot.editing import drafts
from bot.library import EntryKey
from bot.store import edits
from tests.browser.conftest import DESKTOP, PHONE, Visit, Visits
from tests.browser.test_desk import checked, sign_in, unfold
from tests.desk.office.conftest import UNIT, add_official
from tests.desk.office.test_content import ask
from tests.harness.db import SqliteFiles
from tests.harness.site import Running, running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TITLE = "Tiêm phòng trâu bò sáng thứ bảy"
TOLD = "Sáng thứ bảy xã tiêm phòng trâu bò ở sân thôn. Bà con dắt trâu bò ra trước bảy giờ sáng."
#: the entry with the longest body, and the longest story
LONGEST = "tro-cap-xa-hoi-hang-thang"


@pytest_asyncio.fixture(loop_scope="session")
async def place(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A site of its own: what is published here must not be published elsewhere."""
    folder = tmp_path_factory.mktemp("content")
    clock = Clock.starting(datetime(2026, 11, 21, 3, tzinfo=UTC))
    async with running(sqlite_files.fresh(folder), folder / "data", clock) as one:
        yield one


async def signed_in(visit: Visits, login: str, size: dict[str, int], **options: object) -> Visit:
    one = await visit("/ban/vao", size, **options)
    await sign_in(one, login)
    return one


async def begin_news(one: Visit) -> None:
    page = one.page
    await page.goto(one.url + "/ban/noi-dung")
    await page.get_by_role("link", name="Soạn tin của xã").click()
    await page.get_by_label("Tên tin").fill(TITLE)
    await page.get_by_label("Lời tin").fill(TOLD)
    await page.get_by_role("button", name="Soạn tiếp").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    await page.wait_for_load_state("load")


def kept(page: Page) -> object:
    return page.evaluate("JSON.stringify(localStorage)")


async def test_news_from_a_phone_to_the_households(visit: Visits, place: Running) -> None:
    await add_official(place, "can.bo", "can-bo-xu-ly")
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    one = await signed_in(visit, "can.bo", PHONE)
    page = one.page
    await begin_news(one)
    await checked(one, "content-begun")
    saved = page.locator("#luu")
    await page.get_by_label("Lĩnh vực").select_option("sinh-ke")
    await expect(saved).to_have_text("Đã lưu.")
    await expect(page.get_by_text("Bà con sẽ thấy:")).to_be_visible()

    # a phone number slips in; the page says so beside the field while the official is still writing
    answer = page.get_by_label("Câu trả lời đầu tiên")
    await answer.fill(f"{TOLD} Hỏi số 0987 654 321.")
    await expect(page.locator("#r-answer mark")).to_have_text("0987 654 321")
    await checked(one, "content-private")
    await page.get_by_role("button", name="Che những chữ tô vàng").first.click()
    await expect(answer).not_to_have_value("0987")

    # the line goes; the words stay on the phone, and reach the desk when it is back
    await one.context.set_offline(True)
    await answer.fill(f"{TOLD} Nhớ buộc dây chắc.")
    await expect(saved).to_contain_text("Mất kết nối")
    assert "Nhớ buộc dây chắc" in str(await kept(page))
    await one.context.set_offline(False)
    await expect(saved).to_have_text("Đã lưu.")
    assert "Nhớ buộc dây chắc" not in str(await kept(page))
    await page.reload()
    await expect(answer).to_have_value(f"{TOLD} Nhớ buộc dây chắc.")
    await answer.fill(TOLD)
    await page.get_by_role("button", name="Gửi duyệt").click()
    await expect(page.locator(".done").first).to_contain_text("Đã gửi duyệt")
    await checked(one, "content-handed-in")

    chair = await signed_in(visit, "chu.tich", DESKTOP, color_scheme="dark")
    await chair.page.get_by_role("link", name="Nội dung", exact=True).click()
    await expect(chair.page.get_by_text("chờ bác duyệt")).to_be_visible()
    await checked(chair, "content-list")
    await chair.page.get_by_role("link", name=TITLE).click()
    await checked(chair, "content-to-approve")
    await chair.page.get_by_role("button", name="Duyệt và đăng").click()
    await expect(chair.page.get_by_role("status")).to_contain_text("Đã đăng")
    await unfold(chair.page)
    await checked(chair, "content-published")

    household = await visit("/chat", PHONE)
    await household.say("tin cua xa")
    await household.tap("Tiêm phòng trâu bò sáng")
    await expect(household.page.locator(".letter.theirs").last).to_contain_text(TOLD)


async def test_words_kept_on_a_phone_meet_a_colleagues(visit: Visits, place: Running) -> None:
    """The page was closed while the line was down; somebody else wrote meanwhile: nothing is lost, nothing overwritten."""
    await add_official(place, "can.bo", "can-bo-xu-ly")
    one = await signed_in(visit, "can.bo", PHONE)
    await begin_news(one)
    path = one.page.url
    await one.context.set_offline(True)
    await one.page.get_by_label("Câu trả lời đầu tiên").fill("Lời của tôi.")
    await expect(one.page.locator("#luu")).to_contain_text("Mất kết nối")
    house = place.house
    async with house.store.write() as tx:
        other = await officials.by_login(tx, "can.bo", house.shelf.library, house.clock.today())
        row = (await edits.listed(tx))[0]
        await drafts.save(tx, other, row.id, row.version, {"answer": "Lời người khác."}, at=house.clock.true())
    await one.page.goto("about:blank")
    await one.context.set_offline(False)
    await one.page.goto(path)
    answer = one.page.get_by_label("Câu trả lời đầu tiên")
    await expect(answer).to_have_value("Lời người khác.")
    await checked(one, "content-kept")
    await one.page.get_by_role("button", name="Đưa lời của tôi vào").click()
    await expect(answer).to_have_value("Lời của tôi.")
    await expect(one.page.locator("#luu")).to_have_text("Đã lưu.")


async def what_a_household_of_72_hears(visit: Visits) -> tuple[bool, str]:
    """Whether the pension for the old is among what the finder names, and what is told about it."""
    one = await visit("/chat", PHONE)
    log = one.page.get_by_role("log")
    await one.say("nhà tôi được những gì")
    await expect(one.page.locator(".letter.theirs").last).to_contain_text("thuộc diện nào")
    await one.tap("Diện khác")
    for asked in ("mẫu giáo", "phổ thông", "cao đẳng"):
        await expect(one.page.locator(".letter.theirs").last).to_contain_text(asked)
        await one.tap("Không")
    await expect(one.page.locator(".letter.theirs").last).to_contain_text("bao nhiêu tuổi")
    await one.say("72")
    await expect(one.page.locator(".letter.theirs").last).to_contain_text("vay vốn")
    await one.tap("Không")
    await expect(log.get_by_role("button", name="Kể thêm về nhà tôi").last).to_be_visible()
    is_named = await log.get_by_role("button", name="Hưu trí xã hội").count() > 0
    await one.say("người già không lương hưu được bao nhiêu một tháng")
    letter = one.page.locator(".letter.theirs").filter(has_text="Theo quy định đến ngày").last
    await expect(letter).to_be_visible()
    return is_named, await letter.inner_text()


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
async def test_an_age_is_changed_in_the_form_and_the_chat_follows(
    visit: Visits, place: Running, has_script: bool
) -> None:
    """75 becomes 70: written by one official, approved by another, and a household of 72 hears of it."""
    await add_official(place, "can.bo", "can-bo-xu-ly")
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    is_named, told = await what_a_household_of_72_hears(visit)
    assert not is_named
    assert "chưa tới diện này" in told

    size = PHONE if has_script else DESKTOP
    one = await signed_in(visit, "can.bo", size, java_script_enabled=has_script)
    page = one.page
    await page.goto(place.url + f"/ban/noi-dung/muc/policies/{UNIT}/tro-cap-huu-tri-xa-hoi")
    await page.get_by_role("button", name="Soạn lời mới").click()
    await page.get_by_role("link", name="Điều kiện", exact=True).click()
    if has_script:
        await checked(one, "content-conditions")
    await page.locator('[name="conditions.0.0:least"]').fill("70")
    read = page.locator("#doc-len")
    if has_script:
        await expect(read).to_contain_text("người cần hỏi từ 70 tuổi trở lên")
    # a row too many, begun and taken away again: what was typed stays
    group = page.get_by_role("group", name="Nhóm 1", exact=True)
    await group.get_by_role("button", name="Thêm điều vào Nhóm 1").click()
    picked = group.get_by_label("Xét điều gì của gia đình")
    if has_script:
        await expect(picked).to_be_focused()
        await picked.select_option("nha-tam")
    else:
        await picked.select_option("nha-tam")
        await group.get_by_role("button", name="Chọn", exact=True).click()
    row = page.get_by_role("group", name="Điều 1.3", exact=True)
    await row.get_by_label("Trả lời").select_option("co")
    if has_script:
        await expect(read).to_contain_text("nhà dột nát")
        await checked(one, "content-conditions-more")
    await row.get_by_role("button", name="Bỏ").click()
    await expect(page.get_by_text("Nhà tạm, dột nát")).to_have_count(0)
    await expect(page.locator('[name="conditions.0.0:least"]')).to_have_value("70")
    # the words for those who are too young go too
    await page.get_by_role("link", name="Lời riêng", exact=True).click()
    await page.get_by_role("button", name="Bỏ lời riêng này 3").click()
    await expect(page.get_by_role("heading", name="Lời riêng 3")).to_have_count(0)
    await page.get_by_role("link", name="Con số và văn bản").click()
    await page.locator('[name="amounts.tuoi-chung.0.value"]').fill("70")
    await page.get_by_role("button", name="Gửi duyệt").click()
    await expect(page.locator(".done").first).to_contain_text("Đã gửi duyệt")

    chair = await signed_in(visit, "chu.tich", DESKTOP, color_scheme="dark")
    await chair.page.goto(place.url + "/ban/noi-dung")
    await chair.page.get_by_role("link", name="Trợ cấp hưu trí xã hội").click()
    await expect(chair.page.get_by_role("main")).to_contain_text("người cần hỏi từ 70 tuổi trở lên")
    if has_script:
        await checked(chair, "content-conditions-to-approve")
    await chair.page.get_by_role("button", name="Duyệt và đăng").click()
    await expect(chair.page.get_by_role("status")).to_contain_text("Đã đăng")

    is_named, told = await what_a_household_of_72_hears(visit)
    assert is_named
    assert "chưa tới diện này" not in told
    assert "từ đủ 70 tuổi" in told


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone", "desktop"])
async def test_pages_of_content_are_accessible_and_fit(
    visit: Visits, place: Running, size: dict[str, int], scheme: str
) -> None:
    """The longest policy and a story as forms and as papers, and a full worklist."""
    house = place.house
    number = await add_official(place, "can.bo", "can-bo-xu-ly", unit="")
    at = house.clock.true()
    told: list[str] = []
    async with house.store.write() as tx:
        who = await officials.load(tx, number, house.shelf.library, house.clock.today())
        assert who is not None
        story = next(iter(house.shelf.library.stories))
        for kind, entry in (("policies", LONGEST), ("stories", story)):
            edit = await drafts.begin(tx, who, house.shelf.library, EntryKey(kind, entry), at=at)
            changes = {"answer": "Lời mới.", "notes": "Xem lại."}
            await drafts.save(tx, who, edit.id, edit.version, changes, at=at)
            told += [f"/ban/noi-dung/ban/{edit.id}/sua", f"/ban/noi-dung/ban/{edit.id}"]
    told += [f"{told[0]}?phan={part}" for part in ("so", "dk", "lr")]
    one = await signed_in(visit, "can.bo", size, color_scheme=scheme)
    await one.page.goto(place.url + f"/ban/noi-dung/cau-hoi?xa={UNIT}")
    await checked(one, f"{scheme}-worklist-empty")
    others = [f"hỏi về việc {letter * 5}" for letter in "abcdefghiklmnopqrstu"]
    await ask(place, *["bao giờ xã tiêm phòng cho đàn trâu bò nhà tôi"] * 6, *others)
    views = [f"/ban/noi-dung?xa=chung&buoc={view}" for view in ("", "dang-dung", "cho-ky", "goc-doi")]
    for path in (*told, *views, f"/ban/noi-dung/cau-hoi?xa={UNIT}", "/ban/noi-dung/moi", "/ban/noi-dung/tin-moi"):
        await one.page.goto(place.url + path)
        await unfold(one.page)
        name = path.removeprefix("/ban/").replace("/", "_").replace("?", "_")
        await checked(one, f"{scheme}-{name}")
    await one.page.goto(place.url + f"/ban/noi-dung/cau-hoi?xa={UNIT}")
    await one.page.get_by_role("main").get_by_role("link", name="bao giờ xã tiêm phòng").click()
    await one.page.get_by_label("Tìm mục có sẵn").fill("bo")
    await one.page.get_by_role("button", name="Tìm", exact=True).click()
    await checked(one, f"{scheme}-worklist-group")
