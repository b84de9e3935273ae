"""Where content comes from: questions nothing answered, and an answer one household got; and how it sounds."""

from __future__ import annotations

import re

from bot import officials
from bot.casework import answers, sight
from bot.casework.handling import Act
from bot.jobs.clips import ClipMaker
from bot.jobs.previews import PreviewMaker
from bot.model.case import CaseKind
from bot.store import case_desk
from tests.bulletins.conftest import QuickChild
from tests.casework.conftest import Desk
from tests.desk.office.conftest import UNIT, Client, on_both
from tests.desk.office.test_content import LIST, approved, ask, begin_news, keep, number_of
from tests.harness.clock import Hands
from tests.harness.site import Running


@on_both
async def test_worklist_leads_to_a_new_entry(place: Running, writer: Client, chair: Client) -> None:
    await ask(place, *["bao giờ xã tiêm phòng trâu bò"] * 5, "lịch tiêm phòng trâu bò", "chợ phiên họp ngày nào")
    await ask(place, "nước máy mất ba hôm rồi", unit="xa-muong-ang")
    path = f"{LIST}/cau-hoi"
    listed = await writer.get(path)
    assert "bao giờ xã tiêm phòng trâu bò" in listed.text
    assert "nước máy" not in listed.text
    assert "<strong>2</strong> ý" in listed.text
    first, last = re.search(
        r"cau-hoi/([0-9a-f]{16})/soan.*?name=\"last\" value=\"(\d+)\"", listed.text, re.DOTALL
    ).groups()  # type: ignore[union-attr]
    form = {"unit": UNIT, "last": last}
    drafted = await writer.fill(path, f"{path}/{first}/soan", **form)
    number = number_of(drafted.path)
    again = await writer.fill(path, f"{path}/{first}/soan", **form)
    assert number_of(again.path) == number
    told = "Thứ bảy tuần này xã tiêm phòng trâu bò ở sân thôn. Bà con dắt ra trước bảy giờ sáng."
    done = await keep(writer, number, "submit", answer=told, topic="sinh-ke", broadcast=told)
    assert "Đã gửi duyệt" in done.text, done.text
    await approved(chair, number)
    assert "tiêm phòng" not in (await writer.get(path)).text


async def test_worklist_teaches_words_and_sets_aside(place: Running, writer: Client, chair: Client) -> None:
    await ask(place, *["nhà tôi có được giảm bóng đèn không"] * 5)
    path = f"{LIST}/cau-hoi"
    listed = await writer.get(path)
    group = re.search(r"cau-hoi/([0-9a-f]{16})", listed.text)[1]  # type: ignore[index]
    page = await writer.get(f"{path}/{group}?xa={UNIT}&tim=tien+dien")
    assert "Hỗ trợ tiền điện" in page.text
    last = re.search(r'name="last" value="(\d+)"', page.text)[1]  # type: ignore[index]
    form = {"unit": UNIT, "last": last}
    taught = await writer.fill(path, f"{path}/{group}/day", entry="ho-tro-tien-dien", **form)
    assert "giảm bóng đèn" in taught.text
    words = number_of(taught.path)
    assert "Đã gửi duyệt" in (await keep(writer, words, "submit")).text
    shown = await approved(chair, words)
    assert "giảm bóng đèn" in shown.text
    yaml = await chair.get(f"{shown.path.split('?')[0]}/tep")
    assert "giảm bóng đèn" in yaml.text
    assert "bóng đèn" not in (await writer.get(path)).text
    await ask(place, *["bao giờ có điện lại cho xóm"] * 5)
    listed = await writer.get(path)
    group = re.search(r"cau-hoi/([0-9a-f]{16})", listed.text)[1]  # type: ignore[index]
    form["last"] = re.search(r'name="last" value="(\d+)"', listed.text)[1]  # type: ignore[index]
    assert (await writer.fill(path, f"{path}/{group}/day", entry="khong-co", **form)).status == 404
    assert (await writer.fill(path, f"{path}/{group}/xong", settled="x", **form)).status == 404
    done = await writer.fill(path, f"{path}/{group}/xong", settled="ignored", **form)
    assert "không hiện nữa" in done.text
    assert "điện lại" not in done.text
    assert (await writer.get(f"{path}/{group}?xa={UNIT}")).status == 404


