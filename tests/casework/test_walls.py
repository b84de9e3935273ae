"""Walls that come up later: what is kept close after all, and joined cases that turn out to concern somebody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.casework import answers, custody, handling, inbox, merging, notices
from bot.casework.conflict import NAME
from bot.model.case import CaseKind
from bot.model.events import CaseAdded
from bot.model.official import Official
from bot.store import case_desk, case_moves, cases, jobs
from tests.casework.conftest import LIBRARY, Desk
from tests.casework.test_watch import link
from tests.harness.officials import role


async def posted(desk: Desk) -> set[tuple[int, str]]:
    """Who is about to be told of cases, and what."""
    async with desk.store.write() as tx:
        claimed = await jobs.claim(tx, [notices.NOTICE], desk.hands.at + timedelta(days=30), desk.hands.at, 50)
        for one in claimed:
            await jobs.done(tx, one.id)
    return {(one.args["official"], one.args["what"]) for one in claimed}


@pytest.mark.parametrize("kind", [CaseKind.FEEDBACK, CaseKind.QUESTION, CaseKind.PROPOSAL])
async def test_what_is_kept_close_is_hidden_from_a_keeper_it_is_about(desk: Desk, kind: CaseKind) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"), name="Lê Thị Lan")
    chair = await desk.official("chu-tich", role("lanh-dao"), role("giu-danh-tinh"), name="Phạm Văn Hùng")
    named = await desk.official("giu-tu", role("giu-danh-tinh"), name="Trần Văn Tú")
    keeper = await desk.official("giu", role("giu-danh-tinh"), name="Nguyễn Thị Giữ")
    for number, one in enumerate((clerk, chair, keeper)):
        await link(desk, one, f"may-{number}")
    code = await desk.brings("Chủ tịch xã với ông Tú chia tiền hỗ trợ không đều", kind=kind)
    assert code in await desk.sees(clerk)
    await posted(desk)
    await desk.does(clerk, code, custody.keep_close)
    everybody = (clerk, chair, named, keeper)
    assert [code in await desk.sees(one) for one in everybody] == [False] * 4, "nobody before it was matched"
    await desk.catch_up()
    assert [code in await desk.sees(one) for one in everybody] == [False, False, False, True]
    assert await posted(desk) == {(keeper.id, notices.NEW)}
    later = await desk.official("giu-hai", role("giu-danh-tinh"), role("lanh-dao"), name="Đỗ Thị Mới")
    assert code not in await desk.sees(later), "who comes later is matched as against a report"
    await desk.does(keeper, code, custody.settle, {chair.id})
    await desk.says(CaseAdded(code, "Ông Tú còn nhận thêm"))
    assert [code in await desk.sees(one) for one in everybody] == [True, False, False, True]


async def test_a_joined_case_that_names_somebody_stands_alone_again(desk: Desk) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"), name="Lê Thị Lan")
    accused = await desk.official("anh-tu", role("can-bo-xu-ly"), name="Trần Văn Tú")
    await link(desk, clerk, "may-lan")
    await link(desk, accused, "may-tu")
    joined = await desk.brings("Đường thôn Đông hỏng nặng", chat="nha-1")
    main = await desk.brings("Đường vào thôn Đông hỏng", chat="nha-2")
    await desk.does(clerk, joined, merging.merge, main)
    await desk.says(CaseAdded(joined, "Hố sâu lắm"), chat="nha-1")
    case = await seen_by(desk, clerk, joined)
    assert case.merged_into is not None, "plain words leave it where it is"
    assert (case.clock_since, case.due_at) == (None, None)
    await posted(desk)
    await desk.says(CaseAdded(joined, "Cán bộ Tú làm hỏng đường"), chat="nha-1")
    case = await seen_by(desk, clerk, joined)
    assert case.merged_into is None
    assert case.due_at is not None
    assert await posted(desk) == {(clerk.id, notices.NEW)}
    told_ = await desk.does(accused, main, answers.answer, "Xong rồi.")
    assert isinstance(told_, answers.Told)
    assert told_.conversations == 1
    assert (await seen_by(desk, clerk, joined)).state == "moi"
    assert not any("Xong rồi" in one.text for one in await desk.mailbox("nha-1"))
    async with desk.store.read() as tx:
        steps = await case_desk.history(tx, [case.id, (await seen_by(desk, clerk, main)).id])
        assert await cases.broken(tx, joined) is None
    assert steps[case.id][-1].what == merging.PARTED
    assert all(one.what != "parted-from" for one in steps[max(steps, key=lambda number: number != case.id)])


async def test_words_nobody_read_yet_are_not_answered_with_another(desk: Desk) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"), name="Lê Thị Lan")
    accused = await desk.official("anh-tu", role("can-bo-xu-ly"), name="Trần Văn Tú")
    joined = await desk.brings("Đường thôn Đông hỏng nặng", chat="nha-1")
    main = await desk.brings("Đường vào thôn Đông hỏng", chat="nha-2")
    await desk.does(clerk, joined, merging.merge, main)
    await desk.says(CaseAdded(joined, "Cán bộ Tú làm hỏng đường"), chat="nha-1", caught_up=False)
    await desk.does(accused, main, answers.answer, "Xong rồi.")
    await desk.catch_up()
    case = await seen_by(desk, clerk, joined)
    assert (case.state, case.merged_into, case.due_at is None) == ("moi", None, False)
    assert joined not in await desk.sees(accused)


async def test_what_is_joined_to_a_case_taken_under_custody_stands_alone_again(desk: Desk) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"), name="Lê Thị Lan")
    keeper = await desk.official("giu", role("giu-danh-tinh"), name="Nguyễn Thị Giữ")
    joined = await desk.brings("Đường thôn Đông hỏng nặng", chat="nha-1")
    main = await desk.brings("Đường vào thôn Đông hỏng", chat="nha-2")
    await desk.does(clerk, joined, merging.merge, main)
    await desk.does(clerk, main, custody.keep_close)
    await desk.catch_up()
    assert await desk.sees(keeper) == {main}
    case = await seen_by(desk, clerk, joined)
    assert (case.merged_into, case.due_at is None) == (None, False)


async def test_cases_that_come_along_are_held_by_walls_too(desk: Desk) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"), name="Lê Thị Lan")
    first = await desk.brings("Đường thôn Đông hỏng nặng", chat="nha-1")
    middle = await desk.brings("Đường vào thôn Đông hỏng", chat="nha-2")
    last = await desk.brings("Đường thôn Đông hỏng, mưa lầy", chat="nha-3")
    await desk.does(clerk, first, merging.merge, middle)
    number = (await seen_by(desk, clerk, first)).id
    accused = await desk.official("anh-tu", role("can-bo-xu-ly"), name="Trần Văn Tú")
    async with desk.store.write() as tx:
        await case_moves.hide(tx, [(number, accused.id, NAME)])
    with pytest.raises(merging.WalledError):
        await desk.does(clerk, middle, merging.merge, last)
    await desk.does(clerk, middle, answers.answer, "Xã sửa đường trong tuần này.")
    await desk.catch_up()
    assert (await seen_by(desk, clerk, first)).state == "moi"


async def test_what_is_joined_moves_with_its_case(desk: Desk) -> None:
    house = await desk.official("ca-nha", role("can-bo-xu-ly", ""))
    there = await desk.official("xa-khac", role("can-bo-xu-ly", "xa-dak-doa"))
    joined = await desk.brings("Đường thôn Đông hỏng nặng", chat="nha-1")
    main = await desk.brings("Đường vào thôn Đông hỏng", chat="nha-2")
    await desk.does(house, joined, merging.merge, main)
    await desk.does(house, main, handling.hand_over, unit="xa-dak-doa")
    await desk.catch_up()
    assert await desk.sees(there) == {joined, main}
    told_ = await desk.does(there, main, answers.answer, "Xã sửa đường trong tuần này.")
    assert isinstance(told_, answers.Told)
    assert told_.conversations == 2


async def seen_by(desk: Desk, official: Official, code: str) -> case_desk.DeskCase:
    """The case as they see it."""
    async with desk.store.read() as tx:
        found = await case_desk.one(tx, desk.eye(official), code)
    assert found is not None
    return found


async def test_a_new_official_whom_one_of_two_joined_cases_names_parts_them(desk: Desk) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"), name="Lê Thị Lan")
    joined = await desk.brings("Đường thôn Đông hỏng nặng, ông Lò Văn Pánh xẻ mương", chat="nha-1")
    main = await desk.brings("Đường vào thôn Đông hỏng", chat="nha-2")
    both = [await desk.brings("Ông Lò Văn Pánh lấp cống", chat=chat) for chat in ("nha-3", "nha-4")]
    await desk.does(clerk, joined, merging.merge, main)
    await desk.does(clerk, both[0], merging.merge, both[1])
    new = await desk.official("panh", role("can-bo-xu-ly"), name="Lò Văn Pánh")
    assert await desk.sees(new) == {main}
    case = await seen_by(desk, clerk, joined)
    assert (case.merged_into, case.due_at is None) == (None, False), "it stands alone, with its own time"
    assert (await seen_by(desk, clerk, both[0])).merged_into is not None, "what names the same person stays together"
    told_ = await desk.does(new, main, answers.answer, "Xong rồi.")
    assert isinstance(told_, answers.Told)
    assert told_.conversations == 1
    assert (await seen_by(desk, clerk, joined)).state == "moi"
    # nor does the history of the one tell him of the other
    async with desk.store.read() as tx:
        mine = await inbox.opened(tx, desk.eye(new), LIBRARY, main, now=desk.hands.at)
        theirs = await inbox.opened(tx, desk.eye(clerk), LIBRARY, main, now=desk.hands.at)
    assert joined not in repr(mine)
    assert [one.what for one in mine.steps] == ["opened", "answered"]
    assert joined in repr(theirs)


async def test_a_joined_case_does_not_name_the_one_that_concerns_its_reader(desk: Desk) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"), name="Lê Thị Lan")
    accused = await desk.official("anh-tu", role("can-bo-xu-ly"), name="Trần Văn Tú")
    joined = await desk.brings("Đường thôn Đông hỏng nặng", chat="nha-1")
    main = await desk.brings("Đường vào thôn Đông hỏng", chat="nha-2")
    await desk.does(clerk, joined, merging.merge, main)
    async with desk.store.read() as tx:
        shown = await inbox.opened(tx, desk.eye(accused), LIBRARY, joined, now=desk.hands.at)
    assert main in repr(shown.steps)
    await desk.says(CaseAdded(main, "Cán bộ Tú làm hỏng đường"), chat="nha-2", caught_up=False)
    async with desk.store.read() as tx:
        before = await inbox.opened(tx, desk.eye(accused), LIBRARY, joined, now=desk.hands.at)
    assert [(one.what, one.payload) for one in before.steps][-1] == ("merged", {}), "not before it was read"
    await desk.catch_up()
    async with desk.store.read() as tx:
        after = await inbox.opened(tx, desk.eye(accused), LIBRARY, joined, now=desk.hands.at)
    assert main not in repr(after)
    assert [one.what for one in after.steps] == ["opened"]
