"""Keys at the desk: shown once, only what the official may do themselves, gone with one tap."""

from __future__ import annotations

import re

from tests.desk.office.conftest import UNIT, Client, add_official
from tests.harness.site import Running


async def test_a_key_is_made_shown_once_used_and_revoked(place: Running, client: Client) -> None:
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    await client.sign_in("chu.tich")
    assert "Chưa có khóa nào" in (await client.get("/ban/ket-noi")).text
    empty = await client.fill("/ban/ket-noi/moi", name="Cổng tỉnh", unit=UNIT)
    assert empty.status == 400
    assert "Xin chọn ít nhất một việc" in empty.text
    unnamed = await client.fill("/ban/ket-noi/moi", name=" ", unit=UNIT, scope="content")
    assert "Xin ghi tên hệ thống" in unnamed.text
    made = await client.fill("/ban/ket-noi/moi", name="Cổng tỉnh", unit=UNIT, scope="content")
    found = re.search(r"loathon_[a-z2-7]{52}", made.text)
    assert found
    shown = await client.get("/ban/ket-noi")
    assert "Cổng tỉnh" in shown.text
    assert "Đọc nội dung" in shown.text
    assert found[0] not in shown.text
    outside = await client.get("/api/v1/units", authorization=f"Bearer {found[0]}")
    assert outside.status == 200
    gone = await client.fill("/ban/ket-noi", "/ban/ket-noi/1/thu-hoi")
    assert "Đã thu hồi khóa" in gone.text
    assert "Khóa đã thu hồi (1)" in gone.text
    assert (await client.get("/api/v1/units", authorization=f"Bearer {found[0]}")).status == 401
    journal = await client.get("/ban/nhat-ky")
    assert "Cấp khóa cho hệ thống khác" in journal.text


async def test_the_desk_s_cookie_opens_nothing_of_the_api(place: Running, client: Client) -> None:
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    await client.sign_in("chu.tich")
    answer = await client.get("/api/v1/cases")
    assert answer.status == 401
    assert "set-cookie" not in answer.headers
    missing = await client.get("/api/v1/khong-co")
    assert (missing.status, missing.headers["content-type"]) == (404, "application/problem+json")


async def test_only_what_the_official_may_do_is_offered_and_given(place: Running, client: Client) -> None:
    await add_official(place, "quan.tri", "quan-tri")
    await client.sign_in("quan.tri")
    shown = await client.get("/ban/ket-noi/moi")
    assert "toàn hệ thống" in shown.text
    assert 'value="content"' in shown.text
    assert "cases-read" not in shown.text
    refused = await client.fill("/ban/ket-noi/moi", name="Khác", unit=UNIT, scope="cases-read")
    assert refused.status == 404
    assert "Chưa có khóa nào" in (await client.get("/ban/ket-noi")).text
    assert (await client.fill("/ban/ket-noi/moi", "/ban/ket-noi/7/thu-hoi")).status == 404
