"""A conversation over HTTP: said, kept, answered, shown again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.channels.web import chat as chat_module
from bot.wiring import WebDoor
from tests.channels.web.conftest import Browser, presses
from tests.harness.site import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_question_without_accents_is_answered_in_the_same_breath(browser: Browser) -> None:
    said = await browser.say("ho ngheo co duoc ho tro tien dien khong")
    assert "UBND xã Tứ Kỳ" in said
    assert "Theo quy định đến ngày" in said
    assert 'href="/cs/ho-tro-tien-dien"' in said


async def test_buttons_lead_on_and_their_label_is_shown_as_own_words(browser: Browser) -> None:
    offered = presses(await browser.say("ho ngheo co duoc ho tro tien dien khong"))
    said = await browser.say("Ai được?", press=offered["Ai được?"])
    own, answer = said.split("</article>", 1)
    assert "letter mine" in own
    assert "Ai được?" in own
    assert "letter theirs" in answer


async def test_history_is_there_after_a_reload(browser: Browser) -> None:
    await browser.say("ho ngheo co duoc ho tro tien dien khong")
    page = await browser.open()
    assert "ho ngheo co duoc ho tro tien dien khong" in page
    assert page.count('data-id="') >= 3


async def test_same_id_twice_is_taken_once(browser: Browser) -> None:
    await browser.say("xin chào", id="same-id-0001")
    again = await browser.say("xin chào", id="same-id-0001")
    assert again == ""
    page = await browser.open()
    assert page.count('class="letter mine"') == 1


async def test_others_see_nothing_of_it(browser: Browser, other: Browser) -> None:
    await browser.say("chuyện riêng của tôi")
    assert "chuyện riêng" not in await other.open()
    async with other.session.get(f"{other.url}/chat/letters") as response:
        assert (await response.json())["letters"] == []


async def test_start_link_opens_the_entry(browser: Browser) -> None:
    page = await browser.open("?start=u_xa-tu-ky__e_ho-tro-tien-dien")
    assert 'data-start="u_xa-tu-ky__e_ho-tro-tien-dien"' in page
    said = await browser.say(start="u_xa-tu-ky__e_ho-tro-tien-dien")
    assert "Theo quy định đến ngày" in said


async def test_lost_cookie_starts_anew_and_says_so(browser: Browser) -> None:
    await browser.say("xin chào")
    browser.session.cookie_jar.clear()
    status, body = await browser.post(text="hộ nghèo được gì")
    assert status == 200
    assert body["fresh"]
    # everything of the new conversation comes back, whatever the page had seen
    assert len(body["letters"]) >= 2


async def test_older_messages_come_page_by_page(browser: Browser, place: Running, monkeypatch) -> None:
    monkeypatch.setattr(chat_module, "SHOWN", 4)
    for i in range(4):
        await browser.say(f"lời thứ {i}")
    page = await browser.open()
    assert page.count('data-id="') == 4
    assert 'id="older" ><a' in page
    first = int(re.search(r'data-id="(\d+)"', page)[1])
    async with browser.session.get(f"{browser.url}/chat/letters?before={first}") as response:
        older = await response.json()
    assert older["more"]
    assert [letter["id"] < first for letter in older["letters"]] == [True] * 4


async def test_form_without_script_does_the_same(browser: Browser) -> None:
    url = f"{browser.url}/chat/send"
    form = aiohttp.FormData({"id": "form-id-0001", "text": "ho ngheo co duoc ho tro tien dien khong"})
    async with browser.session.post(url, data=form, allow_redirects=False) as response:
        assert response.status == 303
        assert response.headers["location"] == "/chat#cuoi"
    page = await browser.open()
    press = presses(page)["Ai được?"]
    form = aiohttp.FormData({"id": "form-id-0002", "press": f"{press} Ai được?"})
    async with browser.session.post(url, data=form) as response:
        assert 'class="letter mine"' in await response.text()


async def test_form_without_script_carries_a_photo(browser: Browser, photo: bytes) -> None:
    form = aiohttp.FormData({"id": "form-id-0003", "text": "đường hỏng"})
    form.add_field("file", photo, filename="duong.jpg", content_type="image/jpeg")
    async with browser.session.post(f"{browser.url}/chat/send", data=form) as response:
        page = await response.text()
    assert response.status == 200
    assert re.search(r'<img src="/chat/file/[0-9a-f]{64}\?[^"]+" alt="duong.jpg"', page)


async def test_empty_form_is_told_kindly(browser: Browser) -> None:
    form = aiohttp.FormData({"id": "form-id-0004", "text": "  "})
    headers = {"accept": "text/html"}
    async with browser.session.post(f"{browser.url}/chat/send", data=form, headers=headers) as response:
        assert response.status == 422
        assert "Bác gõ câu hỏi rồi bấm Gửi nhé." in await response.text()


async def test_first_load_is_small_and_asks_nobody_else(browser: Browser) -> None:
    page = await browser.open()
    urls = re.findall(r'(?:src|href)="(/chat/[^"]+)"', page)
    total = len(page.encode())
    for url in dict.fromkeys(urls):
        async with browser.session.get(browser.url + url) as response:
            assert response.status == 200, url
            total += len(await response.read())
    assert total < 100_000, total
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


async def test_failed_commit_is_not_acknowledged(browser: Browser, place: Running, monkeypatch) -> None:
    async def broken(_inbounds: object) -> None:
        raise OSError("disk full")

    whole = place.house.handler.__class__.__call__
    monkeypatch.setattr(place.house.handler.__class__, "__call__", lambda _self, inbounds: broken(inbounds))
    status, body = await browser.post(text="xin chào", id="again-id-0001")
    assert (status, body["reason"]) == (503, "try-again")
    monkeypatch.setattr(place.house.handler.__class__, "__call__", whole)
    assert "xin chào" in await browser.say("xin chào", id="again-id-0001")


async def test_without_the_store_the_page_still_says_what_to_do(browser: Browser, monkeypatch) -> None:
    async def gone(*_args: object, **_named: object) -> None:
        raise OSError("database gone")

    await browser.say("xin chào")
    monkeypatch.setattr(WebDoor, "letters", gone)
    async with browser.session.get(f"{browser.url}/chat", headers={"accept": "text/html"}) as response:
        assert response.status == 503
        assert response.headers["retry-after"] == "5"
        page = await response.text()
    assert "Máy đang bận" in page
    assert 'id="composer"' in page
    async with browser.session.get(f"{browser.url}/chat/letters") as response:
        assert (response.status, (await response.json())["reason"]) == (503, "try-again")


async def test_many_uploads_at_once_are_put_off(browser: Browser, monkeypatch) -> None:
    monkeypatch.setattr(chat_module, "UPLOADS_MAX", 0)
    status, body = await browser.upload(b"x")
    assert (status, body["reason"]) == (503, "try-again")


async def test_upload_that_never_ends_is_given_up(browser: Browser, monkeypatch) -> None:
    monkeypatch.setattr(chat_module, "UPLOAD_S", 0.05)
    never = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x"
        await never.wait()

    request = browser.session.post(f"{browser.url}/chat/upload", data=slow(), headers={"origin": browser.url})
    async with request as response:
        assert response.status == 408
