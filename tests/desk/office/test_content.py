"""Content at the desk: written by one, approved by another, served at once, rolled back; and the worklist."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.datastructures import FormData

from bot import clips, officials
from bot.casework import answers, sight
from bot.casework.handling import Act
from bot.jobs.clips import ClipMaker
from bot.jobs.previews import PreviewMaker
from bot.library import Library, answer, text_hash
from bot.library.published import to_body
from bot.model.case import CaseKind
from bot.store import case_desk, edits, overlay, questions
from bot.store import clips as clip_rows
from desk.pages import content_form
from tests.bulletins.conftest import QuickChild
from tests.casework.conftest import Desk
from tests.desk.office.conftest import UNIT, Answer, Client, add_official, contents
from tests.harness.clock import Hands
from tests.harness.site import CONTENT, Running

NewClient = Callable[[], Awaitable[Client]]
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


def sent(fields: tuple[content_form.Shown, ...]) -> list[tuple[str, str]]:
    """What a browser sends of a form nobody touched."""
    pairs: list[tuple[str, str]] = []
    for one in fields:
        name, value = one.field.name, one.value
        match one.field.shape:
            case "lines":
                pairs.append((name, "\r\n".join(value)))
            case "ticks":
                pairs += [(name, ""), *((name, ident) for ident, _ in one.options if ident in value)]
            case "tick":
                pairs += [(name, ""), *([(name, "1")] if value else [])]
            case "laws":
                columns = ("number", "issuer", "date", "article")
                for place, row in enumerate((*value, ("",) * 4)):
                    pairs += [(f"{name}.{place}.{column}", cell) for column, cell in zip(columns, row, strict=True)]
            case "fitted":
                pairs += [(f"{name}.{place}", told) for place, told in enumerate(value)]
            case "amounts":
                columns = ("value", "valid_from", "valid_to", "source")
                for ident, _unit, rows in value:
                    for place, row in enumerate((*rows, ("",) * 4)):
                        stem = f"{name}.{ident}.{place}"
                        pairs += [(f"{stem}.{column}", cell) for column, cell in zip(columns, row, strict=True)]
                pairs += [(f"{name}-new", ""), (f"{name}-unit", "dong")]
            case _:
                pairs.append((name, value.replace("\n", "\r\n")))
    return pairs


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


@pytest.fixture
async def writer(place: Running, new_client: NewClient) -> Client:
    """Writes, and approves nothing."""
    await add_official(place, "can.bo", "can-bo-xu-ly")
    one = await new_client()
    await one.sign_in("can.bo")
    return one


@pytest.fixture
async def chair(place: Running, new_client: NewClient) -> Client:
    """Approves what others wrote."""
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    one = await new_client()
    await one.sign_in("chu.tich")
    return one


def test_a_form_nobody_touched_writes_nothing() -> None:
    """Every field of every entry comes back from a browser as it was shown."""
    library = Library.load(CONTENT)
    for entry in library.entries():
        kind, body = library.kind_of(entry.id), to_body(entry)
        form = FormData(sent(content_form.shown(library, kind, body, None)))
        assert content_form.changes(kind, body, form) == {}, entry.id
        assert content_form.changes(kind, body, FormData([])) == {}


def test_forms_write_figures_documents_and_lists() -> None:
    library = Library.load(CONTENT)
    body = to_body(library.entry("ho-tro-tien-dien"))
    shown = content_form.shown(library, "policies", body, None)
    pairs = dict(sent(tuple(one for one in shown if one.field.shape != "ticks")))
    name, amount = next(iter(body["amounts"].items()))
    place, law = len(amount["values"]), len(body["legal_basis"])
    pairs |= {
        f"amounts.{name}.{place}.value": "1.234,5",
        f"amounts.{name}.{place}.source": "1/QĐ",
        f"legal_basis.{law}.number": "2/NQ",
        f"legal_basis.{law}.issuer": "Quốc hội",
        "asked_as": "một\r\n\r\n  hai  ",
        "notes": "",
    }
    told = content_form.changes("policies", body, FormData(pairs))
    assert told["asked_as"] == ["một", "hai"]
    assert told["amounts"][name]["values"][-1]["value"] == {"number": "1234.5"}
    assert told["amounts"][name]["values"][:-1] == amount["values"]
    assert told["legal_basis"][-1] == {"number": "2/NQ", "issuer": "Quốc hội", "date": None, "article": None}
    assert told["legal_basis"][:-1] == body["legal_basis"]
    assert set(told) - {"notes"} == {"asked_as", "amounts", "legal_basis"}


async def test_news_is_written_by_one_and_approved_by_another(place: Running, writer: Client, chair: Client) -> None:
    number = await begin_news(writer)
    page = await writer.get(f"{LIST}/ban/{number}/sua")
    assert "Còn" in page.text
    assert "phải sửa hoặc xác nhận" in page.text
    early = await keep(writer, number, "submit", answer="Xã họp.")
    assert early.status == 400
    assert "Xã họp." in early.text
    await handed_in(writer, number, answer=NEWS["answer"])
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
    assert (await writer.get(f"{path}/nghe")).status == 404
    await keep(writer, number, "save", topic="sinh-ke")
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
