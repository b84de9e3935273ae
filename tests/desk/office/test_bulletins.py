"""Bulletins at the desk: planned, put together, made, handed in, approved by another, aired, logged; human voices."""

from __future__ import annotations

import csv
import io
import math
import random
import struct
import wave
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from audio.spec import Fault
from bot.bulletins import editing
from bot.clips import order, wanted
from bot.jobs.worker import Worker
from bot.store import airings, bulletins, clips, jobs
from bot.store.bulletins import BulletinRow
from desk.pages.loa import RECORDING_BYTES
from tests.bulletins.conftest import AIR, ENTRY, OTHER, TODAY, QuickChild, Station
from tests.desk.office.conftest import PASSWORD, Answer, Client, add_official, contents, fill_in
from tests.harness.clock import Hands
from tests.harness.officials import UNIT, made, role
from tests.harness.site import Running

NewClient = Callable[[], Awaitable[Client]]
#: 5:36 on the air date
AFTER = datetime(2026, 11, 21, 22, 36, tzinfo=UTC)


def speech(seconds: float = 4.0, noise: float = 0.001, loud: float = 0.4, rate: int = 16_000) -> bytes:
    """A WAV of something that swells and pauses as speech does, over noise."""
    chance = random.Random(7)
    samples = []
    for i in range(round(seconds * rate)):
        at = i / rate
        voiced = max(0.0, math.sin(2 * math.pi * 1.3 * at)) if 0.5 < at < seconds - 0.5 else 0.0
        value = loud * voiced * math.sin(2 * math.pi * 180 * at) + noise * chance.uniform(-1, 1)
        samples.append(round(32767 * max(-1.0, min(1.0, value))))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return out.getvalue()


async def station_of(place: Running, hands: Hands, tmp_path: Path) -> Station:
    """A quick studio beside a running site."""
    store, shelf = place.house.store, place.house.shelf
    writer = await made(store, shelf.library, hands, "nguoi.viet", role("phat-thanh-vien"))
    chair = await made(store, shelf.library, hands, "nguoi.duyet", role("lanh-dao"))
    return Station(store, shelf, hands, QuickChild(), tmp_path / "loa", writer, chair)


async def on_air(place: Running, hands: Hands, tmp_path: Path) -> dict[str, str]:
    """What the paths of the desk's pages for bulletins name: one that waits, with sound and a recorded line."""
    house = await station_of(place, hands, tmp_path)
    recording = await house.store.blobs.put(speech())
    items = [{"kind": "tin", "title": "Tin", "lines": [{"text": "Sáng mai họp thôn.", "recording": recording}]}]
    row = await house.waiting(items=items)
    return {"bulletin": str(row.id), "item": "1", "line": "1", "sound": row.sound_hash, "airing": "1"}


@dataclass
class Work:
    """An announcer and a chair with browsers, and a studio beside."""

    place: Running
    house: Station
    announcer: Client
    chair: Client

    async def drafted(self, **more: str) -> BulletinRow:
        """A bulletin made of the week's proposal, by the pages."""
        given = {"xa": UNIT, "air_on": AIR.isoformat(), "slot_at": "05:30", "zone": "", "plan": "1", **more}
        shown = await self.announcer.fill("/ban/loa", "/ban/loa/moi", **given)
        assert shown.status == 200, shown.text
        return await self.house.row(int(shown.path.split("/tin/")[1].partition("?")[0]))

    async def act(self, who: Client, row: BulletinRow, what: str, status: int = 200, **fields: str) -> Answer:
        """Send one form of a bulletin's paper."""
        path = f"/ban/loa/tin/{row.id}"
        shown = await who.fill(path, f"{path}/{what}", **fields)
        assert shown.status == status, shown.text
        return shown

    async def sounded(self) -> None:
        """What waits is made."""
        maker = self.house.maker
        kinds = {editing.MAKE: maker.make, editing.PUBLISH: maker.publish, editing.RECALL: maker.take_back}
        worker = Worker(self.house.store, self.house.hands.clock, kinds)
        while await worker.step():
            pass

    async def record(self, row: BulletinRow, line: int, sound: bytes, status: int = 200, **fields: str) -> Answer:
        """Send a take."""
        path = f"/ban/loa/tin/{row.id}/bai/1/thu"
        shown = await self.announcer.get(path)
        form = aiohttp.FormData(
            {"the": shown.token, "revision": str((await self.house.row(row.id)).revision), **fields}
        )
        form.add_field("sound", sound, filename="thu.wav", content_type="audio/wav")
        answer = await self.announcer.post(f"{path}/{line}", form)
        assert answer.status == status, answer.text
        return answer


@pytest.fixture
async def work(place: Running, new_client: NewClient, hands: Hands, tmp_path: Path) -> Work:
    house = await station_of(place, hands, tmp_path)
    await add_official(place, "phat.thanh", "phat-thanh-vien")
    await add_official(place, "chu.tich", "lanh-dao", is_chair=True)
    announcer, chair = await new_client(), await new_client()
    await announcer.sign_in("phat.thanh")
    await chair.sign_in("chu.tich", PASSWORD)
    return Work(place, house, announcer, chair)


async def test_from_the_proposal_to_what_everybody_hears(work: Work) -> None:
    week = await work.announcer.get("/ban/loa")
    assert "Gợi ý" in week.text
    assert "Đường loa" not in week.text
    row = await work.drafted()
    assert [item["kind"] for item in row.items] == ["entry"] * len(row.items)
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
    assert len(rows) == 14
    assert "theo gợi ý</button>" not in shown.text
    part = await work.announcer.get(f"/ban/loa/tuan?xa={UNIT}&tu={TODAY.isoformat()}")
    assert part.text.count("Đang soạn") == 14
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
    assert choice.text.count("<li") < 10
    revision = str((await work.house.row(number)).revision)
    await work.act(work.announcer, row, "them", revision=revision, entry=ENTRY)
    assert [item["entry"] for item in (await work.house.row(number)).items] == [OTHER, ENTRY]
    wrong = await work.act(work.announcer, row, "them", 400, revision=str(int(revision) + 1), entry="khong-co")
    assert "chưa dùng được" in wrong.text


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
    odd = await work.announcer.fill("/ban/loa", "/ban/loa/moi", xa=UNIT, air_on="mai", slot_at="05:30")
    assert odd.status == 400


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
    assert "Máy chưa đọc được" in refused.text
    await work.act(work.chair, row, "duyet", **given, residue="1")
    assert (await work.house.row(row.id)).accepts_residue


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
    for data in (b"", b"\x00\x00\x00\x20ftypM4A " + bytes(2000), b"not sound at all" * 100):
        assert "không mở được bản thu" in (await work.record(row, 1, data, 400)).text
    await work.record(row, 9, speech(), 400)
    assert await contents(work.place) == before
    path = f"{work.place.url}/ban/loa/tin/{row.id}/bai/1/thu/1"
    said = {"content-length": str(RECORDING_BYTES + 1)}
    async with work.announcer.http.request("POST", path, headers=said, skip_auto_headers=["content-type"]) as too_large:
        assert too_large.status == 413


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


async def test_zones_are_named(work: Work) -> None:
    await fill_in(work.place, work.house.chair.id, zones=[{"id": "thon-1", "title": "Loa thôn La Tỉnh"}])
    row = await work.drafted(plan="", zone="thon-1")
    assert "Loa thôn La Tỉnh" in (await work.announcer.get(f"/ban/loa/tin/{row.id}")).text
