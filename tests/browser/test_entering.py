"""Who helps a household, on a telephone: the form and the slip; and the last keeper's account, closed after a word."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import PHONE, Visits
from tests.browser.test_cases import catch_up, official
from tests.browser.test_cases import place as place
from tests.browser.test_desk import checked
from tests.desk.office.conftest import add_official
from tests.harness.site import Running

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_helper_writes_for_a_household(visit: Visits, place: Running) -> None:
    one = await official(visit, place, "giup", "tuyen-truyen-vien", size=PHONE)
    page = one.page
    await checked(one, "helper-1-home")
    await page.get_by_role("link", name="Nhập thay bà con").click()
    await checked(one, "helper-2-form")
    await page.get_by_label("Dân nói gì").fill("Cụ Sáu hỏi bao giờ có tiền điện")
    await page.get_by_label("Hộ đã đồng ý").check()
    await page.get_by_role("button", name="Ghi vào sổ").click()
    await expect(page.get_by_text("Số biên nhận")).to_be_visible()
    await checked(one, "helper-3-slip")
    await page.go_back()
    await page.get_by_label("Dân nói gì").fill("Cụ Sáu hỏi bao giờ có tiền điện")
    await page.get_by_label("Hộ đã đồng ý").check()
    await page.get_by_role("button", name="Ghi vào sổ").click()
    await expect(page.get_by_text("đã ghi đúng lời này")).to_be_visible()
    await checked(one, "helper-4-again")


async def test_the_last_keeper_goes_after_a_word(visit: Visits, place: Running) -> None:
    number = await add_official(place, "giu", "giu-danh-tinh")
    await catch_up(place)
    one = await official(visit, place, "quan.tri", "quan-tri", size=PHONE)
    await one.page.goto(f"{place.url}/ban/nguoi/{number}")
    await one.page.get_by_role("button", name="Khóa tài khoản").click()
    await expect(one.page.get_by_role("alert")).to_contain_text("người cuối cùng giữ kín")
    await checked(one, "keeper-1-warned")
    await one.page.get_by_role("button", name="Vẫn làm").click()
    await expect(one.page.get_by_text("Đã khóa").first).to_be_visible()
