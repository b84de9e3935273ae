"""Human voices, the broadcast log and lesser voices at the desk."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import aiohttp
import pytest

from bot import readings
from bot.bulletins import editing
from bot.bulletins import log as bulletin_log
from bot.clips import order, wanted
from bot.jobs.worker import Worker
from bot.store import airings, clips, jobs
from desk.pages.loa import RECORDING_BYTES
from tests.bulletins.conftest import AIR, ENTRY, TODAY
from tests.desk.office.announcer import AFTER, NewClient, Work, read_lines, speech, work_of
from tests.desk.office.conftest import contents
from tests.harness.clock import Hands
from tests.harness.officials import UNIT
from tests.harness.site import Running


@pytest.fixture
async def work(place: Running, new_client: NewClient, hands: Hands, tmp_path: Path) -> Work:
    return await work_of(place, new_client, hands, tmp_path)


async def test_a_text_is_cut_for_breath_and_recorded_line_by_line(work: Work) -> None:
    items = [{"kind": "tin", "title": "Tin", "lines": [{"text": "Sáng mai họp thôn. Mời bà con đến nhà văn hóa."}]}]
    row = await work.house.row(await work.house.write(items=items))
    kit = await work.act(work.announcer, row, "bai/1/thu", revision="0")
    assert "Mời bà con đến nhà văn hóa." in kit.text
    assert "microphone=(self)" in kit.headers["permissions-policy"]
    assert [line["text"] for line in (await work.house.row(row.id)).items[0]["lines"]] == [
        "Sáng mai họp thôn.",
        "Mời bà con đến nhà văn hóa.",
    ]
    noisy = await work.record(row, 1, speech(noise=0.2))
    assert "lẫn tiếng ồn" in noisy.text
    assert "Nhận bản này" in noisy.text
    revision = (await work.house.row(row.id)).revision
    taken = await work.act(work.announcer, row, "bai/1/thu/1/nhan", revision=str(revision))
    assert "Đã nhận" in taken.text
    line = (await work.house.row(row.id)).items[0]["lines"][0]
    assert line["accepted"] is True
    heard = await work.announcer.get(f"/ban/loa/tin/{row.id}/bai/1/thu/1")
    assert (heard.status, heard.headers["content-type"]) == (200, "audio/wav")
    good = await work.record(row, 2, speech())
    assert "Bản thu tốt" in good.text
    insert = await work.record(row, 3, speech(6.0), words="Bác Hoa kể chuyện làm vườn.")
    assert "Bác Hoa kể chuyện làm vườn." in insert.text
    revision = (await work.house.row(row.id)).revision
    dropped = await work.act(work.announcer, row, "bai/1/thu/2/bo", revision=str(revision))
    assert dropped.status == 200
    lines = (await work.house.row(row.id)).items[0]["lines"]
    assert [bool(line["recording"]) for line in lines] == [True, False, True]


async def test_what_is_no_recording_is_refused_in_a_sentence(work: Work) -> None:
    items = [{"kind": "tin", "title": "Tin", "lines": [{"text": "Sáng mai họp thôn."}]}]
    row = await work.house.row(await work.house.write(items=items))
    before = await contents(work.place)
    assert "Chưa có tiếng nào" in (await work.record(row, 1, b"", 400)).text
    for data in (b"not sound at all" * 100, b"%PDF-1.7" + bytes(900), b"<html>" * 90):
        assert "không mở được bản thu" in (await work.record(row, 1, data, 400)).text
    await work.record(row, 9, speech(), 400)
    assert await contents(work.place) == before
    path = f"{work.place.url}/ban/loa/tin/{row.id}/bai/1/thu/1"
    said = {"content-length": str(RECORDING_BYTES + 1)}
    async with work.announcer.http.request("POST", path, headers=said, skip_auto_headers=["content-type"]) as too_large:
        assert too_large.status == 413
        assert "chỉ nhận 60 MB" in await too_large.text()


#: (beginning of a file as telephones write it, its type for the web)
KEPT = (
    (b"\x00\x00\x00\x1cftypM4A \x00\x00\x00\x00M4A isommp42", "m4a", "audio/mp4"),
    (b"\x00\x00\x00\x18ftyp3gp4\x00\x00\x00\x00isom3gp4", "3gp", "audio/3gpp"),
    (b"#!AMR\n\x3c\x91\x17\x16", "amr", "audio/amr"),
    (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01", "webm", "audio/webm"),
)


async def test_what_no_decoder_reads_is_kept_as_it_came(work: Work) -> None:
    items = [{"kind": "tin", "title": "Tin", "lines": [{"text": "Sáng mai họp thôn."}]}]
    row = await work.house.row(await work.house.write(items=items))
    path = f"/ban/loa/tin/{row.id}/bai/1/thu/1"
    for head, ending, mime in KEPT:
        data = head + bytes(range(256)) * 8
        shown = await work.record(row, 1, data)
        assert f"Tệp {ending.upper()}: giữ nguyên, chưa ghép được vào bản tin" in shown.text
        (line,) = (await work.house.row(row.id)).items[0]["lines"]
        assert (line["kept_as"], line["faults"], line["seconds"]) == (ending, [], 0.0)
        async with work.announcer.http.get(f"{work.place.url}{path}?tai=1") as got:
            assert await got.read() == data
            assert got.headers["content-type"] == mime
            assert got.headers["content-disposition"] == f'attachment; filename="ban-thu-{row.id}-1-1.{ending}"'
    assert (await work.announcer.get(path, range="bytes=0-3")).status == 206
    paper = await work.announcer.get(f"/ban/loa/tin/{row.id}")
    assert "chưa ghép được vào bản tin" in paper.text
    revision = (await work.house.row(row.id)).revision
    await work.act(work.announcer, row, "bai/1/thu/1/bo", revision=str(revision))
    assert "chưa ghép được vào bản tin" not in (await work.announcer.get(f"/ban/loa/tin/{row.id}")).text


async def test_what_the_browser_read_is_used_and_the_file_itself_kept(work: Work) -> None:
    items = [{"kind": "tin", "title": "Tin", "lines": [{"text": "Sáng mai họp thôn."}]}]
    row = await work.house.row(await work.house.write(items=items))
    original = KEPT[0][0] + bytes(500)
    shown = await work.record(row, 1, speech(), original=original)
    assert "Bản thu tốt" in shown.text
    path = f"/ban/loa/tin/{row.id}/bai/1/thu/1"
    async with work.announcer.http.get(f"{work.place.url}{path}?goc=1&tai=1") as got:
        assert (await got.read(), got.headers["content-type"]) == (original, "audio/mp4")
    # nothing but sound is taken along
    await work.record(row, 2, speech(), original=b"<html>", words="Thêm.")
    assert "?goc" not in (await work.announcer.get(f"/ban/loa/tin/{row.id}/bai/1/thu")).text.split('id="doan-2"')[1]
    assert (await work.announcer.get(path.removesuffix("1") + "2?goc=1")).status == 404


async def test_what_was_heard_of_a_take_is_shown_again_and_follows_its_words(work: Work) -> None:
    items = [{"kind": "tin", "title": "Tin", "lines": [{"text": "Sáng mai họp thôn."}]}]
    row = await work.house.row(await work.house.write(items=items))
    kit = f"/ban/loa/tin/{row.id}/bai/1/thu"
    await work.record(row, 1, speech(noise=0.2))
    assert "lẫn tiếng ồn" in (await work.announcer.get(kit)).text
    revision = (await work.house.row(row.id)).revision
    await work.act(work.announcer, row, "bai/1/thu/1/nhan", revision=str(revision))
    assert "lẫn tiếng ồn" in (await work.announcer.get(kit)).text
    await work.record(row, 1, speech())
    assert "Bản thu tốt" in (await work.announcer.get(kit)).text
    revision = str((await work.house.row(row.id)).revision)
    told = {"kind": "tin", "title": "Tin", "text.0": "Sáng mai họp thôn. " * 20, "revision": revision}
    await work.act(work.announcer, row, "bai/1", **told)
    shown = (await work.announcer.get(kit)).text
    assert "Bản thu tốt" not in shown
    assert "giây" in shown


def told_by(page: str) -> dict[str, str]:
    """What the forms of a reading's page say they are about."""
    return dict(re.findall(r'name="(state|heard)" value="([0-9a-z-]+)"', page))


