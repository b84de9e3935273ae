"""A copy put back while messages to households were under way: nothing goes out twice by itself, and officials are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot import broadcasts, copies
from bot.broadcast_sheet import look
from bot.model.broadcast import BroadcastState
from bot.store import Store, audit
from bot.store.blobs import Blobs
from tests.broadcasts.conftest import Town


async def restored(town: Town, copy: Path, folder: Path, database_url: str) -> copies.Restored:
    """The copy in the place of the town's data, and the town on it."""
    await town.store.close()
    done = await copies.restore(copy, folder, database_url, town.hands.at, town.hands.at)
    town.store = await Store.open(database_url, Blobs(folder / "blobs"))
    town.dispatch = replace(town.dispatch, store=town.store)
    return done


async def calm(town: Town) -> None:
    """Everything has had its chance to move."""
    async with town.sending():
        for _ in range(3):
            await town.dispatch.step()


async def test_what_was_under_way_waits_for_a_person(town: Town, database_url: str, tmp_path: Path) -> None:
    for chat in "123":
        await town.subscriber(chat)
    # one message every five seconds
    running = await town.started(town.given(pace=720))
    await town.dispatch.step()
    timed = await town.approved(town.given("Hẹn giờ.", send_at=town.hands.at + timedelta(hours=2)))
    handed_in = await town.written(town.given("Chờ duyệt."))
    await town.act(broadcasts.submit, town.author, town.library, handed_in)
    assert await town.tallied(running) == {"queued": 1, "waiting": 2}
    await copies.make(town.store, tmp_path / "copy", town.hands.at)
    # the house goes on, and everybody has both
    await town.act(broadcasts.set_pace, town.author, running, None)
    await town.run_until(running)
    town.hands.move(hours=2)
    await town.run_until(timed)
    assert len(town.told) == 6

    done = await restored(town, tmp_path / "copy", tmp_path, database_url)
    assert (done.doubtful, done.stopped) == (1, 3)
    await calm(town)
    town.hands.move(hours=20)
    await calm(town)
    assert len(town.told) == 6, "nothing goes out by itself, not the next morning either"
    assert await town.tallied(running) == {"unknown": 1, "waiting": 2}
    async with town.store.read() as tx:
        sheet = await look(tx, town.chair, town.library, running, now=town.hands.at)
        whys = [line.detail["why"] for line in await audit.page(tx, what="broadcast-returned")]
    assert (sheet.broadcast.state, sheet.broadcast.paused_for) == (BroadcastState.PAUSED, "restored")
    assert "warn_restored" in sheet.warnings
    assert whys == ["broadcasts.restored"] * 2
    for number in (timed, handed_in):
        found = await town.get(number)
        assert (found.state, found.approved_hash) == (BroadcastState.DRAFT, "")
    # who stops it once more takes nothing of the reason away
    await town.act(broadcasts.pause, town.author, running)
    assert (await town.get(running)).paused_for == "restored"
    await town.act(broadcasts.resume, town.author, town.library, running)
    await town.act(broadcasts.set_pace, town.author, running, None)
    await town.run_until(running)
    assert await town.tallied(running) == {"sent": 2, "unknown": 1}
    await town.store.close()


async def test_what_still_waits_in_the_house_of_before_was_not_sent(
    town: Town, database_url: str, tmp_path: Path
) -> None:
    await town.subscriber("1")
    number = await town.started()
    await town.dispatch.step()
    assert await town.tallied(number) == {"queued": 1}
    await copies.make(town.store, tmp_path / "copy", town.hands.at)
    done = await restored(town, tmp_path / "copy", tmp_path, database_url)
    assert (done.doubtful, done.stopped) == (0, 1)
    assert await town.tallied(number) == {"waiting": 1}
    await calm(town)
    assert town.told == []
    await town.store.close()


async def test_a_digest_that_may_have_gone_out_is_in_doubt(town: Town, database_url: str, tmp_path: Path) -> None:
    for chat, often in (("1", "weekly"), ("2", "monthly")):
        await town.subscriber(chat, often=often)
    number = await town.started()
    await town.run_until(number)
    assert await town.tallied(number) == {"held": 2}
    await copies.make(town.store, tmp_path / "copy", town.hands.at)
    # over the Sunday of the digest
    town.hands.move(days=3)
    await restored(town, tmp_path / "copy", tmp_path, database_url)
    await calm(town)
    assert town.told == []
    assert await town.tallied(number) == {"held": 1, "unknown": 1}, "the month's digest is still to come"
    await town.store.close()
