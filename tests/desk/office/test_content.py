"""Content at the desk: written by one, approved by another, served at once, rolled back; and the worklist."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from typing import Any

from bot import clips
from bot.library import answer, text_hash
from bot.store import clips as clip_rows
from bot.store import edits, overlay, questions
from tests.desk.office.conftest import UNIT, Answer, Client, NewClient, add_official, contents, on_both
from tests.harness.site import Running

LIST = "/ban/noi-dung"
NEWS = {
    "place": UNIT,
    "title": "Tiêm phòng trâu bò sáng thứ bảy",
    "answer": "Sáng thứ bảy xã tiêm phòng trâu bò ở sân thôn. Bà con dắt trâu bò ra trước bảy giờ sáng.",
    "since": "2026-11-21",
    "until": "2026-11-30",
    "once": "a",
}


def number_of(path: str) -> int:
    return int(re.search(r"/ban/(\d+)", path)[1])  # type: ignore[index]


def version_of(page: Answer) -> str:
    return re.search(r'name="version" value="(\d+)"', page.text)[1]  # type: ignore[index]


async def stocked(place: Running) -> dict[str, str]:
    """One draft, one published announcement and one unanswered question; what they are called in addresses."""
    house, at = place.house, place.house.clock.true()
    body = {"id": "tin-thu", "title": NEWS["title"], "short": "Tiêm phòng", "topic": "sinh-ke", "unit": UNIT}
    body |= {"reviewed_on": "2026-11-21", "valid_from": NEWS["since"], "valid_to": NEWS["until"]}
    body |= {"answer": NEWS["answer"], "broadcast": NEWS["answer"]}
    async with house.store.write() as tx:
        await overlay.publish(tx, overlay.EntryRow("announcements", "tin-thu", UNIT, 1, body, ""), by="ai-do", at=at)
        row = {"kind": "announcements", "entry_id": "tin-thu", "unit": UNIT, "version": 1, "body": body}
        row |= {"base_hash": "", "base_version": 1, "authors": [1], "state": "draft", "confirmed": [], "case_id": None}
        number = await edits.add(tx, {**row, "questions": [], "note": "", "begun_at": at, "changed_at": at})
    sha256 = await house.store.blobs.put(b"mp3")
    files = {form: {"sha256": sha256, "bytes": 3} for form in ("opus", "mp3")}
    clip = {"entry": "tin-thu", "unit": UNIT, "profile": clips.PROFILE, "voice": "auto", "files": files, "sound": {}}
    clip |= {"text_hash": text_hash([NEWS["answer"]]), "lesser": False, "made_at": at, "needed_at": at}
    async with house.store.write() as tx:
        await clip_rows.keep(tx, clip)
    await ask(place, "chợ phiên họp ngày nào")
    await house.shelf.catch_up()
    async with house.store.read() as tx:
        first = (await questions.open_in(tx, [UNIT], 10))[0].id
    group = hashlib.sha256(f"{first}|{UNIT}".encode()).hexdigest()[:16]
    return {"edit": str(number), "kind": "announcements", "place": UNIT, "entry_id": "tin-thu", "group": group}


async def begin_news(client: Client, **changes: str) -> int:
    """A draft of an announcement; its number."""
    done = await client.fill(f"{LIST}/tin-moi", **{**NEWS, **changes})
    assert done.status == 200, done.text
    return number_of(done.path)


async def keep(client: Client, number: int, step: str, **fields: Any) -> Answer:
    """Send the draft's form with these fields changed."""
    page = await client.get(f"{LIST}/ban/{number}/sua")
    data = {"the": page.token, "version": version_of(page), "marks": "1", "step": step, **fields}
    return await client.post(f"{LIST}/ban/{number}/sua", data, follow=True)


async def act(client: Client, number: int, what: str, **fields: str) -> Answer:
    """Take one of the steps below a draft."""
    page = await client.get(f"{LIST}/ban/{number}")
    data = {"the": page.token, "version": version_of(page), **fields}
    return await client.post(f"{LIST}/ban/{number}/{what}", data, follow=True)


async def handed_in(client: Client, number: int, **fields: Any) -> Answer:
    """Fill in what an announcement needs and hand it in."""
    done = await keep(client, number, "submit", topic="sinh-ke", **fields)
    assert "Đã gửi duyệt" in done.text, done.text
    return done


async def approved(chair: Client, number: int) -> Answer:
    done = await act(chair, number, "duyet")
    assert "Đã đăng" in done.text, done.text
    return done


