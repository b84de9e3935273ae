"""Messages to households at the desk: written, shown before they go, approved by another, watched, stopped."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bot import broadcasts
from bot.broadcast_sheet import look
from bot.broadcast_text import Content
from bot.broadcasts import Given
from bot.dispatch import Dispatch
from bot.model.broadcast import Broadcast
from bot.model.inbound import ConversationKey
from bot.model.outbound import OutMedia, OutMediaKind
from bot.store import broadcasts as rows
from bot.store import contacts, conversations, outbox
from desk import live
from tests.desk.office.conftest import UNIT, Answer, Client, add_official, contents
from tests.desk.office.test_live import heard, opened
from tests.harness.clock import Hands
from tests.harness.site import Running

NewClient = Callable[[], Awaitable[Client]]
TOLD = {"title": "Phát gạo", "text": "Sáng mai phát gạo ở nhà văn hóa. Bà con mang theo căn cước."}
PREVIEW = {"hx-request": "true"}


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "PNG")
    return out.getvalue()


async def a_broadcast(place: Running) -> int:
    """A draft with a photo, written on the command line."""
    house = place.house
    media = OutMedia(OutMediaKind.PHOTO, await house.store.blobs.put(picture()), "anh.png", "image/png")
    given = Given(UNIT, Content("Phát gạo", TOLD["text"], media=media))
    times = {"now": house.clock.now(), "at": house.clock.true()}
    async with house.store.write() as tx:
        return await broadcasts.write(tx, None, house.shelf.library, given, **times)


async def households(place: Running, count: int, often: str = "at-once") -> None:
    """Households of the web chat that agreed and follow."""
    house, at = place.house, place.house.clock.true()
    async with house.store.write() as tx:
        for number in range(count):
            key = ConversationKey("web", "", f"nha-{often}-{number}")
            own = (await conversations.load(tx, [key], at))[key]
            contact = (await contacts.open_for(tx, [own.id], at))[own.id]
            await contacts.give(tx, [(contact, own.id, "nhan-tin", "v1")], at)
            await contacts.subscribe(tx, contact, ("bhyt",), unit=UNIT, hamlet="", at=at, often=often)


async def kept(place: Running, number: int) -> Broadcast:
    async with place.house.store.read() as tx:
        found = await rows.get(tx, number)
        assert found is not None
        return found


@pytest.fixture
async def author(place: Running, client: Client) -> Client:
    await add_official(place, "can.bo", "can-bo-xu-ly")
    await client.sign_in("can.bo")
    return client


@pytest.fixture
async def chair(place: Running, new_client: NewClient) -> Client:
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    one = await new_client()
    await one.sign_in("chu.tich")
    return one


async def write(author: Client, **more: Any) -> str:
    """The address of a new draft."""
    answer = await author.fill("/ban/tin/moi", **{**TOLD, **more})
    assert answer.status == 200, answer.text
    return answer.path.partition("?")[0]


async def act(who: Client, path: str, deed: str, **fields: Any) -> Answer:
    return await who.fill(path, f"{path}/{deed}", **fields)


async def hand_over(who: Client, path: str) -> Answer:
    return await act(who, path, "trinh")


async def approve(who: Client, path: str, **more: Any) -> Answer:
    shown = await who.get(path)
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', shown.text)
    assert seen, shown.text
    return await who.post(f"{path}/duyet", {"the": shown.token, "seen": seen[1], **more}, follow=True)


async def test_written_approved_by_another_and_sent_to_three(
    place: Running, author: Client, chair: Client, hands: Hands
) -> None:
    await households(place, 3)
    path = await write(author, nut="Nhận tin", toi="Thẻ bảo hiểm y tế", when="2026-11-21T15:30", pace="600")
    assert (await author.get(f"{path}/dem")).text.count("<strong>3</strong> nhà sẽ nhận") == 1
    assert "Chờ người khác duyệt" in (await hand_over(author, path)).text
    assert "Người soạn không tự duyệt" in (await author.get(path)).text
    assert "Chờ bác duyệt" in (await chair.get("/ban/tin")).text
    seen = await chair.get(path)
    for told in ("Phát gạo", "Sáng mai phát gạo", "UBND xã Tứ Kỳ", "15:30 21/11/2026", "600 tin mỗi giờ"):
        assert told in seen.text, told
    assert "Đã duyệt." in (await approve(chair, path)).text
    assert "Đang gửi cho bà con" in (await act(chair, path, "gui")).text
    # the second tap
    assert (await act(chair, path, "gui")).status == 200
    number = int(path.rpartition("/")[2])
    dispatch = Dispatch(place.house.store, lambda: place.house.shelf.library, hands.clock)
    async with asyncio.timeout(20):
        while (await kept(place, number)).state.value != "done":
            hands.move(seconds=6)
            await dispatch.step()
    assert "<strong>3/3</strong> nhà đã nhận" in (await chair.get(path)).text
    async with place.house.store.read() as tx:
        for nth in range(3):
            letters = await outbox.mailbox(tx, ConversationKey("web", "", f"nha-at-once-{nth}"))
            assert [letter.outbound.heading for letter in letters] == ["Phát gạo"]


async def test_nobody_approves_what_changed_meanwhile_and_nobody_their_own(
    place: Running, author: Client, chair: Client
) -> None:
    await households(place, 1)
    path = await write(author)
    await hand_over(author, path)
    shown = await chair.get(path)
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', shown.text)
    assert seen
    form = await author.get(f"{path}/sua")
    assert "Lưu bản sửa thì phải trình lại" in form.text
    own = re.search(r'name="seen" value="([0-9a-f]+)"', form.text)
    assert own
    changed = {**TOLD, "text": "Chiều mai phát gạo.", "seen": own[1], "the": form.token}
    assert "Chiều mai" in (await author.post(f"{path}/sua", changed, follow=True)).text
    await hand_over(author, path)
    late = await chair.post(f"{path}/duyet", {"the": shown.token, "seen": seen[1]})
    assert late.status == 400
    assert "đã được sửa sau khi bác mở" in late.text
    token = (await author.get(path)).token
    before = await contents(place)
    assert (await author.post(f"{path}/duyet", {"the": token, "seen": seen[1]})).status == 404
    assert await contents(place) == before


async def test_given_back_with_a_word_and_handed_again(place: Running, author: Client, chair: Client) -> None:
    await households(place, 1)
    path = await write(author)
    await hand_over(author, path)
    assert "Xin ghi vì sao trả lại" in (await act(chair, path, "khong-duyet", why="  ")).text
    await act(chair, path, "khong-duyet", why="Xin ghi rõ mấy giờ.")
    assert "Xin ghi rõ mấy giờ." in (await author.get(path)).text
    await hand_over(author, path)
    assert "Xin ghi rõ mấy giờ." not in (await author.get(path)).text


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


async def test_remarks_are_mended_or_let_stand_by_both(place: Running, author: Client, chair: Client) -> None:
    await households(place, 1)
    path = await write(author, text="Mời anh Nguyễn Văn Hùng ra nhà văn hóa.")
    refused = await hand_over(author, path)
    assert refused.status == 400
    assert "Còn điều cần xem" in refused.text
    marks = re.findall(r'name="stand" value="([0-9a-f]+)"', refused.text)
    assert marks
    assert (await act(author, path, "trinh", stand=marks[0])).status == 200
    assert (await approve(chair, path)).status == 400
    assert (await kept(place, 1)).state.value == "waiting"
    assert (await approve(chair, path, stand=marks[0])).status == 200
    assert (await kept(place, 1)).state.value == "approved"


async def test_numbers_of_papers_must_be_mended(place: Running, author: Client) -> None:
    await households(place, 1)
    path = await write(author, text="Ông có thẻ số 001082012345 ra xã nhận.")
    refused = await hand_over(author, path)
    assert refused.status == 400
    assert "Phải sửa rồi mới gửi được" in refused.text


async def test_paused_resumed_cancelled_each_twice_as_once(place: Running, author: Client, chair: Client) -> None:
    await households(place, 3)
    path = await write(author)
    await hand_over(author, path)
    await approve(chair, path)
    await act(author, path, "gui")
    for deed, state in (("dung", "paused"), ("tiep", "running"), ("dung", "paused"), ("huy", "cancelled")):
        shown = await author.get(path)
        for _ in range(2):
            answer = await author.post(f"{path}/{deed}", {"the": shown.token}, follow=True)
            assert answer.status == 200, deed
        assert (await kept(place, 1)).state.value == state
    assert "đã hủy" in (await author.get("/ban/tin")).text
    late = await act(author, path, "tiep")
    assert late.status == 400
    assert "không còn ở bước này" in late.text


async def test_page_loads_anew_when_its_state_moved(place: Running, author: Client, chair: Client) -> None:
    await households(place, 1)
    path = await write(author)
    await hand_over(author, path)
    await approve(chair, path)
    await act(author, path, "gui")
    assert "hx-refresh" not in (await author.get(f"{path}/tien-do?luc=running")).headers
    await act(chair, path, "dung")
    assert (await author.get(f"{path}/tien-do?luc=running")).headers["hx-refresh"] == "true"


async def test_open_pages_hear_that_messages_went_out(
    place: Running, author: Client, chair: Client, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Apart from everything else: other pages need not be drawn anew every other second."""
    monkeypatch.setattr(live, "LOOK_S", 0.05)
    monkeypatch.setattr(live, "PING_S", 0.5)
    await households(place, 2)
    path = await write(author)
    await hand_over(author, path)
    await approve(chair, path)
    await act(author, path, "gui")
    stream = await opened(author)
    await Dispatch(place.house.store, lambda: place.house.shelf.library, hands.clock).step()
    assert await heard(stream, b"event: sending")
    stream.close()


