"""Time: reminded by day, taken further up with the cause, closed when nobody spoke; notices that tell nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.casework import answers, entry, handling, inbox, notices, watch
from bot.casework.clocks import Calendar
from bot.jobs import reminders
from bot.jobs.worker import Worker
from bot.model.case import CaseKind
from bot.model.events import NoticesLinked
from bot.model.official import Official
from bot.rights import NotAllowedError
from bot.store import case_desk, cases, jobs
from tests.casework.conftest import LIBRARY, Desk
from tests.harness.officials import UNIT, role


async def look(desk: Desk) -> dict[str, int]:
    return await watch.watch(desk.store, LIBRARY, now=desk.hands.at, at=desk.hands.at)


async def link(desk: Desk, official: Official, chat: str) -> None:
    async with desk.store.write() as tx:
        token = await notices.new_link(tx, official, at=desk.hands.at)
    await desk.says(NoticesLinked(token), chat)


async def work_off(desk: Desk) -> None:
    worker = Worker(
        desk.store,
        desk.hands.clock,
        reminders.kinds(desk.store, desk.hands.clock, lambda: LIBRARY, "https://xa.example"),
    )
    while await worker.step():
        pass


async def test_reminded_before_late_and_escalated_after_with_the_cause(desk: Desk) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"))
    chair = await desk.official("chu-tich", role("lanh-dao"))
    await link(desk, clerk, "may-lan")
    await link(desk, chair, "may-chu-tich")
    code = await desk.brings("Đường hỏng ở nhà bà Sáu", identity={"ho-ten": "Nguyễn Thị Bí Mật"})
    await desk.does(clerk, code, handling.assign, desk.eye(clerk))
    assert await look(desk) == {"reminded": 0, "escalated": 0, "closed": 0}
    due = Calendar.of(LIBRARY).after(desk.hands.at, 10 * 27000)
    desk.hands.at = due - timedelta(hours=1)
    assert (await look(desk))["reminded"] == 1
    assert (await look(desk))["reminded"] == 0, "once is enough"
    desk.hands.at = (due + timedelta(days=1)).replace(hour=20)
    assert not Calendar.of(LIBRARY).is_open(desk.hands.at)
    assert (await look(desk))["escalated"] == 0, "not at night"
    desk.hands.at = Calendar.of(LIBRARY).opens(desk.hands.at)
    assert (await look(desk))["escalated"] == 1
    await work_off(desk)
    *_earlier, told = await desk.mailbox("may-chu-tich")
    assert "quá hạn" in told.text
    assert "đang làm" in told.text
    assert f"/ban/ho-so/{code}" in told.text
    for letter in [*await desk.mailbox("may-lan"), told]:
        assert "bà Sáu" not in letter.text
        assert "Bí Mật" not in letter.text
    async with desk.store.read() as tx:
        opened = await inbox.opened(tx, desk.eye(clerk), LIBRARY, code, now=desk.hands.at)
    assert opened.steps[-1].payload == {"cause": "dang-lam"}
    assert opened.is_late


async def test_new_cases_are_told_when_offices_open_urgent_ones_at_once(desk: Desk) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"))
    await link(desk, clerk, "may-lan")
    desk.hands.at = datetime.fromisoformat("2026-11-23T21:00:00+07:00")
    await desk.brings("Đèn hỏng", chat="nha-1")
    await work_off(desk)
    assert await desk.mailbox("may-lan") == []
    await desk.brings("Nhà cháy", chat="nha-2", kind=CaseKind.URGENT)
    await work_off(desk)
    assert ["Việc khẩn" in one.text for one in await desk.mailbox("may-lan")] == [True]
    # the 24th may be a day off, so the 25th
    desk.hands.at = datetime.fromisoformat("2026-11-25T07:31:00+07:00")
    await work_off(desk)
    assert len(await desk.mailbox("may-lan")) == 2


async def test_a_link_works_once_and_not_for_long(desk: Desk) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"))
    async with desk.store.write() as tx:
        token = await notices.new_link(tx, clerk, at=desk.hands.at)
    desk.hands.move(minutes=31)
    await desk.says(NoticesLinked(token), "may-lan")
    async with desk.store.read() as tx:
        assert not await notices.is_linked(tx, clerk)
    await link(desk, clerk, "may-lan")
    async with desk.store.write() as tx:
        assert await notices.is_linked(tx, clerk)
        await notices.stop(tx, clerk, at=desk.hands.at)
        assert not await notices.is_linked(tx, clerk)


async def test_an_answered_case_closes_when_nobody_speaks(desk: Desk) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"))
    code = await desk.brings("Đèn hỏng")
    await desk.does(clerk, code, answers.answer, "Đã thay bóng.")
    desk.hands.move(days=13)
    assert (await look(desk))["closed"] == 0
    desk.hands.move(days=2)
    assert (await look(desk))["closed"] == 1
    await desk.presses(f"c:{code}:again")
    await desk.catch_up()
    async with desk.store.read() as tx:
        case = await case_desk.one(tx, desk.eye(clerk), code)
        assert await cases.broken(tx, code) is None
    assert case is not None
    assert case.state == "da-tiep-nhan"
    assert case.due_at is not None
    assert case.due_at > desk.hands.at


async def test_a_matter_brought_in_person_is_answered_by_slip(desk: Desk) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"))
    keeper = await desk.official("giu-kin", role("giu-danh-tinh"), role("can-bo-xu-ly"))
    brought = entry.Brought(
        CaseKind.DATA, "tai-cho", UNIT, "Cho tôi xem xã giữ gì về tôi", identity={"ho-ten": "Nguyễn Thị Sáu"}
    )
    async with desk.store.write() as tx:
        entered = await entry.enter(tx, clerk, LIBRARY, brought, now=desk.hands.at, at=desk.hands.at)
        for wrong in (
            entry.Brought(CaseKind.FEEDBACK, "bot", UNIT, "a"),
            entry.Brought(CaseKind.CONFIRM_ENTRY, "goi", UNIT, "a"),
        ):
            with pytest.raises(entry.WrongSourceError):
                await entry.enter(tx, clerk, LIBRARY, wrong, now=desk.hands.at, at=desk.hands.at)
    await desk.catch_up()
    told = await desk.does(clerk, entered.code, answers.answer, "Xã chỉ giữ lời bác gửi hôm nay.")
    assert isinstance(told, answers.Told)
    assert told.conversations == 0
    (asker,) = told.by_hand
    async with desk.store.read() as tx:
        opened = await inbox.opened(tx, desk.eye(clerk), LIBRARY, entered.code, now=desk.hands.at)
    slip = answers.slip(LIBRARY, opened.case, opened.steps, asker)
    assert "chỉ giữ lời" in slip["answer"]
    assert "Sáu" not in repr(slip)
    await desk.does(clerk, entered.code, answers.tick, asker.id, answers.BY_SLIP)
    async with desk.store.read() as tx:
        (ticked,) = await case_desk.askers(tx, [opened.case.id])
    assert ticked.told_by == answers.BY_SLIP
    # found from a chat by code and PIN, as any other
    await desk.presses(f"c:{entered.code}:pin", chat="nha-sau")
    said = await desk.presses("", chat="nha-sau", text=entered.pin)
    assert any("chỉ giữ lời" in one.text for one in said)
    with pytest.raises(NotAllowedError):
        await desk.does(clerk, entered.code, entry.forget, "Bác ấy xin xóa")
    assert await desk.does(keeper, entered.code, entry.forget, "Bác ấy xin xóa") == []
    async with desk.store.read() as tx:
        assert (
            await inbox.search(tx, desk.eye(clerk), "chỉ giữ lời", case_desk.Filters(), now=desk.hands.at)
        ).lines == ()
        after = await inbox.opened(tx, desk.eye(clerk), LIBRARY, entered.code, now=desk.hands.at)
        assert await cases.broken(tx, entered.code) is None
    assert after.case.identity_id is None
    assert all(step.payload is None for step in after.steps)


async def test_the_way_of_a_case_leaves_no_job_behind(desk: Desk) -> None:
    await desk.brings("Đèn hỏng")
    await work_off(desk)
    async with desk.store.read() as tx:
        assert await jobs.next_due(tx, ["case-arrived", "case-notice"]) is None
        assert await jobs.failed(tx) == []


async def test_another_danger_told_in_the_same_chat_rings_again_and_the_same_one_does_not(desk: Desk) -> None:
    clerk = await desk.official("lan", role("can-bo-xu-ly"))
    await link(desk, clerk, "may-lan")
    desk.hands.at = datetime.fromisoformat("2026-11-23T21:00:00+07:00")

    async def rung(text: str) -> list[str]:
        before = len(await desk.mailbox("may-lan"))
        await desk.presses("", text=text)
        await work_off(desk)
        desk.hands.move(minutes=1)
        return [one.text for one in (await desk.mailbox("may-lan"))[before:]]

    (new,) = await rung("thằng bé nhà bên đang bị bố đánh tím người, cứu nó với")
    assert "Hồ sơ mới" in new
    assert await rung("nó vẫn đang bị đánh, cứu cháu với") == []
    (other,) = await rung("tôi khổ quá không muốn sống nữa, tôi muốn chết")
    assert "mối nguy khác" in other
    assert await rung("tôi muốn chết cho xong") == []
    (third,) = await rung("nhà tôi hết gạo hai hôm nay mấy mẹ con nhịn đói")
    assert "mối nguy khác" in third
    async with desk.store.read() as tx:
        (case,) = await case_desk.page(tx, desk.eye(clerk), case_desk.Filters())
        steps = (await case_desk.history(tx, [case.id]))[case.id]
    assert [one.payload["danger"] for one in steps if one.payload] == ["tre-em", "tre-em", "tu-tu", "tu-tu", "doi"]
