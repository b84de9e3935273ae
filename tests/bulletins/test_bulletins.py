"""From a draft to what everybody hears: written, made, handed in, approved by another, published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from audio import catalogue
from audio.spec import Fault
from bot.bulletins import approval, doubts, editing
from bot.bulletins.approval import OtherTextError, ResidueError
from bot.bulletins.doubts import UnheededError
from bot.bulletins.editing import (
    FaultyError,
    FullSlotError,
    MovedOnError,
    NotAirableError,
    NotMadeError,
    PastError,
    TooFarError,
    TooLongError,
)
from bot.bulletins.item import WrongItemError, items_from
from bot.bulletins.slots import Hours, NoReasonError, QuietHoursError
from bot.jobs.worker import Worker
from bot.rights import NotAllowedError
from bot.store import airings, audit, jobs
from tests.bulletins.conftest import AIR, ENTRY, OTHER, TODAY, Station
from tests.harness.officials import UNIT, lent, made, role


async def test_a_bulletin_goes_from_draft_to_the_catalogue(station: Station) -> None:
    row = await station.published(ENTRY, OTHER)
    assert row.state == "published"
    assert (row.approved_text, row.approved_sound) == (row.text_hash, row.sound_hash)
    assert row.title == "Bản tin 5:30 ngày 22/11/2026"
    (there,) = catalogue.listed(station.folder, AIR, UNIT)
    assert {sound.format for sound in there.sounds} == {"mp3", "opus"}
    assert "Đài truyền thanh xã Tứ Kỳ" in there.sidecar.script
    assert there.sidecar.text_sha256 == row.text_hash
    assert there.sidecar.label
    assert (there.sidecar.air_on, there.sidecar.slot_at, there.sidecar.zone) == (AIR, "05:30", "")
    async with station.store.read() as tx:
        (line,) = await airings.of_bulletin(tx, row.id)
        done = [entry.what for entry in await audit.page(tx, ref=f"bulletins:{row.id}")]
    assert (line.air_on, line.slot_at, line.aired_at) == (AIR, "05:30", None)
    assert done == ["bulletin-published", "bulletin-approved", "bulletin-handed-in", "bulletin-written"]


async def test_jobs_do_it_beside_and_asking_twice_makes_one(station: Station) -> None:
    number = await station.write()
    async with station.store.write() as tx:
        for _ in range(2):
            await editing.order_sound(tx, station.writer, station.library, number, at=station.hands.at)
    worker = Worker(station.store, station.hands.clock, {editing.MAKE: station.maker.make})
    assert [await worker.step(), await worker.step()] == [True, False]
    assert (await station.row(number)).progress == 100
    assert len(station.child.specs) == 1


async def test_the_author_never_approves(station: Station) -> None:
    both = await made(
        station.store, station.library, station.hands, "chu-tich-viet", role("lanh-dao"), role("phat-thanh-vien")
    )
    number = await station.write(official=both)
    await station.make(number)
    async with station.store.write() as tx:
        await editing.hand_in(tx, both, station.library, number, today=TODAY, at=station.hands.at)
    row = await station.row(number)
    with pytest.raises(NotAllowedError):
        await station.approve(row, both)
    assert (await station.approve(row)).state == "approved"


async def test_who_changed_it_does_not_approve_it_either(station: Station) -> None:
    number = await station.write()
    async with station.store.write() as tx:
        changes = {"items": [{"kind": "entry", "entry": OTHER}]}
        await editing.edit(
            tx, station.chair, station.library, number, changes, revision=0, today=TODAY, at=station.hands.at
        )
    await station.make(number)
    await station.hand_in(number)
    row = await station.row(number)
    assert not approval.may_approve(station.chair, station.library, row)
    with pytest.raises(NotAllowedError):
        await station.approve(row)


async def test_a_deputy_needs_the_written_delegation(station: Station) -> None:
    deputy = await made(station.store, station.library, station.hands, "pho", role("lanh-dao", is_chair=False))
    lent_one = await made(
        station.store, station.library, station.hands, "pho-duoc", role("lanh-dao", is_chair=False), lent()
    )
    row = await station.waiting()
    with pytest.raises(NotAllowedError):
        await station.approve(row, deputy)
    with pytest.raises(NotAllowedError):
        await station.approve(row, station.writer)
    approved = await station.approve(row, lent_one)
    assert approved.approved_document == "12/QĐ-UBND"


async def test_a_changed_letter_is_no_longer_approved(station: Station) -> None:
    row = await station.approve(await station.waiting(title="Tin sáng"))
    assert approval.is_approved(station.library, row)
    async with station.store.write() as tx:
        changes = {"items": [{"kind": "tin", "title": "Tin", "lines": [{"text": "Sáng mai họp thôn."}]}]}
        await editing.edit(
            tx,
            station.writer,
            station.library,
            row.id,
            changes,
            revision=row.revision,
            today=TODAY,
            at=station.hands.at,
        )
    edited = await station.row(row.id)
    assert (edited.state, edited.approved_text, edited.sound_hash, edited.approved_by) == ("draft", "", "", None)
    await station.maker.publish({"bulletin": row.id})
    assert (await station.row(row.id)).state == "draft"
    assert catalogue.listed(station.folder, AIR, UNIT) == ()


async def test_approval_is_of_this_text_and_this_sound(station: Station) -> None:
    row = await station.waiting()
    for text, sound in ((row.text_hash, "0" * 64), ("0" * 64, row.sound_hash)):
        with pytest.raises(OtherTextError):
            await station.approve(row, text_hash=text, sound_hash=sound)


async def test_sound_made_anew_needs_a_new_word(station: Station) -> None:
    row = await station.waiting()
    station.child.seconds = 61.0
    async with station.store.write() as tx:
        await editing.edit(
            tx, station.writer, station.library, row.id, {"profile": "fm"}, revision=row.revision, today=TODAY,
            at=station.hands.at,
        )  # fmt: skip
    await station.make(row.id)
    await station.hand_in(row.id)
    with pytest.raises(OtherTextError):
        await station.approve(row)


async def test_what_the_reader_cannot_read_needs_an_officials_word(station: Station) -> None:
    station.child.residue = ("word: XYZQ",)
    row = await station.waiting()
    with pytest.raises(ResidueError, match="XYZQ"):
        await station.approve(row)
    assert (await station.approve(row, accepts_residue=True)).accepts_residue
    await station.maker.publish({"bulletin": row.id})
    assert (await station.row(row.id)).state == "published"


async def test_failed_checks_keep_it_back_and_say_why(station: Station) -> None:
    station.child.faults = (Fault("silence", "3.0", "2.0", "41"),)
    number = await station.write()
    await station.make(number)
    with pytest.raises(FaultyError, match="Im lặng"):
        await station.hand_in(number)


async def test_the_file_is_decoded_once_more_before_it_is_published(station: Station) -> None:
    row = await station.approve(await station.waiting())
    station.child.examined = (Fault("peak", "0.3", "-1"),)
    await station.maker.publish({"bulletin": row.id})
    refused = await station.row(row.id)
    assert refused.state == "draft"
    assert "Đỉnh tiếng" in refused.note
    assert catalogue.listed(station.folder, AIR, UNIT) == ()


async def test_editing_meanwhile_throws_old_sound_away(station: Station) -> None:
    number = await station.write()
    before = await station.row(number)
    async with station.store.write() as tx:
        changes = {"items": [{"kind": "entry", "entry": OTHER}]}
        await editing.edit(
            tx, station.writer, station.library, number, changes, revision=0, today=TODAY, at=station.hands.at
        )
    assert not await station.maker.made(before)
    assert (await station.row(number)).sound_hash == ""
    with pytest.raises(NotMadeError):
        await station.hand_in(number)
    with pytest.raises(MovedOnError):
        async with station.store.write() as tx:
            await editing.edit(
                tx, station.writer, station.library, number, {}, revision=0, today=TODAY, at=station.hands.at
            )


async def test_only_what_holds_and_is_signed_goes_on_air(station: Station) -> None:
    for entry in ("qua-tet-gao-tet", "ho-tro-tien-dien", "chuan-ngheo-2027-2030"):
        number = await station.write(entry)
        await station.make(number)
        with pytest.raises(NotAirableError):
            await station.hand_in(number)


async def test_the_night_belongs_to_sleep_unless_it_is_urgent(station: Station) -> None:
    with pytest.raises(QuietHoursError):
        await station.write(slot_at="21:30")
    with pytest.raises(QuietHoursError):
        await station.write(slot_at="04:45")
    with pytest.raises(NoReasonError):
        await station.write(slot_at="22:00", priority="khan-cap")
    urgent = await station.write(slot_at="22:00", priority="khan-cap", reason="Nước sông lên nhanh")
    assert (await station.row(urgent)).title.startswith("Tin khẩn")
    early = await station.waiting(slot_at="05:10")
    async with station.store.write() as tx:
        hours = await approval.approve(
            tx, station.chair, station.library, early.id, text_hash=early.text_hash, sound_hash=early.sound_hash,
            today=TODAY, at=station.hands.at,
        )  # fmt: skip
    assert hours is Hours.UNUSUAL


async def test_a_bulletin_is_not_longer_than_its_slot(station: Station) -> None:
    station.child.seconds = 15 * 60 + 1
    number = await station.write()
    await station.make(number)
    with pytest.raises(TooLongError):
        await station.hand_in(number)


async def test_a_slot_holds_all_its_bulletins(station: Station) -> None:
    station.child.seconds = 8 * 60
    first = await station.published()
    second = await station.write(OTHER)
    row = await station.make(second)
    assert row.title == f"{first.title} (số 2)"
    with pytest.raises(FullSlotError) as wrong:
        await station.hand_in(second)
    assert "480" in str(wrong.value)
    evening = await station.waiting(OTHER, slot_at="17:00")
    assert evening.state == "waiting"


async def test_zones_are_judged_each_for_itself(station: Station) -> None:
    east = replace(await station.row(await station.write()), state="published", zone="dong", sound={"seconds": 300.0})
    rows = [
        east,
        replace(east, zone="tay", sound={"seconds": 200.0}),
        replace(east, zone=""),
        replace(east, state="draft"),
    ]
    assert editing.beside(rows) == 600.0
    assert editing.beside([]) == 0.0


async def test_what_cannot_be_published_goes_back_with_the_reason(station: Station) -> None:
    row = await station.approve(await station.waiting())
    async with station.store.write() as tx:
        assert await approval.give_up(tx, at=station.hands.at) == []
        for _ in range(approval.TRIES_MOST):
            assert await jobs.claim(tx, [editing.PUBLISH], station.hands.at, station.hands.at)
    await station.maker.sweep({})
    back = await station.row(row.id)
    assert (back.state, back.approved_by) == ("draft", None)
    assert "Máy đã thử 8 lần mà chưa đưa lên được" in back.note
    async with station.store.read() as tx:
        assert not await jobs.waits(tx, f"{editing.PUBLISH}:{row.id}")
    again = await station.row(row.id)
    await station.hand_in(again.id)
    lost = await station.approve(await station.row(row.id))
    async with station.store.write() as tx:
        await jobs.drop(tx, f"{editing.PUBLISH}:{row.id}")
        assert await approval.give_up(tx, at=station.hands.at) == [lost.id]


async def test_a_bulletin_is_written_at_most_a_year_ahead(station: Station) -> None:
    for far in (TODAY + timedelta(days=367), date.max):
        with pytest.raises(TooFarError):
            await station.write(air_on=far)
    assert await station.write(air_on=TODAY + timedelta(days=366))


@pytest.mark.parametrize(
    "items",
    [
        [{"kind": "entry", "entry": "khong-co"}],
        [{"kind": "tin", "title": "Tin", "lines": []}],
        [{"kind": "tin", "title": "", "lines": [{"text": "Lời"}]}],
        [{"kind": "tin", "title": "Tin", "lines": [{"text": ""}]}],
        [{"kind": "tin", "title": "Tin", "lines": [{"recording": "../x"}]}],
        [{"kind": "la", "title": "Tin"}],
        [{"kind": "entry", "entry": ENTRY}] * 21,
    ],
)
async def test_wrong_items_are_refused(station: Station, items: list[dict[str, object]]) -> None:
    with pytest.raises(WrongItemError):
        await station.write(items=items)


LETTER = {
    "kind": "bai-thi",
    "title": "Thư bà con",
    "byline": "Nguyễn Thị Hoa",
    "lines": [{"text": "Cảm ơn anh Trần Văn Hùng, số 0912 345 678."}],
}


async def test_words_that_give_a_person_away_are_let_stand_by_writer_and_approver(station: Station) -> None:
    number = await station.write(items=[{"kind": "entry", "entry": ENTRY}, LETTER])
    row = await station.make(number)
    found = doubts.remarks(station.library, items_from(row.items))
    assert {(one.level, one.field) for one in found} == {("confirm", "2")}
    assert len(found) == 3
    given = {"today": TODAY, "at": station.hands.at}
    for stand in ([], [one.mark for one in found[1:]]):
        with pytest.raises(UnheededError):
            async with station.store.write() as tx:
                await editing.hand_in(tx, station.writer, station.library, number, stand=stand, **given)
    await station.hand_in(number)
    with pytest.raises(UnheededError):
        await station.approve(await station.row(number), stand=[])
    assert (await station.approve(await station.row(number))).state == "approved"
    async with station.store.read() as tx:
        (line,) = await audit.page(tx, what="bulletin-approved")
    assert line.detail["stood"] == [f"2 {one.mark}" for one in found]
    assert "Hùng" not in str(line)


async def test_a_papers_number_is_never_read_out(station: Station) -> None:
    lines = [{"text": "Căn cước số 030 185 012 345 để quên ở xã."}]
    number = await station.write(items=[{"kind": "tin", "title": "Tin", "byline": "Trần Thị Mai", "lines": lines}])
    row = await station.make(number)
    (found,) = doubts.remarks(station.library, items_from(row.items))
    assert found.level == "mend", "and the name under news is its writer's"
    with pytest.raises(UnheededError):
        await station.hand_in(number)


async def test_yesterday_is_over(station: Station) -> None:
    with pytest.raises(PastError):
        await station.write(air_on=TODAY.replace(day=20))


async def test_who_has_no_right_sees_nothing(station: Station) -> None:
    stranger = await made(
        station.store, station.library, station.hands, "xa-khac", role("phat-thanh-vien", "xa-dak-doa")
    )
    number = await station.write()
    with pytest.raises(NotAllowedError):
        async with station.store.write() as tx:
            await editing.order_sound(tx, stranger, station.library, number, at=station.hands.at)
    with pytest.raises(NotAllowedError):
        await station.write(official=stranger)


async def test_a_waiting_one_is_sent_back_with_a_word_and_a_draft_dropped(station: Station) -> None:
    row = await station.waiting()
    async with station.store.write() as tx:
        await approval.send_back(tx, station.chair, station.library, row.id, "Bỏ bớt một bài.", at=station.hands.at)
    assert ((await station.row(row.id)).state, (await station.row(row.id)).note) == ("draft", "Bỏ bớt một bài.")
    async with station.store.write() as tx:
        await editing.drop(tx, station.writer, station.library, row.id, at=station.hands.at)
    async with station.store.read() as tx:
        with pytest.raises(NotAllowedError):
            await editing.find(tx, station.library, row.id)


async def test_what_was_refused_can_be_handed_in_again(station: Station) -> None:
    row = await station.approve(await station.waiting())
    changed = station.library
    station.shelf._library = replace(changed, overlay=replace(changed.overlay), policies={}, memo={}, _kinds={})
    await station.maker.publish({"bulletin": row.id})
    station.shelf._library = changed
    refused = await station.row(row.id)
    assert (refused.state, refused.approved_text) == ("draft", "")
    assert catalogue.listed(station.folder, AIR, UNIT) == ()
    await station.hand_in(row.id)
    await station.approve(await station.row(row.id))
    await station.maker.publish({"bulletin": row.id})
    assert (await station.row(row.id)).state == "published"
    assert len(catalogue.listed(station.folder, AIR, UNIT)) == 1


async def test_sent_back_while_it_is_published_it_is_not_public(station: Station) -> None:
    row = await station.approve(await station.waiting())

    async def send_back(*_told: object) -> tuple[Fault, ...]:
        async with station.store.write() as tx:
            await approval.send_back(tx, station.chair, station.library, row.id, "Khoan đã.", at=station.hands.at)
        return ()

    station.child.examine = send_back  # type: ignore[method-assign]
    await station.maker.publish({"bulletin": row.id})
    returned = await station.row(row.id)
    assert (returned.state, returned.note) == ("draft", "Khoan đã.")
    assert catalogue.listed(station.folder, AIR, UNIT) == ()
