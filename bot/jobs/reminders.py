"""Jobs of cases and answers: take in what arrived, remind, send notices, tell in the morning what waited for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot import telling
from bot.casework import arrivals, notices, watch
from bot.casework.watch import Serving
from bot.clock import Clock
from bot.jobs.worker import Periodic, Run
from bot.store import Store
from bot.work.intake import ALARMED, ARRIVED

#: how often officials who are new or changed are looked for; a case that arrives has a job of its own
LOOK_EVERY = timedelta(seconds=20)
WATCH_EVERY = timedelta(minutes=5)


def kinds(store: Store, clock: Clock, library: Serving, public_url: str) -> dict[str, Run]:
    """The jobs by kind."""

    async def arrived(_args: Mapping[str, Any]) -> None:
        await arrivals.catch_up(store, library(), now=clock.now(), at=clock.true())

    async def alarmed(args: Mapping[str, Any]) -> None:
        await arrivals.alarmed(store, library(), int(args["case"]), now=clock.now(), at=clock.true())

    async def notice(args: Mapping[str, Any]) -> None:
        async with store.write() as tx:
            await notices.send(tx, library(), args, public_url=public_url, now=clock.now(), at=clock.true())

    async def late(args: Mapping[str, Any]) -> None:
        async with store.write() as tx:
            await telling.tell_late(tx, library(), args, now=clock.now(), at=clock.true())

    return {ARRIVED: arrived, ALARMED: alarmed, notices.NOTICE: notice, telling.TELL: late}


def periodic(store: Store, clock: Clock, library: Serving) -> dict[str, Periodic]:
    """What comes again."""

    async def look(_args: Mapping[str, Any]) -> None:
        await arrivals.catch_up(store, library(), now=clock.now(), at=clock.true())

    async def keep_time(_args: Mapping[str, Any]) -> None:
        await watch.watch(store, library(), now=clock.now(), at=clock.true())

    return {"case-arrivals": Periodic(look, LOOK_EVERY), "case-watch": Periodic(keep_time, WATCH_EVERY)}