@on_both
async def test_news_is_written_by_one_and_approved_by_another(place: Running, writer: Client, chair: Client) -> None:
    number = await begin_news(writer)
    page = await writer.get(f"{LIST}/ban/{number}/sua")
    assert '<option value="">Tin chung</option>' in page.text, "news of no topic in particular"
    early = await keep(writer, number, "submit", valid_from="2026-11-01", valid_to="2026-11-02")
    assert early.status == 400
    assert "Ngày hết 2/11/2026 đã qua" in early.text
    assert "phải sửa hoặc xác nhận" in early.text
    days = {"valid_from": "2026-11-21", "valid_to": "2026-11-30"}
    await handed_in(writer, number, answer=NEWS["answer"], **days)
    assert (await act(writer, number, "duyet")).status == 404
    listed = await chair.get(LIST)
    assert "chờ bác duyệt" in listed.text
    seen = await chair.get(f"{LIST}/ban/{number}")
    assert "Sáng thứ bảy xã tiêm phòng" in seen.text
    assert "Loa sẽ nói" in seen.text
    await approved(chair, number)
    news = place.house.shelf.library.news_for(UNIT, place.house.clock.today())
    assert [one.title for one in news] == [NEWS["title"]]
    assert place.house.shelf.library.news_for("xa-muong-ang", place.house.clock.today()) == ()


async def test_sent_twice_is_one_draft(writer: Client) -> None:
    assert await begin_news(writer) == await begin_news(writer)
    assert await begin_news(writer, once="b") != await begin_news(writer)


async def test_nobody_approves_what_they_wrote_in(place: Running, chair: Client) -> None:
    number = await begin_news(chair)
    await handed_in(chair, number)
    before = await contents(place)
    page = await chair.get(f"{LIST}/ban/{number}")
    assert "chờ người khác duyệt" in page.text
    assert (await act(chair, number, "duyet")).status == 404
    assert await contents(place) == before
    back = await act(chair, number, "tra")
    assert "Đã mở lại" in back.text


async def test_sent_back_with_a_word_of_why(writer: Client, chair: Client) -> None:
    number = await begin_news(writer)
    await handed_in(writer, number)
    mute = await act(chair, number, "tra", note=" ")
    assert mute.status == 400
    assert "lý do" in mute.text
    await act(chair, number, "tra", note="Xin ghi rõ sân thôn nào")
    page = await writer.get(f"{LIST}/ban/{number}/sua")
    assert "Xin ghi rõ sân thôn nào" in page.text


async def test_autosave_knows_its_version(place: Running, writer: Client, chair: Client) -> None:
    number = await begin_news(writer)
    page = await writer.get(f"{LIST}/ban/{number}/sua")
    path, data = f"{LIST}/ban/{number}/luu", {"the": page.token, "version": version_of(page)}
    first = await writer.post(path, {**data, "answer": "Một."})
    assert first.status == 200
    again = await writer.post(path, {**data, "answer": "Một."})
    assert again.text == first.text
    other = await chair.get(f"{LIST}/ban/{number}/sua")
    assert "Một." in other.text
    theirs = {"the": other.token, "version": version_of(other), "answer": "Hai."}
    assert (await chair.post(path, theirs)).status == 200
    late = await writer.post(path, {**data, "answer": "Ba."})
    assert late.status == 409
    assert "vừa sửa" in late.text
    both = await writer.post(f"{LIST}/ban/{number}/sua", {**data, "answer": "Ba.", "step": "save"})
    assert both.status == 400
    assert "Ba." in both.text
    assert "Hai." in both.text
    kept = await writer.post(path, {**data, "version": version_of(both), "answer": "Ba."})
    assert kept.status == 200
    async with place.house.store.read() as tx:
        edit = await edits.get(tx, number)
    assert edit is not None
    assert edit.body["answer"] == "Ba."
    assert len(edit.authors) == 2


