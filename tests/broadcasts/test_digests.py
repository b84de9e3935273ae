"""News of the week and month when their time comes late: ended rules, nights."""

from __future__ import annotations

import asyncio
from datetime import datetime

from bot.broadcast_text import Content
from tests.broadcasts.conftest import Town


async def until(town: Town, number: int, tally: dict[str, int]) -> None:
    """Step, with a sender running, until the recipients stand there."""
    async with asyncio.timeout(20), town.sending():
        while await town.tallied(number) != tally:
            await town.dispatch.step()
            async with town.store.bell.ear("outcomes") as ear:
                await ear.heard(0.01)


async def test_a_digest_does_not_tell_what_has_ended_meanwhile(town: Town) -> None:
    await town.subscriber("thang", often="monthly")
    town.hands.at = datetime.fromisoformat("2026-12-15T10:00:00+07:00")
    over = await town.started(town.given(content=Content(entry="chuan-ngheo-2022-2026")))
    await town.run_until(over)
    still = await town.started(town.given("Mai phát gạo."))
    await town.run_until(still)
    town.hands.at = datetime.fromisoformat("2027-01-01T09:00:00+07:00")
    await until(town, still, {"sent": 1})
    assert await town.tallied(over) == {"skipped": 1}
    (told,) = town.channel.sent
    assert "Chuẩn" not in told.outbound.text


async def test_a_digest_that_could_not_go_out_by_day_waits_for_the_next_day(town: Town) -> None:
    """2026-11-21 is a Saturday."""
    await town.subscriber("tuan", often="weekly")
    number = await town.started()
    await town.run_until(number)
    town.hands.at = datetime.fromisoformat("2026-11-22T19:50:00+07:00")
    await town.dispatch.step()
    assert await town.tallied(number) == {"queued": 1}, "Telegram cannot be reached"
    town.hands.at = datetime.fromisoformat("2026-11-22T21:00:00+07:00")
    await town.dispatch.step()
    assert await town.tallied(number) == {"held": 1}
    town.hands.at = datetime.fromisoformat("2026-11-23T02:30:00+07:00")
    async with town.sending():
        await town.dispatch.step()
    assert not town.told
    town.hands.at = datetime.fromisoformat("2026-11-23T09:00:00+07:00")
    await until(town, number, {"sent": 1})
    assert town.told == ["tuan"]
