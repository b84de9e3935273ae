"""Who may say what to whom, and when: two people, one text, no nights."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import broadcasts, quiet_hours
from bot.broadcast_sheet import count, listed, look
from bot.broadcast_text import (
    TITLE_MOST,
    Content,
    EntryNotReadyError,
    WrongAudienceError,
    WrongButtonError,
    WrongTextError,
    WrongTitleError,
)
from bot.library.answer import airable
from bot.model.broadcast import Audience, BroadcastState
from bot.model.outbound import Button
from bot.rights import NotAllowedError
from bot.store import audit
from tests.broadcasts.conftest import Town
from tests.harness.officials import ON, UNIT, lent, made, role

#: 22:30 in Vietnam
NIGHT = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)


async def test_the_author_never_approves_nor_does_anybody_who_wrote_at_it(town: Town) -> None:
    await town.subscriber("1")
    vice = await made(town.store, town.library, town.hands, "hoa", role("lanh-dao"))
    number = await town.written()
    await town.act(broadcasts.change, vice, town.library, number, town.given("Khác rồi."))
    await town.act(broadcasts.submit, town.author, town.library, number)
    for who in (town.author, vice):
        with pytest.raises(NotAllowedError):
            await town.act(broadcasts.approve, who, town.library, number, seen_hash="")
    await town.approve(number)
    assert (await town.get(number)).approved_by == town.chair.id


async def test_a_deputy_needs_the_chairs_written_word(town: Town) -> None:
    await town.subscriber("1")
    number = await town.written()
    await town.act(broadcasts.submit, town.author, town.library, number)
    async with town.store.read() as tx:
        seen = (await look(tx, town.chair, town.library, number, now=town.hands.at)).text_hash
    deputy = await made(town.store, town.library, town.hands, "dep", role("lanh-dao", is_chair=False))
    with pytest.raises(NotAllowedError):
        await town.act(broadcasts.approve, deputy, town.library, number, seen_hash=seen)
    trusted = await made(town.store, town.library, town.hands, "tin", role("lanh-dao", is_chair=False), lent(until=ON))
    await town.act(broadcasts.approve, trusted, town.library, number, seen_hash=seen)
    # the impatient second click
    await town.act(broadcasts.approve, trusted, town.library, number, seen_hash=seen)
    async with town.store.read() as tx:
        assert len(await audit.lines(tx, "broadcast-approved")) == 1


async def test_what_changed_under_their_eyes_is_not_approved(town: Town) -> None:
    await town.subscriber("1")
    number = await town.written()
    await town.act(broadcasts.submit, town.author, town.library, number)
    async with town.store.read() as tx:
        seen = (await look(tx, town.chair, town.library, number, now=town.hands.at)).text_hash
    await town.act(broadcasts.change, town.author, town.library, number, town.given("Mốt phát gạo."))
    await town.act(broadcasts.submit, town.author, town.library, number)
    with pytest.raises(broadcasts.ChangedError):
        await town.act(broadcasts.approve, town.chair, town.library, number, seen_hash=seen)


@pytest.mark.parametrize(
    "changed",
    [
        {"content": Content("Phát gạo", "Lời khác.")},
        {"content": Content("Phát quà", "Mai phát gạo ở nhà văn hóa.")},
        {"audience": Audience((), topics=("bhyt",))},
        {"send_at": datetime(2026, 11, 22, 3, tzinfo=UTC)},
        {"urgent": True, "reason": "bão"},
    ],
)
async def test_any_change_takes_the_approval_away(town: Town, changed: dict[str, object]) -> None:
    await town.subscriber("1")
    number = await town.approved()
    before = (await town.get(number)).approved_hash
    await town.act(broadcasts.change, town.author, town.library, number, replace(town.given(), **changed))
    found = await town.get(number)
    assert (found.state, found.approved_hash, found.approved_by) == (BroadcastState.DRAFT, "", None)
    async with town.store.read() as tx:
        assert (await look(tx, town.chair, town.library, number, now=town.hands.at)).text_hash != before
    with pytest.raises(broadcasts.WrongStateError):
        await town.act(broadcasts.start, town.author, town.library, number)


async def test_pace_is_no_matter_of_approval(town: Town) -> None:
    await town.subscriber("1")
    number = await town.approved()
    await town.act(broadcasts.set_pace, town.author, number, 60)
    await town.act(broadcasts.start, town.author, town.library, number)
    assert (await town.get(number)).state is BroadcastState.RUNNING
    for wrong in (0, -1, 10**9):
        with pytest.raises(broadcasts.WrongPaceError):
            await town.act(broadcasts.set_pace, town.author, number, wrong)


async def test_nights_are_quiet_unless_it_is_urgent_with_a_reason(town: Town) -> None:
    await town.subscriber("1")
    with pytest.raises(broadcasts.QuietHoursError):
        await town.written(town.given(send_at=NIGHT))
    with pytest.raises(broadcasts.NoReasonError):
        await town.written(town.given(send_at=NIGHT, urgent=True, reason=" "))
    with pytest.raises(broadcasts.PastTimeError):
        await town.written(town.given(send_at=town.hands.at - timedelta(minutes=1)))
    calm, urgent = await town.approved(), await town.approved(town.given(urgent=True, reason="Lũ về"))
    town.hands.at = NIGHT
    with pytest.raises(broadcasts.QuietHoursError):
        await town.act(broadcasts.start, town.author, town.library, calm)
    await town.act(broadcasts.start, town.author, town.library, urgent)
    async with town.store.read() as tx:
        line = (await audit.page(tx, what="broadcast-started"))[0]
        sheet = await look(tx, town.chair, town.library, urgent, now=town.hands.at)
    assert line.detail == {"urgent": "Lũ về"}
    assert "warn_urgent" in sheet.warnings


@pytest.mark.parametrize(
    ("hour", "minute", "quiet", "warned"),
    [
        (20, 0, False, False),
        (20, 1, False, True),
        (20, 59, False, True),
        (21, 0, True, True),
        (0, 0, True, True),
        (4, 59, True, True),
        (5, 0, False, True),
        (5, 29, False, True),
        (5, 30, False, False),
    ],
)
def test_hours(hour: int, minute: int, quiet: bool, warned: bool) -> None:
    moment = datetime(2026, 11, 21, hour, minute, tzinfo=UTC) - timedelta(hours=7)
    assert (quiet_hours.is_quiet(moment), quiet_hours.is_early_or_late(moment)) == (quiet, warned)
    ends = quiet_hours.quiet_ends(moment)
    assert not quiet_hours.is_quiet(ends)
    assert moment <= ends < moment + timedelta(hours=8, seconds=1)


async def test_what_is_filled_in_wrong_is_told(town: Town) -> None:
    await town.subscriber("1")
    for content, error in (
        (Content("", "Lời."), WrongTitleError),
        (Content("Tin", " "), WrongTextError),
        (Content("Tin", "a" * 3001), WrongTextError),
        (Content("Tin", "a\x00b"), WrongTextError),
        (Content("Tin", "Lời.", buttons=(Button("Xem", press="e:khong-co"),)), WrongButtonError),
        (Content("Tin", "Lời.", buttons=(Button("Xem", press="o:dang-ky:dong-y:dong-y"),)), WrongButtonError),
        (Content("Tin", "Lời.", buttons=(Button("Xem", url="javascript:alert(1)"),)), WrongButtonError),
        (Content("Tin", "Lời.", buttons=(Button("Xem", press="m", url="https://a.vn"),)), WrongButtonError),
        (Content(entry="khong-co"), EntryNotReadyError),
        # its sources name no publication and nobody signed it
        (Content(entry="ho-tro-tien-dien"), EntryNotReadyError),
    ):
        with pytest.raises(error):
            await town.written(town.given(content=content))
    for audience in (
        Audience(("tinh-an-giang",)),
        Audience((), topics=("khong-co",)),
        Audience((), facts=(("dan-toc-thieu-so", ("true",)),)),
        Audience((), facts=(("loai-ho", ("giau",)),)),
        Audience((), facts=(("khong-co", ("true",)),)),
    ):
        with pytest.raises(WrongAudienceError):
            await town.written(town.given(audience=audience))


async def test_one_who_may_not_write_here_cannot(town: Town) -> None:
    await town.subscriber("1")
    number = await town.written()
    stranger = await made(town.store, town.library, town.hands, "khac", role("lanh-dao", "xa-dak-doa"))
    watcher = await made(town.store, town.library, town.hands, "xem", role("nguoi-xem"))
    of_topic = await made(town.store, town.library, town.hands, "muc", role("can-bo-xu-ly", "xa-tu-ky", "bhyt"))
    for who in (stranger, watcher, of_topic):
        for what in (broadcasts.pause, broadcasts.cancel):
            with pytest.raises(NotAllowedError):
                await town.act(what, who, number)
        async with town.store.read() as tx:
            assert await listed(tx, who) == []
            with pytest.raises(NotAllowedError):
                await look(tx, who, town.library, number, now=town.hands.at)
            if who is not of_topic:
                with pytest.raises(NotAllowedError):
                    await count(tx, who, town.library, "xa-tu-ky", Audience((), topics=("bhyt",)))
    async with town.store.read() as tx:
        assert [one.id for one in await listed(tx, town.author)] == [number]
        assert (await count(tx, of_topic, town.library, "xa-tu-ky", Audience((), topics=("bhyt",)))).total == 1


async def test_an_entry_with_a_long_title_goes_out_under_its_short_one(town: Town) -> None:
    await town.subscriber("1")
    policies = [p for p in town.library.policies.values() if airable(town.library, p.id, ON, UNIT)]
    long = next(policy for policy in policies if len(policy.title) > TITLE_MOST)
    found = await town.get(await town.approved(town.given(content=Content(entry=long.id))))
    assert (found.title, found.outbound.heading) == (long.short, long.short)
    await town.act(broadcasts.start, town.author, town.library, found.id)


async def test_an_entry_is_sent_as_it_was_approved_or_not_at_all(town: Town) -> None:
    await town.subscriber("1")
    entry = next(p.id for p in town.library.policies.values() if airable(town.library, p.id, ON, UNIT))
    number = await town.approved(town.given(content=Content(entry=entry)))
    found = await town.get(number)
    assert found.outbound.entry == entry
    assert found.outbound.buttons[0].press == f"e:{entry}"
    # a year later its figures have other dates, or it has ended
    town.hands.move(days=4000)
    town.hands.at = town.hands.at.replace(hour=3)
    with pytest.raises(broadcasts.EntryChangedError):
        await town.act(broadcasts.start, town.author, town.library, number)


async def test_a_broadcast_for_nobody_is_not_handed_on(town: Town) -> None:
    number = await town.written()
    with pytest.raises(broadcasts.NobodyError):
        await town.act(broadcasts.submit, town.author, town.library, number)
