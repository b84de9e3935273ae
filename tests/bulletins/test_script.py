"""What is read: the station's words, entries of the day, voices, and the hash both sides agree on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from audio import bulletin as sounds
from audio.spec import Part
from audio.spec import text_sha256 as audio_hash
from bot.bulletins.item import Item, ItemKind, WrongItemError, item_from, items_from, to_plain
from bot.bulletins.plan import propose
from bot.bulletins.script import Programme, compose, readers, role_of
from bot.bulletins.slots import Priority
from bot.jobs.bulletins import BulletinMaker
from bot.library import (
    Base,
    EntryKey,
    Library,
    Overlay,
    Published,
    Signature,
    spoken,
    text_hash,
    voice_note,
)
from bot.library.schema.answers import Announcement, Faq
from tests.bulletins.conftest import AIR, ENTRY, Station
from tests.harness.officials import UNIT

REPORT: dict[str, Any] = {
    "kind": "phong-su",
    "title": "Vườn của chị Sen",
    "byline": "Thu Hà",
    "lines": [
        {"text": "Chúng tôi đến thăm vườn nhà chị.", "gender": "nu", "region": "nam"},
        {"recording": "ab" * 32, "text": "Tôi trồng từ hai năm trước."},
        {"text": "Mời bà con ghé xem.", "gender": "nam"},
    ],
}


@pytest.fixture
def library(base: tuple[Base, Library]) -> Library:
    return base[1]


def programme(*items: Item, at: str = "05:30", priority: Priority = Priority.USUAL, day: date = AIR) -> Programme:
    return Programme(UNIT, day, at, priority, items)


def test_both_sides_count_the_same_hash() -> None:
    texts = ["  Một câu. ", "", "Hai câu.\n", "Ba"]
    parts = tuple(Part("say", text) for text in texts if text)
    assert text_hash(texts) == audio_hash(parts)


async def test_the_audio_process_is_asked_for_the_very_words(station: Station) -> None:
    items = [
        REPORT,
        {**REPORT, "twice": True},
        {"kind": "tin", "title": "Tin", "twice": True, "lines": [{"text": "Mai họp thôn."}]},
        {"kind": "tin", "title": "Tin", "twice": True, "lines": [{"recording": "cd" * 32, "text": "Mai họp."}]},
        {"kind": "entry", "entry": ENTRY, "twice": True},
    ]
    row = await station.row(await station.write(items=items))
    script = compose(station.library, programme(*items_from(items)))
    maker: BulletinMaker = station.maker
    spec = maker._spec(row, script, {}, "mp3")
    assert sounds.script_hash(spec) == script.text_hash
    assert set(spec.voices) == {"", "nu-nam", "nam"}
    assert (spec.voices["nu-nam"].region, spec.voices["nam"].gender) == ("nam", "nam")


def test_the_station_speaks_around_the_items(library: Library) -> None:
    script = compose(library, programme(Item(ItemKind.ENTRY, ENTRY)))
    kinds = [segment.kind for segment in script.segments]
    assert kinds == ["chime", "speech", "pause", "speech", "pause", "speech", "chime"]
    opening, body, closing = (segment for segment in script.segments if segment.kind == "speech")
    assert "Đài truyền thanh xã Tứ Kỳ" in opening.text
    assert "chủ nhật, ngày 22 tháng 11 năm 2026" in opening.text
    assert "buổi sáng" in opening.text
    assert body.text == spoken(library, ENTRY, AIR, UNIT).text
    assert "do máy đọc" in closing.text
    assert script.obstacles == ()
    noon = compose(library, programme(Item(ItemKind.ENTRY, ENTRY), at="12:00"))
    assert "buổi trưa" in noon.segments[1].text
    for at, told in (("17:59", "buổi chiều"), ("18:00", "buổi tối"), ("20:58", "buổi tối")):
        late = compose(library, programme(Item(ItemKind.ENTRY, ENTRY), at=at))
        assert told in late.segments[1].text
    assert noon.text_hash != script.text_hash
    urgent = compose(library, programme(Item(ItemKind.ENTRY, ENTRY), at="22:00", priority=Priority.URGENT))
    assert "tin khẩn" in urgent.segments[1].text


def test_a_report_keeps_its_voices_and_its_byline(library: Library) -> None:
    script = compose(library, programme(item_from(REPORT)))
    heard = [segment for segment in script.segments if segment.item == 1]
    assert [segment.kind for segment in heard] == ["speech", "recording", "speech", "speech"]
    assert heard[0].title == "Vườn của chị Sen"
    assert heard[3].text == "Bài của Thu Hà."
    assert [role_of(segment) for segment in heard] == ["nu-nam", "", "nam", ""]
    voices = readers(library, UNIT, script.segments)
    assert voices["nu-nam"].gender == "nu"
    assert voices[""] == library.units[UNIT].voice


def test_several_voices_are_heard_again_as_a_whole(library: Library) -> None:
    script = compose(library, programme(item_from({**REPORT, "twice": True})))
    heard = [segment.kind for segment in script.segments if segment.item == 1]
    assert heard == ["speech", "recording", "speech", "pause", "speech", "recording", "speech", "speech"]
    assert not any(segment.twice for segment in script.segments)


def test_a_citizens_words_go_to_no_online_voice(library: Library) -> None:
    winner = item_from({"kind": "bai-thi", "title": "Bài đoạt giải", "lines": [{"text": "Nhà tôi thoát nghèo."}]})
    script = compose(library, programme(winner, Item(ItemKind.ENTRY, ENTRY)))
    assert [segment.private for segment in script.segments if segment.kind == "speech"] == [False, True, False, False]


@pytest.mark.parametrize(
    ("entry", "code"),
    [("qua-tet-gao-tet", "not_valid"), ("ho-tro-tien-dien", "not_signed"), ("khong-con", "gone")],
)
def test_what_may_not_go_on_air_is_named(library: Library, entry: str, code: str) -> None:
    (obstacle,) = compose(library, programme(Item(ItemKind.ENTRY, entry))).obstacles
    assert (obstacle.code, obstacle.item) == (code, 1)


def test_an_empty_bulletin_is_none(library: Library) -> None:
    assert [one.code for one in compose(library, programme()).obstacles] == ["empty"]


def test_items_come_back_from_their_rows() -> None:
    items = items_from([REPORT, {"kind": "entry", "entry": ENTRY, "twice": True}])
    assert items_from(to_plain(items)) == items
    for wrong in (
        {**REPORT, "entry": ENTRY},
        {**REPORT, "lines": "x"},
        {**REPORT, "lines": [{"text": "a", "gender": "x"}]},
    ):
        with pytest.raises(WrongItemError):
            item_from(wrong)


def announced(base: tuple[Base, Library]) -> Library:
    """The library with what one commune says in its own name."""
    meeting = Announcement(
        id="hop-thon", title="Họp thôn", short="Họp thôn", topic="ra-soat", unit=UNIT, reviewed_on=AIR,
        answer="Mai họp thôn.", broadcast="Bảy giờ tối mai, mời bà con họp thôn ở nhà văn hóa.",
        valid_from=AIR, valid_to=AIR + timedelta(days=2),
    )  # fmt: skip
    question = Faq(
        id="nop-o-dau", title="Nộp giấy ở đâu?", short="Nộp giấy", topic="bo-may", unit=UNIT, reviewed_on=AIR,
        answer="Nộp ở xã.", broadcast="Bà con hỏi nộp giấy ở đâu. Xin trả lời: nộp ở ủy ban xã.",
    )  # fmt: skip
    laid = Overlay(
        entries={
            EntryKey("announcements", meeting.id, UNIT): Published(meeting),
            EntryKey("faq", question.id, UNIT): Published(question),
        },
        signatures={
            EntryKey("announcements", meeting.id, UNIT): Signature(UNIT, AIR, "lanh-dao"),
            EntryKey("faq", question.id, UNIT): Signature(UNIT, AIR, "lanh-dao"),
        },
        revision="1",
    )
    return Library.build(base[0], laid)


def test_announcements_and_approved_answers_are_aired_like_any_entry(base: tuple[Base, Library]) -> None:
    library = announced(base)
    items = (Item(ItemKind.ENTRY, "hop-thon", twice=True), Item(ItemKind.ENTRY, "nop-o-dau"))
    script = compose(library, programme(*items))
    assert script.obstacles == ()
    assert script.ends_on == AIR + timedelta(days=2)
    assert [segment.twice for segment in script.segments if segment.item] == [True, False]
    late = compose(library, programme(*items, day=AIR + timedelta(days=3)))
    assert [one.code for one in late.obstacles] == ["not_valid"]
    elsewhere = compose(library, replace(programme(*items), unit="xa-dak-doa"))
    assert len(elsewhere.obstacles) == 2


def test_an_announcement_is_proposed_before_it_is_over_and_read_only_where_it_is_meant(
    base: tuple[Base, Library],
) -> None:
    library = announced(base)
    first = propose(library, UNIT, AIR)[0].picks
    assert "hop-thon" in [pick.entry for pick in first[:2]]
    assert voice_note(library, "hop-thon", AIR, UNIT) is not None
    assert voice_note(library, "hop-thon", AIR, "xa-dak-doa") is None
    assert voice_note(library, "hop-thon", AIR + timedelta(days=3), UNIT) is None
