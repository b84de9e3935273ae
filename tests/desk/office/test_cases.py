"""Cases on a real site: what an official does and sees, and what nobody else does."""

from __future__ import annotations

import io
import re

from PIL import Image

from bot.casework import entry
from bot.casework.entry import Brought
from bot.model.case import CaseKind
from bot.model.codes import new_code
from bot.store import attachments, bot_names, case_desk, cases
from tests.casework.conftest import Desk
from tests.desk.office.caseworker import INBOX, ROAD, acts, member
from tests.desk.office.conftest import UNIT, Client, NewClient, add_official, on_both
from tests.harness.clock import Hands
from tests.harness.site import Running


@on_both
async def test_from_new_to_answered_and_reopened(place: Running, desk: Desk, client: Client) -> None:
    me = await member(place, desk, client, "lan", "can-bo-xu-ly")
    code = await desk.brings(ROAD, hamlet="Thôn Đông", topic="nha-o")
    listed = await client.get(INBOX)
    assert "Đường vào thôn Đông" in listed.text
    assert '<span class="count">1</span>&nbsp;đang chờ' in (await client.get(f"{INBOX}/tom-tat")).text
    assert re.search(r'Mới <span class="count">1<', listed.text)
    assert "Đã tiếp nhận." in (await acts(client, code, "nhan")).text
    assert "Đang với Ông lan" in (await acts(client, code, "giao", official=str(me))).text
    assert "Bếp hội quán" in (await acts(client, code, "ghi-chu", note="Bếp hội quán cũng lầy")).text
    refused = await acts(client, code, "tra-loi", text="Xã đã san […] rồi")
    assert refused.status == 400
    assert "Xã đã san […] rồi</textarea>" in refused.text
    told = await acts(client, code, "tra-loi", text="Xã đã san đường.")
    assert "Đã gửi trả lời." in told.text
    assert "san đường" in (await desk.mailbox())[-1].text
    await desk.presses(f"c:{code}:rate:3")
    await desk.presses(f"c:{code}:again")
    await desk.catch_up()
    paper = await client.get(f"{INBOX}/{code}")
    assert "Dân báo chưa xong" in paper.text
    assert "3/5" in paper.text
    assert "mở lại 1 lần" in (await client.get(INBOX)).text


async def test_what_is_left_is_told_in_working_days(place: Running, desk: Desk, client: Client) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    code = await desk.brings(ROAD)
    # a working day has seven hours and a half
    wanted = {
        10 * 7.5 - 0.1: "10 ngày",
        9 * 7.5 + 3.2: "9 ngày 3 giờ",
        6.5: "6 giờ 30 phút",
        2: "2 giờ",
        0.25: "15 phút",
    }
    for hours, words in wanted.items():
        async with desk.store.write() as tx:
            await tx.run(cases.cases.update().where(cases.cases.c.code == code).values(allowed_s=round(hours * 3600)))
        assert f", còn {words} làm việc." in (await client.get(f"{INBOX}/{code}")).text


async def test_who_was_overtaken_keeps_their_words(
    place: Running, desk: Desk, client: Client, new_client: NewClient
) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    other = await new_client()
    await member(place, desk, other, "minh", "can-bo-xu-ly")
    code = await desk.brings(ROAD)
    before = await client.get(f"{INBOX}/{code}")
    await acts(other, code, "nhan")
    data = {"the": before.token, "buoc": "1", "text": "Lời tôi viết công phu"}
    late = await client.post(f"{INBOX}/{code}/tra-loi", data)
    assert late.status == 400
    assert "Người khác vừa làm việc" in late.text
    assert "Lời tôi viết công phu</textarea>" in late.text
    assert len(await desk.mailbox()) == 0
    part = await client.get(f"{INBOX}/{code}/moi?buoc=1")
    assert "Ông minh vừa làm việc" in part.text


async def test_two_people_see_each_other_for_a_minute(
    place: Running, desk: Desk, client: Client, new_client: NewClient, hands: Hands
) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    other = await new_client()
    await member(place, desk, other, "minh", "can-bo-xu-ly")
    code = await desk.brings(ROAD)
    tokens = [(await one.get(f"{INBOX}/{code}")).token for one in (client, other)]
    assert "Đang mở" not in (await client.post(f"{INBOX}/{code}/dang-mo", {"the": tokens[0]})).text
    assert "Ông lan" in (await other.post(f"{INBOX}/{code}/dang-mo", {"the": tokens[1]})).text
    assert "Ông minh" in (await client.post(f"{INBOX}/{code}/dang-mo", {"the": tokens[0]})).text
    hands.move(minutes=2)
    assert "Đang mở" not in (await client.post(f"{INBOX}/{code}/dang-mo", {"the": tokens[0]})).text


