"""A report of wrongdoing brought as something else: its keeper reads it first, the accused never."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.casework import custody, handling
from bot.casework.conflict import NAME, POST, Matcher, Told
from bot.model.case import CaseKind
from bot.model.events import CaseAdded, CaseOpened
from bot.model.official import Official, OfficialState
from bot.store import case_desk, officials
from bot.store.official_tables import officials as officials_table
from tests.casework.conftest import LIBRARY, Desk
from tests.casework.test_walls import posted
from tests.casework.test_watch import link
from tests.harness.officials import UNIT, role

SAID = "Ông Hùng chủ tịch xã ăn chặn tiền gạo cứu trợ"
OTHERS = [kind for kind in CaseKind if kind not in {CaseKind.WRONGDOING, CaseKind.URGENT}]


async def staff_of(desk: Desk) -> tuple[Official, Official, Official]:
    """Chair, clerk, keeper."""
    chair = await desk.official("chu-tich", role("lanh-dao"), name="Nguyễn Văn Hùng")
    clerk = await desk.official("lan", role("can-bo-xu-ly"), name="Lê Thị Lan")
    return chair, clerk, await desk.official("giu", role("giu-danh-tinh"), name="Phạm Thị Giữ")


async def seen(desk: Desk, code: str, *among: Official) -> list[bool]:
    return [code in await desk.sees(one) for one in among]


@pytest.mark.parametrize("kind", OTHERS)
async def test_whatever_it_was_called_its_keeper_reads_it_first(desk: Desk, kind: CaseKind) -> None:
    chair, clerk, keeper = await staff_of(desk)
    code = await desk.brings(SAID, kind=kind)
    assert await seen(desk, code, chair, clerk, keeper) == [False, False, True]
    await desk.does(keeper, code, custody.settle, {chair.id})
    await desk.says(CaseAdded(code, "Ông ấy còn ăn chặn nữa"))
    assert await seen(desk, code, chair, clerk, keeper) == [False, True, True], "settled is settled"


async def test_whom_the_keeper_cleared_stays_cleared_for_the_words_they_saw(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    chair, clerk, keeper = await staff_of(desk)
    code = await desk.brings("Ông Hùng ăn chặn tiền gạo, chị Lan biết hết", kind=CaseKind.QUESTION)
    assert await seen(desk, code, chair, clerk) == [False, False]
    await desk.does(keeper, code, custody.settle, {chair.id})
    assert await seen(desk, code, chair, clerk) == [False, True]
    desk.hands.move(seconds=60)
    late = await desk.official("lan-moi", role("can-bo-xu-ly"), name="Đỗ Thị Lan")
    monkeypatch.setattr("bot.casework.sight.RULES", 99)
    await desk.catch_up()
    assert await seen(desk, code, chair, clerk, late) == [False, True, False], "nobody cleared who came later"
    await desk.says(CaseAdded(code, "Bao giờ thì trả lời tôi"))
    assert await seen(desk, code, chair, clerk) == [False, True]
    await desk.says(CaseAdded(code, "Chị Lan cũng lấy một phần"))
    assert await seen(desk, code, chair, clerk) == [False, False], "new words count"


async def test_what_accuses_by_a_new_way_of_matching_goes_to_its_keeper(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    chair, clerk, keeper = await staff_of(desk)
    with monkeypatch.context() as before:
        before.setattr(Matcher, "accuses", lambda *_: False)
        code = await desk.brings("Trưởng thôn ăn chặn tiền gạo", kind=CaseKind.QUESTION)
        assert await seen(desk, code, chair, clerk) == [True, True]
    monkeypatch.setattr("bot.casework.sight.RULES", 99)
    await desk.catch_up()
    assert await seen(desk, code, chair, clerk, keeper) == [False, False, True]


async def test_words_added_later_take_it_to_its_keeper(desk: Desk) -> None:
    chair, clerk, keeper = await staff_of(desk)
    code = await desk.brings("Bao giờ có gạo cứu trợ", kind=CaseKind.QUESTION)
    assert await seen(desk, code, chair, clerk) == [True, True]
    await desk.says(CaseAdded(code, "Trưởng thôn ăn chặn mất một nửa"))
    assert await seen(desk, code, chair, clerk, keeper) == [False, False, True]


async def test_what_the_understanding_took_for_a_report_does_too(desk: Desk) -> None:
    chair, clerk, keeper = await staff_of(desk)
    said = "Gạo về thôn thì nhà quen được nhiều, nhà tôi được ít"
    code = await desk.brings(said, kind=CaseKind.QUESTION)
    assert await seen(desk, code, clerk) == [True]
    await desk.says(CaseAdded(code, said, to_keeper=True))
    assert await seen(desk, code, chair, clerk, keeper) == [False, False, True]
    await desk.says(CaseOpened("4087203", CaseKind.QUESTION, UNIT, said, to_keeper=True), chat="nha-b")
    assert await seen(desk, "4087203", chair, clerk, keeper) == [False, False, True]


async def test_asking_an_official_from_an_entry_reaches_the_keeper_alone(desk: Desk) -> None:
    chair, clerk, keeper = await staff_of(desk)
    said = await desk.presses("", text="tôi muốn tố cáo trưởng thôn ăn chặn tiền hộ nghèo")
    assert "b:bao-truc-loi" in {button.press for button in said[-1].buttons}
    await desk.presses("a:phan-anh-kien-nghi-to-cao")
    for press in ("tep:xong", "ten:khong-neu", "dong-y:dong-y", "xac-nhan:gui"):
        said = await desk.presses(f"o:hoi-can-bo:{press}")
    await desk.catch_up()
    async with desk.store.read() as tx:
        (case,) = await case_desk.page(tx, desk.eye(keeper), case_desk.Filters())
    assert (case.kind, case.custody) == ("hoi-can-bo", "giu")
    assert await seen(desk, case.code, chair, clerk) == [False, False]


async def test_an_urgent_matter_is_told_at_once_to_all_it_does_not_name(desk: Desk) -> None:
    chair, clerk, keeper = await staff_of(desk)
    for number, one in enumerate((chair, clerk, keeper)):
        await link(desk, one, f"may-{number}")
    code = await desk.brings("Chủ tịch xã say rượu đánh con tôi, phải có phong bì mới tha", kind=CaseKind.URGENT)
    assert await seen(desk, code, chair, clerk, keeper) == [False, True, False]
    assert {who for who, _what in await posted(desk)} == {clerk.id}
    code = await desk.brings("Cán bộ xã đánh con tôi, chị Lan đứng xem", kind=CaseKind.URGENT, chat="nha-b")
    assert await seen(desk, code, chair, clerk, keeper) == [True, False, False]
    code = await desk.brings("Chủ tịch với cán bộ xã đánh con tôi", kind=CaseKind.URGENT, chat="nha-c")
    assert await seen(desk, code, chair, clerk, keeper) == [False, False, True], "nobody else: its keeper"
    desk.hands.move(seconds=1)
    assert {who for who, _what in await posted(desk)} == {chair.id, keeper.id}


async def test_who_is_away_answers_nothing(desk: Desk) -> None:
    chair, clerk, keeper = await staff_of(desk)
    async with desk.store.write() as tx:
        await officials.change(tx, clerk.id, state=OfficialState.DISABLED.value)
    code = await desk.brings("Ông Hùng quát dân")
    assert await seen(desk, code, chair, keeper) == [False, True]


def test_posts_count_in_urgent_words_only_where_they_are_spoken_of() -> None:
    matcher = Matcher(LIBRARY)
    one = Official(1, "a", "Nguyễn Văn Hùng", OfficialState.ACTIVE, (role("lanh-dao"),))

    def why(text: str) -> str:
        return matcher.why(Told("khan-cap", UNIT, "", "", "", text), one)

    assert why("Chủ tịch xã đánh con tôi") == POST
    assert why("Ông Hùng đánh bà Sáu") == NAME
    assert why("Nhà cháy, chủ tịch xã ơi cứu với") == ""
    assert why("Nhờ chủ tịch xã cứu, nước ngập mái") == ""


async def test_whoever_is_named_later_has_it_no_more(desk: Desk) -> None:
    """Thanks by name hide it from who is thanked; it must not stay with somebody who cannot see it."""
    clerk = await desk.official("lan", role("can-bo-xu-ly"), name="Lê Thị Lan")
    other = await desk.official("dung", role("can-bo-xu-ly"), name="Trần Quốc Dũng")
    code = await desk.brings("Cho tôi hỏi giấy tờ vay vốn")
    await desk.does(clerk, code, handling.assign, desk.eye(clerk))
    await desk.says(CaseAdded(code, "Cảm ơn chị Lan, tôi còn thiếu giấy gì nữa không"))
    assert await seen(desk, code, clerk, other) == [False, True]
    async with desk.store.read() as tx:
        assert (await case_desk.one(tx, desk.eye(other), code)).official_id is None  # type: ignore[union-attr]
    # the same when only the way of matching changed
    taken = await desk.brings("Hỏi thêm giấy tờ vay vốn")
    await desk.does(other, taken, handling.assign, desk.eye(other))
    async with desk.store.write() as tx:
        await tx.run(update(officials_table).where(officials_table.c.id == other.id).values(name="Vay Vốn"))
    await desk.catch_up()
    async with desk.store.read() as tx:
        assert (await case_desk.one(tx, desk.eye(clerk), taken)).official_id is None  # type: ignore[union-attr]