async def test_personal_details_are_marked_and_masked_with_one_tap(place: Running, writer: Client) -> None:
    number = await begin_news(writer)
    told = "Ai cần thì gọi bà Nguyễn Thị Hoa, số 0987 654 321. Bà con ra sân thôn nhé."
    page = await keep(writer, number, "save", answer=told, topic="sinh-ke")
    assert "<mark>0987 654 321</mark>" in page.text
    assert "<mark>Nguyễn Thị Hoa</mark>" in page.text
    assert "Để vậy" not in page.text
    refused = await keep(writer, number, "submit", answer=told)
    assert refused.status == 400
    clean = await keep(writer, number, "mask:answer", answer=told)
    assert "0987" not in clean.text
    assert "Nguyễn Thị Hoa" not in clean.text
    await keep(writer, number, "submit", answer=told)
    marks = re.findall(r'name="mark" value="([0-9a-f]+)"', (await keep(writer, number, "save", answer=told)).text)
    done = await keep(writer, number, "submit", mark=marks[0])
    assert done.status == 400
    page = await writer.get(f"{LIST}/ban/{number}/sua")
    data = [("the", page.token), ("version", version_of(page)), ("marks", "1"), ("step", "submit")]
    all_stand = await writer.post(f"{LIST}/ban/{number}/sua", [*data, *(("mark", mark) for mark in marks)], follow=True)
    assert "Đã gửi duyệt" in all_stand.text


async def test_versions_and_back_to_an_older_one(place: Running, writer: Client, chair: Client) -> None:
    number = await begin_news(writer)
    await handed_in(writer, number)
    page = await approved(chair, number)
    path = page.path.split("?")[0]
    begun = await writer.fill(path, f"{path}/soan")
    second = number_of(begun.path)
    await handed_in(writer, second, answer="Xã dời buổi tiêm phòng sang chủ nhật. Bà con dắt trâu bò ra sân thôn nhé.")
    seen = await chair.get(f"{LIST}/ban/{second}")
    assert "<del>" in seen.text
    assert "<ins>" in seen.text
    await approved(chair, second)
    library, day = place.house.shelf.library, place.house.clock.today()
    entry = library.news_for(UNIT, day)[0].id
    assert "chủ nhật" in answer(library, entry, day, UNIT).text
    mute = await chair.fill(path, f"{path}/lai", version="1", note="")
    assert mute.status == 400
    done = await chair.fill(path, f"{path}/lai", version="1", note="Vẫn là thứ bảy")
    assert "Bản số 3" in done.text
    assert "thứ bảy" in answer(place.house.shelf.library, entry, day, UNIT).text
    assert (await writer.fill(path, f"{path}/rut", note="x")).status == 404
    gone = await chair.fill(path, f"{path}/rut", note="Hoãn")
    assert "Không còn đăng" in gone.text
    assert place.house.shelf.library.news_for(UNIT, day) == ()


async def test_a_policy_of_one_unit(place: Running, writer: Client, chair: Client) -> None:
    path = f"{LIST}/muc/policies/{UNIT}/ho-tro-tien-dien"
    begun = await writer.fill(path, f"{path}/soan")
    number = number_of(begun.path)
    told = "Nhà có giấy chứng nhận hộ nghèo thì được hỗ trợ bằng giá của {dien-ho-ngheo}. Bác ra xã hỏi nhé."
    await keep(writer, number, "save", answer=told)
    seen = await writer.get(f"{LIST}/ban/{number}")
    assert "Khác bản đang dùng" in seen.text
    done = await keep(writer, number, "submit")
    assert "Đã gửi duyệt" in done.text, done.text
    await approved(chair, number)
    library, day = place.house.shelf.library, place.house.clock.today()
    assert "Bác ra xã hỏi nhé" in answer(library, "ho-tro-tien-dien", day, UNIT).text
    assert "Bác ra xã hỏi nhé" not in answer(library, "ho-tro-tien-dien", day, "xa-muong-ang").text


async def test_conditions_are_told_in_words_and_related_entries_written(place: Running, writer: Client) -> None:
    told = ""
    for entry in ("bhxh-tu-nguyen", "ho-tro-tien-dien"):
        path = f"{LIST}/muc/policies/{UNIT}/{entry}"
        number = number_of((await writer.fill(path, f"{path}/soan")).path)
        for part in ("dk", "lr"):
            shown = await writer.get(f"{LIST}/ban/{number}/sua?phan={part}")
            rules = shown.text.partition("Đọc thành lời")[2].partition("<form")[0]
            told += " ".join(re.sub(r"<[^>]+>", " ", rules).split())
    assert "Nếu nhà là hộ nghèo (đến hết ngày 31/12/2026) thì nghe" in told, told
    assert "Được nếu có một trong các điều sau: nhà là hộ nghèo" in told, told
    assert not re.search(r"None|loai-ho|True", told), told
    assert "Đọc thành lời" not in (await writer.get(f"{LIST}/ban/{number}/sua")).text
    await keep(writer, number, "save", related="bhyt-ho-ngheo\nkhong-co-muc-nay")
    assert "khong-co-muc-nay" in (await keep(writer, number, "submit")).text
    done = await keep(writer, number, "submit", related="bhyt-ho-ngheo")
    assert "Đã gửi duyệt" in done.text, done.text


