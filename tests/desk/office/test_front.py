"""Coming in: set-up, invitation, login, code, lockout, and what must not work."""

from __future__ import annotations

import io
import re

import pyotp
import pytest

from bot import officials
from desk.keys import Cookies
from desk.pages.front import login_path, onward
from tests.desk.office.conftest import PASSWORD, Client, NewClient, add_official
from tests.harness.clock import Hands
from tests.harness.site import Running


async def setup_path(place: Running) -> str:
    clock = place.house.clock
    async with place.house.store.write() as tx:
        link = await officials.setup_link(tx, on=clock.today(), at=clock.true())
    assert link is not None
    return link.address("")


async def test_first_administrator_from_the_printed_link(place: Running, client: Client) -> None:
    path = await setup_path(place)
    told = {"name": "Nguyễn Văn An", "login": "an", "password": PASSWORD, "again": PASSWORD}
    answer = await client.fill(path, **{**told, "login": "nguyen.van.an"})
    assert answer.status == 200, answer.text
    assert answer.path == "/ban?xong=welcome"
    assert "Nguyễn Văn An" in answer.text
    again = await client.get(path)
    assert again.status == 404
    assert "đã dùng rồi" in again.text


async def test_passwords_that_differ_or_are_weak_are_told(place: Running, client: Client) -> None:
    path = await setup_path(place)
    told = {"name": "An", "login": "nguyen.an"}
    differs = await client.fill(path, **told, password=PASSWORD, again="khác hẳn câu kia")
    assert differs.status == 400
    assert "chưa giống nhau" in differs.text
    assert 'value="nguyen.an"' in differs.text
    weak = await client.fill(path, **told, password="1234567890", again="1234567890")
    assert weak.status == 400
    assert PASSWORD not in differs.text + weak.text


async def test_login_leads_to_the_page_that_was_asked(place: Running, client: Client) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    asked = await client.get("/ban/nguoi")
    assert asked.status == 303
    assert asked.headers["location"] == "/ban/vao?tiep=/ban/nguoi"
    shown = await client.get(asked.headers["location"])
    fields = {"the": shown.token, "login": "quan.tri", "password": PASSWORD, "next": "/ban/nguoi"}
    answer = await client.post("/ban/vao", fields)
    assert answer.headers["location"] == "/ban/nguoi"


@pytest.mark.parametrize(
    "asked",
    ["https://evil.example", "//evil.example", "/ban//evil", "/chat", "/ban/\\evil", "/ban/x?a=b", "javascript:1"],
)
def test_login_never_leads_elsewhere(asked: str) -> None:
    assert onward(asked) == "/ban"


def test_login_path_keeps_pages_of_the_desk() -> None:
    assert login_path("/ban") == "/ban/vao"
    assert onward("/ban/xac-nhan/bhyt-ho-ngheo") == "/ban/xac-nhan/bhyt-ho-ngheo"


async def test_session_is_new_at_every_sign_in(place: Running, client: Client, new_client: NewClient) -> None:
    """A cookie planted before (fixation) is worth nothing after, nor does the old session's survive."""
    await add_official(place, "quan.tri", "quan-tri")
    client.http.cookie_jar.update_cookies({"loathon-ban": "planted" * 8})
    await client.sign_in("quan.tri")
    first = client.cookies()["loathon-ban"]
    assert first != "planted" * 8
    await client.sign_in("quan.tri")
    assert client.cookies()["loathon-ban"] != first
    thief = await new_client()
    thief.http.cookie_jar.update_cookies({"loathon-ban": "planted" * 8})
    assert (await thief.get("/ban/nguoi")).status == 303


async def test_signing_out_ends_the_session_itself(place: Running, client: Client, new_client: NewClient) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    await client.sign_in("quan.tri")
    copied = client.cookies()["loathon-ban"]
    out = await client.fill("/ban/toi", "/ban/ra")
    assert "Đã đăng xuất" in out.text
    thief = await new_client()
    thief.http.cookie_jar.update_cookies({"loathon-ban": copied})
    assert (await thief.get("/ban/toi")).status == 303


async def test_wrong_password_says_nothing_of_the_account(place: Running, client: Client) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    wrong = await client.sign_in("quan.tri", "sai mật khẩu rồi")
    nobody = await client.sign_in("khong.co", "sai mật khẩu rồi")
    assert wrong.status == nobody.status == 400

    def told(page: str) -> str:
        return re.search(r'role="alert"><p>(.*?)</p>', page)[1]  # type: ignore[index]

    assert told(wrong.text) == told(nobody.text)


