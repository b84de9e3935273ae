"""Whom a case may concern never sees it: not in the list, the search, the counts, the export, a notice."""

from __future__ import annotations

import pytest

from bot.casework import answers, custody, entry, export, handling, inbox, merging, notices
from bot.casework.conflict import KIN, NAME, POST, Matcher, Told
from bot.model.case import CaseKind
from bot.model.official import Official, OfficialState
from bot.rights import NotAllowedError
from bot.store import audit, case_desk, case_moves, cases, jobs, officials
from tests.casework.conftest import LIBRARY, Desk
from tests.harness.officials import UNIT, role

MATCHER = Matcher(LIBRARY)


def person(name: str, *given: str) -> Official:
    return Official(1, "a", name, OfficialState.ACTIVE, tuple(role(one) for one in given))


def told(text: str, *, kind: str = "bao-truc-loi", about: str = "hang-xom", settled: bool = False) -> Told:
    return Told(kind, UNIT, "", about, "", text, is_settled=settled)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Ông Trần Văn Tú lấy tiền của dân", NAME),
        ("ong tran van tu lay tien cua dan", NAME),
        ("TRAN VAN TU lay tien", NAME),
        ("chú Tú lấy tiền", NAME),
        ("cán bộ Tú ăn chặn", NAME),
        ("bác cả Tú cho nhà mình vào danh sách", NAME),
        ("anh Văn Tú khai gian", NAME),
        ("con rể ông Tú được vào hộ nghèo", KIN),
        ("vợ chú Tú nhận tiền hai lần", KIN),
        ("chủ tịch xã bao che", POST),
        ("chu tich bao che", POST),
        ("nhà hàng xóm khai gian để được hộ nghèo", ""),
        ("cấp tú tài cho con", ""),
        ("có từ năm ngoái, bà tự làm", ""),
        ("co tu nam ngoai", NAME),
    ],
)
def test_free_text_is_matched(text: str, why: str) -> None:
    assert MATCHER.why(told(text), person("Trần Văn Tú", "lanh-dao")) == why


def test_doubt_means_hidden() -> None:
    leader = person("Trần Văn Tú", "lanh-dao")
    assert MATCHER.why(told("có người ăn chặn", about="khong-ro"), leader) == POST
    assert MATCHER.why(told("có người ăn chặn", about=""), leader) == POST
    assert MATCHER.why(told("có người ăn chặn", about="can-bo-xa"), leader) == POST
    assert MATCHER.why(told("có người ăn chặn", about="", settled=True), leader) == ""
    for kind in CaseKind:
        assert MATCHER.why(told("cho hỏi ông Tú", kind=kind), leader) == NAME
    assert MATCHER.why(told("chủ tịch xã tiếp dân ngày nào", kind="hoi-can-bo"), leader) == ""
    assert MATCHER.why(told("ông Tú mắng dân", kind="phan-anh"), leader) == NAME


async def test_the_person_concerned_meets_it_nowhere(desk: Desk) -> None:
    accused = await desk.official("anh-tu", role("lanh-dao"), role("giu-danh-tinh"), name="Trần Văn Tú")
    other = await desk.official("lan", role("can-bo-xu-ly"), name="Lê Thị Lan")
    code = await desk.brings("Ông Tú quát dân ở phòng tiếp dân", kind=CaseKind.FEEDBACK)
    assert code in await desk.sees(other)
    eye, now = desk.eye(accused), desk.hands.at
    async with desk.store.read() as tx:
        assert (await inbox.page(tx, eye, case_desk.Filters(), now=now)).lines == ()
        assert sum((await inbox.counts(tx, eye, case_desk.Filters(), now=now)).values()) == 0
        for words in ("quát dân", "quat dan", code):
            assert (await inbox.search(tx, eye, words, case_desk.Filters(), now=now)).lines == ()
        assert [row async for row in export.rows(tx, eye, LIBRARY, case_desk.Filters(), now=now)] == []
        with pytest.raises(NotAllowedError):
            await inbox.opened(tx, eye, LIBRARY, code, now=now)
        case = await case_desk.one(tx, desk.eye(other), code)
        assert case is not None
    for what, more in (
        (handling.receive, ()),
        (answers.answer, ("Không có gì.",)),
        (custody.identity, ("Cần gọi lại hỏi",)),
    ):
        with pytest.raises(NotAllowedError):
            await desk.does(accused, code, what, *more)
    with pytest.raises(handling.WrongHandsError):
        await desk.does(other, code, handling.assign, eye)
    async with desk.store.write() as tx:
        args = {"case": case.id, "official": accused.id, "what": notices.NEW}
        assert not await notices.send(tx, LIBRARY, args, public_url="http://x", now=now, at=now)


