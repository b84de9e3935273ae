"""Counts that pages show: kept for a short while, for whoever may ask, and right again soon."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import event

from bot.broadcast_counts import KEPT_S, Counts
from bot.model.broadcast import Audience
from bot.rights import NotAllowedError
from tests.broadcasts.conftest import Town
from tests.harness.officials import UNIT, made, role


async def test_a_count_is_shown_again_for_a_short_while(town: Town) -> None:
    told: list[str] = []
    event.listen(town.store.engine.sync_engine, "before_cursor_execute", lambda *given: told.append(given[2]))
    counts = Counts(town.store, town.hands.clock.monotonic)

    async def count(*topics: str) -> int:
        return (await counts.of(town.author, town.library, UNIT, Audience((), topics=topics))).total

    await town.subscriber("1")
    assert await asyncio.gather(*(count() for _ in range(4))) == [1] * 4
    assert len([one for one in told if "count(" in one]) == 1, "impatient taps count once"
    await town.subscriber("2", topics=("nha-o",))
    assert await count() == 1
    assert await count("nha-o") == 1, "another audience is counted by itself"
    town.hands.move(seconds=KEPT_S + 1)
    assert await count() == 2
    await town.subscriber("3")
    counts.forget()
    assert await count() == 3


async def test_what_is_kept_is_told_to_nobody_who_may_not_ask(town: Town) -> None:
    counts = Counts(town.store, town.hands.clock.monotonic)
    await town.subscriber("1")
    assert (await counts.of(town.author, town.library, UNIT, Audience(()))).total == 1
    reader = await made(town.store, town.library, town.hands, "doc", role("nguoi-xem"))
    with pytest.raises(NotAllowedError):
        await counts.of(reader, town.library, UNIT, Audience(()))