async def test_base_that_moved_is_looked_at_before_approval(place: Running, writer: Client, chair: Client) -> None:
    number = await begin_news(writer)
    await handed_in(writer, number)
    async with place.house.store.write() as tx:
        edit = await edits.get(tx, number)
        assert edit is not None
        row = overlay.EntryRow("announcements", edit.entry_id, UNIT, 1, edit.body, "")
        await overlay.publish(tx, row, by="ai-do", at=place.house.clock.true())
    await place.house.shelf.catch_up()
    assert "vừa đổi" in (await chair.get(f"{LIST}/ban/{number}")).text
    refused = await act(chair, number, "duyet")
    assert refused.status == 400
    await act(writer, number, "giu")
    await keep(writer, number, "submit")
    await approved(chair, number)


async def test_lists_are_narrowed_down(place: Running, writer: Client) -> None:
    await begin_news(writer)
    drafts = await writer.get(f"{LIST}?buoc=nhap&loai=announcements")
    assert NEWS["title"] in drafts.text
    assert NEWS["title"] not in (await writer.get(f"{LIST}?buoc=cho-duyet")).text
    assert NEWS["title"] not in (await writer.get(f"{LIST}?loai=faq")).text
    assert NEWS["title"] in (await writer.get(f"{LIST}?tim=trau+bo")).text
    served = await writer.get(f"{LIST}?buoc=dang-dung&loai=policies&tim=tien+dien")
    assert "Hỗ trợ tiền điện" in served.text
    unsigned = await writer.get(f"{LIST}?buoc=cho-ky&loai=policies&tim=tien+dien")
    assert "Hỗ trợ tiền điện" in unsigned.text
    for view in ("sap-het", "goc-doi"):
        assert (await writer.get(f"{LIST}?buoc={view}")).status == 200
    for wrong in ("buoc=x", "loai=x", "xa=xa-muong-ang", "xa=chung", "trang=x"):
        assert (await writer.get(f"{LIST}?{wrong}")).status == 404, wrong


async def test_yaml_of_what_was_published(place: Running, writer: Client, chair: Client) -> None:
    number = await begin_news(writer)
    await handed_in(writer, number)
    path = (await approved(chair, number)).path.split("?")[0]
    one = await chair.get(f"{path}/tep")
    assert NEWS["title"] in one.text
    for query, many in (("", 1), ("?du=1", 57)):
        async with chair.http.get(f"{chair.url}{LIST}/tai-ve{query}") as response:
            names = zipfile.ZipFile(io.BytesIO(await response.read())).namelist()
        assert len(names) == many
        assert f"{UNIT}/announcements/" in " ".join(names)


async def test_other_units_see_nothing(place: Running, writer: Client, new_client: NewClient) -> None:
    await add_official(place, "noi.khac", "lanh-dao", unit="xa-muong-ang", is_chair=True)
    number = await begin_news(writer)
    other = await new_client()
    await other.sign_in("noi.khac")
    token = (await other.get("/ban/toi")).token
    assert NEWS["title"] not in (await other.get(LIST)).text
    before = await contents(place)
    for path in ("", "/sua", "/xem"):
        assert (await other.get(f"{LIST}/ban/{number}{path}")).status == 404, path
    for path in ("sua", "luu", "duyet", "tra", "giu", "bo"):
        sent_ = {"the": token, "version": "1", "note": "x", "step": "save"}
        assert (await other.post(f"{LIST}/ban/{number}/{path}", sent_)).status == 404, path
    assert (await other.post(f"{LIST}/tin-moi", {"the": token, **NEWS})).status == 404
    assert (await other.post(f"{LIST}/muc/policies/{UNIT}/ho-tro-tien-dien/soan", {"the": token})).status == 404
    assert (await other.get(f"{LIST}/muc/policies/{UNIT}/ho-tro-tien-dien")).status == 404
    assert await contents(place) == before


async def ask(place: Running, *texts: str, unit: str = UNIT) -> None:
    """Questions nothing answered, each from nobody known any more."""
    async with place.house.store.write() as tx:
        rows = [(None, unit, text, ()) for text in texts]
        await questions.add(tx, rows, place.house.clock.now())  # type: ignore[arg-type]
