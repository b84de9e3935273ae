"""Matters officials enter: twice the same is once, and a helper writes for a household and reads nothing."""

from __future__ import annotations

import re

from tests.casework.conftest import Desk
from tests.desk.office.caseworker import INBOX, member
from tests.desk.office.conftest import UNIT, Client
from tests.harness.officials import role
from tests.harness.site import Running


def slip(page: str) -> list[str]:
    """Code and PIN as printed."""
    shown = re.findall(r'<dd class="code">(.*?)</dd>', page)
    return [re.sub(r"<[^>]*>|\s", "", one) for one in shown]


ONCE = re.compile(r'name="once" value="([0-9a-f]+)"')


def mark(page: str) -> str:
    """What a page's form is known by when it is sent again."""
    found = ONCE.search(page)
    assert found
    return found[1]


async def test_one_form_sent_twice_is_one_matter(place: Running, desk: Desk, client: Client) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    told = {"source": "tai-cho", "kind": "phan-anh", "unit": UNIT, "text": "Cống tắc ở ngõ nhà tôi", "name": "Bà Kín"}
    once = mark((await client.get(f"{INBOX}/moi")).text)
    first = await client.fill(f"{INBOX}/moi", **told, once=once)
    again = await client.fill(f"{INBOX}/moi", **told, once=once)
    assert slip(first.text) == slip(again.text)
    assert re.search(r"<dt>Số biên nhận</dt><dd>[0-9a-f]{4}", first.text)
    assert "đã ghi đúng lời này" in again.text
    assert "đã ghi đúng lời này" not in first.text
    other = await client.fill(f"{INBOX}/moi", **told, once=mark(again.text))
    assert slip(other.text) != slip(first.text)
    assert (await client.get(INBOX)).text.count("Cống tắc ở ngõ") == 2


async def test_two_who_give_no_name_and_say_the_same_have_a_code_each(
    place: Running, desk: Desk, client: Client
) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    told = {"source": "tai-cho", "kind": "phan-anh", "unit": UNIT, "text": "Đường xóm tối quá"}
    marks = [mark((await client.get(f"{INBOX}/moi")).text) for _ in range(2)]
    slips = [slip((await client.fill(f"{INBOX}/moi", **told, once=one)).text) for one in marks]
    assert slips[0] != slips[1]
    # a form sent back with a fault is still the same form
    wrong = await client.fill(f"{INBOX}/moi", **{**told, "text": ""}, once=marks[0])
    assert wrong.status == 400
    assert mark(wrong.text) == marks[0]


async def test_a_helper_writes_for_a_household_and_reads_nothing(place: Running, desk: Desk, client: Client) -> None:
    keeper = await desk.official("giu", role("giu-danh-tinh"), name="Phạm Thị Mới")
    clerk = await desk.official("clerk", role("can-bo-xu-ly"), name="Lê Thị Xuyến")
    await member(place, desk, client, "giup", "tuyen-truyen-vien")
    assert "Nhập thay bà con" in (await client.get("/ban")).text
    form = await client.get(f"{INBOX}/moi")
    assert "bao-truc-loi" not in form.text
    assert "Hộ đã đồng ý" in form.text
    told = {"source": "tai-cho", "kind": "hoi-can-bo", "unit": UNIT, "text": "Cụ Sáu hỏi bao giờ có tiền điện"}
    alone = await client.fill(f"{INBOX}/moi", **told)
    assert alone.status == 400
    assert "cần hộ đồng ý" in alone.text
    entered = await client.fill(f"{INBOX}/moi", **told, agreed="1")
    assert "Số bí mật" in entered.text
    assert "Mở hồ sơ" not in entered.text
    code, _pin = slip(entered.text)
    assert (await client.get(f"{INBOX}/{code}")).status == 404
    assert (await client.get(INBOX)).status == 404
    await desk.catch_up()
    assert code in await desk.sees(clerk)
    accusing = await client.fill(f"{INBOX}/moi", **{**told, "text": "Trưởng thôn ăn chặn tiền của cụ", "agreed": "1"})
    assert accusing.status == 400
    assert "không ai nhập thay" in accusing.text
    assert (await client.fill(f"{INBOX}/moi", **{**told, "kind": "bao-truc-loi", "agreed": "1"})).status == 404
    assert await desk.sees(keeper) == set()