async def test_what_another_system_sent_is_told_in_words(place: Running, desk: Desk, client: Client) -> None:
    me = await member(place, desk, client, "lan", "can-bo-xu-ly")
    brought = Brought(CaseKind.FEEDBACK, entry.BY_SYSTEM, UNIT, ROAD)
    async with place.house.store.write() as tx:
        code, salt, at = new_code(bytes(16)), "00" * 16, desk.hands.at
        who, payload = f"key:{me}", {"text": ROAD}
        await entry.write(tx, brought, who, code=code, pin="1234", payload=payload, salt=salt, now=at, at=at)
    await desk.catch_up()
    paper = await client.get(f"{INBOX}/{code}")
    assert "hệ thống khác gửi" in paper.text
    assert f"hệ thống khác, khóa số {me}" in paper.text
    assert "he-thong" not in paper.text
    assert "Cán bộ nhập hộ" not in paper.text
    part = await client.get(f"{INBOX}/{code}/moi?buoc=0")
    assert "Hệ thống khác vừa làm việc" in part.text
    assert 'value="he-thong"' in (await client.get(INBOX)).text
    assert code in re.sub(r"\D", "", (await client.get(f"{INBOX}?nguon=he-thong")).text)


async def test_brought_in_person_with_slip_and_tick(place: Running, desk: Desk, client: Client) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    told = {
        "source": "goi",
        "kind": "phan-anh",
        "unit": UNIT,
        "text": "Gọi báo: cống tắc",
        "name": "Bà Kín",
        "phone": "0912",
    }
    empty = await client.fill(f"{INBOX}/moi", **{**told, "text": " "})
    assert empty.status == 400
    entered = await client.fill(f"{INBOX}/moi", **told)
    assert "Số bí mật" in entered.text
    code = re.search(rf"{INBOX}/(\d+)", entered.text)
    assert code
    paper = await client.get(f"{INBOX}/{code[1]}")
    assert "gọi điện, có nêu tên" in paper.text
    assert "Bà Kín" not in paper.text
    await acts(client, code[1], "tra-loi", text="Xã thông cống sáng thứ hai.")
    paper = await client.get(f"{INBOX}/{code[1]}")
    slip = re.search(rf"{INBOX}/\d+/phieu/(\d+)", paper.text)
    assert slip
    assert "thông cống sáng thứ hai" in (await client.get(slip[0])).text
    done = await acts(client, code[1], "da-bao", asker=slip[1], how="dien-thoai")
    assert "Đã đọc qua điện thoại" in done.text
    wrong = await client.fill(f"{INBOX}/moi", **{**told, "kind": "bao-truc-loi"})
    assert wrong.status == 404


async def test_near_cases_are_merged_and_parted(place: Running, desk: Desk, client: Client) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    first = await desk.brings("Đường vào thôn Đông hỏng nặng, mưa lầy không đi được", hamlet="Thôn Đông")
    second = await desk.brings("Đường thôn Đông hỏng, mưa là lầy lội", chat="nha-b", hamlet="Thôn Đông")
    near = await client.get(f"{INBOX}/{second}/gan?buoc=1")
    assert f'value="{first}"' in near.text
    assert "Đã gộp." in (await acts(client, second, "gop", into=first)).text
    await acts(client, first, "tra-loi", text="Xã đã san đường.")
    assert "san đường" in (await desk.mailbox("nha-a"))[-1].text
    assert "san đường" in (await desk.mailbox("nha-b"))[-1].text


async def test_urgent_case_of_no_known_commune_is_on_top_until_it_has_one(
    place: Running, desk: Desk, client: Client, new_client: NewClient
) -> None:
    await member(place, desk, client, "tinh", "lanh-dao", unit="tinh-an-giang", is_chair=True)
    local = await new_client()
    await member(place, desk, local, "xa.bo", "can-bo-xu-ly", unit="xa-dak-doa")
    await desk.brings(ROAD, unit="tinh-an-giang")
    code = await desk.brings("Nhà tôi bị nước cuốn", kind=CaseKind.URGENT, unit="")
    shown = await client.get(INBOX)
    assert "chưa rõ xã, cần giao ngay" in shown.text.split("</section>")[0]
    assert "nước cuốn" not in (await local.get(INBOX)).text
    await acts(client, code, "chuyen", unit="xa-dak-doa", body="-")
    assert "nước cuốn" in (await local.get(INBOX)).text


