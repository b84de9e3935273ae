"""From the approval to the last household: whom it reaches, once each, and how it is stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot import broadcasts
from bot.broadcast_sheet import count, left
from bot.broadcast_text import Content
from bot.channels.base import SendError
from bot.channels.console import CAPS
from bot.erasure import erase_due
from bot.model.broadcast import Audience, BroadcastState
from bot.model.events import ConsentWithdrawn, Turn, Unsubscribed
from bot.model.outbound import Outbound, OutMedia, OutMediaKind
from bot.model.session import Session
from bot.store import audit, bell, contacts, conversations, erasures, outbox, recipients
from bot.store import broadcasts as rows
from bot.store.outbox import Draft
from bot.store.tables import outbox as rows_out
from bot.work import Work
from tests.broadcasts.conftest import Town
from tests.harness.officials import UNIT
from tests.harness.talk import key, types


async def test_each_household_gets_it_once_wherever_they_were_last(town: Town) -> None:
    await town.subscriber("1", topics=("bhyt", "nha-o"))
    await town.subscriber("21", "22")
    number = await town.started()
    await town.run_until(number)
    assert sorted(town.told) == ["1", "22"]
    assert await town.tallied(number) == {"sent": 2}
    told = town.channel.sent[0].outbound
    assert told.heading == "Phát gạo"
    assert "thôi nhận" in told.text
    assert told.buttons[-1].press == "f:huy-dang-ky"
    # an impatient click after the end
    await town.act(broadcasts.start, town.author, town.library, number)
    await town.dispatch.step()
    assert len(town.told) == 2


async def test_an_audience_is_subscribers_with_consent_for_whom_all_holds(town: Town) -> None:
    east = await town.subscriber("1", hamlet="Đông")
    await town.subscriber("2", hamlet="Tây", topics=("nha-o",))
    await town.subscriber("3", unit="xa-dak-doa")
    await town.subscriber("w", channel="web", hamlet="Đông", topics=("tin-dung",))
    poor = await town.subscriber("5", facts={"loai-ho": "ngheo", "co-hoc-sinh": True})
    await town.subscriber("6", facts={"loai-ho": "can-ngheo"})
    # agreed to a text that said nothing of news
    await town.subscriber("7", facts={"loai-ho": "ngheo"}, profile_version="v1")
    gone = await town.subscriber("8")
    async with town.store.write() as tx:
        where = conversations.conversations.c.contact_id == gone
        chat = (await conversations.lock(tx, where))[0]
        await conversations.mark_gone(tx, [chat.id], town.hands.at)

    async def reached(**wanted: tuple[object, ...]) -> int:
        async with town.store.read() as tx:
            return (await count(tx, town.author, town.library, UNIT, Audience((), **wanted))).total  # type: ignore[arg-type]

    assert await reached() == 6
    assert await reached(hamlets=("Đông",)) == 2
    assert await reached(topics=("bhyt",)) == 4
    assert await reached(topics=("bhyt", "nha-o")) == 5
    assert await reached(channels=("web",)) == 1
    assert await reached(facts=(("loai-ho", ("ngheo",)),)) == 1
    assert await reached(facts=(("loai-ho", ("ngheo", "can-ngheo")),)) == 2
    assert await reached(facts=(("loai-ho", ("can-ngheo",)), ("co-hoc-sinh", ("true",)))) == 0
    assert await reached(facts=(("co-hoc-sinh", ("true",)),)) == 1
    async with town.store.read() as tx:
        counted = await count(tx, town.author, town.library, UNIT, Audience(()))
    assert 0 < len(counted.sample) <= 5
    assert {one.unit for one in counted.sample} == {UNIT}
    async with town.store.write() as tx:
        await contacts.withdraw(tx, east, "nhan-tin", town.hands.at)
        await contacts.withdraw(tx, poor, "luu-ho-so", town.hands.at)
    assert await reached(hamlets=("Đông",)) == 1
    assert await reached(facts=(("loai-ho", ("ngheo",)),)) == 0


async def test_a_mailbox_has_it_at_once(town: Town) -> None:
    await town.subscriber("w", channel="web")
    number = await town.started()
    await town.run_until(number)
    async with town.store.read() as tx:
        letters = await outbox.mailbox(tx, key("w", "web"))
    assert [letter.outbound.heading for letter in letters] == ["Phát gạo"]
    assert await town.tallied(number) == {"sent": 1}


async def test_what_became_of_each_is_counted_and_listed(town: Town) -> None:
    made = [await town.subscriber(str(n)) for n in range(5)]
    town.channel.faults = [
        None,
        SendError("blocked", contact_gone=True),
        SendError("no answer", unknown=True),
        SendError("bad request"),
        SendError("flood", retry_after_s=2),
    ]
    number = await town.started()
    async with town.sending():
        for _ in range(3):
            await town.dispatch.step()
        await town.channel.until(tried=5)
    assert (await town.get(number)).state is BroadcastState.RUNNING
    town.hands.move(seconds=3)
    await town.run_until(number)
    assert await town.tallied(number) == {"sent": 2, "gone": 1, "unknown": 1, "failed": 1}
    assert len(town.channel.tried) == 6, "an unknown is never repeated"
    async with town.store.read() as tx:
        for state in ("gone", "unknown", "failed"):
            listed = await left(tx, town.chair, town.library, number, state, now=town.hands.at)
            assert [one.contact_id for one in listed if one.contact_id in made]
            assert len(listed) == 1


async def test_few_stand_in_the_outbox_so_that_a_pause_stops_nearly_all(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.dispatch.WINDOW_MOST", 3)
    monkeypatch.setattr("bot.dispatch.WINDOW_LEAST", 3)
    for n in range(10):
        await town.subscriber(str(n))
    number = await town.started()
    town.dispatch._window = 3
    await town.dispatch.step()
    await town.dispatch.step()
    assert await town.tallied(number) == {"queued": 3, "waiting": 7}
    await town.act(broadcasts.pause, town.author, number)
    await town.act(broadcasts.pause, town.author, number)
    assert await town.tallied(number) == {"waiting": 10}
    await town.dispatch.step()
    assert await town.tallied(number) == {"waiting": 10}
    await town.act(broadcasts.resume, town.chair, town.library, number)
    await town.run_until(number)
    assert sorted(town.told) == [str(n) for n in range(10)]


async def test_cancelling_passes_over_whoever_is_left(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.dispatch.WINDOW_MOST", 2)
    monkeypatch.setattr("bot.dispatch.WINDOW_LEAST", 2)
    for n in range(6):
        await town.subscriber(str(n))
    await town.subscriber("tuan", often="weekly")
    number = await town.started()
    town.dispatch._window = 2
    await town.dispatch.step()
    await town.dispatch.step()
    async with town.store.write() as tx:
        claimed = await outbox.claim(tx, "telegram", "42", epoch=1, at=town.hands.at, limit=1, is_reply=False)
    await town.act(broadcasts.cancel, town.chair, number)
    await town.act(broadcasts.cancel, town.chair, number)
    tally = (await town.get(number)).tally
    assert (tally.skipped, tally.queued, tally.waiting, tally.held) == (6, 1, 0, 0)
    async with town.store.write() as tx:
        at = town.hands.at
        await outbox.settle(tx, [outbox.Outcome(claimed[0].id, "sent", at, at)], 1)
    await town.dispatch.step()
    tally = (await town.get(number)).tally
    assert (tally.skipped, tally.sent, tally.total) == (6, 1, 7)
    assert (await town.get(number)).state is BroadcastState.CANCELLED
    with pytest.raises(broadcasts.WrongStateError):
        await town.act(broadcasts.resume, town.author, town.library, number)


@pytest.mark.parametrize("event", [Unsubscribed(), ConsentWithdrawn()])
async def test_opting_out_holds_for_what_is_already_running(
    town: Town, event: Unsubscribed | ConsentWithdrawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.dispatch.WINDOW_MOST", 2)
    monkeypatch.setattr("bot.dispatch.WINDOW_LEAST", 2)
    for n in range(4):
        await town.subscriber(str(n))
    number = await town.started()
    town.dispatch._window = 2
    await town.dispatch.step()
    await town.dispatch.step()
    # the first stands in the outbox already, the last still waits
    for chat in ("0", "3"):
        async with town.store.write() as tx:
            where = (await conversations.load(tx, [key(chat)], town.hands.at))[key(chat)]
            work = Work(tx, now=town.hands.at, at=town.hands.at)
            work.took(where, types("thôi nhận", chat=chat), Turn(Session(), (event,)))
            await work.write()
    await town.run_until(number)
    assert sorted(town.told) == ["1", "2"]
    assert await town.tallied(number) == {"sent": 2, "skipped": 2}


async def test_the_pace_is_kept(town: Town) -> None:
    for n in range(6):
        await town.subscriber(str(n))
    number = await town.started(town.given(pace=2 * 720))
    for _ in range(5):
        await town.dispatch.step()
    assert (await town.tallied(number))["queued"] == 2, "five seconds' worth"
    town.hands.move(seconds=4.9)
    await town.dispatch.step()
    assert (await town.tallied(number))["queued"] == 2
    town.hands.move(seconds=0.2)
    await town.dispatch.step()
    assert (await town.tallied(number))["queued"] == 4


async def test_it_rests_at_night_and_goes_on_in_the_morning(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.dispatch.WINDOW_MOST", 1)
    monkeypatch.setattr("bot.dispatch.WINDOW_LEAST", 1)
    for n in range(3):
        await town.subscriber(str(n))
    # 20:59 in Vietnam
    town.hands.at = datetime(2026, 11, 21, 13, 59, tzinfo=UTC)
    number = await town.started()
    town.dispatch._window = 1
    await town.dispatch.step()
    await town.dispatch.step()
    town.hands.move(minutes=1)
    await town.dispatch.step()
    found = await town.get(number)
    assert (found.state, found.paused_for) == (BroadcastState.PAUSED, "quiet-hours")
    assert await town.tallied(number) == {"waiting": 3}
    town.hands.at = datetime(2026, 11, 21, 21, 59, tzinfo=UTC)
    await town.dispatch.step()
    assert (await town.get(number)).state is BroadcastState.PAUSED
    town.hands.move(minutes=1)
    await town.run_until(number)
    assert len(town.told) == 3
    async with town.store.read() as tx:
        assert [line.what for line in await audit.page(tx, ref=f"broadcast:{number}")][:3] == [
            "broadcast-done",
            "broadcast-resumed",
            "broadcast-paused",
        ]


async def test_what_an_official_stopped_stays_stopped_over_night(town: Town) -> None:
    await town.subscriber("1")
    number = await town.started()
    await town.act(broadcasts.pause, town.author, number)
    town.hands.move(hours=24)
    await town.dispatch.step()
    assert (await town.get(number)).paused_for == "official"


async def test_it_starts_at_its_time(town: Town) -> None:
    await town.subscriber("1")
    at = town.hands.at + timedelta(hours=2)
    number = await town.approved(town.given(send_at=at))
    town.hands.move(hours=1, minutes=59)
    await town.dispatch.step()
    assert (await town.get(number)).state is BroadcastState.APPROVED
    town.hands.move(minutes=1)
    await town.run_until(number)
    assert town.told == ["1"]


async def test_whoever_subscribes_after_the_start_is_not_in_it(town: Town) -> None:
    await town.subscriber("1")
    number = await town.started()
    await town.subscriber("2")
    await town.run_until(number)
    assert town.told == ["1"]


async def test_news_of_the_week_come_as_one_message_on_sunday(town: Town) -> None:
    """2026-11-21 is a Saturday."""
    await town.subscriber("ngay")
    await town.subscriber("tuan", often="weekly")
    await town.subscriber("thang", often="monthly")
    quits = await town.subscriber("thoi", often="weekly")
    first = await town.started(town.given("Tin một."))
    await town.run_until(first)
    second = await town.started(town.given("Tin hai."))
    urgent = await town.started(town.given("Lũ về.", urgent=True, reason="Lũ"))
    await town.run_until(second)
    await town.run_until(urgent)
    assert sorted(town.told) == ["ngay"] * 3 + ["thang", "thoi", "tuan"], "what is urgent waits for no digest"
    assert await town.tallied(first) == {"sent": 1, "held": 3}
    async with town.store.write() as tx:
        await contacts.unsubscribe(tx, quits, ())
    town.channel.sent.clear()
    # Sunday, 7:59 and 8:00 in Vietnam
    town.hands.at = datetime(2026, 11, 22, 0, 59, tzinfo=UTC)
    assert await town.dispatch.step() == bell.POLL_S
    town.hands.move(minutes=1)
    async with town.sending():
        await town.dispatch.step()
        await town.channel.until(sent=1)
    await town.dispatch.step()
    assert town.told == ["tuan"]
    told = town.channel.sent[0].outbound.text
    assert "Tin một." in told
    assert "Tin hai." in told
    assert await town.tallied(first) == {"sent": 2, "skipped": 1, "held": 1}
    # on the first of December
    town.hands.at = datetime(2026, 12, 1, 2, tzinfo=UTC)
    async with town.sending():
        await town.dispatch.step()
        await town.channel.until(sent=2)
    await town.dispatch.step()
    assert town.told == ["tuan", "thang"]
    assert await town.tallied(second) == {"sent": 3, "skipped": 1}
    assert await town.dispatch.step() == bell.POLL_S


async def test_a_photo_is_uploaded_once_and_a_mailbox_has_it_too(town: Town) -> None:
    town.channel.caps = replace(CAPS, media=frozenset({OutMediaKind.PHOTO}), caption_max=1024)
    for n in range(4):
        await town.subscriber(str(n))
    await town.subscriber("w", channel="web")
    photo = OutMedia(OutMediaKind.PHOTO, await town.store.blobs.put(b"photo"), "lich.jpg", "image/jpeg")
    number = await town.started(town.given(content=Content("Lịch", "Lịch khám.", media=photo)))
    await town.run_until(number)
    assert [bool(one.media_bytes) for one in town.channel.sent] == [True, False, False, False]
    assert {one.media_handle for one in town.channel.sent[1:]} == {"handle-1"}
    assert await town.tallied(number) == {"sent": 5}
    async with town.store.read() as tx:
        assert await rows.files(tx) == {photo.sha256}


async def test_replies_go_before_it(town: Town) -> None:
    for n in range(5):
        await town.subscriber(str(n))
    number = await town.started()
    await town.dispatch.step()
    await town.dispatch.step()
    async with town.store.write() as tx:
        where = (await conversations.load(tx, [key("4")], town.hands.at))[key("4")]
        await outbox.add(tx, [Draft(where.id, where.key, Outbound("trả lời"))], town.hands.at)
    await town.run_until(number)
    assert town.channel.texts[0] == "trả lời"


async def test_erasure_forgets_who_got_it_and_keeps_the_count(town: Town) -> None:
    first = await town.subscriber("1")
    await town.subscriber("2")
    number = await town.started()
    await town.run_until(number)
    later = await town.started()
    async with town.store.write() as tx:
        where = await conversations.lock(tx, conversations.conversations.c.contact_id == first)
        await erasures.ask(tx, where[0].id, asked_at=town.hands.at, due_at=town.hands.at)
    await erase_due(town.store, town.hands.at, town.hands.at)
    town.hands.move(hours=2)
    await erase_due(town.store, town.hands.at, town.hands.at)
    assert (await town.get(number)).tally.sent == 2
    assert await town.states(number) == {"sent": 1}
    await town.run_until(later)
    assert town.told[2:] == ["2"]
    async with town.store.read() as tx:
        assert not await recipients.on_their_way(tx)
        its = await tx.rows(select(rows_out.c.id).where(rows_out.c.conversation_id == where[0].id))
        assert its == []


async def test_recipients_are_forgotten_in_time_and_the_counts_stay(town: Town) -> None:
    for n in range(3):
        await town.subscriber(str(n))
    number = await town.started()
    await town.run_until(number)
    ended = (await town.get(number)).ended_at
    assert ended is not None
    async with town.store.write() as tx:
        assert await recipients.forget(tx, ended, 2) == 0
        after = ended + timedelta(seconds=1)
        assert [await recipients.forget(tx, after, 2) for _ in range(3)] == [2, 1, 0]
    assert (await town.get(number)).tally.sent == 3


async def test_every_act_stands_in_the_audit(town: Town) -> None:
    await town.subscriber("1")
    number = await town.started()
    await town.act(broadcasts.set_pace, town.author, number, 100)
    await town.act(broadcasts.pause, town.chair, number)
    await town.act(broadcasts.resume, town.chair, town.library, number)
    await town.act(broadcasts.cancel, town.author, number)
    async with town.store.read() as tx:
        lines = [(line.what, line.who) for line in await audit.page(tx, ref=f"broadcast:{number}")][::-1]
    lan, minh = town.author.who, town.chair.who
    assert lines == [
        ("broadcast-written", lan),
        ("broadcast-submitted", lan),
        ("broadcast-approved", minh),
        ("broadcast-started", lan),
        ("broadcast-paced", lan),
        ("broadcast-paused", minh),
        ("broadcast-resumed", minh),
        ("broadcast-cancelled", lan),
    ]