async def test_a_report_is_its_keeper_s_alone_until_settled(desk: Desk) -> None:
    keeper = await desk.official("giu", role("giu-danh-tinh"))
    leader = await desk.official("chu-tich", role("lanh-dao"))
    clerk = await desk.official("lan", role("can-bo-xu-ly"))
    viewer = await desk.official("loa", role("phat-thanh-vien"))
    code = await desk.brings("Có người khai gian để được hộ nghèo", kind=CaseKind.WRONGDOING, about="truong-thon")
    assert [code in await desk.sees(one) for one in (keeper, leader, clerk, viewer)] == [True, False, False, False]
    found = await desk.does(keeper, code, custody.suspects)
    assert found == []
    with pytest.raises(NotAllowedError):
        await desk.does(keeper, code, custody.settle, {keeper.id})
    await desk.does(keeper, code, custody.settle, {clerk.id})
    assert [code in await desk.sees(one) for one in (keeper, leader, clerk, viewer)] == [True, True, False, False]
    with pytest.raises(NotAllowedError):
        await desk.does(leader, code, custody.settle, set())
    await desk.does(
        keeper, code, custody.forward, receiver="Thanh tra tỉnh", on=desk.hands.at.date(), today=desk.hands.at.date()
    )
    async with desk.store.read() as tx:
        opened = await inbox.opened(tx, desk.eye(leader), LIBRARY, code, now=desk.hands.at)
        (passed,) = await custody.forwardings(tx, opened.case)
    assert (passed.receiver, passed.on) == ("Thanh tra tỉnh", "2026-11-23")
    assert opened.steps[-1].payload is not None
    assert "25/2018/QH14" in opened.steps[-1].payload["basis"]


async def test_a_report_about_the_commune_s_officials_names_all_of_them(desk: Desk) -> None:
    keeper = await desk.official("giu", role("giu-danh-tinh"))
    leader = await desk.official("chu-tich", role("lanh-dao"))
    code = await desk.brings("Cán bộ ăn chặn", kind=CaseKind.WRONGDOING, about="can-bo-xa")
    found = await desk.does(keeper, code, custody.suspects)
    assert isinstance(found, list)
    assert [(one.official_id, one.why) for one in found] == [(leader.id, POST)]


async def test_nobody_sees_what_was_not_matched_yet(desk: Desk) -> None:
    official = await desk.official("lan", role("can-bo-xu-ly"), name="Lê Thị Lan")
    code = await desk.brings("Chị Lan hẹn mãi không trả lời", caught_up=False)
    assert await desk.sees(official) == set()
    await desk.catch_up()
    assert code not in await desk.sees(official)


async def test_an_official_who_comes_or_is_renamed_later_is_matched_first(desk: Desk) -> None:
    code = await desk.brings("Ông Tú quát dân")
    clerk = await desk.official("lan", role("can-bo-xu-ly"), name="Lê Thị Lan")
    assert code in await desk.sees(clerk)
    renamed = await desk.official("anh-tu", role("can-bo-xu-ly"), name="Trần Văn Tú")
    assert await desk.sees(renamed) == set()
    async with desk.store.read() as tx:
        known = await case_moves.fingerprints(tx)
    assert {clerk.id, renamed.id} <= set(known)


async def test_an_account_closed_and_opened_again_was_matched_all_along(desk: Desk) -> None:
    official = await desk.official("anh-tu", role("can-bo-xu-ly"), name="Trần Văn Tú")
    async with desk.store.write() as tx:
        await officials.change(tx, official.id, state="disabled")
    code = await desk.brings("Ông Tú quát dân")
    async with desk.store.write() as tx:
        await officials.change(tx, official.id, state="active")
    assert code not in await desk.sees(official)