async def sent(work: Work, path: str, what: str, sound: bytes = b"", status: int = 200, **fields: str) -> str:
    """One form of an entry's reading; what the page says then."""
    shown = await work.announcer.get(path)
    form = aiohttp.FormData({"the": shown.token, **told_by(shown.text), **fields})
    if sound:
        form.add_field("sound", sound, filename="thu.wav", content_type="audio/wav")
    answer = await work.announcer.post(f"{path}/{what}", form, follow=True)
    assert answer.status == status, answer.text[answer.text.find("<main") :]
    return answer.text


async def test_an_entry_is_read_by_a_person_and_let_in_by_another(work: Work) -> None:
    assert "/ban/loa/doc?xa=" in (await work.announcer.get("/ban/loa")).text
    listed = await work.announcer.get("/ban/loa/doc?tim=nuoc+sach")
    path = f"/ban/loa/doc/{UNIT}/{ENTRY}"
    assert f'href="{path}?tieng="' in listed.text
    kit = await work.announcer.get(path)
    assert "microphone=(self)" in kit.headers["permissions-policy"]
    count = kit.text.count('id="doan-')
    assert f"Còn {count} đoạn" in kit.text
    assert "lẫn tiếng ồn" in await sent(work, path, "1/thu", speech(noise=0.2))
    assert f"Còn {count} đoạn" in (await work.announcer.get(path)).text
    assert "Đã nhận" in await sent(work, path, "1/nhan")
    kept = await sent(work, path, "2/thu", KEPT[0][0] + bytes(500))
    assert "Tệp M4A: giữ nguyên" in kept
    assert "đoạn chưa thu" in await sent(work, path, "trinh", status=400)
    take = await work.house.store.blobs.put(speech())
    await read_lines(work.house, ENTRY, take, *range(2, count + 1))
    heard = await work.announcer.get(f"{path}/1")
    assert (heard.status, heard.headers["content-type"]) == (200, "audio/wav")
    assert "chờ người khác nghe lại" in await sent(work, path, "trinh")
    assert (await work.announcer.fill(path, f"{path}/duyet", state="cho-duyet")).status == 404
    # the chair hears it; what moved on meanwhile is not let in
    page = told_by((await work.chair.get(path)).text)
    assert (await work.chair.fill(path, f"{path}/duyet", **{**page, "state": "dang-thu"})).status == 400
    await read_lines(work.house, ENTRY, await work.house.store.blobs.put(speech(2.0)), 1)
    assert "chờ người khác nghe lại" in await sent(work, path, "trinh")
    assert (await work.chair.fill(path, f"{path}/duyet", **page)).status == 400, "another take than was heard"
    page = told_by((await work.chair.get(path)).text)
    used = await work.chair.fill(path, f"{path}/duyet", **page)
    assert "máy đang ghép" in used.text
    assert "Đang dùng" in (await work.chair.get("/ban/loa/doc")).text
    async with work.house.store.read() as tx:
        assert await jobs.waits(tx, f"{readings.MAKE}:1")
    async with work.house.store.write() as tx:
        row = await clips.by_number(tx, 1)
        assert row is not None
        assert await readings.joined(tx, row, "a" * 64, 1, 2.0)
    aired, waits = await work.house.published(ENTRY), await work.house.waiting(ENTRY)
    back = await work.chair.fill(path, f"{path}/tra", **{**page, "state": "dang-dung"}, why="Đọc nhầm số.")
    assert "Đọc nhầm số." in back.text
    assert f'href="/ban/loa/tin/{aired.id}"' in back.text
    assert f'href="/ban/loa/tin/{waits.id}"' not in back.text
    assert "đã bị trả lại" in (await work.chair.get(f"/ban/loa/tin/{aired.id}")).text
    shown = (await work.chair.get(f"/ban/loa/tin/{waits.id}")).text
    assert "đã thôi dùng" in shown
    assert "Duyệt, cho phát" not in shown
    assert "Còn 1 đoạn" in await sent(work, path, "1/bo")
    mong = await work.announcer.get(f"{path}?tieng=mong")
    assert f'action="{path}/1/thu?tieng=mong"' in mong.text
    assert "Tiếng Mông" in mong.text
    for odd in (
        f"{path}?tieng=x",
        f"/ban/loa/doc/{UNIT}/khong-co",
        f"/ban/loa/doc/xa-khac/{ENTRY}",
        f"{path}/99",
        f"{path}/x",
    ):
        assert (await work.announcer.get(odd)).status == 404


