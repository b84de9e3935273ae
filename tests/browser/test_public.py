"""The public pages as people see them, and as a screen reader does."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Visits

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGES = {
    "home": "/",
    "policies": "/cs",
    "entry": "/cs/ho-tro-tien-dien",
    "ahead": "/cs/chuan-ngheo-2027-2030",
    "topic": "/chu-de/bhyt",
    "stories": "/chuyen",
    "news": "/tin",
    "answers": "/hoi-dap",
    "search": "/tim?q=tien dien ho ngheo",
    "danger": "/tim?q=nha chay roi cuu voi",
    "missing": "/cs/khong-co",
}


@pytest.mark.parametrize("name", PAGES)
async def test_page_has_no_violations_and_fits_a_phone(visit: Visits, name: str) -> None:
    one = await visit(PAGES[name], PHONE)
    await one.shot(f"public-{name}")
    await one.no_violations()
    assert await one.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_dark_desktop_has_no_violations(visit: Visits) -> None:
    one = await visit(PAGES["entry"], DESKTOP, color_scheme="dark")
    await one.shot("public-entry-dark")
    await one.no_violations()


async def test_text_can_be_copied_for_the_group(visit: Visits) -> None:
    one = await visit(PAGES["entry"], PHONE, permissions=["clipboard-read", "clipboard-write"])
    page = one.page
    await page.get_by_role("button", name="Chép đoạn này").click()
    await expect(page.get_by_role("button", name="Đã chép")).to_be_visible()
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied.rstrip().endswith("/cs/ho-tro-tien-dien")
    await page.locator(".share").scroll_into_view_if_needed()
    await one.shot("public-share")


async def test_pages_need_no_script_and_no_cookie(visit: Visits) -> None:
    one = await visit(PAGES["entry"], PHONE, java_script_enabled=False)
    page = one.page
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await page.locator("summary").filter(has_text="Căn cứ").click()
    await expect(page.locator("details[open]").filter(has_text="Căn cứ")).to_be_visible()
    await expect(page.get_by_label("Chuyển cho bà con").last).to_be_visible()
    assert await one.context.cookies() == []


async def test_ask_link_leads_into_the_chat(visit: Visits) -> None:
    one = await visit(PAGES["entry"], PHONE)
    await one.page.get_by_role("main").get_by_role("link", name="Hỏi xã").click()
    await expect(one.page.locator(".letter.theirs").filter(has_text="Theo quy định đến ngày")).to_be_visible()


async def test_search_box_finds(visit: Visits) -> None:
    one = await visit("/", PHONE)
    await one.page.get_by_label("Bác cần tìm việc gì?").fill("tien dien ho ngheo")
    await one.page.keyboard.press("Enter")
    await one.page.get_by_role("link", name="Hỗ trợ tiền điện").first.click()
    await expect(one.page.get_by_role("heading", level=1)).to_contain_text("điện")
