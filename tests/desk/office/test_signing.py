"""Entries a unit confirms: who sees them, who corrects, who signs."""

from __future__ import annotations

import re

import pytest

from bot import officials, signing
from bot.library import answer
from bot.model.official import Delegation
from bot.store import UnavailableError
from tests.desk.office.conftest import UNIT, Client, NewClient, add_official, contents, today
from tests.harness.site import Running

ENTRY = "ho-tro-tien-dien"
PATH = f"/ban/xac-nhan/{UNIT}/{ENTRY}"


def seen(place: Running) -> str:
    """What households read under the entry now."""
    return answer(place.house.shelf.library, ENTRY, place.house.clock.today(), UNIT).signed_line


def hash_of(page: str) -> str:
    return re.search(r'name="text" value="([0-9a-f]{64})"', page)[1]  # type: ignore[index]


async def test_chair_signs_as_it_stands_and_takes_it_back(place: Running, client: Client) -> None:
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    await client.sign_in("chu.tich")
    assert "cần xã xác nhận" in seen(place)
    page = await client.get(PATH)
    assert "xác nhận ngày 21/11/2026" in page.text
    done = await client.fill(PATH, f"{PATH}/ky", text=hash_of(page.text), document="45/TB-UBND")
    assert "Đã ký" in done.text
    assert "UBND xã Tứ Kỳ xác nhận ngày 21/11/2026" in seen(place)
    assert "45/TB-UBND" in seen(place)
    listed = await client.get("/ban/xac-nhan?trang=99")
    assert "Đã ký" in listed.text
    back = await client.fill(PATH, f"{PATH}/rut")
    assert "rút lại" in back.text
    assert "cần xã xác nhận" in seen(place)


async def test_text_that_changed_meanwhile_is_not_signed(place: Running, client: Client) -> None:
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    await client.sign_in("chu.tich")
    before = await contents(place)
    wrong = await client.fill(PATH, f"{PATH}/ky", text="0" * 64)
    assert wrong.status == 400
    assert "vừa có người sửa" in wrong.text
    assert await contents(place) == before


async def test_correction_is_written_by_one_and_signed_by_another(
    place: Running, client: Client, new_client: NewClient
) -> None:
    await add_official(place, "can.bo", "can-bo-xu-ly")
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    await client.sign_in("can.bo")
    text = "Nhà có giấy chứng nhận hộ nghèo thì được hỗ trợ bằng giá của {dien-ho-ngheo}. Bác ra xã hỏi nhé."
    strange = await client.fill(f"{PATH}/sua", **{"text.answer": "Được {khong-co}", "document": "1/QD"})
    assert strange.status == 400
    assert "Câu trả lời đầu tiên" in strange.text
    assert "Được {khong-co}" in strange.text
    bare = await client.fill(f"{PATH}/sua", **{"text.answer": text, "document": ""})
    assert bare.status == 400
    done = await client.fill(f"{PATH}/sua", **{"text.answer": text, "document": "28/2014/QĐ-TTg"})
    assert "Chờ lãnh đạo ký" in done.text
    token = done.token
    assert (await client.post(f"{PATH}/ky", {"the": token, "draft": "1", "text": "0" * 64})).status == 404
    assert "cần xã xác nhận" in seen(place)

    chair = await new_client()
    await chair.sign_in("chu.tich")
    page = await chair.get(PATH)
    assert "Lời sửa chờ ký" in page.text
    signed = await chair.fill(PATH, f"{PATH}/ky", text=hash_of(page.text), draft="1")
    assert "Đã ký" in signed.text
    library = place.house.shelf.library
    assert "Bác ra xã hỏi nhé" in answer(library, ENTRY, place.house.clock.today(), UNIT).text
    other = answer(library, ENTRY, place.house.clock.today(), "xa-muong-ang")
    assert "Bác ra xã hỏi nhé" not in other.text


async def test_nobody_signs_their_own_correction(place: Running, client: Client) -> None:
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    await client.sign_in("chu.tich")
    done = await client.fill(
        f"{PATH}/sua",
        **{"text.answer": "Nhà có giấy hộ nghèo thì được nhé.", "document": "1/QD"},
    )
    assert "do chính bác soạn" in done.text
    before = await contents(place)
    refused = await client.post(f"{PATH}/ky", {"the": done.token, "draft": "1", "text": "0" * 64})
    assert refused.status == 404
    assert await contents(place) == before
    dropped = await client.fill(PATH, f"{PATH}/bo")
    assert "rút lại" in dropped.text


async def test_other_units_topics_and_deputies(place: Running, client: Client, new_client: NewClient) -> None:
    """A deputy without a delegation, a chair elsewhere, an official of another topic: 404 and nothing written."""
    await add_official(place, "pho", "lanh-dao")
    await add_official(place, "noi.khac", "lanh-dao", unit="xa-muong-ang", is_chair=True)
    await add_official(place, "linh.vuc", "can-bo-xu-ly", topics=("bhyt",))
    before: dict[str, list[object]] = {}
    for login, sees in (("pho", 200), ("noi.khac", 404), ("linh.vuc", 404)):
        one = client if login == "pho" else await new_client()
        await one.sign_in(login)
        page = await one.get(PATH)
        assert page.status == sees, login
        token = (await one.get("/ban/toi")).token
        before = await contents(place)
        assert (await one.post(f"{PATH}/ky", {"the": token, "text": "0" * 64})).status == 404, login
        assert (await one.post(f"{PATH}/rut", {"the": token})).status == 404, login
        if sees == 404:
            assert (await one.post(f"{PATH}/sua", {"the": token, "document": "1", "text.answer": "x"})).status == 404
        assert await contents(place) == before
    assert (await client.get(PATH.replace(ENTRY, "khong-co"))).status == 404


async def test_deputy_signs_with_the_chairs_written_word(place: Running, client: Client) -> None:
    number = await add_official(place, "pho", "lanh-dao")
    day = today(place)
    lent = Delegation(0, UNIT, (), "12/GUQ-UBND", day, day)
    async with place.house.store.write() as tx:
        library = place.house.shelf.library
        deputy = await officials.load(tx, number, library, day)
        assert deputy is not None
        await officials.delegate(tx, None, deputy, lent, library, at=place.house.clock.true())
    await client.sign_in("pho")
    page = await client.get(PATH)
    done = await client.fill(PATH, f"{PATH}/ky", text=hash_of(page.text))
    assert "Đã ký" in done.text


async def test_signs_no_keyboard_types_are_left_out(place: Running, client: Client) -> None:
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    await client.sign_in("chu.tich")
    page = await client.get(PATH)
    await client.fill(PATH, f"{PATH}/ky", text=hash_of(page.text), document="45\x00/TB\x1b-UBND")
    assert "45/TB-UBND" in seen(place)
    assert (await client.get("/ban/nhat-ky?viec=%00x&ai=%00&truoc=abc")).status == 404
    assert (await client.get("/ban/nhat-ky?viec=%00x&ai=%00")).status == 200


async def test_busy_database_is_told(place: Running, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    await client.sign_in("chu.tich")
    page = await client.get(PATH)

    async def full(*_args: object, **_values: object) -> None:
        raise UnavailableError("disk full")

    monkeypatch.setattr(signing, "sign", full)
    busy = await client.fill(PATH, f"{PATH}/ky", text=hash_of(page.text))
    assert busy.status == 503
    assert "Máy đang bận" in busy.text