async def test_an_entry_in_a_bulletin_is_given_another_language(work: Work) -> None:
    row = await work.house.row(await work.house.write(ENTRY))
    changed = await work.act(work.announcer, row, "xep", item="1", how="tieng", tieng="mong", revision="0")
    assert "<strong>Tiếng Mông</strong>" in changed.text
    assert (await work.house.row(row.id)).items[0]["language"] == "mong"
    await work.act(work.announcer, row, "xep", 400, item="1", how="tieng", tieng="xx", revision="1")


async def test_one_tap_on_the_phone_and_the_table(work: Work) -> None:
    row = await work.house.published(ENTRY)
    async with work.house.store.read() as tx:
        (line,) = await airings.of_bulletin(tx, row.id)
    log = f"/ban/loa/so?xa={UNIT}&den={AIR}"
    early = await work.announcer.fill(log, f"/ban/loa/so/{line.id}/phat", xa=UNIT)
    assert (early.status, "Chưa đến giờ phát" in early.text) == (400, True)
    work.house.hands.at = AFTER
    await work.announcer.sign_in("phat.thanh")
    await work.chair.sign_in("chu.tich")
    week = await work.announcer.get("/ban/loa")
    assert "Hôm nay phát" in week.text
    assert f'action="/ban/loa/so/{line.id}/phat"' in week.text
    assert f'action="/ban/loa/so/{line.id}/phat"' not in (await work.chair.get("/ban/loa")).text
    ticked = await work.announcer.fill("/ban/loa", f"/ban/loa/so/{line.id}/phat", tai="tuan")
    assert "Đã ghi vào nhật ký phát thanh" in ticked.text
    shown = await work.chair.get("/ban/loa/so")
    assert "ghi trên trang, Ông phat.thanh" in shown.text
    table = await work.chair.get(f"/ban/loa/so/tep?xa={UNIT}&loai=csv")
    read = list(csv.reader(io.StringIO(table.text.lstrip("\ufeff"))))
    assert (read[1][6], read[1][8]) == ("22/11/2026 05:36", "Ông phat.thanh")
    book = await work.chair.get(f"/ban/loa/so/tep?xa={UNIT}&loai=xlsx")
    assert book.headers["content-disposition"].endswith('.xlsx"')
    back = await work.announcer.fill("/ban/loa/so", f"/ban/loa/so/{line.id}/chua", xa=UNIT)
    assert "Đã bỏ dấu đã phát" in back.text
    # a system that plays the file ticks it off: key 1 is not official 1
    async with work.house.store.write() as tx:
        await bulletin_log.tick(tx, line.code, "key:1", now=AFTER, at=AFTER, who="key:1")
    shown = await work.chair.get("/ban/loa/so")
    assert "ghi bằng mã trên phiếu, hệ thống khác, khóa số 1" in shown.text
    assert "hệ thống khác, khóa số 1" in (await work.chair.get(f"/ban/loa/so/tep?xa={UNIT}&loai=csv")).text
    assert (await work.chair.fill("/ban/loa", f"/ban/loa/so/{line.id}/phat")).status == 404
    for odd in ("tu=x&den=y", "tu=2000-01-01", "tu=2026-12-01&den=2026-11-01"):
        assert (await work.chair.get(f"/ban/loa/so?{odd}")).status == 200


