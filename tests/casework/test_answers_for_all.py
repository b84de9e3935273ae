"""What is drafted of a case's answer: behind the same wall as the case, and gone with its words."""

from __future__ import annotations

import pytest

from bot import faq
from bot.casework import answers, custody, entry, merging
from bot.casework.entry import Brought
from bot.casework.handling import Act
from bot.check.ear import left_over
from bot.editing import drafts, publishing, sheet
from bot.editing.drafts import ClosedCaseError
from bot.model.case import CaseKind
from bot.model.events import CaseAdded
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.store import case_desk, case_moves, edits, tables
from bot.store import officials as rows
from bot.store.edits import Edit
from tests.casework.conftest import LIBRARY, Desk
from tests.faq.conftest import filled
from tests.harness.db import in_full
from tests.harness.officials import ON, UNIT, made, role

QUESTION = "bao giờ xã tiêm phòng trâu bò vậy"
ANSWER = "Thứ bảy tuần này xã tiêm phòng trâu bò ở sân thôn. Bà con dắt ra trước bảy giờ sáng."
NAMING = "Tôi hỏi anh Tú cán bộ hai lần mà chưa thấy trả lời"


async def clerk_of(desk: Desk) -> Official:
    return await desk.official("lan", role("can-bo-xu-ly"), name="Lê Thị Lan")


async def tu_of(desk: Desk) -> Official:
    return await desk.official("anh-tu", role("lanh-dao"), name="Trần Văn Tú")


async def drafted(desk: Desk, who: Official, code: str) -> Edit:
    async with desk.store.write() as tx:
        case = await case_desk.one(tx, desk.eye(who), code)
        assert case is not None
        return await faq.from_case(tx, who, LIBRARY, case.id, at=desk.hands.at)


async def handed_in(desk: Desk, who: Official, edit: Edit) -> Edit:
    async with desk.store.write() as tx:
        changes = {**filled(edit), "topic": "sinh-ke"}
        edit = await drafts.save(tx, who, edit.id, edit.version, changes, at=desk.hands.at)
        return await drafts.submit(tx, who, LIBRARY, edit.id, edit.version, unread=left_over, on=ON, at=desk.hands.at)


async def approve(desk: Desk, who: Official, edit: Edit) -> None:
    async with desk.store.write() as tx:
        await publishing.approve(
            tx, who, LIBRARY, edit.id, edit.version, unread=left_over, now=desk.hands.at, at=desk.hands.at
        )


async def sees(desk: Desk, who: Official, edit: Edit) -> bool:
    """In the list and as a paper; never in one alone."""
    async with desk.store.read() as tx:
        listed = edit.id in {row.id for row in await sheet.listed(tx, who)}
        try:
            await sheet.look(tx, who, LIBRARY, edit.id, ON, unread=left_over)
        except NotAllowedError:
            assert not listed
            return False
    assert listed
    return True


async def test_nothing_is_drafted_of_a_case_hidden_from_somebody(desk: Desk) -> None:
    clerk, tu = await clerk_of(desk), await tu_of(desk)
    named = await desk.brings(NAMING)
    await desk.does(clerk, named, answers.answer, "Xã đã nhắc cán bộ Tú và xin lỗi bà con.")
    with pytest.raises(faq.NotOpenError):
        await drafted(desk, clerk, named)
    # one answer for two matters, one of which concerns him
    main, joined = (
        await desk.brings("Đường thôn Đông hỏng", chat="nha-b"),
        await desk.brings("Đường hỏng", chat="nha-c"),
    )
    await desk.does(clerk, joined, merging.merge, main)
    await desk.does(clerk, main, answers.answer, ANSWER)
    async with desk.store.write() as tx:
        second = await case_desk.one(tx, desk.eye(clerk), joined)
        assert second is not None
        await case_moves.hide(tx, [(second.id, tu.id, "ten")])
    for code in (main, joined):
        with pytest.raises(faq.NotOpenError):
            await drafted(desk, clerk, code)
    async with desk.store.read() as tx:
        assert await sheet.listed(tx, tu) == []