async def test_nights_are_told_in_words(place: Running, author: Client, chair: Client, hands: Hands) -> None:
    await households(place, 1)
    path = await write(author)
    await hand_over(author, path)
    await approve(chair, path)
    hands.move(seconds=12 * 3600)
    await author.sign_in("can.bo")
    shown = await author.get(path)
    assert "bà con đang ngủ" in shown.text
    assert f'action="{path}/gui"' not in shown.text
    refused = await author.post(f"{path}/gui", {"the": shown.token})
    assert refused.status == 400
    assert "Từ 21 giờ đến 5 giờ" in refused.text


async def test_whom_it_did_not_reach_by_number_alone(place: Running, author: Client) -> None:
    path = await write(author)
    for state in ("", "?loai=failed", "?loai=gone"):
        assert "Không có nhà nào" in (await author.get(f"{path}/sot{state}")).text
    assert (await author.get(f"{path}/sot?loai=sent")).status == 404


async def test_pace_changes_without_a_new_approval(place: Running, author: Client, chair: Client) -> None:
    await households(place, 1)
    path = await write(author)
    await hand_over(author, path)
    await approve(chair, path)
    assert "nhiều nhất 60 tin mỗi giờ" in (await act(author, path, "nhip", pace="60")).text
    assert (await act(author, path, "nhip", pace="abc")).status == 400
    async with place.house.store.read() as tx:
        sheet = await look(tx, None, place.house.shelf.library, 1, now=place.house.clock.now())
    assert (sheet.broadcast.state.value, sheet.broadcast.pace) == ("approved", 60)