async def test_too_many_tries_are_held_back_even_with_the_right_password(
    place: Running, client: Client, hands: Hands
) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    for _ in range(5):
        assert (await client.sign_in("quan.tri", "sai mật khẩu rồi")).status == 400
    locked = await client.sign_in("quan.tri")
    assert locked.status == 429
    assert int(locked.headers["retry-after"]) > 0
    hands.move(minutes=20)
    assert (await client.sign_in("quan.tri")).path == "/ban"


async def test_form_of_another_browser_is_refused(place: Running, client: Client, new_client: NewClient) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    other = await new_client()
    stolen = (await other.get("/ban/vao")).token
    await client.get("/ban/vao")
    answer = await client.post("/ban/vao", {"the": stolen, "login": "quan.tri", "password": PASSWORD})
    assert answer.status == 403
    assert "loathon-ban" not in client.cookies()


async def test_one_time_code_stands_between_password_and_desk(
    place: Running, client: Client, hands: Hands, new_client: NewClient
) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    await client.sign_in("quan.tri")
    page = await client.get("/ban/toi/ma")
    assert "<svg" in page.text
    secret = re.search(r'name="secret" value="([A-Z2-7]{32})"', page.text)[1]  # type: ignore[index]
    totp = pyotp.TOTP(secret)
    told = {"the": page.token, "secret": secret, "password": PASSWORD}
    assert (await client.post("/ban/toi/ma", {**told, "code": "000000"})).status == 400
    on = await client.post("/ban/toi/ma", {**told, "code": totp.at(hands.at)})
    recovery = re.findall(r"<li>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</li>", on.text)
    assert len(recovery) == 8

    hands.move(seconds=60)
    other = await new_client()
    half = await other.sign_in("quan.tri")
    assert half.path == "/ban/ma"
    assert (await other.get("/ban/toi")).status == 303
    assert (await other.fill("/ban/ma", code="123456")).status == 400
    assert (await other.fill("/ban/ma", code=totp.at(hands.at))).path == "/ban"

    third = await new_client()
    await third.sign_in("quan.tri")
    assert (await third.fill("/ban/ma", code=recovery[0])).path == "/ban"
    fourth = await new_client()
    await fourth.sign_in("quan.tri")
    assert (await fourth.fill("/ban/ma", code=recovery[0])).status == 400


async def test_cookies_are_closed_to_scripts_and_neighbours(place: Running, client: Client) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    shown = await client.get("/ban/vao")
    assert "HttpOnly" in shown.headers["set-cookie"]
    assert "SameSite=lax" in shown.headers["set-cookie"]
    fields = {"the": shown.token, "login": "quan.tri", "password": PASSWORD}
    answer = await client.post("/ban/vao", fields)
    kept = [line for line in answer.headers.getall("set-cookie") if line.startswith("loathon-ban=")]
    assert len(kept) == 1
    assert "HttpOnly" in kept[0]
    assert "Path=/" in kept[0]
    assert Cookies(is_secure=True).session_name == "__Host-loathon-ban"


async def test_every_answer_is_guarded_and_nothing_is_inline(place: Running, client: Client) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    pages = ["/ban/vao", "/ban/quen", "/ban/khong-co", "/ban/moi/sai"]
    for path in pages:
        answer = await client.get(path)
        check_guarded(answer.headers, answer.text)
    await client.sign_in("quan.tri")
    for path in ("/ban", "/ban/toi", "/ban/nguoi", "/ban/nguoi/moi", "/ban/quyen", "/ban/nhat-ky", "/ban/toi/ma"):
        answer = await client.get(path)
        assert answer.status == 200, path
        check_guarded(answer.headers, answer.text)
        assert len(answer.text.encode()) < 30_000, path


def check_guarded(headers: dict[str, str], page: str) -> None:
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert " style=" not in page
    assert "<style" not in page
    assert not re.search(r"<script(?! src=)", page)
    assert not re.search(r"\son[a-z]+=", page)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


async def test_bodies_too_large_are_refused(place: Running, client: Client) -> None:
    answer = await client.post("/ban/vao", io.BytesIO(b"x" * 6_100_000))
    assert answer.status == 413
