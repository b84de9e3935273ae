"""Bulletins at the desk: planned, put together, made, handed in, approved by another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from audio.spec import Fault
from bot.store import bulletins
from tests.bulletins.conftest import AIR, ENTRY, OTHER, TODAY
from tests.desk.office.announcer import NewClient, Work, work_of
from tests.desk.office.conftest import fill_in
from tests.harness.clock import Hands
from tests.harness.officials import UNIT
from tests.harness.site import Running


@pytest.fixture
async def work(place: Running, new_client: NewClient, hands: Hands, tmp_path: Path) -> Work:
    return await work_of(place, new_client, hands, tmp_path)


async def test_from_the_proposal_to_what_everybody_hears(work: Work) -> None:
    week = await work.announcer.get("/ban/loa")
    assert "Gợi ý" in week.text
    proposed = re.findall(r'name="entries" value="([^"]+)"', week.text)
    # it is 10:00: this morning's time is over
    assert len(proposed) == 13
    assert len(set(proposed)) == 7, "the evening repeats the morning"
    row = await work.drafted(entries=proposed[4])
    assert [item["entry"] for item in row.items] == proposed[4].split()
    paper = await work.announcer.get(f"/ban/loa/tin/{row.id}")
    assert "Lời đọc" in paper.text
    assert "Máy đọc thành" in paper.text
    ordered = await work.act(work.announcer, row, "tieng")
    assert "Đang làm tiếng" in ordered.text
    assert 'hx-trigger="every 2s' in ordered.text
    await work.sounded()
    state = await work.announcer.get(f"/ban/loa/tin/{row.id}/tinh")
    assert "<audio controls" in state.text
    assert "Giọng đọc tổng hợp" in state.text
    row = await work.house.row(row.id)
    heard = await work.chair.get(f"/ban/loa/tin/{row.id}/nghe/{row.sound_hash}.mp3", range="bytes=0-9")
    assert heard.status == 206
    assert heard.headers["cache-control"] == "private, no-cache"
    assert (await work.chair.get(f"/ban/loa/tin/{row.id}/nghe/{'0' * 64}.mp3")).status == 404
    waits = await work.act(work.announcer, row, "trinh")
    assert "Đang chờ lãnh đạo duyệt" in waits.text
    assert "/duyet" not in waits.text
    # hashes of another text or sound are no approval of this one
    wrong = await work.act(work.chair, row, "duyet", 400, text=row.text_hash, sound="0" * 64)
    assert "không còn như bản bác đã xem" in wrong.text
    approved = await work.act(work.chair, row, "duyet", text=row.text_hash, sound=row.sound_hash)
    assert "đang kiểm tệp lần cuối" in approved.text
    await work.sounded()
    done = await work.announcer.get(f"/ban/loa/tin/{row.id}")
    assert "Bản tin đã lên trang loa" in done.text
    assert (await work.announcer.get(f"/loa/{UNIT}/{row.id}")).status == 200
    packed = await work.announcer.get(f"/ban/loa/goi/{UNIT}/{row.air_on}")
    assert (packed.status, packed.headers["content-type"]) == (200, "application/zip")
    assert (await work.chair.get(f"/ban/loa/goi/{UNIT}/{row.air_on}")).status == 404, "only who plays it ticks it off"
    assert (await work.announcer.get(f"/ban/loa/goi/{UNIT}/mai")).status == 404
    taken = await work.act(work.chair, row, "rut", 400, why=" ")
    assert "Xin ghi lý do" in taken.text
    taken = await work.act(work.chair, row, "rut", why="Sai số điện thoại")
    assert "Đã thu hồi" in taken.text
    assert (await work.announcer.get(f"/loa/{UNIT}/{row.id}")).status == 410


async def test_the_whole_week_is_drafted_once(work: Work) -> None:
    for _ in range(2):
        shown = await work.announcer.fill("/ban/loa", "/ban/loa/soan", xa=UNIT, tu=TODAY.isoformat())
        assert "Đã soạn theo gợi ý" in shown.text
    async with work.house.store.read() as tx:
        rows = await bulletins.listed(tx, unit=UNIT)
    assert len(rows) == 13
    assert "theo gợi ý</button>" not in shown.text
    part = await work.announcer.get(f"/ban/loa/tuan?xa={UNIT}&tu={TODAY.isoformat()}")
    assert part.text.count("Đang soạn") == 13
    assert "<html" not in part.text
    assert (await work.announcer.get("/ban/loa?tu=x")).status == 200
    assert (await work.announcer.get("/ban/loa?xa=xa-dak-doa")).status == 404


async def test_items_are_moved_added_read_twice_and_taken_out(work: Work) -> None:
    number = await work.house.write(ENTRY, OTHER)
    row = await work.house.row(number)

    async def arrange(**fields: str) -> list[tuple[str, bool]]:
        current = await work.house.row(number)
        await work.act(work.announcer, row, "xep", revision=str(current.revision), **fields)
        return [(item["entry"], item["twice"]) for item in (await work.house.row(number)).items]

    assert await arrange(item="2", how="len") == [(OTHER, False), (ENTRY, False)]
    assert await arrange(item="1", how="xuong") == [(ENTRY, False), (OTHER, False)]
    assert await arrange(item="1", how="hai") == [(ENTRY, True), (OTHER, False)]
    assert await arrange(item="1", how="bo") == [(OTHER, False)]
    moved = await work.act(work.announcer, row, "xep", 400, revision="0", item="1", how="bo")
    assert "Bản tin vừa thay đổi" in moved.text
    choice = await work.announcer.get(f"/ban/loa/tin/{number}/them?tim=nuoc+sach")
    assert f'value="{ENTRY}"' in choice.text
    assert choice.text.count('name="entry"') < 5
    revision = str((await work.house.row(number)).revision)
    await work.act(work.announcer, row, "them", revision=revision, entry=ENTRY)
    assert [item["entry"] for item in (await work.house.row(number)).items] == [OTHER, ENTRY]
    wrong = await work.act(work.announcer, row, "them", 400, revision=str(int(revision) + 1), entry="khong-co")
    assert "không còn trong kho" in wrong.text


async def test_what_was_handed_in_is_a_draft_again_when_a_letter_moves(work: Work) -> None:
    row = await work.house.waiting(ENTRY, OTHER)
    await work.act(work.announcer, row, "xep", revision=str(row.revision), item="1", how="hai")
    changed = await work.house.row(row.id)
    assert (changed.state, changed.sound_hash) == ("draft", "")
    late = await work.act(work.chair, row, "duyet", 400, text=row.text_hash, sound=row.sound_hash)
    assert "Bản tin vừa thay đổi" in late.text


async def test_the_hour_the_reason_and_the_zone_are_checked(work: Work) -> None:
    row = await work.drafted()
    given = {"air_on": AIR.isoformat(), "slot_at": "22:00", "title": "Tin tối", "profile": "fm", "minutes": "5"}
    given |= {"revision": "0", "zone": "", "reason": "", "priority": "thuong"}
    night = await work.act(work.announcer, row, "sua", 400, **given)
    assert "Từ 21 giờ đến 5 giờ" in night.text
    assert 'value="Tin tối"' in night.text
    why = await work.act(work.announcer, row, "sua", 400, **{**given, "priority": "khan-cap"})
    assert "cần ghi lý do" in why.text
    done = await work.act(work.announcer, row, "sua", **{**given, "priority": "khan-cap", "reason": "Lũ về"})
    assert "Lũ về" in done.text
    row = await work.house.row(row.id)
    assert (row.slot_at, row.profile, row.priority, row.target_s) == ("22:00", "fm", "khan-cap", 300)
    past = await work.announcer.fill("/ban/loa", "/ban/loa/moi", xa=UNIT, air_on="2026-11-01", slot_at="05:30")
    assert (past.status, "Ngày phát đã qua" in past.text) == (400, True)
    for none in ("", "2027-02-30"):
        odd = await work.announcer.fill("/ban/loa", "/ban/loa/moi", xa=UNIT, air_on=none, slot_at="05:30")
        assert (odd.status, "không có trong lịch" in odd.text) == (400, True)
    far = await work.announcer.fill("/ban/loa", "/ban/loa/moi", xa=UNIT, air_on="2028-11-22", slot_at="05:30")
    assert (far.status, "hơn một năm" in far.text) == (400, True)
    nameless = await work.act(work.announcer, row, "sua", 400, **{**given, "priority": "?", "revision": "1"})
    assert "Chưa rõ loại tin" in nameless.text
    for odd in ({"air_on": "mai"}, {"entries": "khong-co"}, {"entries": "x " * 30}, {"zone": "khong-co"}):
        given = {"xa": UNIT, "air_on": AIR.isoformat(), "slot_at": "05:30", **odd}
        assert (await work.announcer.fill("/ban/loa", "/ban/loa/moi", **given)).status == 400, odd


async def test_news_is_written_with_several_readers(work: Work) -> None:
    row = await work.house.row(await work.house.write(items=[]))
    empty = await work.announcer.get(f"/ban/loa/tin/{row.id}")
    assert "bản tin chưa có bài nào" in empty.text
    given = {"revision": "0", "kind": "phong-su", "title": "Bờ kênh mới", "byline": "Nguyễn Văn An", "twice": "1"}
    given |= {
        "text.0": "Sáng nay thôn làm xong bờ kênh.",
        "reader.0": "nu",
        "text.1": "Cảm ơn bà con.",
        "reader.1": "nam",
    }
    wrong = await work.act(work.announcer, row, "bai/moi", 400, **{**given, "title": ""})
    assert "Sáng nay thôn làm xong" in wrong.text
    shown = await work.act(work.announcer, row, "bai/moi", **given)
    assert "Bờ kênh mới" in shown.text
    assert "Nguyễn Văn An" in shown.text
    (item,) = (await work.house.row(row.id)).items
    assert [(line["text"], line["gender"]) for line in item["lines"]] == [
        ("Sáng nay thôn làm xong bờ kênh.", "nu"),
        ("Cảm ơn bà con.", "nam"),
    ]
    again = {**given, "revision": "1", "text.1": "", "twice": ""}
    await work.act(work.announcer, row, "bai/1", **again)
    (item,) = (await work.house.row(row.id)).items
    assert (len(item["lines"]), item["twice"]) == (1, False)
    assert (await work.announcer.get(f"/ban/loa/tin/{row.id}/bai/7")).status == 404


async def test_what_could_not_be_read_is_marked_and_needs_a_word(work: Work) -> None:
    items = [{"kind": "tin", "title": "Tin", "lines": [{"text": "Gửi tới XKQZ hôm nay."}]}]
    work.house.child.residue = ("unknown-abbreviation: XKQZ",)
    row = await work.house.waiting(items=items)
    shown = await work.chair.get(f"/ban/loa/tin/{row.id}")
    assert "<mark>XKQZ</mark>" in shown.text
    assert 'name="residue"' in shown.text
    given = {"text": row.text_hash, "sound": row.sound_hash}
    refused = await work.act(work.chair, row, "duyet", 400, **given)
    assert "Máy chưa đọc được chỗ này: XKQZ." in refused.text
    await work.act(work.chair, row, "duyet", **given, residue="1")
    assert (await work.house.row(row.id)).accepts_residue


async def test_the_writer_is_told_what_cannot_be_read_before_handing_it_in(work: Work) -> None:
    recording = await work.house.store.blobs.put(b"x")
    spoken = {"text": "Người đọc chữ я.", "recording": recording}
    items = [
        {"kind": "tin", "title": "Tin ж", "lines": [{"text": "Gửi tới XKQZ, mẫu ж, hôm nay."}, spoken]},
        {"kind": "tin", "title": "Tin ngày", "lines": [{"text": "Họp ngày 31/4/2027 ☺."}]},
    ]
    row = await work.house.row(await work.house.write(items=items))
    shown = (await work.announcer.get(f"/ban/loa/tin/{row.id}")).text
    assert re.findall(r"Máy không đọc được: ([^.]+)\. Bấm Sửa lời", shown) == ["ж"]
    assert re.findall(r"Máy đoán cách đọc:</strong> ([^.]+)\.", shown) == ["XKQZ"]
    assert "Ngày không có trong lịch: 31/4/2027." in shown
    assert "Loa bỏ qua hình vẽ: ☺" in shown


async def test_words_that_give_a_person_away_are_ticked_twice(work: Work) -> None:
    items = [{"kind": "tin", "title": "Tin", "lines": [{"text": "Cảm ơn anh Trần Văn Hùng."}]}]
    number = await work.house.write(items=items)
    row = await work.house.make(number)
    shown = await work.announcer.get(f"/ban/loa/tin/{number}")
    mark = re.search(r'name="stand" value="([0-9a-f]+)" required', shown.text)
    assert mark, shown.text
    refused = await work.act(work.announcer, row, "trinh", 400)
    assert "Bài viết có chữ làm lộ người" in refused.text
    await work.act(work.announcer, row, "trinh", stand=mark[1])
    given = {"text": row.text_hash, "sound": row.sound_hash}
    assert "có thể là tên người" in (await work.chair.get(f"/ban/loa/tin/{number}")).text
    assert (await work.act(work.chair, row, "duyet", 400, **given)).status == 400
    await work.act(work.chair, row, "duyet", **given, stand=mark[1])
    assert (await work.house.row(number)).state == "approved"


async def test_a_papers_number_offers_no_button(work: Work) -> None:
    items = [{"kind": "tin", "title": "Tin", "lines": [{"text": "Căn cước số 030 185 012 345 để quên ở xã."}]}]
    number = await work.house.write(items=items)
    await work.house.make(number)
    shown = await work.announcer.get(f"/ban/loa/tin/{number}")
    assert "Phải sửa rồi mới phát được" in shown.text
    assert "/trinh" not in shown.text


async def test_faults_and_words_of_return_are_told(work: Work) -> None:
    row = await work.house.waiting()
    no_word = await work.act(work.chair, row, "tra", 400, why="")
    assert "Xin ghi cần sửa gì" in no_word.text
    back = await work.act(work.chair, row, "tra", why="Sửa số nhà văn hóa")
    assert "Sửa số nhà văn hóa" in back.text
    assert "/duyet" not in back.text
    work.house.child.faults = (Fault("loudness", found="-20", limit="-14"),)
    number = await work.house.write()
    await work.house.make(number)
    faulty = await work.announcer.get(f"/ban/loa/tin/{number}")
    assert "Tiếng to -20 LUFS" in faulty.text
    assert "/trinh" not in faulty.text
    assert "Đã bỏ bản tin" in (await work.act(work.announcer, await work.house.row(number), "bo")).text
    assert (await work.announcer.get(f"/ban/loa/tin/{number}")).status == 404


async def test_zones_are_named(work: Work) -> None:
    await fill_in(work.place, work.house.chair.id, zones=[{"id": "thon-1", "title": "Loa thôn La Tỉnh"}])
    row = await work.drafted(zone="thon-1")
    assert "Loa thôn La Tỉnh" in (await work.announcer.get(f"/ban/loa/tin/{row.id}")).text