@on_both
async def test_filters_views_paging(place: Running, desk: Desk, client: Client) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    for i in range(23):
        await desk.brings(f"=Việc số {i} của xóm", chat=f"nha-{i}", topic="bhyt" if i % 2 else "nha-o", caught_up=False)
    await desk.catch_up()
    first = await client.get(INBOX)
    assert first.text.count('<li class="case"') == 20
    onward = re.search(r'href="([^"]+moc=[^"]+)">Trang sau', first.text)
    assert onward
    assert (await client.get(onward[1].replace("&amp;", "&"))).text.count('<li class="case"') == 3
    assert (await client.get(f"{INBOX}?lv=bhyt")).text.count('<li class="case"') == 11
    assert (await client.get(f"{INBOX}?q=viec+so+7")).text.count('<li class="case"') == 1
    assert (await client.get(f"{INBOX}?moc=xyz")).status == 404
    assert (await client.get(f"{INBOX}?xem=la&sap=la&tu=la&den=9999-12-31")).status == 200
    kept = await client.fill(INBOX, f"{INBOX}/cach-xem?lv=bhyt&q=bí+mật", name="Sổ của Lan")
    assert "Sổ của Lan" in kept.text
    assert "bí+mật" not in kept.text
    assert "lv=bhyt" in kept.path
    unnamed = await client.fill(INBOX, f"{INBOX}/cach-xem?lv=bhyt", name=" ")
    assert unnamed.status == 400
    assert "Sổ của Lan" not in (await client.fill(INBOX, f"{INBOX}/cach-xem/bo", name="Sổ của Lan")).text


async def test_files_are_served_so_that_nothing_runs(place: Running, desk: Desk, client: Client) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    code = await desk.brings(ROAD)
    store = place.house.store
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "#96a68b").save(picture, "JPEG")
    blobs = (
        (b"OggS" + bytes(2000), "audio/ogg", "voice"),
        (b"<script>alert(1)</script>", "text/html", "file"),
        (b"\x1a\x45\xdf\xa3" + bytes(20), "video/webm", "voice"),
    )
    async with store.write() as tx:
        case = (await cases.by_codes(tx, [code]))[code].case
        row = {
            "case_id": case.id,
            "channel": "web",
            "account": "",
            "ref": "",
            "mime": "",
            "size_bytes": 1,
            "added_at": desk.hands.at,
        }
        numbers = await attachments.add(tx, [{**row, "kind": kind} for _data, _mime, kind in blobs])
        for number, (data, mime, _kind) in zip(numbers, blobs, strict=True):
            await attachments.keep(tx, number, sha256=await store.blobs.put(data), mime=mime, size_bytes=len(data))
    sound = await client.get(f"{INBOX}/{code}/tep/{numbers[0]}", range="bytes=0-3")
    assert (sound.status, sound.text) == (206, "OggS")
    assert sound.headers["content-range"] == "bytes 0-3/2004"
    assert (await client.get(f"{INBOX}/{code}/tep/{numbers[0]}", range="bytes=9000-")).status == 416
    odd = await client.get(f"{INBOX}/{code}/tep/{numbers[1]}")
    assert odd.headers["content-disposition"].startswith("attachment")
    assert odd.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in odd.headers["content-security-policy"]
    assert odd.headers["x-content-type-options"] == "nosniff"
    assert (await client.get(f"{INBOX}/{code}/tep/999")).status == 404
    # what a browser recorded is a voice note too, whatever its container is called
    assert (await client.get(f"{INBOX}/{code}")).text.count("<audio") == 2


async def test_right_to_left_marks_stay_in_their_words(place: Running, desk: Desk, client: Client) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    code = await desk.brings("\u202eĐường hỏng <b>nặng</b>")
    listed = await client.get(INBOX)
    assert re.search(r"<bdi>\u202e?Đường hỏng &lt;b&gt;", listed.text)
    assert 'dir="auto"' in (await client.get(f"{INBOX}/{code}")).text


async def test_useful_answer_becomes_a_draft_for_everybody(place: Running, desk: Desk, client: Client) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    code = await desk.brings("Hộ cận nghèo làm thẻ BHYT ở đâu", kind=CaseKind.QUESTION, topic="bhyt")
    assert "Có ích cho mọi người" not in (await client.get(f"{INBOX}/{code}")).text
    await acts(client, code, "tra-loi", text="Bác mang căn cước tới bộ phận một cửa của xã.")
    shown = await client.get(f"{INBOX}/{code}")
    assert "Có ích cho mọi người" in shown.text
    led = await client.post("/ban/noi-dung/tu-ho-so", {"the": shown.token, "case": code})
    assert led.status == 303
    assert re.fullmatch(r"/ban/noi-dung/ban/\d+/sua", led.headers["location"])
    assert (await client.get(led.headers["location"])).status == 200


