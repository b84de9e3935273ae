"""The form of a message to households: what is filled in comes back, what is wrong is told, two taps are one draft."""

from __future__ import annotations

import asyncio
import io
import re

import aiohttp
import pytest
from PIL import Image

from tests.desk.office.conftest import UNIT, Answer, Client, NewClient, add_official, contents
from tests.desk.office.test_broadcasts import TOLD, households, kept, picture, write
from tests.harness.site import Running

PREVIEW = {"hx-request": "true"}


@pytest.fixture
async def author(place: Running, client: Client) -> Client:
    await add_official(place, "can.bo", "can-bo-xu-ly")
    await client.sign_in("can.bo")
    return client


async def test_two_people_do_not_overwrite_each_other(place: Running, author: Client, new_client: NewClient) -> None:
    await add_official(place, "can.bo.hai", "can-bo-xu-ly")
    other = await new_client()
    await other.sign_in("can.bo.hai")
    path = await write(author)
    forms = [await who.get(f"{path}/sua") for who in (author, other)]
    held = [re.search(r'name="seen" value="([0-9a-f]+)"', form.text) for form in forms]
    texts = ("Lời của người thứ nhất.", "Lời của người thứ hai.")
    answers = []
    for who, form, seen, told in zip((author, other), forms, held, texts, strict=True):
        assert seen
        sent = {**TOLD, "text": told, "seen": seen[1], "the": form.token}
        answers.append(await who.post(f"{path}/sua", sent))
    assert [answer.status for answer in answers] == [303, 400]
    assert "Người khác vừa sửa tin này" in answers[1].text
    assert all(told in answers[1].text for told in texts), "both stand there to be joined"
    again = re.search(r'name="seen" value="([0-9a-f]+)"', answers[1].text)
    assert again
    joined = {**TOLD, "text": "Lời của cả hai.", "seen": again[1], "the": forms[1].token}
    assert (await other.post(f"{path}/sua", joined)).status == 303
    assert (await kept(place, 1)).outbound.text == "Lời của cả hai."


async def test_one_tap_too_many_makes_no_second_draft(place: Running, author: Client) -> None:
    shown = await author.get("/ban/tin/moi")
    sent = {**TOLD, "the": shown.token}
    both = await asyncio.gather(author.post("/ban/tin/moi", sent), author.post("/ban/tin/moi", sent))
    assert {answer.headers["location"] for answer in both} == {"/ban/tin/1?xong=saved"}
    other = await author.post("/ban/tin/moi", {**sent, "text": "Lời khác."})
    assert other.headers["location"].startswith("/ban/tin/2")


async def test_preview_shows_count_warnings_and_writes_nothing(place: Running, author: Client) -> None:
    await households(place, 2)
    await households(place, 1, "weekly")
    token = (await author.get("/ban/tin/moi")).token
    before = await contents(place)
    sent = {"the": token, **TOLD, "text": "Gọi anh Nguyễn Văn Hùng, số 0912 345 678.", "when": "2026-11-22T22:00"}
    async with author.http.post(f"{place.url}/ban/tin/moi/xem", data=sent, headers=PREVIEW) as answer:
        seen = await answer.text()
    for told in (
        "<strong>3</strong> nhà sẽ nhận: 2 nhà nhận ngay, 1 nhà nhận trong bản tin tuần",
        "Từ 21 giờ đến 5 giờ",
        "Nguyễn Văn Hùng” có thể là tên người",
        "0912 345 678” có thể là số điện thoại riêng",
        "UBND xã Tứ Kỳ",
    ):
        assert told in seen, told
    assert "<html" not in seen
    whole = await author.post("/ban/tin/moi/xem", sent)
    assert "<html" in whole.text
    assert "Gọi anh Nguyễn Văn Hùng" in whole.text
    wrong = await author.post("/ban/tin/moi/xem", {**sent, "nut": "Xem", "toi": "mục không có"})
    assert "Nút “Xem” chưa đúng" in wrong.text
    assert await contents(place) == before


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"title": ""}, "Tiêu đề tin cần từ 1"),
        ({"text": ""}, "Lời tin cần từ 1"),
        ({"when": "mai"}, "chưa đọc được giờ gửi"),
        ({"when": "2026-11-20T08:00"}, "Giờ gửi đã qua"),
        ({"when": "2026-11-22T23:00"}, "bà con đang ngủ"),
        ({"urgent": "1"}, "cần có lý do"),
        ({"pace": "nhanh"}, "Mỗi giờ gửi từ 1"),
        ({"thon-khac": "Thôn Hạ", "dien.loai-ho": "giau"}, "Không chọn được"),
        ({"topic": "khong-co"}, "Không chọn được"),
    ],
)
async def test_what_is_filled_in_wrong_is_told_and_nothing_is_lost(
    place: Running, author: Client, fields: dict[str, str], told: str
) -> None:
    before = await contents(place)
    sent = {**TOLD, "reason": "", "pace": "50", **fields}
    answer = await author.fill("/ban/tin/moi", **sent)
    assert answer.status == 400
    assert told in answer.text
    for name in ("title", "text"):
        assert sent[name] in answer.text
    assert await contents(place) == before


