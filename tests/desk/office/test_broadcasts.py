"""Messages to households at the desk: written, shown before they go, approved by another, watched, stopped."""

from __future__ import annotations

import asyncio
import io
import re
from typing import Any

import pytest
from PIL import Image

from bot import broadcasts
from bot.broadcast_doubt import stop_all
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
from tests.desk.office.conftest import UNIT, Answer, Client, NewClient, add_official, contents
from tests.desk.office.test_live import heard, opened
from tests.harness.clock import Hands
from tests.harness.site import Running

TOLD = {"title": "Phát gạo", "text": "Sáng mai phát gạo ở nhà văn hóa. Bà con mang theo căn cước."}


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


async def test_equal_titles_are_told_apart_in_the_list(place: Running, author: Client) -> None:
    drafts = [await write(author, text=f"{TOLD['text']} Lần {number}.") for number in (1, 2)]
    shown = (await author.get("/ban/tin")).text
    for path in drafts:
        assert f"Tin số {path.rpartition('/')[2]} · Ông can.bo soạn" in shown


async def test_written_approved_by_another_and_sent_to_three(
    place: Running, author: Client, chair: Client, hands: Hands
) -> None:
    await households(place, 3)
    path = await write(author, nut="Nhận tin", toi="Thẻ bảo hiểm y tế", when="2026-11-21T15:30", pace="600")
    assert (await author.get(f"{path}/dem")).text.count("<strong>3</strong> nhà sẽ nhận") == 1
    assert "<strong>3</strong> nhà sẽ nhận" in (await author.get(f"{path}?dem=1")).text, "without script"
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
    await approve(chair, path)
    await act(chair, path, "khong-duyet", why="Hoãn phát gạo.")
    assert "Hoãn phát gạo." in (await author.get(path)).text, "also once it is approved"


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


async def test_a_copy_put_back_is_told_on_each_message(place: Running, author: Client, chair: Client) -> None:
    await households(place, 2)
    running, handed_in = await write(author), await write(author, title="Phát quà")
    for path in (running, handed_in):
        await hand_over(author, path)
    await approve(chair, running)
    await act(author, running, "gui")
    clock = place.house.clock
    async with place.house.store.write() as tx:
        assert await stop_all(tx, clock.now(), clock.true()) == 2
    shown = (await author.get(running)).text
    assert "Máy vừa lấy lại bản sao cũ nên đã dừng tin này." in shown
    assert "bài trong tin đã đổi" not in shown
    assert "Gửi tiếp" in shown
    assert "Tin này có thể đã gửi sau bản sao ấy" in (await author.get(handed_in)).text
    await act(author, running, "tiep")
    assert "bản sao cũ" not in (await author.get(running)).text


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