async def test_a_draft_is_heard_before_it_is_approved(place: Running, writer: Client) -> None:
    number = await begin_news(writer)
    path = f"{LIST}/ban/{number}"
    assert "Nghe thử" in (await writer.get(f"{path}/nghe")).text
    assert (await writer.get(f"{path}/tieng.mp3")).status == 404
    page = await writer.get(path)
    waiting = await writer.post(f"{path}/nghe", {"the": page.token}, follow=True)
    assert waiting.status == 200
    assert "Máy đang đọc" in (await writer.get(f"{path}/nghe")).text
    house = place.house
    maker = ClipMaker(house.store, house.clock, QuickChild(), lambda: house.shelf.library, (UNIT,))  # type: ignore[arg-type]
    await PreviewMaker(maker).make({"edit": number})
    assert f"{path}/tieng.mp3" in (await writer.get(f"{path}/nghe")).text
    heard = await writer.get(f"{path}/tieng.mp3", range="bytes=0-1")
    assert heard.status == 206
    assert heard.headers["content-type"] == "audio/mpeg"
    entry = f"{LIST}/muc/policies/{UNIT}/ho-tro-tien-dien"
    assert "Nghe thử" in (await writer.get(f"{entry}/nghe")).text
    await writer.fill(entry, f"{entry}/nghe")
    assert "Máy đang đọc" in (await writer.get(f"{entry}/nghe")).text


@on_both
async def test_an_answer_becomes_everybodys(place: Running, writer: Client, chair: Client, hands: Hands) -> None:
    """From a case: personal details of the question are masked, those of the answer marked; another person approves."""
    desk, house = Desk(place.house.store, hands), place.house
    code = await desk.brings("Tôi là Trần Văn Lâm, bao giờ xã tiêm phòng trâu bò?", kind=CaseKind.QUESTION)
    token = (await writer.get("/ban/toi")).token
    path = f"{LIST}/tu-ho-so"
    early = await writer.post(path, {"the": token, "case": code})
    assert early.status == 400
    assert "chưa có câu trả lời" in early.text
    assert (await writer.post(path, {"the": token, "case": "0000000"})).status == 404
    async with house.store.write() as tx:
        who = await officials.by_login(tx, "can.bo", house.shelf.library, house.clock.today())
        eye = sight.eye(who, house.shelf.library)
        case = await case_desk.one(tx, eye, code)
        assert case is not None
        act = Act(eye, house.shelf.library, code, case.steps, hands.at, hands.at)
        await answers.answer(tx, act, "Thứ bảy xã tiêm phòng ở sân thôn. Anh Lâm gọi tôi số 0987 654 321 nhé.")
    begun = await writer.post(path, {"the": token, "case": code}, follow=True)
    number = number_of(begun.path)
    assert "Trần Văn Lâm" not in begun.text
    assert "<mark>0987 654 321</mark>" in begun.text
    again = await writer.post(path, {"the": token, "case": code}, follow=True)
    assert number_of(again.path) == number
    told = "Thứ bảy tuần này xã tiêm phòng trâu bò ở sân thôn. Bà con dắt ra trước bảy giờ sáng."
    fields = {"title": "Bao giờ xã tiêm phòng trâu bò?", "short": "Tiêm phòng", "answer": told, "broadcast": told}
    done = await keep(writer, number, "submit", topic="sinh-ke", asked_as="lịch tiêm phòng trâu bò", **fields)
    assert "Đã gửi duyệt" in done.text, done.text
    await approved(chair, number)
    served = house.shelf.library.answers_for(UNIT, house.clock.today())
    assert [one.title for one in served] == ["Bao giờ xã tiêm phòng trâu bò?"]
