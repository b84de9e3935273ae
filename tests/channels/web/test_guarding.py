"""What must not get in, and what must not get out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from bot.channels.web import chat as chat_module
from bot.channels.web.limits import Limits, Rate
from bot.channels.web.posted import TEXT_MAX, file_name
from bot.channels.web.visitor import Cookies
from tests.channels.web.conftest import Browser
from tests.harness.clock import Hands
from tests.harness.site import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
WEBM = b"\x1a\x45\xdf\xa3" + b"\0" * 64


async def send_file(browser: Browser, data: bytes, name: str, kind: str = "") -> str:
    """Upload and send a file; the address at which the page shows it."""
    status, kept = await browser.upload(data, kind)
    assert status == 200, kept
    html = await browser.say(files=[{**kept, "name": name}])
    return html.partition("/chat/file/")[2].partition('"')[0].replace("&amp;", "&")


@dataclass
class Shown:
    """What a file's address gives."""

    status: int
    headers: Mapping[str, str]
    data: bytes


async def fetch(browser: Browser, path: str) -> Shown:
    async with browser.session.get(f"{browser.url}/chat/file/{path}") as response:
        return Shown(response.status, response.headers, await response.read())


async def test_cookie_is_closed_to_scripts_and_other_sites(place: Running) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{place.url}/chat") as response:
        cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert len(cookie.partition("=")[2].partition(";")[0]) == 32


async def test_cookie_is_secure_behind_https() -> None:
    assert Cookies("site", is_secure=True).name == "__Host-loathon"


async def test_every_answer_carries_the_headers(browser: Browser) -> None:
    for path in ("/chat", "/chat/letters", "/chat/static/x/chat.css", "/chat/file/xyz", "/chat/sw.js"):
        async with browser.session.get(browser.url + path) as response:
            assert response.headers["x-content-type-options"] == "nosniff", path
            assert "default-src 'none'" in response.headers["content-security-policy"], path
    async with browser.session.get(f"{browser.url}/chat") as response:
        policy = response.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert response.headers["cache-control"] == "no-store"
        text = await response.text()
    assert " style=" not in text
    assert "<script>" not in text
    assert " onclick" not in text


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_other_sites_cannot_post(browser: Browser, origin: str) -> None:
    browser.headers["origin"] = origin
    status, body = await browser.post(text="xin chào")
    assert (status, body["reason"]) == (403, "elsewhere")
    status, _ = await browser.upload(b"x", origin=origin)
    assert status == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[" * 5000, 400),
        (b'"text"', 400),
        (b'{"id": 5, "text": "a"}', 400),
        (b'{"id": "../../etc", "text": "a"}', 400),
        (b'{"id": "good-id-01", "text": 5}', 400),
        (b'{"id": "good-id-01", "text": "a", "files": "x"}', 422),
        (b'{"id": "good-id-01", "files": [{}]}', 422),
        (b'{"id": "good-id-01"}', 422),
        (b'{"id": "good-id-01", "text": "' + b"a" * (TEXT_MAX + 1) + b'"}', 413),
        (b'{"id": "good-id-01", "text": "' + b"a" * 200_000 + b'"}', 413),
        (b'{"id": "good-id-01", "press": "' + b"a" * 500 + b'"}', 413),
    ],
)
async def test_broken_posts_are_refused(browser: Browser, body: bytes, status: int) -> None:
    headers = {"content-type": "application/json", "origin": browser.url}
    async with browser.session.post(f"{browser.url}/chat/send", data=body, headers=headers) as response:
        assert response.status == status
        assert "reason" in await response.json()
    assert 'data-id="' not in await browser.open()


@pytest.mark.parametrize(
    "text", ["\u202egnud\u202c", "a\0b", "\ud83d", "😀" * 3000, "<b>&amp;</b><script>alert(1)</script>", "x" * TEXT_MAX]
)
async def test_odd_texts_are_taken_and_shown_as_text(browser: Browser, text: str) -> None:
    status, body = await browser.post(text=text)
    assert status == 200
    assert len(body["letters"]) >= 2
    assert "<script>" not in "".join(letter["html"] for letter in body["letters"])


async def test_unknown_buttons_and_links_end_well(browser: Browser) -> None:
    assert "letter theirs" in await browser.say("nút lạ", press="zz:không-có")
    assert "letter theirs" in await browser.say(start="e_khong-co__zz__" + "a" * 100)


async def test_photo_loses_what_the_camera_wrote(browser: Browser, photo: bytes) -> None:
    assert b"SECRETCAMERA" in photo
    path = await send_file(browser, photo, "anh.jpg")
    shown = await fetch(browser, path)
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["content-disposition"].startswith("inline")
    assert b"SECRETCAMERA" not in shown.data


@pytest.mark.parametrize("data", [HTML, SVG])
async def test_pages_and_drawings_are_downloads_only(browser: Browser, data: bytes) -> None:
    shown = await fetch(browser, await send_file(browser, data, "trang.html"))
    assert shown.status == 200
    assert shown.headers["content-type"] == "application/octet-stream"
    assert shown.headers["content-disposition"].startswith("attachment")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]


