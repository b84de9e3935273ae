"""The life of a case between a household and the desk, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.casework import answers, handling, inbox
from bot.casework.handling import Act, StaleCaseError
from bot.casework.life import WrongStateError
from bot.casework.receipt import receipt_holds
from bot.model.case import CaseKind
from bot.model.codes import is_code
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.store import case_desk, cases
from bot.store.case_desk import DeskCase
from tests.casework.conftest import LIBRARY, Desk
from tests.harness.officials import role


async def case_of(desk: Desk, official: Official, code: str) -> DeskCase:
    async with desk.store.read() as tx:
        found = await case_desk.one(tx, desk.eye(official), code)
    assert found is not None
    return found


async def test_from_question_to_answer_to_not_done(desk: Desk) -> None:
    official = await desk.official("lan", role("can-bo-xu-ly"))
    code = await desk.brings("Đường vào thôn Đông hỏng, mưa là lầy")
    await desk.does(official, code, handling.receive)
    await desk.does(official, code, handling.assign, desk.eye(official))
    assert (await case_of(desk, official, code)).state == "dang-xu-ly"
    told = await desk.does(official, code, answers.answer, "Xã đã cho người san lại đường.")
    assert isinstance(told, answers.Told)
    assert told.conversations == 1
    message = (await desk.mailbox())[-1]
    assert "san lại đường" in message.text
    assert f"{code[:3]} {code[3:]}" in message.heading
    presses = [button.press for button in message.buttons]
    assert presses == [f"c:{code}:rate:5", f"c:{code}:rate:3", f"c:{code}:again", f"c:{code}:add"]
    assert "Cảm ơn" in (await desk.presses(f"c:{code}:rate:5"))[-1].text
    assert "chưa xong" in (await desk.presses(f"c:{code}:again"))[-1].text
    await desk.catch_up()
    case = await case_of(desk, official, code)
    assert (case.state, case.reopened) == ("da-tiep-nhan", 1)
    assert case.due_at is not None
    async with desk.store.read() as tx:
        (asker,) = await case_desk.askers(tx, [case.id])
        assert asker.rating == 5
        assert await cases.broken(tx, code) is None
        steps = [one.what for one in (await case_desk.history(tx, [case.id]))[case.id]]
    assert steps == ["opened", "received", "assigned", "answered", "rated", "reopened"]


async def test_words_and_photos_added_wake_a_case_that_waits(desk: Desk) -> None:
    official = await desk.official("lan", role("can-bo-xu-ly"))
    code = await desk.brings("Nhà tôi chưa thấy tiền điện")
    await desk.does(official, code, answers.ask, "Bác cho xã xin số hợp đồng điện.")
    waiting = await case_of(desk, official, code)
    assert (waiting.state, waiting.due_at, waiting.clock_since) == ("cho-dan", None, None)
    desk.hands.move(days=3)
    (say,) = [b.press for b in (await desk.mailbox())[-1].buttons]
    await desk.presses(say)
    answered = await desk.presses("", text="Số hợp đồng PA123, tên chồng tôi")
    assert "ghi thêm" in answered[-1].text
    await desk.catch_up()
    case = await case_of(desk, official, code)
    assert case.state == "dang-xu-ly"
    # three days of the household's are not the office's
    assert case.spent_s == waiting.spent_s == 0
    assert case.clock_since == desk.hands.at


async def test_danger_while_adding_words_still_comes_first(desk: Desk) -> None:
    code = await desk.brings("Nhà tôi chưa thấy tiền điện")
    await desk.presses(f"c:{code}:add")
    said = await desk.presses("", text="chồng tôi đang đánh tôi cứu tôi với")
    assert any("công an" in one.text for one in said)


async def test_nobody_rates_or_reopens_another_household_s_case(desk: Desk) -> None:
    official = await desk.official("lan", role("can-bo-xu-ly"))
    code = await desk.brings("Đèn đường hỏng")
    await desk.does(official, code, answers.answer, "Đã thay bóng.")
    for press in ("rate:5", "again", "add"):
        said = await desk.presses(f"c:{code}:{press}", chat="nha-khac")
        assert "không tìm thấy" in said[-1].text
    assert (await case_of(desk, official, code)).state == "da-tra-loi"


async def test_two_officials_cannot_overwrite_each_other(desk: Desk) -> None:
    lan, mai = await desk.official("lan", role("can-bo-xu-ly")), await desk.official("mai", role("can-bo-xu-ly"))
    code = await desk.brings("Đèn đường hỏng")
    first, second = await desk.act(lan, code), await desk.act(mai, code)
    async with desk.store.write() as tx:
        await answers.answer(tx, first, "Đã thay bóng.")
    with pytest.raises(StaleCaseError):
        async with desk.store.write() as tx:
            await answers.answer(tx, second, "Chưa có bóng thay.")
    assert sum("thay" in one.text for one in await desk.mailbox()) == 1


async def test_only_allowed_steps(desk: Desk) -> None:
    official = await desk.official("lan", role("can-bo-xu-ly"))
    code = await desk.brings("Đèn đường hỏng")
    await desk.does(official, code, handling.close, "Gửi nhầm")
    with pytest.raises(WrongStateError):
        await desk.does(official, code, handling.receive)
    with pytest.raises(WrongStateError):
        await desk.does(official, code, answers.ask, "Bác cho biết thêm")
    for text in ("", "  \n ", "?!"):
        with pytest.raises(handling.EmptyTextError):
            await desk.does(official, code, handling.write_note, text)
    with pytest.raises(handling.LongTextError):
        await desk.does(official, code, handling.write_note, "a" * 5000)


async def test_whoever_may_only_look_changes_nothing(desk: Desk) -> None:
    code = await desk.brings("Đèn đường hỏng")
    other = await desk.official("xa-khac", role("can-bo-xu-ly", "xa-dak-doa"))
    viewer = await desk.official("xem", role("nguoi-xem"))
    for official in (other, viewer):
        assert await desk.sees(official) == set()
        with pytest.raises(NotAllowedError):
            await desk.does(official, code, answers.answer, "Đã thay bóng.")


async def test_an_urgent_case_of_no_commune_waits_at_the_province(desk: Desk) -> None:
    commune = await desk.official("xa-minh", role("can-bo-xu-ly"))
    province = await desk.official("tinh", role("lanh-dao", "tinh-dak-lak"))
    house = await desk.official("ca-nha", role("can-bo-xu-ly", ""))
    code = await desk.brings("Nhà cháy", kind=CaseKind.URGENT, unit="")
    assert code not in await desk.sees(commune)
    assert code in await desk.sees(province) & await desk.sees(house)
    await desk.does(province, code, handling.hand_over, unit="xa-tu-ky")
    assert code not in await desk.sees(commune), "nobody sees it there before it was matched there"
    await desk.catch_up()
    assert code in await desk.sees(commune)


async def test_the_receipt_holds_and_tells_nothing_else(desk: Desk) -> None:
    official = await desk.official("lan", role("can-bo-xu-ly"))
    code = await desk.brings("Đèn đường hỏng")
    shown = next(one.text for one in await desk.presses(f"c:{code}") if "biên nhận" in one.text)
    typed = shown.rsplit("biên nhận: ", 1)[1].split("\n")[0]
    async with desk.store.read() as tx:
        verdict = await receipt_holds(tx, code, typed)
        assert verdict.holds
        assert not verdict.has_more
        assert not (await receipt_holds(tx, code, "0" * 16)).holds
        assert not (await receipt_holds(tx, "1234567", typed)).holds
        assert not (await receipt_holds(tx, code, typed[:4])).holds
    await desk.does(official, code, answers.answer, "Đã thay bóng.")
    async with desk.store.read() as tx:
        verdict = await receipt_holds(tx, code, typed.upper())
    assert verdict.holds
    assert verdict.has_more


async def test_the_inbox_pages_by_what_is_due(desk: Desk) -> None:
    official = await desk.official("lan", role("can-bo-xu-ly"))
    codes = []
    for number in range(7):
        codes.append(await desk.brings(f"Đèn đường số {number} hỏng", chat=f"nha-{number}"))
        desk.hands.move(hours=1)
    await desk.does(official, codes[2], answers.ask, "Đèn nào hả bác?")
    for order in ("due", "new", "moved"):
        found, mark = [], ""
        while True:
            async with desk.store.read() as tx:
                page = await inbox.page(
                    tx, desk.eye(official), case_desk.Filters(), now=desk.hands.at, order=order, mark=mark, limit=3
                )
            found += [line.case.code for line in page.lines]
            mark = page.onward
            if not mark:
                break
        assert sorted(found) == sorted(codes)
        expected = {
            "due": [c for c in codes if c != codes[2]] + [codes[2]],
            "new": codes[::-1],
            "moved": [codes[2], *[c for c in codes[::-1] if c != codes[2]]],
        }
        assert found == expected[order], order
    async with desk.store.read() as tx:
        counted = await inbox.counts(tx, desk.eye(official), case_desk.Filters(), now=desk.hands.at)
        with pytest.raises(inbox.BadMarkError):
            await inbox.page(tx, desk.eye(official), case_desk.Filters(), now=desk.hands.at, mark="WzEsMl0")
    assert (counted["moi"], counted["cho-dan"], counted["free"], counted["late"]) == (6, 1, 7, 0)
    desk.hands.move(days=40)
    async with desk.store.read() as tx:
        counted = await inbox.counts(tx, desk.eye(official), case_desk.Filters(), now=desk.hands.at)
        late = await inbox.page(tx, desk.eye(official), case_desk.Filters(due_before=desk.hands.at), now=desk.hands.at)
    assert counted["late"] == 6 == len(late.lines)
    assert {line.cause for line in late.lines} == {"chua-xem"}


async def test_templates_carry_today_s_facts(desk: Desk) -> None:
    official = await desk.official("lan", role("can-bo-xu-ly"))
    code = await desk.brings("Tiền điện hộ nghèo", topic="tien-dien")
    case = await case_of(desk, official, code)
    ready = {one.id: one.text for one in answers.templates(LIBRARY, case, desk.hands.at.date())}
    assert "da-nhan" in ready
    assert "tien-dien" in ready
    assert "bhyt-ho-ngheo" not in ready
    assert "{" not in "".join(ready.values())
    assert is_code(code)


async def test_a_case_opened_has_all_of_it(desk: Desk) -> None:
    official = await desk.official("lan", role("can-bo-xu-ly"))
    code = await desk.brings("Đèn đường hỏng", identity={"ho-ten": "Nguyễn Thị Bí Mật"})
    await desk.does(official, code, handling.write_note, "Gọi điện lực")
    await desk.does(official, code, handling.wait_for_others, "Điện lực huyện", "Chờ thợ")
    async with desk.store.read() as tx:
        opened = await inbox.opened(tx, desk.eye(official), LIBRARY, code, now=desk.hands.at + timedelta(days=1))
    assert [step.what for step in opened.steps] == ["opened", "note", "waits-for-others"]
    assert opened.spent_s > 0
    assert "Bí Mật" not in repr(opened)


async def test_acts_keep_their_number(desk: Desk) -> None:
    official = await desk.official("lan", role("can-bo-xu-ly"))
    act: Act = await desk.act(official, "0000000")
    assert act.seen == 0
