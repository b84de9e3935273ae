"""The streams of new messages (server-sent events, WHATWG HTML 9.2): one for each open page."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

from bot.channels.web.door import Door, Ear
from bot.channels.web.letters import Pages, event
from bot.channels.web.posted import RefusedError
from bot.channels.web.visitor import Visitor

#: proxies give up on silent connections after 30 to 60 s; also how soon a message is found whose bell was lost
PING_S = 15.0
#: a page comes back at once and says what it has; nobody keeps a connection for ever
LIVES_S = 600.0
#: open pages of one browser; a browser allows six connections to one place over HTTP/1.1
OF_ONE_MAX = 6
STREAMS_MAX = 4000
#: the browser's pause before it connects again
RETRY_MS = 3000
_BATCH = 50


class Streams:
    """All open streams of this process."""

    def __init__(self, door: Door, pages: Pages) -> None:
        self._door = door
        self._pages = pages
        self._open: Counter[str] = Counter()
        self._closing = asyncio.Event()

    def close(self) -> None:
        """End all streams; browsers come back by themselves."""
        self._closing.set()

    def open(self, visitor: Visitor, after: int) -> StreamingResponse:
        """A stream of what was said after that message; raises `RefusedError` when there are too many."""
        if self._closing.is_set():
            raise RefusedError(503, "try-again", wait_s=2)
        if self._open[visitor.secret] >= OF_ONE_MAX or self._open.total() >= STREAMS_MAX:
            raise RefusedError(429, "too-fast", wait_s=PING_S)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self._events(visitor, after), media_type="text/event-stream", headers=headers)

    async def _events(self, visitor: Visitor, after: int) -> AsyncIterator[str]:
        self._open[visitor.secret] += 1
        try:
            yield f"retry: {RETRY_MS}\n\n"
            async with self._door.ear(visitor.key) as ear:
                pings = 0
                while pings * PING_S < LIVES_S:
                    letters = await self._door.letters(visitor.key, after=after, limit=_BATCH)
                    for packed in self._pages.packed(letters, visitor):
                        yield event(packed)
                    if letters:
                        after = letters[-1].id
                    if len(letters) == _BATCH:
                        continue
                    if await self._quiet(ear):
                        if self._closing.is_set():
                            return
                        pings += 1
                        yield ": ping\n\n"
        finally:
            self._open[visitor.secret] -= 1
            if not self._open[visitor.secret]:
                del self._open[visitor.secret]

    async def _quiet(self, ear: Ear) -> bool:
        """Wait for the bell; true when there was none, or we are to stop."""
        heard = asyncio.ensure_future(ear.heard(PING_S))
        closing = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait((heard, closing), return_when=asyncio.FIRST_COMPLETED)
            return not (heard.done() and heard.result())
        finally:
            for task in (heard, closing):
                task.cancel()
            await asyncio.gather(heard, closing, return_exceptions=True)
