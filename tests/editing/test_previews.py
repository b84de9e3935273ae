"""Drafts read aloud before they are approved: by no online voice, and not with a person's details in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot import clips, previews
from bot.editing import drafts, sheet
from bot.editing.sheet import Sheet
from bot.jobs.clips import ClipMaker
from bot.jobs.previews import PreviewMaker
from bot.library import EntryKey, Library
from bot.model.official import Official
from bot.store import Store
from tests.bulletins.conftest import QuickChild
from tests.editing.conftest import UNIT, UNREAD
from tests.harness.clock import Hands

ON = date(2026, 11, 21)
TOLD = "Sáng thứ bảy xã tiêm phòng trâu bò. Bà con dắt trâu bò ra sân thôn trước bảy giờ sáng."


@pytest.fixture
def maker(store: Store, hands: Hands, library: Library) -> PreviewMaker:
    """Makes previews with a child that needs no voice."""
    return PreviewMaker(ClipMaker(store, hands.clock, QuickChild(), lambda: library, (UNIT,)))  # type: ignore[arg-type]


async def drafted(store: Store, library: Library, writer: Official, hands: Hands, script: str) -> int:
    body = {"title": "Tiêm phòng trâu bò", "short": "Tiêm phòng", "topic": "sinh-ke", "unit": UNIT, "for_all": False}
    body |= {"valid_from": "2026-11-21", "valid_to": "2026-11-30", "answer": TOLD, "broadcast": script}
    async with store.write() as tx:
        key = EntryKey("announcements", "tiem-phong-0001", UNIT)
        return (await drafts.begin(tx, writer, library, key, body=body, at=hands.at)).id


async def looked(store: Store, library: Library, writer: Official, number: int) -> Sheet:
    async with store.read() as tx:
        return await sheet.look(tx, writer, library, number, ON, unread=UNREAD)


async def test_a_draft_is_read_aloud_once(
    store: Store, library: Library, writer: Official, hands: Hands, maker: PreviewMaker
) -> None:
    number = await drafted(store, library, writer, hands, TOLD)
    held = await looked(store, library, writer, number)
    async with store.write() as tx:
        await previews.order(tx, held, hands.at)
        await previews.order(tx, held, hands.at)
        assert await previews.is_ordered(tx, number)
    await maker.make({"edit": number})
    await maker.make({"edit": number})
    child = maker.clips.child
    assert isinstance(child, QuickChild)
    assert [spec.parts[0].private for spec in child.specs] == [True]
    one = previews.wanted(library, held.edit, ON)
    assert one is not None
    async with store.read() as tx:
        row = await previews.found(tx, one)
    assert row is not None
    assert set(row.files) == {"opus", "mp3"}
    # published with the same words, it is the voice note
    entry = clips.Wanted(replace(one.note, private=False), one.voice)
    async with store.read() as tx:
        assert await previews.found(tx, entry) == row


async def test_words_that_changed_are_read_anew(
    store: Store, library: Library, writer: Official, hands: Hands, maker: PreviewMaker
) -> None:
    number = await drafted(store, library, writer, hands, TOLD)
    await maker.make({"edit": number})
    async with store.write() as tx:
        edit = await drafts.save(tx, writer, number, 1, {"broadcast": f"{TOLD} Nhớ buộc dây."}, at=hands.at)
        one = previews.wanted(library, edit, ON)
        assert one is not None
        assert await previews.found(tx, one) is None
        unfinished = await drafts.save(tx, writer, number, edit.version, {"broadcast": None}, at=hands.at)
        assert previews.wanted(library, unfinished, ON) is None
    await maker.make({"edit": number})
    await maker.make({"edit": 999})


async def test_what_gives_a_person_away_is_not_read_aloud(
    store: Store, library: Library, writer: Official, hands: Hands
) -> None:
    number = await drafted(store, library, writer, hands, f"{TOLD} Hỏi bà Nguyễn Thị Hoa.")
    held = await looked(store, library, writer, number)
    async with store.write() as tx:
        with pytest.raises(previews.PrivateScriptError):
            await previews.order(tx, held, hands.at)
        marks = [remark.mark for remark in held.remarks if remark.level == "confirm"]
        await drafts.confirm(tx, writer, number, 1, marks, at=hands.at)
    held = await looked(store, library, writer, number)
    async with store.write() as tx:
        await previews.order(tx, held, hands.at)
