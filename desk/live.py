"""Tells open pages that something moved (server-sent events, WHATWG HTML 9.2); they fetch what they show anew."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from starlette.responses import StreamingResponse

from bot.store import Store, UnavailableError, pulse

#: how often one look is taken for all open pages together
LOOK_S = 2.0
#: proxies give up on silent connections after 30 to 60 s
PING_S = 20.0
#: then the page connects again and is asked anew who it is
LIVES_S = 600.0
RETRY_MS = 3000
STREAMS_MAX = 300
#: what a page may hear: anything at all, or that messages went out, which it may do every other second for hours
EVENTS = ("moved", "sending")

log = logging.getLogger(__name__)


class Live:
    """The streams of this process and the one task that looks on behalf of them all while any is open."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._moved = asyncio.Event()
        self._seen: tuple[str, ...] = ()
        self._rings = dict.fromkeys(EVENTS, 0)
        self._open = 0
        self._looking: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def close(self) -> None:
        """End all streams; browsers come back by themselves."""
        self._closing.set()
        self._tell(())

    def stream(self, still: Callable[[], Awaitable[bool]]) -> StreamingResponse | None:
        """A stream of `EVENTS`, while `still` says that the official is signed in; None when there are too many."""
        if self._closing.is_set() or self._open >= STREAMS_MAX:
            return None
        headers = {"x-accel-buffering": "no"}
        return StreamingResponse(self._events(still), media_type="text/event-stream", headers=headers)

    async def _events(self, still: Callable[[], Awaitable[bool]]) -> AsyncIterator[str]:
        self._open += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look(), name="desk pulse")
        loop = asyncio.get_running_loop()
        ends, heard = loop.time() + LIVES_S, dict(self._rings)
        try:
            yield f"retry: {RETRY_MS}\n\n"
            while loop.time() < ends:
                if heard == self._rings:
                    await _rung(self._moved, PING_S)
                if self._closing.is_set() or not await still():
                    return
                news = [name for name in EVENTS if heard[name] != self._rings[name]]
                heard = dict(self._rings)
                yield "".join(f"event: {name}\ndata: 1\n\n" for name in news) or ": ping\n\n"
        finally:
            self._open -= 1

    async def _look(self) -> None:
        """Until nobody listens any more."""
        while self._open and not self._closing.is_set():
            try:
                async with self._store.read() as tx:
                    now: tuple[str, ...] = (await pulse.desk(tx), await pulse.sending(tx))
            except UnavailableError:
                log.warning("the desk's pulse cannot be read now")
                now = self._seen
            if names := [name for name, old, new in zip(EVENTS, self._seen, now, strict=False) if old != new]:
                self._tell(names)
            self._seen = now
            await _rung(self._closing, LOOK_S)

    def _tell(self, names: Iterable[str]) -> None:
        for name in names:
            self._rings[name] += 1
        told, self._moved = self._moved, asyncio.Event()
        told.set()


async def _rung(event: asyncio.Event, timeout_s: float) -> bool:
    """Wait for an event, at most so long; whether it came."""
    try:
        await asyncio.wait_for(event.wait(), timeout_s)
    except TimeoutError:
        return False
    return True