async def test_where_everybody_is_named_the_keeper_decides(desk: Desk) -> None:
    keeper = await desk.official("giu", role("giu-danh-tinh"), name="Phạm Thị Hoa")
    only = await desk.official("anh-tu", role("can-bo-xu-ly"), name="Trần Văn Tú")
    code = await desk.brings("Ông Tú quát dân", kind=CaseKind.FEEDBACK)
    assert code not in await desk.sees(only)
    assert code in await desk.sees(keeper)


async def test_helpers_neither_enter_nor_read_reports(desk: Desk) -> None:
    helper = await desk.official("giup", role("tuyen-truyen-vien"))
    clerk = await desk.official("lan", role("can-bo-xu-ly"))
    keeper = await desk.official("giu", role("giu-danh-tinh"))
    brought = entry.Brought(CaseKind.WRONGDOING, "tai-cho", UNIT, "Có người ăn chặn")
    for official in (helper, clerk):
        with pytest.raises(NotAllowedError):
            async with desk.store.write() as tx:
                await entry.enter(tx, official, LIBRARY, brought, now=desk.hands.at, at=desk.hands.at)
    async with desk.store.write() as tx:
        entered = await entry.enter(tx, keeper, LIBRARY, brought, now=desk.hands.at, at=desk.hands.at)
    await desk.catch_up()
    assert [entered.code in await desk.sees(one) for one in (helper, clerk, keeper)] == [False, False, True]


async def test_names_stay_apart_and_each_reading_is_written_down(desk: Desk) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"))
    keeper = await desk.official("giu", role("giu-danh-tinh"), role("can-bo-xu-ly"))
    code = await desk.brings("Đèn hỏng", identity={"ho-ten": "Nguyễn Thị Bí Mật", "dien-thoai": "0900000000"})
    with pytest.raises(NotAllowedError):
        await desk.does(clerk, code, custody.identity, "Cần gọi lại hỏi đường")
    with pytest.raises(custody.NoReasonError):
        await desk.does(keeper, code, custody.identity, "xem")
    assert await desk.does(keeper, code, custody.has_identity)
    assert not await desk.does(clerk, code, custody.has_identity)
    named = await desk.does(keeper, code, custody.identity, "Cần gọi lại hỏi đường")
    assert named == {"ho-ten": "Nguyễn Thị Bí Mật", "dien-thoai": "0900000000"}
    async with desk.store.read() as tx:
        lines = await audit.page(tx, what="identity-read")
        assert await cases.broken(tx, code) is None
    assert [(line.who, line.ref, line.detail["reason"]) for line in lines] == [
        (keeper.who, f"case:{code}", "Cần gọi lại hỏi đường")
    ]


async def test_walls_stand_between_cases(desk: Desk) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"), name="Lê Thị Lan")
    await desk.official("anh-tu", role("can-bo-xu-ly"), name="Trần Văn Tú")
    plain = await desk.brings("Đường vào thôn Đông hỏng", chat="nha-1")
    named = await desk.brings("Đường vào thôn Đông hỏng", chat="nha-2", identity={"ho-ten": "Nguyễn Văn A"})
    about = await desk.brings("Đường vào thôn Đông hỏng, ông Tú không làm", chat="nha-3")
    same = await desk.brings("Đường thôn Đông hỏng nặng", chat="nha-4")
    for other in (named, about):
        with pytest.raises(merging.WalledError):
            await desk.does(clerk, other, merging.merge, plain)
    await desk.does(clerk, same, merging.merge, plain)
    told_ = await desk.does(clerk, plain, answers.answer, "Xã sửa đường trong tuần này.")
    assert isinstance(told_, answers.Told)
    assert told_.conversations == 2
    for chat, code in (("nha-1", plain), ("nha-4", same)):
        last = (await desk.mailbox(chat))[-1]
        assert "sửa đường" in last.text
        assert f"{code[:3]} {code[3:]}" in last.heading
    assert await desk.mailbox("nha-2") == []
    with pytest.raises(handling.StaleCaseError):
        await desk.does(clerk, same, handling.write_note, "thêm")


async def test_jobs_follow_what_arrives(desk: Desk) -> None:
    await desk.brings("Đèn hỏng")
    async with desk.store.write() as tx:
        claimed = await jobs.claim(tx, ["case-arrived"], desk.hands.at, desk.hands.at, 5)
    assert len(claimed) == 1