async def test_what_a_lesser_voice_read_is_listed_and_made_again(work: Work) -> None:
    work.house.child.lesser = True
    number = await work.house.write()
    row = await work.house.make(number)
    one = wanted(work.house.library, ENTRY, UNIT, TODAY)
    assert one is not None
    await work.house.clips.made(one)
    shown = await work.announcer.get("/ban/loa/giong")
    assert row.title in shown.text
    assert work.house.library.entry(ENTRY).title in shown.text
    async with work.house.store.read() as tx:
        (clip,) = await clips.lesser(tx)
    for what, key in (
        (f"tin-{number}", f"{editing.MAKE}:{number}"),
        (f"bai-{clip.id}", f"{clips.MAKE}:{ENTRY}:{UNIT}"),
    ):
        await work.announcer.fill("/ban/loa/giong", "/ban/loa/giong/lai", ma=what)
        async with work.house.store.read() as tx:
            assert await jobs.waits(tx, key)
    assert (await work.announcer.fill("/ban/loa/giong", "/ban/loa/giong/lai", ma="bai-99")).status == 404
    # the order makes it anew although it is there
    work.house.child.lesser = False
    worker = Worker(work.house.store, work.house.hands.clock, {clips.MAKE: work.house.clips.make})
    assert await worker.step()
    async with work.house.store.write() as tx:
        assert await clips.lesser(tx) == []
        await order(tx, ENTRY, UNIT, work.house.hands.at)