async def test_every_choice_comes_back_in_the_form(place: Running, author: Client) -> None:
    sent = {
        **TOLD,
        "topic": "bhyt",
        "kenh": "web",
        "dien.loai-ho": "ngheo",
        "dien.co-hoc-sinh": "true",
        "thon-khac": "Thôn Hạ, Thôn Thượng",
        "when": "2026-11-23T08:00",
        "urgent": "1",
        "reason": "Lũ đang về",
        "pace": "120",
    }
    shown = await author.get("/ban/tin/moi")
    form = aiohttp.FormData([("the", shown.token), *sent.items()])
    for label, goal in (
        ("Xem thẻ", "Thẻ bảo hiểm y tế"),
        ("Trang xã", "https://xa.example/tin"),
        ("Hỏi xã", "hoi-can-bo"),
    ):
        form.add_field("nut", label)
        form.add_field("toi", goal)
    assert (await author.post("/ban/tin/moi", form)).status == 303
    found = await kept(place, 1)
    assert [(b.press, b.url) for b in found.outbound.buttons] == [
        ("t:bhyt", ""),
        ("", "https://xa.example/tin"),
        ("f:hoi-can-bo", ""),
    ]
    assert (found.audience.hamlets, found.audience.channels) == (("Thôn Hạ", "Thôn Thượng"), ("web",))
    assert found.audience.facts == (("co-hoc-sinh", ("true",)), ("loai-ho", ("ngheo",)))
    form_again = (await author.get("/ban/tin/1/sua")).text
    for told in (
        'value="bhyt" checked',
        'value="web" checked',
        'value="ngheo" checked',
        'value="true" selected',
        'value="Thôn Hạ" checked',
        'value="2026-11-23T08:00"',
        'value="Lũ đang về"',
        'value="120"',
        'value="Thẻ bảo hiểm y tế"',
        'value="https://xa.example/tin"',
        'value="Câu hỏi cho cán bộ"',
    ):
        assert told in form_again, told
    paper = (await author.get("/ban/tin/1")).text
    assert "Hộ nghèo" in paper
    assert "Lũ đang về" in paper


async def test_photo_is_cleaned_kept_shown_and_taken_off(place: Running, author: Client, new_client: NewClient) -> None:
    async def send(path: str, data: bytes, **more: str) -> Answer:
        shown = await author.get(path)
        seen = re.search(r'name="seen" value="([0-9a-f]*)"', shown.text)
        assert seen
        form = aiohttp.FormData([("the", shown.token), ("seen", seen[1]), *TOLD.items(), *more.items()])
        form.add_field("tep", data, filename="IMG.png", content_type="image/png")
        return await author.post(path, form)

    for data, told in ((b"%PDF-1.7", "Tệp này không gửi được"), (b"\x89PNG\r\n\x1a\n broken", "không")):
        wrong = await send("/ban/tin/moi", data)
        assert wrong.status == 400
        assert told in wrong.text
    assert (await send("/ban/tin/moi", picture())).status == 303
    media = (await kept(place, 1)).outbound.media
    assert media is not None
    async with author.http.get(f"{place.url}/ban/tin/1/tep") as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
        assert "sandbox" in answer.headers["content-security-policy"]
    await add_official(place, "noi.khac", "can-bo-xu-ly", unit="xa-muong-ang")
    stranger = await new_client()
    await stranger.sign_in("noi.khac")
    for page in ("", "/tep", "/sua", "/dem", "/tien-do", "/sot"):
        assert (await stranger.get(f"/ban/tin/1{page}")).status == 404, page
    assert "Phát gạo" not in (await stranger.get("/ban/tin")).text
    assert (await send("/ban/tin/1/sua", b"")).status == 303
    assert (await kept(place, 1)).outbound.media == media, "kept where no other was chosen"
    assert (await send("/ban/tin/1/sua", b"", **{"bo-tep": "1"})).status == 303
    assert (await kept(place, 1)).outbound.media is None


async def test_large_photo_is_made_light_for_small_data_plans(place: Running, author: Client) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (4000, 3000), (0, 120, 0, 128)).save(out, "PNG")
    form = aiohttp.FormData([("the", (await author.get("/ban/tin/moi")).token), *TOLD.items()])
    form.add_field("tep", out.getvalue(), filename="IMG.png", content_type="image/png")
    assert (await author.post("/ban/tin/moi", form)).status == 303
    media = (await kept(place, 1)).outbound.media
    assert media is not None
    assert (media.mime, media.name) == ("image/jpeg", "anh.jpg")
    with Image.open(io.BytesIO(await place.house.store.blobs.get(media.sha256))) as photo:
        assert photo.size == (1600, 1200)


async def test_an_approved_entry_becomes_a_message(place: Running, author: Client) -> None:
    offered = await author.get("/ban/tin/bai")
    assert "Miễn học phí" in offered.text
    form = await author.get(f"/ban/tin/moi?xa={UNIT}&bai=mien-hoc-phi")
    assert "Lời lấy từ bài đã ký" in form.text
    assert 'name="text"' not in form.text
    sent = {"the": form.token, "title": "Miễn học phí", "bai": "mien-hoc-phi"}
    assert (await author.post("/ban/tin/moi", sent)).status == 303
    assert (await kept(place, 1)).entry == "mien-hoc-phi"
    assert "Lời lấy từ bài đã ký" in (await author.get("/ban/tin/1/sua")).text
    assert (await author.get("/ban/tin/moi?bai=khong-co")).status == 404
    unsigned = await author.post("/ban/tin/moi", {**sent, "bai": "ho-tro-tien-dien"})
    assert unsigned.status == 400
    assert "chưa được ký" in unsigned.text