async def test_a_case_hidden_later_takes_its_draft_along(desk: Desk) -> None:
    clerk, chair, tu = await clerk_of(desk), await desk.official("chu-tich", role("lanh-dao")), await tu_of(desk)
    code = await desk.brings(QUESTION)
    await desk.does(clerk, code, answers.answer, ANSWER)
    edit = await handed_in(desk, clerk, await drafted(desk, clerk, code))
    assert await sees(desk, tu, edit)
    await desk.says(CaseAdded(code, NAMING))
    assert not await sees(desk, tu, edit)
    with pytest.raises(NotAllowedError):
        await approve(desk, tu, edit)
    with pytest.raises(NotAllowedError):
        async with desk.store.write() as tx:
            await drafts.send_back(tx, tu, edit.id, edit.version, "xem lại", at=desk.hands.at)
    with pytest.raises(NotAllowedError):
        async with desk.store.write() as tx:
            await drafts.begin(tx, tu, LIBRARY, drafts.key_of(edit), at=desk.hands.at)
    # others still read it, and give it up
    assert await sees(desk, chair, edit)
    with pytest.raises(ClosedCaseError, match="không đưa ra chung"):
        await approve(desk, chair, edit)
    async with desk.store.write() as tx:
        back = await drafts.send_back(tx, clerk, edit.id, edit.version, "", at=desk.hands.at)
    with pytest.raises(ClosedCaseError):
        await handed_in(desk, clerk, back)


async def test_who_is_not_matched_yet_sees_no_draft_of_a_case(desk: Desk) -> None:
    clerk = await clerk_of(desk)
    code = await desk.brings(QUESTION)
    await desk.does(clerk, code, answers.answer, ANSWER)
    edit = await drafted(desk, clerk, code)
    new = await made(desk.store, LIBRARY, desk.hands, "moi", role("lanh-dao"))
    assert not await sees(desk, new, edit)
    await desk.catch_up()
    assert await sees(desk, new, edit)


async def test_a_case_kept_close_takes_its_draft_along(desk: Desk) -> None:
    clerk, chair = await clerk_of(desk), await desk.official("chu-tich", role("lanh-dao"))
    keeper = await desk.official("giu", role("lanh-dao"), role("giu-danh-tinh"))
    code = await desk.brings(QUESTION)
    await desk.does(clerk, code, answers.answer, ANSWER)
    edit = await handed_in(desk, clerk, await drafted(desk, clerk, code))
    await desk.does(clerk, code, custody.keep_close)
    await desk.catch_up()
    # a keeper who holds a post it may be about is kept from it too
    for one in (clerk, chair, keeper):
        assert not await sees(desk, one, edit)
        with pytest.raises(NotAllowedError):
            await approve(desk, one, edit)


async def test_an_erased_matter_leaves_no_draft(desk: Desk) -> None:
    clerk, keeper = await clerk_of(desk), await desk.official("giu", role("giu-danh-tinh"))
    words = "nhà tôi cạnh đình hỏi vay vốn làm chuồng"
    brought = Brought(CaseKind.QUESTION, "tai-cho", UNIT, words)
    async with desk.store.write() as tx:
        entered = await entry.enter(tx, clerk, LIBRARY, brought, now=desk.hands.at, at=desk.hands.at)
    await desk.catch_up()
    await desk.does(clerk, entered.code, answers.answer, "Có vay được.")
    edit = await drafted(desk, clerk, entered.code)
    assert words in edit.body["asked_as"]
    async with desk.store.write() as tx:
        case = await case_desk.any_by_id(tx, edit.case_id or 0)
        assert case is not None
        act = Act(desk.eye(keeper), LIBRARY, entered.code, case.steps, desk.hands.at, desk.hands.at)
        await entry.forget(tx, act, "bác xin xóa hết")
    async with desk.store.read() as tx:
        assert await edits.get(tx, edit.id) is None
        held = [in_full(await tx.rows(tables.metadata.tables[name].select())) for name in tables.metadata.tables]
    assert not [text for text in held if words in text]


async def test_a_new_name_is_matched_before_drafts_are_shown(desk: Desk) -> None:
    clerk, other = await clerk_of(desk), await desk.official("khac", role("lanh-dao"))
    code = await desk.brings(f"{QUESTION}, hôm trước bà Hoa Sen không báo", kind=CaseKind.FEEDBACK)
    await desk.does(clerk, code, answers.answer, ANSWER)
    edit = await drafted(desk, clerk, code)
    assert await sees(desk, other, edit)
    async with desk.store.write() as tx:
        await rows.change(tx, other.id, name="Lò Thị Hoa Sen")
    await desk.catch_up()
    async with desk.store.read() as tx:
        assert await edits.get(tx, edit.id) is not None
    assert not await sees(desk, await desk.official("khac-hai", role("lanh-dao"), name="Lò Thị Hoa Sen"), edit)
    assert not await sees(desk, other, edit), "rights of before the new name open nothing"
