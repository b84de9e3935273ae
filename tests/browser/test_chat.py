"""Whole conversations in a real browser, on a small phone and on a desktop."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from bot.channels.web import chat as chat_module
from tests.browser.conftest import DESKTOP, PHONE, Visits

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CODE = re.compile(r"Mã việc:\s*([\d ]{7,})")


def theirs(page: Page, text: str | re.Pattern[str]):
    return page.locator(".letter.theirs").filter(has_text=text).last


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "duong-hong.jpg"
    Image.new("RGB", (800, 600), "#96a68b").save(path)
    return path


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_from_question_to_case_code(visit: Visits, size: dict[str, int], photo: Path) -> None:
    one = await visit("/chat", size)
    page = one.page
    name = "phone" if size is PHONE else "desktop"
    await expect(theirs(page, "Tôi là máy trả lời của UBND xã Tứ Kỳ")).to_be_visible()
    await one.shot(f"{name}-1-greeting")
    await one.no_violations()

    await one.say("ho ngheo co duoc ho tro tien dien khong")
    await expect(theirs(page, "Theo quy định đến ngày")).to_be_in_viewport()
    await one.shot(f"{name}-2-answer")
    await one.tap("Ai được?")
    await expect(page.locator(".letter.mine").last).to_contain_text("Ai được?")
    await expect(theirs(page, "Ai được?")).to_be_visible()
    await one.shot(f"{name}-3-part")

    await one.say("tôi muốn phản ánh")
    await expect(theirs(page, "Bác kể giúp tôi có chuyện gì")).to_be_visible()
    await one.say("Đường vào thôn hỏng cả tháng nay, trẻ con đi học ngã")
    await one.tap("Bỏ qua")
    await expect(theirs(page, "Bác có ảnh, tiếng nói hoặc giấy tờ")).to_be_visible()
    await page.locator("#pick").set_input_files(photo)
    await expect(page.get_by_role("list", name="Tệp sắp gửi")).to_contain_text("duong-hong.jpg")
    await one.shot(f"{name}-4-photo")
    await page.get_by_role("button", name="Gửi", exact=True).click()
    await expect(page.get_by_role("img", name="duong-hong.jpg")).to_be_visible()
    await expect(theirs(page, "Tôi đã nhận 1 tệp")).to_be_visible()
    await one.tap("Xong")
    await one.tap("Không nêu tên")
    await one.tap("Đồng ý")
    await expect(theirs(page, "Tôi đọc lại cho bác nghe")).to_be_in_viewport()
    await one.shot(f"{name}-5-summary")
    await one.tap("Gửi cho xã")
    done = theirs(page, CODE)
    await expect(done).to_be_visible()
    await one.shot(f"{name}-6-code")
    await one.no_violations()

    await page.reload()
    await expect(theirs(page, CODE)).to_be_visible()
    await expect(page.locator(".letter.mine").filter(has_text="Đường vào thôn hỏng")).to_be_visible()


async def test_words_that_are_not_kept_leave_the_screen_too(visit: Visits) -> None:
    one = await visit("/chat")
    page = one.page
    await expect(theirs(page, "Tôi là máy trả lời")).to_be_visible()
    await one.say("Cán bộ ăn chặn tiền hộ nghèo ở thôn Hạ")
    await one.tap("Gửi phản ánh")
    await expect(page.locator(".letter.mine").filter(has_text="ăn chặn")).to_have_count(1)
    await one.tap("Cán bộ xã")
    await expect(theirs(page, "tôi đã xóa")).to_be_visible()
    await expect(page.get_by_text("ăn chặn tiền hộ nghèo")).to_have_count(0)
    await expect(page.locator(".letter.mine")).to_have_count(0)
    await one.shot("phone-9-not-kept")
    await one.no_violations()
    await page.reload()
    await expect(theirs(page, "Trên máy bác còn dòng nào")).to_be_visible()
    await expect(page.get_by_text("ăn chặn tiền hộ nghèo")).to_have_count(0)


async def test_two_quick_taps_say_it_once(visit: Visits) -> None:
    one = await visit("/chat")
    await expect(theirs(one.page, "Tôi là máy trả lời")).to_be_visible()
    await one.page.get_by_role("button", name="Chính sách", exact=True).last.dblclick()
    await expect(theirs(one.page, "chính sách về việc gì")).to_be_visible()
    await expect(one.page.locator(".letter.mine")).to_have_count(1)


async def test_offline_words_wait_and_go_out_once(visit: Visits) -> None:
    one = await visit("/chat")
    page = one.page
    await expect(theirs(page, "Tôi là máy trả lời")).to_be_visible()
    await one.context.set_offline(True)
    await one.say("bao hiem y te ho ngheo")
    await expect(page.get_by_text("Đang mất mạng")).to_be_visible()
    waiting = page.locator(".waiting")
    await expect(waiting).to_contain_text("bao hiem y te ho ngheo")
    await expect(waiting).to_contain_text("Chưa gửi được")
    await one.shot("phone-7-offline")
    await one.no_violations()
    await one.context.set_offline(False)
    await expect(theirs(page, "Theo quy định đến ngày")).to_be_visible()
    await expect(waiting).to_have_count(0)
    await expect(page.get_by_text("Đang mất mạng")).to_be_hidden()
    await page.reload()
    await expect(page.locator(".letter.mine").filter(has_text="bao hiem y te ho ngheo")).to_have_count(1)


async def test_unsent_words_outlive_a_reload(visit: Visits) -> None:
    one = await visit("/chat")
    page = one.page
    await expect(theirs(page, "Tôi là máy trả lời")).to_be_visible()
    await page.route("**/chat/send", lambda route: route.abort())
    await one.say("nha toi co duoc vay von khong")
    await expect(page.locator(".waiting.stuck")).to_be_visible()
    await page.unroute("**/chat/send")
    await page.reload()
    await expect(page.locator(".letter.mine").filter(has_text="nha toi co duoc vay von khong")).to_have_count(1)
    await expect(page.locator(".waiting")).to_have_count(0)


async def test_answer_lost_on_the_way_is_not_said_twice(visit: Visits) -> None:
    """The server took it, the answer never came: the same id goes out again and is known."""
    one = await visit("/chat")
    page = one.page
    await expect(theirs(page, "Tôi là máy trả lời")).to_be_visible()
    cut = []

    async def lose(route) -> None:
        if not cut:
            cut.append(await route.fetch())
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/chat/send", lose)
    await one.say("tien dien cho ho ngheo")
    await expect(page.locator(".waiting")).to_have_count(0)
    await expect(page.locator(".letter.mine").filter(has_text="tien dien cho ho ngheo")).to_have_count(1)
    await page.reload()
    await expect(page.locator(".letter.mine").filter(has_text="tien dien cho ho ngheo")).to_have_count(1)


async def test_chat_opens_without_network(visit: Visits) -> None:
    one = await visit("/chat")
    page = one.page
    await page.evaluate("navigator.serviceWorker.ready")
    await expect(theirs(page, "Tôi là máy trả lời")).to_be_visible()
    await one.context.set_offline(True)
    await page.reload()
    await expect(page.get_by_role("heading", name="Loa Thôn")).to_be_visible()
    await expect(page.get_by_text("Đang mất mạng")).to_be_visible()
    await one.say("tien dien ho ngheo")
    await one.context.set_offline(False)
    await expect(theirs(page, "Theo quy định đến ngày")).to_be_visible()


async def test_keyboard_alone_is_enough(visit: Visits) -> None:
    one = await visit("/chat", DESKTOP)
    page = one.page
    await expect(theirs(page, "Tôi là máy trả lời")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Tới ô gõ câu hỏi")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.type("tien dien ho ngheo")
    await page.keyboard.press("Enter")
    await expect(theirs(page, "Theo quy định đến ngày")).to_be_visible()
    await page.keyboard.type("1")
    await page.keyboard.press("Enter")
    await expect(page.locator(".letter.mine").last).to_contain_text("1")
    await expect(page.locator(".letter.theirs")).to_have_count(3)
    button = page.get_by_role("log").get_by_role("button", name="Về đầu").last
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(theirs(page, "Bác muốn xem mục nào")).to_be_visible()


async def test_screen_reader_gets_a_log_with_speakers(visit: Visits) -> None:
    one = await visit("/chat")
    log = one.page.get_by_role("log", name="Cuộc trò chuyện")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log.get_by_text("Máy trả lời", exact=True).first).to_be_attached()


async def test_voice_note_is_recorded_heard_and_sent(visit: Visits) -> None:
    one = await visit("/chat", permissions=["microphone"])
    page = one.page
    await expect(theirs(page, "Tôi là máy trả lời")).to_be_visible()
    await page.get_by_role("button", name="Nói", exact=True).click()
    stop = page.get_by_role("button", name="Dừng", exact=True)
    await expect(stop).to_be_visible()
    await one.shot("phone-8-recording")
    # the recorder has sound once its clock has moved
    await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    await stop.click()
    tray = page.get_by_role("list", name="Tệp sắp gửi")
    await expect(tray).to_contain_text("ghi-am")
    await expect(tray.locator("audio")).to_be_visible()
    await page.get_by_role("button", name="Gửi", exact=True).click()
    await expect(page.locator(".letter.mine audio")).to_be_visible()


async def test_sending_while_recording_sends_what_was_said(visit: Visits) -> None:
    one = await visit("/chat", permissions=["microphone"])
    page = one.page
    await expect(theirs(page, "Tôi là máy trả lời")).to_be_visible()
    await page.get_by_role("button", name="Nói", exact=True).click()
    await expect(page.get_by_role("button", name="Dừng", exact=True)).to_be_visible()
    await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    await page.get_by_role("button", name="Gửi", exact=True).click()
    await expect(page.locator(".letter.mine audio")).to_be_visible()
    await expect(page.get_by_role("button", name="Nói", exact=True)).to_be_visible()


async def test_no_microphone_leads_to_the_file_picker(visit: Visits) -> None:
    one = await visit("/chat")
    page = one.page
    await expect(theirs(page, "Tôi là máy trả lời")).to_be_visible()
    await page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error()) }")
    async with page.expect_file_chooser():
        await page.get_by_role("button", name="Nói", exact=True).click()
    await expect(page.get_by_role("alert").filter(has_text="micrô")).to_be_visible()


async def test_refused_file_is_told_in_the_tray(visit: Visits, tmp_path: Path) -> None:
    one = await visit("/chat")
    broken = tmp_path / "hong.jpg"
    Image.new("RGB", (800, 600)).save(broken)
    broken.write_bytes(broken.read_bytes()[:300])
    await one.page.locator("#pick").set_input_files(broken)
    await expect(one.page.locator("#tray .bad")).to_be_visible()
    await one.shot("phone-9-refused-file")
    await one.page.get_by_role("button", name="Bỏ: hong.jpg").click()
    await expect(one.page.locator("#tray")).to_be_hidden()


async def test_link_opens_the_entry_once(visit: Visits) -> None:
    one = await visit("/chat?start=u_xa-tu-ky__e_ho-tro-tien-dien")
    page = one.page
    await expect(theirs(page, "Theo quy định đến ngày")).to_be_visible()
    assert page.url == f"{one.url}/chat"
    await page.reload()
    await expect(page.locator(".letter.theirs").filter(has_text="Theo quy định đến ngày")).to_have_count(1)


async def test_forgotten_browser_is_told_kindly(visit: Visits) -> None:
    one = await visit("/chat")
    await expect(theirs(one.page, "Tôi là máy trả lời")).to_be_visible()
    await one.context.clear_cookies()
    await one.page.reload()
    await expect(one.page.get_by_role("alert").filter(has_text="đã quên cuộc trò chuyện cũ")).to_be_visible()


async def test_two_tabs_show_the_same_conversation(visit: Visits) -> None:
    one = await visit("/chat")
    await expect(theirs(one.page, "Tôi là máy trả lời")).to_be_visible()
    second = await one.context.new_page()
    await second.goto(f"{one.url}/chat")
    await one.say("tien dien ho ngheo")
    await expect(theirs(second, "Theo quy định đến ngày")).to_be_visible()


async def test_works_without_script(visit: Visits) -> None:
    one = await visit("/chat", java_script_enabled=False)
    page = one.page
    await page.get_by_role("button", name="Bắt đầu trò chuyện").click()
    await expect(theirs(page, "Tôi là máy trả lời")).to_be_visible()
    await page.get_by_label("Câu hỏi của bác").fill("tien dien ho ngheo")
    await page.get_by_role("button", name="Gửi", exact=True).click()
    await expect(theirs(page, "Theo quy định đến ngày")).to_be_visible()
    await page.get_by_role("button", name="Ai được?").last.click()
    await expect(page.locator(".letter.mine").last).to_contain_text("Ai được?")
    await one.shot("phone-10-no-script")


async def test_dark_and_narrow_are_readable(visit: Visits) -> None:
    one = await visit("/chat", {"width": 320, "height": 568}, color_scheme="dark")
    await one.say("tien dien ho ngheo")
    await expect(theirs(one.page, "Theo quy định đến ngày")).to_be_visible()
    await one.shot("narrow-dark")
    await one.no_violations()
    width = await one.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320


async def test_everything_to_tap_is_large_enough(visit: Visits) -> None:
    one = await visit("/chat")
    await one.say("tien dien ho ngheo")
    await expect(theirs(one.page, "Theo quy định đến ngày")).to_be_visible()
    small = await one.page.evaluate(
        """() => [...document.querySelectorAll('button, textarea, header a')]
            .filter(e => e.offsetParent && (e.offsetHeight < 44 || e.offsetWidth < 44)).map(e => e.outerHTML)"""
    )
    assert small == []


async def test_older_messages_come_when_asked(visit: Visits, monkeypatch) -> None:
    monkeypatch.setattr(chat_module, "SHOWN", 4)
    one = await visit("/chat")
    page = one.page
    for i in range(3):
        await one.say(f"loi thu {i}")
        await expect(page.locator(".letter.mine")).to_have_count(i + 1)
        await expect(page.locator(".letter").last).to_have_class("letter theirs")
    await page.reload()
    await expect(page.locator("#log .letter")).to_have_count(4)
    await page.get_by_role("link", name="Xem tin cũ hơn").click()
    await expect(page.locator(".letter.mine").first).to_contain_text("loi thu 0")
    ids = await page.locator("#log .letter").evaluate_all("all => all.map(one => Number(one.dataset.id))")
    assert ids == sorted(set(ids))


async def test_words_not_yet_sent_are_kept(visit: Visits) -> None:
    one = await visit("/chat")
    page = one.page
    await page.get_by_label("Câu hỏi của bác").fill("chuyện dài đang gõ dở")
    await page.reload()
    await expect(page.get_by_label("Câu hỏi của bác")).to_have_value("chuyện dài đang gõ dở")
    await page.get_by_role("button", name="Gửi", exact=True).click()
    await expect(page.locator(".letter.mine").last).to_contain_text("chuyện dài đang gõ dở")
    await page.reload()
    await expect(page.get_by_label("Câu hỏi của bác")).to_have_value("")


async def test_large_photo_is_made_small_before_it_leaves_the_phone(visit: Visits, tmp_path: Path) -> None:
    large = tmp_path / "to.jpg"
    Image.effect_noise((3200, 2400), 80).convert("RGB").save(large, quality=95)
    one = await visit("/chat")
    async with one.page.expect_response("**/chat/upload*") as awaited:
        await one.page.locator("#pick").set_input_files(large)
    kept = await (await awaited.value).json()
    assert kept["size"] < large.stat().st_size / 2
    assert kept["mime"] == "image/jpeg"


async def test_busy_server_is_told_and_waited_for(visit: Visits) -> None:
    one = await visit("/chat")
    page = one.page
    await expect(theirs(page, "Tôi là máy trả lời")).to_be_visible()
    busy = {"status": 503, "headers": {"retry-after": "1"}, "json": {"reason": "try-again"}}
    await page.route("**/chat/send", lambda route: route.fulfill(**busy), times=1)
    await one.say("tien dien ho ngheo")
    await expect(page.get_by_role("alert").filter(has_text="Máy đang bận")).to_be_visible()
    await expect(page.get_by_text("Đang mất mạng")).to_be_hidden()
    await expect(theirs(page, "Theo quy định đến ngày")).to_be_visible()
    await expect(page.get_by_role("alert").filter(has_text="Máy đang bận")).to_be_hidden()
