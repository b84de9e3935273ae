"""A batch out: in order, replies first, nothing twice that need not be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.channels.base import SendError
from bot.channels.console import CAPS
from bot.model.outbound import Outbound, OutMedia, OutMediaKind
from bot.runner.outbox import Sender
from bot.runner.outcomes import REPEAT_AFTER
from bot.store import Store, UnavailableError, bell, conversations, outbox
from tests.harness.clock import Hands
from tests.harness.sending import put, running, states
from tests.harness.talk import KeepingChannel, key


async def test_messages_keep_their_order(store: Store, channel: KeepingChannel, sender: Sender, hands: Hands) -> None:
    await put(store, hands, "1", "2", "3")
    await put(store, hands, "a", "b", chat="8")
    async with running(sender):
        await channel.until(sent=5)
    assert [d.outbound.text for d in channel.sent if d.key == key("7")] == ["1", "2", "3"]
    assert [d.outbound.text for d in channel.sent if d.key == key("8")] == ["a", "b"]
    assert await states(store) == [("sent", 0)] * 5


async def test_sending_is_committed_before_the_request(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    channel.open.clear()
    await put(store, hands, "1", "2")
    async with running(sender):
        await channel.until(tried=1)
        assert await states(store) == [("sending", 0), ("queued", 0)]
        channel.open.set()
        await channel.until(sent=2)
    assert await states(store) == [("sent", 0), ("sent", 0)]


async def test_replies_go_before_bulk(store: Store, channel: KeepingChannel, sender: Sender, hands: Hands) -> None:
    for chat in range(5):
        await put(store, hands, f"tin {chat}", chat=f"{chat}", is_reply=False)
    await put(store, hands, "trả lời", chat="4")
    async with running(sender):
        await channel.until(sent=6)
    assert channel.texts[0] == "trả lời"


async def test_no_more_bulk_is_claimed_than_it_may_be_ahead(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    sender.bulk_ahead = 3
    channel.open.clear()
    for chat in range(5):
        await put(store, hands, f"tin {chat}", chat=f"{chat}", is_reply=False)
    async with running(sender):
        await channel.until(tried=3)
        assert [state for state, _ in await states(store)] == ["sending"] * 3 + ["queued"] * 2
        channel.open.set()
        await channel.until(sent=5)


async def test_long_texts_go_in_pieces_and_only_what_is_left_is_repeated(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    channel.caps = replace(CAPS, text_max=10)
    channel.faults = [None, SendError("busy", retryable=True), None, None]
    await put(store, hands, "Câu một. Câu hai. Câu ba.")
    async with running(sender):
        await channel.until(tried=2)
    assert await states(store) == [("queued", 0)]
    hands.move(seconds=3)
    async with running(replace(sender, _stopping=False)):
        await channel.until(sent=3)
    assert channel.texts == ["Câu một.", "Câu hai.", "Câu ba."]


async def test_an_unknown_reply_is_repeated_once_after_five_seconds(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    lost = SendError("no answer", unknown=True)
    channel.faults = [lost, lost]
    await put(store, hands, "trả lời")
    async with running(sender):
        await channel.until(tried=1)
    assert await states(store) == [("queued", 1)]
    hands.move(seconds=REPEAT_AFTER.total_seconds() - 1)
    async with store.write() as tx:
        assert await outbox.claim(tx, "telegram", "42", epoch=9, at=hands.at, limit=9, is_reply=True) == []
    hands.move(seconds=1)
    async with running(replace(sender, _stopping=False)):
        await channel.until(tried=2)
    assert await states(store) == [("unknown", 1)]


async def test_unknown_bulk_is_listed_never_repeated(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    channel.faults = [SendError("no answer", unknown=True)]
    await put(store, hands, "tin", is_reply=False)
    async with running(sender):
        await channel.until(tried=1)
    assert await states(store) == [("unknown", 0)]


async def test_retry_after_is_kept_exactly(store: Store, channel: KeepingChannel, sender: Sender, hands: Hands) -> None:
    channel.faults = [SendError("slow down", retryable=True, retry_after_s=17.0)]
    await put(store, hands, "1", "2")
    async with running(sender):
        await channel.until(tried=1)
    async with store.read() as tx:
        due = await outbox.next_due(tx, "telegram", "42")
    # the second waits behind the first, whose time has not come
    assert channel.texts == []
    assert due is not None
    assert (due - hands.at).total_seconds() in {0.0, 17.0}
    hands.move(seconds=17)
    async with running(replace(sender, _stopping=False)):
        await channel.until(sent=2)
    assert channel.texts == ["1", "2"]


async def test_who_left_gets_nothing_more(store: Store, channel: KeepingChannel, sender: Sender, hands: Hands) -> None:
    channel.faults = [SendError("blocked", contact_gone=True)]
    await put(store, hands, "1", "2", "3")
    async with running(sender):
        await channel.until(tried=1)
    assert [state for state, _ in await states(store)] == ["gone"] * 3
    async with store.read() as tx:
        found = await conversations.find(tx, key())
    assert found is not None
    assert found.is_gone


async def test_a_chat_that_moved_is_followed(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    channel.faults = [SendError("migrated", migrated_to="-100777")]
    await put(store, hands, "1")
    async with running(sender):
        await channel.until(sent=1)
    assert channel.sent[0].key == key("-100777")


async def test_what_can_never_be_sent_fails_and_the_next_goes_on(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    channel.faults = [SendError("bad request"), ZeroDivisionError()]
    await put(store, hands, "1", "2", "3")
    async with running(sender):
        await channel.until(sent=1)
    assert [state for state, _ in await states(store)] == ["failed", "failed", "sent"]


async def test_a_day_of_trying_ends(store: Store, channel: KeepingChannel, sender: Sender, hands: Hands) -> None:
    channel.faults = [SendError("unreachable", retryable=True)]
    await put(store, hands, "1")
    hands.move(hours=25)
    async with running(sender):
        await channel.until(tried=1)
    assert await states(store) == [("failed", 0)]


async def test_a_file_is_uploaded_once(store: Store, channel: KeepingChannel, sender: Sender, hands: Hands) -> None:
    sha256 = await store.blobs.put(b"loa")
    clip = Outbound("Nghe", media=OutMedia(OutMediaKind.AUDIO, sha256, "loa.mp3", "audio/mpeg"))
    await put(store, hands, clip, clip)
    async with running(sender):
        await channel.until(sent=2)
    assert [(d.media_bytes, d.media_handle) for d in channel.sent] == [(b"loa", ""), (b"", "handle-1")]


async def test_a_channel_in_reach_again_is_used_at_once(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands
) -> None:
    away = SendError("not sent", retryable=True)
    slow = SendError("slow down", retryable=True, retry_after_s=90.0)
    channel.faults = [away, slow]
    channel.reach = "unreachable"
    await put(store, hands, "1", chat="7")
    await put(store, hands, "2", chat="8")
    async with running(sender):
        await channel.until(tried=2)
        hands.move(seconds=1)
        await put(store, hands, "3", chat="9")
        await channel.until(sent=1)
        channel.reach = "ok"
        # the pause of our own ends, the one Telegram named does not
        await channel.until(sent=2)
    assert sorted(channel.texts) == ["1", "3"]


async def test_a_database_away_for_a_moment_forgets_no_message(
    store: Store, channel: KeepingChannel, sender: Sender, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell, "POLL_S", 0.02)
    channel.open.clear()
    await put(store, hands, "1")
    whole, away_for = outbox.settle, 3

    async def settle(*args: Any) -> None:
        nonlocal away_for
        away_for -= 1
        if away_for >= 0:
            raise UnavailableError("disk full")
        await whole(*args)

    async with running(sender):
        await channel.until(tried=1)
        monkeypatch.setattr(outbox, "settle", settle)
        channel.open.set()
        await channel.until(sent=1)
    assert await states(store) == [("sent", 0)]
