"""Drafts: saved while typing, checked, handed in, approved by another, published, rolled back, withdrawn."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.editing import bodies, drafts, publishing, sheet
from bot.editing.drafts import StaleError, UnmendedError, WrongStateError
from bot.editing.publishing import BaseMovedError, NoVersionError
from bot.library import EntryKey, Library, airable, answer, spoken
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.runner.shelf import Shelf
from bot.store import Store, audit, overlay
from bot.store.edits import Edit
from tests.editing.conftest import UNIT, UNREAD
from tests.harness.clock import Hands
from tests.harness.officials import ON, made, role

NEWS: dict[str, Any] = {
    "title": "Thứ bảy tiêm phòng trâu bò",
    "short": "Tiêm phòng trâu bò",
    "topic": "sinh-ke",
    "unit": UNIT,
    "valid_from": "2026-11-20",
    "valid_to": "2026-11-30",
    "answer": "Thứ bảy xã tiêm phòng cho trâu bò ở sân thôn. Bà con dắt trâu bò ra trước bảy giờ sáng.",
    "broadcast": (
        "Kính thưa bà con! Thứ bảy xã tiêm phòng cho trâu bò ở sân thôn. "
        "Bà con dắt trâu bò ra trước bảy giờ sáng. Tiêm không mất tiền."
    ),
    "contact": "Hỏi trưởng thôn.",
    "asked_as": ["lịch tiêm phòng trâu bò", "bao giờ tiêm phòng cho bò"],
}


async def begin(store: Store, library: Library, who: Official, hands: Hands, **changes: Any) -> Edit:
    key = drafts.new_key(library, "announcements", NEWS["title"], UNIT, draw=bytes)
    async with store.write() as tx:
        return await drafts.begin(tx, who, library, key, body={**NEWS, **changes}, at=hands.at)


async def submit(store: Store, library: Library, who: Official, edit: Edit, hands: Hands) -> Edit:
    async with store.write() as tx:
        return await drafts.submit(tx, who, library, edit.id, edit.version, unread=UNREAD, on=ON, at=hands.at)


async def approve(store: Store, library: Library, who: Official, edit: Edit, hands: Hands) -> publishing.Outcome:
    async with store.write() as tx:
        return await publishing.approve(
            tx, who, library, edit.id, edit.version, unread=UNREAD, now=hands.at, at=hands.at
        )


async def look(store: Store, library: Library, who: Official, edit: Edit) -> sheet.Sheet:
    async with store.read() as tx:
        return await sheet.look(tx, who, library, edit.id, ON, unread=UNREAD)


async def test_an_announcement_needs_no_topic(
    store: Store, shelf: Shelf, writer: Official, chair: Official, hands: Hands
) -> None:
    edit = await begin(store, shelf.library, writer, hands, topic=None)
    assert (await look(store, shelf.library, writer, edit)).open == 0
    await approve(store, shelf.library, chair, await submit(store, shelf.library, writer, edit, hands), hands)
    now = await shelf.catch_up()
    assert now.entry(edit.entry_id).topic is None  # type: ignore[union-attr]
    seen = spoken(now, edit.entry_id, ON, UNIT)
    assert (seen.topic, seen.airable) == (None, True)


async def test_an_announcement_that_is_over_goes_neither_on_nor_out(
    store: Store, shelf: Shelf, writer: Official, chair: Official, hands: Hands
) -> None:
    over = {"valid_from": "2026-11-01", "valid_to": "2026-11-20"}
    edit = await begin(store, shelf.library, writer, hands, **over)
    with pytest.raises(drafts.UnmendedError):
        await submit(store, shelf.library, writer, edit, hands)
    (told,) = [one for one in (await look(store, shelf.library, writer, edit)).remarks if one.field == "valid_to"]
    assert str(told).startswith("Ngày hết 20/11/2026 đã qua")
    async with store.write() as tx:
        last = await drafts.save(tx, writer, edit.id, edit.version, {"valid_to": "2026-11-21"}, at=hands.at)
    waits = await submit(store, shelf.library, writer, last, hands)
    # the day passes while it waits for approval
    hands.move(days=1)
    with pytest.raises(drafts.UnmendedError):
        await approve(store, shelf.library, chair, waits, hands)


async def test_an_announcement_from_draft_to_the_loudspeaker(
    store: Store, shelf: Shelf, writer: Official, chair: Official, hands: Hands
) -> None:
    edit = await begin(store, shelf.library, writer, hands)
    assert edit.entry_id == "thu-bay-tiem-phong-trau-bo-0000"
    seen = await look(store, shelf.library, writer, edit)
    assert seen.open == 0, seen.remarks
    assert seen.preview is not None
    assert "Từ ngày 20/11/2026 đến ngày 30/11/2026." in seen.preview.text
    assert seen.preview.signed_line == "UBND xã Tứ Kỳ báo tin ngày 21/11/2026."
    assert "bảy giờ" in seen.script
    edit = await submit(store, shelf.library, writer, edit, hands)
    with pytest.raises(NotAllowedError):
        await approve(store, shelf.library, writer, edit, hands)
    outcome = await approve(store, shelf.library, chair, edit, hands)
    assert outcome.version == 1
    now = await shelf.catch_up()
    assert [one.id for one in now.news_for(UNIT, ON)] == [edit.entry_id]
    assert now.news_for("xa-dak-doa", ON) == ()
    assert now.news_for(UNIT, date(2026, 12, 1)) == ()
    assert airable(now, edit.entry_id, ON, UNIT)
    assert not airable(now, edit.entry_id, ON, "xa-dak-doa")
    assert not airable(now, edit.entry_id, date(2026, 12, 1), UNIT)
    assert "Hỏi trưởng thôn." in [part.text for part in answer(now, edit.entry_id, ON, UNIT).parts]
    async with store.read() as tx:
        for what in ("draft-begun", "draft-submitted", "content-published"):
            assert await audit.lines(tx, what)
        assert await sheet.listed(tx, chair) == []


async def test_two_people_never_overwrite_each_other(
    store: Store, library: Library, writer: Official, chair: Official, hands: Hands
) -> None:
    edit = await begin(store, library, writer, hands)
    async with store.write() as tx:
        again = await drafts.begin(tx, chair, library, drafts.key_of(edit), at=hands.at)
        assert again.id == edit.id
        saved = await drafts.save(tx, chair, edit.id, edit.version, {"contact": "Hỏi xã."}, at=hands.at)
        with pytest.raises(StaleError):
            await drafts.save(tx, writer, edit.id, edit.version, {"contact": "Hỏi thôn."}, at=hands.at)
    assert saved.authors == [writer.id, chair.id]
    sent = await submit(store, library, writer, saved, hands)
    with pytest.raises(NotAllowedError):  # who wrote in it does not approve it
        await approve(store, library, chair, sent, hands)


async def test_what_is_wrong_keeps_it_back(store: Store, library: Library, writer: Official, hands: Hands) -> None:
    edit = await begin(store, library, writer, hands, valid_to="2026-11-01", topic="khong-co")
    seen = await look(store, library, writer, edit)
    assert {remark.level for remark in seen.remarks} == {"mend"}
    assert seen.preview is None
    with pytest.raises(UnmendedError):
        await submit(store, library, writer, edit, hands)
    async with store.write() as tx:
        changes = {"valid_to": "2026-11-30"}
        edit = await drafts.save(tx, writer, edit.id, edit.version, changes, at=hands.at)
    seen = await look(store, library, writer, edit)
    assert [remark.field for remark in seen.remarks] == ["topic"]
    assert all(remark.mend for remark in seen.remarks)


async def test_personal_details_are_masked_or_confirmed(
    store: Store, library: Library, writer: Official, hands: Hands
) -> None:
    text = "Bà con hỏi bà Vàng Thị Mỷ, điện thoại 0912 000 111. Giấy số 033099001234."
    edit = await begin(store, library, writer, hands, answer=text)
    seen = await look(store, library, writer, edit)
    levels = {(remark.field, remark.level) for remark in seen.remarks}
    assert levels == {("answer", "mend"), ("answer", "confirm")}
    clean = next(remark.masked for remark in seen.remarks if remark.masked)
    assert "Mỷ" not in clean
    assert "0912" not in clean
    assert "0330" not in clean
    marks = [remark.mark for remark in seen.remarks if remark.level == "confirm"]
    async with store.write() as tx:
        edit = await drafts.confirm(tx, writer, edit.id, edit.version, marks, at=hands.at)
    with pytest.raises(UnmendedError):  # a paper's number is never let stand
        await submit(store, library, writer, edit, hands)
    async with store.write() as tx:
        changes = {"answer": text.replace(" Giấy số 033099001234.", "")}
        edit = await drafts.save(tx, writer, edit.id, edit.version, changes, at=hands.at)
    await submit(store, library, writer, edit, hands)


@pytest.mark.parametrize(
    ("text", "level", "told"),
    [
        ("Bà con sẽ được nhận tiền ngay.", "mend", "lời hứa"),
        ("Căn cứ theo văn bản, bà con ra xã.", "confirm", "hành chính"),
        ("Bà con " + "đi chợ về nhà rồi " * 6 + "ra xã.", "confirm", "khó theo"),
    ],
)
async def test_a_plain_tongue(sqlite_store: Store, hands: Hands, text: str, level: str, told: str) -> None:
    from tests.editing.conftest import CONTENT

    library = (await Shelf.open(sqlite_store, CONTENT)).library
    writer = await made(sqlite_store, library, hands, "can-bo", role("can-bo-xu-ly"))
    edit = await begin(sqlite_store, library, writer, hands, answer=text)
    seen = await look(sqlite_store, library, writer, edit)
    assert [(r.level, told in str(r)) for r in seen.remarks if r.field == "answer"] == [(level, True)]


async def test_a_policy_of_one_unit_is_edited_signed_and_rolled_back(
    store: Store, shelf: Shelf, writer: Official, chair: Official, hands: Hands
) -> None:
    key = EntryKey("policies", "ho-tro-tien-dien", UNIT)
    said: list[str] = []
    for text in ("Lời thứ nhất.", "Lời thứ hai."):
        library = shelf.library
        async with store.write() as tx:
            edit = await drafts.begin(tx, writer, library, key, at=hands.at)
            told = f"{text} Nhà có giấy chứng nhận hộ nghèo thì được hỗ trợ."
            edit = await drafts.save(tx, writer, edit.id, edit.version, {"answer": told}, at=hands.at)
        seen = await look(store, library, writer, edit)
        assert [change.field for change in seen.changes] == ["answer"]
        assert {piece.where for piece in seen.changes[0].pieces} >= {"before", "after"}
        edit = await submit(store, library, writer, edit, hands)
        await approve(store, library, chair, edit, hands)
        now = answer(await shelf.catch_up(), key.id, ON, UNIT)
        assert now.signed
        said.append(now.text)
        assert text in now.text
        assert text not in answer(shelf.library, key.id, ON, "xa-dak-doa").text
        hands.move(minutes=1)
    async with store.read() as tx:
        versions = await publishing.history(tx, chair, key)
    assert [(one.version, one.authors) for one in versions] == [(2, (writer.id,)), (1, (writer.id,))]
    async with store.write() as tx:
        with pytest.raises(NoVersionError):
            await publishing.roll_back(tx, chair, shelf.library, key, 7, note="nhầm", at=hands.at)
        with pytest.raises(NotAllowedError):
            await publishing.roll_back(tx, writer, shelf.library, key, 1, note="nhầm", at=hands.at)
        assert await publishing.roll_back(tx, chair, shelf.library, key, 1, note="Bản sau nhầm.", at=hands.at) == 3
    assert "Lời thứ nhất" in answer(await shelf.catch_up(), key.id, ON, UNIT).text
    async with store.write() as tx:
        assert await publishing.withdraw(tx, chair, key, note="Dùng lại bản chung.", at=hands.at) == 4
    after = answer(await shelf.catch_up(), key.id, ON, UNIT)
    assert "Lời thứ" not in after.text
    assert not after.signed


async def test_an_old_version_comes_back_by_another_than_its_author(
    store: Store, shelf: Shelf, writer: Official, chair: Official, hands: Hands
) -> None:
    deputy = await made(store, shelf.library, hands, "pho", role("lanh-dao"))
    other = await made(store, shelf.library, hands, "dao-tao", role("lanh-dao", UNIT, "giao-duc"))
    edit = await begin(store, shelf.library, chair, hands)
    sent = await submit(store, shelf.library, chair, edit, hands)
    await approve(store, shelf.library, deputy, sent, hands)
    key = drafts.key_of(edit)
    library = await shelf.catch_up()
    async with store.write() as tx:
        second = await drafts.begin(tx, writer, library, key, at=hands.at)
        second = await drafts.save(tx, writer, second.id, second.version, {"topic": "giao-duc"}, at=hands.at)
    sent = await submit(store, library, writer, second, hands)
    await approve(store, library, chair, sent, hands)
    library = await shelf.catch_up()
    for who in (chair, other):  # who wrote it; who may not approve what it is about
        async with store.write() as tx:
            with pytest.raises(NotAllowedError):
                await publishing.roll_back(tx, who, library, key, 1, note="Bản sau nhầm.", at=hands.at)
    async with store.write() as tx:
        assert await publishing.roll_back(tx, deputy, library, key, 1, note="Bản sau nhầm.", at=hands.at) == 3


async def test_what_moved_below_is_looked_at_first(
    store: Store, shelf: Shelf, writer: Official, chair: Official, hands: Hands
) -> None:
    edit = await begin(store, shelf.library, writer, hands)
    sent = await submit(store, shelf.library, writer, edit, hands)
    await approve(store, shelf.library, chair, sent, hands)
    library = await shelf.catch_up()
    key = drafts.key_of(edit)
    async with store.write() as tx:
        second = await drafts.begin(tx, writer, library, key, at=hands.at)
        assert second.id != edit.id
        await publishing.withdraw(tx, chair, key, note="Hoãn.", at=hands.at)
    library = await shelf.catch_up()
    assert not library.has(edit.entry_id)
    seen = await look(store, library, writer, second)
    assert seen.base_moved
    sent = await submit(store, library, writer, second, hands)
    with pytest.raises(BaseMovedError):
        await approve(store, library, chair, sent, hands)
    async with store.write() as tx:
        kept = await drafts.rebase(tx, writer, library, sent.id, sent.version, at=hands.at)
    sent = await submit(store, library, writer, kept, hands)
    assert (await approve(store, library, chair, sent, hands)).version == 3
    with pytest.raises(WrongStateError):
        async with store.write() as tx:
            await drafts.drop(tx, writer, sent.id, sent.version + 1, at=hands.at)


async def test_elsewhere_is_as_if_it_were_not_there(
    store: Store, library: Library, writer: Official, hands: Hands
) -> None:
    edit = await begin(store, library, writer, hands)
    other = await made(store, library, hands, "noi-khac", role("lanh-dao", "xa-dak-doa"))
    viewer = await made(store, library, hands, "nguoi-xem", role("nguoi-xem"))
    for who in (other, viewer):
        async with store.write() as tx:
            with pytest.raises(NotAllowedError):
                await sheet.look(tx, who, library, edit.id, ON, unread=UNREAD)
            with pytest.raises(NotAllowedError):
                await drafts.save(tx, who, edit.id, edit.version, {"contact": "x"}, at=hands.at)
            with pytest.raises(NotAllowedError):
                await drafts.drop(tx, who, edit.id, 99, at=hands.at)
            assert await sheet.listed(tx, who) == []
            everywhere = EntryKey("announcements", "moi", None)
            with pytest.raises(NotAllowedError):
                await drafts.begin(tx, who, library, everywhere, body=NEWS, at=hands.at)
    async with store.write() as tx:
        with pytest.raises(bodies.WrongFieldError):
            await drafts.save(tx, writer, edit.id, edit.version, {"khong_co": "x"}, at=hands.at)
        with pytest.raises(bodies.WrongFieldError):
            await drafts.save(tx, writer, edit.id, edit.version, {"id": "x"}, at=hands.at)
        with pytest.raises(bodies.WrongTextError):
            await drafts.save(tx, writer, edit.id, edit.version, {"contact": "x\x07"}, at=hands.at)
        assert await overlay.entries(tx) == []