async def test_recording_is_a_voice_note_and_a_page_never_is(browser: Browser) -> None:
    _, voice = await browser.upload(WEBM, "voice")
    assert voice["kind"] == "voice"
    _, page = await browser.upload(HTML, "voice")
    assert page["kind"] == "file"


async def test_type_cannot_be_talked_up(browser: Browser) -> None:
    _, kept = await browser.upload(HTML)
    status, body = await browser.post(files=[{**kept, "name": "a.jpg", "mime": "image/jpeg"}])
    assert (status, body["reason"]) == (422, "file-unknown")


async def test_file_of_another_conversation_cannot_be_seen_or_sent(
    browser: Browser, other: Browser, photo: bytes
) -> None:
    _, kept = await browser.upload(photo)
    status, _ = await other.post(files=[{**kept, "name": "anh.jpg"}])
    assert status == 422
    path = await send_file(browser, photo, "anh.jpg")
    assert (await fetch(browser, path)).status == 200
    assert (await fetch(other, path)).status == 404


@pytest.mark.parametrize(
    "path", ["..%2f..%2fetc%2fpasswd", "%00", "0" * 64, "0" * 64 + "?k=%C3%A9&t=image/jpeg", "a/b"]
)
async def test_paths_lead_nowhere(browser: Browser, path: str) -> None:
    for base in ("/chat/file/", "/chat/static/x/", "/static/x/"):
        async with browser.session.get(f"{browser.url}{base}{path}") as response:
            assert response.status == 404


async def test_file_name_cannot_break_the_header(browser: Browser) -> None:
    path = await send_file(browser, HTML, '../a\r\nset-cookie: x=1";.html')
    shown = await fetch(browser, path)
    assert "set-cookie" not in shown.headers
    assert ".." not in shown.headers["content-disposition"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\anh\\a.jpg", "a.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a\n\0b.png", "ab.png"),
        ("x" * 500, "x" * 120),
        ("/", ""),
    ],
)
async def test_file_names_lose_folders_and_marks(given: str, kept: str) -> None:
    assert file_name(given) == kept


async def test_too_big_file_is_refused_with_words(browser: Browser, monkeypatch) -> None:
    monkeypatch.setattr(chat_module, "FILE_MAX_BYTES", 1000)
    status, body = await browser.upload(b"x" * 1001)
    assert (status, body["reason"]) == (413, "too-big")

    async def trickle() -> Any:
        for _ in range(20):
            yield b"x" * 100

    async with browser.session.post(
        f"{browser.url}/chat/upload", data=trickle(), headers={"origin": browser.url}
    ) as response:
        assert response.status == 413


async def test_broken_picture_is_refused_with_words(browser: Browser, photo: bytes) -> None:
    status, body = await browser.upload(photo[:400])
    assert status == 422
    assert body["told"]


async def test_too_fast_is_told_when_to_come_again(browser: Browser) -> None:
    answers = [await browser.post(text=f"tin {i}") for i in range(16)]
    assert [status for status, _ in answers] == [200] * 15 + [429]
    assert answers[-1][1]["reason"] == "too-fast"


async def test_limits_fill_up_again(hands: Hands) -> None:
    limits = Limits(hands.clock.monotonic)
    rate = Rate(2, 0.5)
    assert [limits.wait_s((rate, "a")) for _ in range(3)] == [0, 0, 2]
    assert limits.wait_s((rate, "b")) == 0
    hands.move(seconds=2)
    assert limits.wait_s((rate, "a")) == 0
    assert limits.wait_s((rate, "a")) > 0


async def test_refused_takes_nothing_of_the_other_bucket(hands: Hands) -> None:
    limits = Limits(hands.clock.monotonic)
    empty, full = Rate(1, 1), Rate(1, 0.1)
    assert limits.wait_s((empty, "a")) == 0
    assert limits.wait_s((empty, "a"), (full, "b")) == 1
    assert limits.wait_s((full, "b")) == 0


async def test_manifest_is_for_browsers_that_can_install(browser: Browser) -> None:
    assert 'rel="manifest"' in await browser.open()
    headers = {"user-agent": "Mozilla/5.0 (Linux; Android 13; wv) Zalo android/23"}
    async with browser.session.get(f"{browser.url}/chat", headers=headers) as response:
        assert 'rel="manifest"' not in await response.text()
    async with browser.session.get(f"{browser.url}/chat/manifest.webmanifest") as response:
        manifest = json.loads(await response.text())
    assert manifest["start_url"] == "/chat"
    for icon in manifest["icons"]:
        async with browser.session.get(browser.url + icon["src"]) as response:
            assert response.headers["content-type"] == "image/png"


async def test_shell_holds_nobodys_messages(browser: Browser) -> None:
    await browser.say("chuyện riêng của tôi")
    async with browser.session.get(f"{browser.url}/chat/shell") as response:
        assert "set-cookie" not in response.headers
        assert "chuyện riêng" not in await response.text()
    async with browser.session.get(f"{browser.url}/chat/sw.js") as response:
        assert (await response.text()).startswith("const VERSION = ")