async def test_what_is_hidden_from_somebody_is_not_offered_as_useful(
    place: Running, desk: Desk, client: Client
) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    await add_official(place, "panh", "can-bo-xu-ly")
    await desk.catch_up()
    codes = [await desk.brings(f"Bao giờ sửa cống {part}", chat=part) for part in ("thôn Đông", "ông panh lấp")]
    for code in codes:
        await acts(client, code, "tra-loi", text="Thứ bảy xã sửa.")
    told = [await client.get(f"{INBOX}/{code}") for code in codes]
    assert ["Có ích cho mọi người" in one.text for one in told] == [True, False]
    refused = await client.post("/ban/noi-dung/tu-ho-so", {"the": told[1].token, "case": codes[1]})
    assert refused.status == 400


async def test_notices_are_linked_by_a_word_shown_once(place: Running, desk: Desk, client: Client) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    assert "Chưa bật" in (await client.get("/ban/toi/tin-bao")).text
    shown = await client.fill("/ban/toi/tin-bao")
    assert re.search(r"/start d_[0-9a-f]{32}", shown.text)
    assert "d_" not in (await client.get("/ban/toi/tin-bao")).text
    assert "t.me" not in shown.text, "nobody told which bot it is"
    async with place.house.store.write() as tx:
        await bot_names.keep(tx, "700000009", "", "another_process_bot")
    assert 'href="https://t.me/another_process_bot?start=d_' in (await client.fill("/ban/toi/tin-bao")).text
    async with place.house.store.write() as tx:
        await bot_names.forget_others(tx, [])
    names = place.house.bot_names
    names |= {"xa-dak-doa": lambda: "dak_doa_bot", "": lambda: ""}
    assert 'href="https://t.me/dak_doa_bot?start=d_' in (await client.fill("/ban/toi/tin-bao")).text
    names |= {UNIT: lambda: "tu_ky_bot"}
    shown = await client.fill("/ban/toi/tin-bao")
    assert re.search(r'href="https://t\.me/tu_ky_bot\?start=d_[0-9a-f]{32}"', shown.text)
    assert re.search(r"/start d_[0-9a-f]{32}", shown.text)
    assert "t.me" not in (await client.get("/ban/toi/tin-bao")).text


async def test_who_entered_it_may_have_it_erased(
    place: Running, desk: Desk, client: Client, new_client: NewClient
) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    told = {"source": "tai-cho", "kind": "phan-anh", "unit": UNIT, "text": "Nhà dột", "name": "Bà Kín"}
    entered = await client.fill(f"{INBOX}/moi", **told)
    code = re.search(rf"{INBOX}/(\d+)", entered.text)
    assert code
    both = await new_client()
    await member(place, desk, both, "binh", "can-bo-xu-ly", "giu-danh-tinh")
    gone = await acts(both, code[1], "xoa", reason="Bà tới xin xóa ngày 21/11")
    assert "Đã xóa lời" in gone.text
    assert "Nhà dột" not in (await client.get(f"{INBOX}/{code[1]}")).text
    async with place.house.store.read() as tx:
        assert await cases.broken(tx, code[1]) is None


async def test_handed_over_to_another_commune_leaves_the_list(
    place: Running, desk: Desk, client: Client, new_client: NewClient
) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    there = await new_client()
    await member(place, desk, there, "y.bo", "can-bo-xu-ly", unit="xa-dak-doa")
    code = await desk.brings(ROAD)
    moved = await acts(client, code, "chuyen", unit="xa-dak-doa", topic="", body="-")
    assert moved.path.startswith(f"{INBOX}?xong=")
    assert (await client.get(f"{INBOX}/{code}")).status == 404
    assert ROAD in (await there.get(f"{INBOX}/{code}")).text


async def test_waiting_closing_and_keeping_close(place: Running, desk: Desk, client: Client) -> None:
    await member(place, desk, client, "lan", "can-bo-xu-ly")
    code = await desk.brings(ROAD)
    waits = await acts(client, code, "cho", who="Điện lực huyện", why="Chờ thay trạm")
    assert "Đồng hồ vẫn chạy" in waits.text
    assert "Làm tiếp." in (await acts(client, code, "lam-tiep")).text
    assert "Đồng hồ đứng" in (await acts(client, code, "hoi", text="Bác cho xin số nhà")).text
    assert "Đã đóng." in (await acts(client, code, "dong", why="Gửi nhầm")).text
    async with place.house.store.read() as tx:
        assert (await case_desk.any_by_id(tx, 1)).state == "dong"  # type: ignore[union-attr]
    other = await desk.brings("Cán bộ nói không rõ", chat="nha-b", topic="bhyt")
    gone = await acts(client, other, "giu-kin")
    assert gone.path.startswith(f"{INBOX}?xong=case-kept")
    assert (await client.get(f"{INBOX}/{other}")).status == 404
