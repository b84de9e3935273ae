"""POSTs to one server over kept connections, HTTP/1.1 (RFC 9112) as far as a Bot API call needs it.

What is sent for every message goes this way: a general client spent 0.25 ms of the processor on each, a quarter of all a
message took. Proxies, uploads and downloads stay with the general client (`transport`).
"""

from __future__ import annotations

import asyncio
import re
import ssl
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final, cast
from urllib.parse import unquote, urlsplit

#: an answer longer than that is none of the Bot API's
ANSWER_MAX_BYTES: Final = 20 * 1024 * 1024
#: the next address of a name is tried after this long (RFC 8305, section 8)
_NEXT_ADDRESS_S: Final = 0.25

_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked[ \t]*(?=\r\n)", re.IGNORECASE)
_CLOSE: Final = re.compile(rb"\r\nconnection:[^\r\n]*\bclose\b", re.IGNORECASE)
_STATUS: Final = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]")


class LineError(OSError):
    """The connection failed, or what came over it is no answer."""


class _Answer:
    """Reads one answer as its bytes come."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._head_ends = 0
        self._length: int | None = None
        self._is_chunked = False
        #: where the next chunk begins, and those read
        self._next = 0
        self._chunks: list[bytes] = []
        self.status = 0
        self.keeps = True

    def feed(self, data: bytes) -> bytes | None:
        """The body once it is whole. Raises `LineError` for what is no answer."""
        self._bytes += data
        if len(self._bytes) > ANSWER_MAX_BYTES:
            raise LineError("answer too long")
        while not self._head_ends:
            if (end := self._bytes.find(b"\r\n\r\n")) < 0:
                return None
            self._read_head(bytes(self._bytes[: end + 2]), end + 4)
        return self._body()

    def end(self) -> bytes:
        """The body when the connection closed: whole only if it was to end so. Raises `LineError`."""
        if not self._head_ends or self._length is not None or self._is_chunked:
            raise LineError("connection closed")
        return bytes(self._bytes[self._head_ends :])

    def _read_head(self, head: bytes, ends: int) -> None:
        status = _STATUS.match(head)
        if status is None:
            raise LineError("no HTTP")
        self.status = int(status[1])
        if self.status < 200:
            # an interim answer: the real one follows
            del self._bytes[:ends]
            return
        self._head_ends = self._next = ends
        self._is_chunked = _CHUNKED.search(head) is not None
        if self.status in {204, 304}:
            self._length = 0
        elif not self._is_chunked and (length := _LENGTH.search(head)):
            self._length = int(length[1])
        self.keeps = head.startswith(b"HTTP/1.1") and _CLOSE.search(head) is None

    def _body(self) -> bytes | None:
        if self._is_chunked:
            return self._dechunk()
        if self._length is None or len(self._bytes) < self._head_ends + self._length:
            return None
        if len(self._bytes) > self._head_ends + self._length:
            # more than was asked for: nothing that follows can be trusted
            self.keeps = False
        return bytes(self._bytes[self._head_ends : self._head_ends + self._length])

    def _dechunk(self) -> bytes | None:
        while (line_ends := self._bytes.find(b"\r\n", self._next)) >= 0:
            try:
                size = int(bytes(self._bytes[self._next : line_ends]).partition(b";")[0], 16)
            except ValueError:
                raise LineError("no chunk") from None
            if not size:
                # trailers would end with an empty line; nobody sends any
                if not self._bytes.startswith(b"\r\n", line_ends + 2):
                    self.keeps = False
                return b"".join(self._chunks)
            begins = line_ends + 2
            if len(self._bytes) < begins + size + 2:
                return None
            self._chunks.append(bytes(self._bytes[begins : begins + size]))
            self._next = begins + size + 2
        return None


class _Line(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.idle_since = 0.0
        self._answer = _Answer()
        self._waiter: asyncio.Future[tuple[int, bytes]] | None = None
        self._late: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        """Whether a request can be written."""
        return self.transport is not None and not self.transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._waiter is None:
            # nobody asked: a farewell in words, or worse
            self.close()
            return
        try:
            body = self._answer.feed(data)
        except LineError as error:
            self._fail(error)
            return
        if body is not None:
            self._done(body)

    def eof_received(self) -> bool:
        self._ended()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self._ended(error)
        self.transport = None

    def request(self, data: bytes, seconds: float) -> asyncio.Future[tuple[int, bytes]]:
        """Write one request; (status, body) of its answer, which must be whole within so many seconds."""
        if self.transport is None:
            raise LineError("connection closed")
        loop = asyncio.get_running_loop()
        self._answer = _Answer()
        self._waiter = loop.create_future()
        self._late = loop.call_later(seconds, self._fail, TimeoutError())
        self.transport.write(data)
        return self._waiter

    def close(self) -> None:
        """Let go, without waiting for what is still to be written."""
        if self.transport is not None:
            self.transport.abort()

    def _ended(self, error: Exception | None = None) -> None:
        if self._waiter is None:
            self.close()
            return
        try:
            body = self._answer.end()
        except LineError as incomplete:
            self._fail(error or incomplete)
        else:
            self._answer.keeps = False
            self._done(body)

    def _done(self, body: bytes) -> None:
        answer = self._answer
        if not answer.keeps:
            self.close()
        if (waiter := self._free()) and not waiter.done():
            waiter.set_result((answer.status, body))

    def _fail(self, error: Exception) -> None:
        self.close()
        if (waiter := self._free()) and not waiter.done():
            waiter.set_exception(error)

    def _free(self) -> asyncio.Future[tuple[int, bytes]] | None:
        waiter, self._waiter = self._waiter, None
        if self._late:
            self._late.cancel()
            self._late = None
        return waiter


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait for a free connection, for a new one to be made, and for the whole answer."""

    turn_s: float
    connect_s: float
    answer_s: float


class Lines:
    """At most so many connections; one that was idle for less than `keep_alive_s` is used again, the last one first."""

    def __init__(self, connections: int, *, keep_alive_s: float, agent: str) -> None:
        self._free, self._keep_alive_s, self._agent = connections, keep_alive_s, agent
        self._idle: dict[str, deque[_Line]] = {}
        self._busy: set[_Line] = set()
        self._queue: deque[asyncio.Future[None]] = deque()
        self._heads: dict[str, tuple[str, bytes]] = {}

    async def post(self, url: str, body: bytes, patience: Patience, written: Callable[[], None]) -> tuple[int, bytes]:
        """POST JSON; (status, body) of the answer. `written` is called just before the first byte leaves.

        Raises `OSError` (of which `TimeoutError`): no connection, a lost one, or something that is no answer.
        """
        origin, head = self._heads.get(url) or self._head(url)
        await self._turn(patience.turn_s)
        line: _Line | None = None
        try:
            line = self._kept(origin) or await self._connect(origin, patience.connect_s)
            self._busy.add(line)
            written()
            answer = await line.request(b"%b%d\r\n\r\n%b" % (head, len(body), body), patience.answer_s)
        except BaseException:
            if line is not None:
                # an answer may still be on its way over it
                line.close()
            raise
        else:
            if line.is_open:
                line.idle_since = asyncio.get_running_loop().time()
                self._idle.setdefault(origin, deque()).append(line)
            return answer
        finally:
            if line is not None:
                self._busy.discard(line)
            self._leave()

    def close(self) -> None:
        """Close every connection; what is under way fails."""
        for line in (*self._busy, *(line for idle in self._idle.values() for line in idle)):
            line.close()
        self._idle.clear()

    def _head(self, url: str) -> tuple[str, bytes]:
        """The origin of an address, and the head of a request to it up to the length of the body."""
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        lines = [
            f"POST {path or '/'} HTTP/1.1",
            f"Host: {parts.netloc.rpartition('@')[2]}",
            f"User-Agent: {self._agent}",
            "Accept: application/json",
            "Content-Type: application/json",
        ]
        if parts.username:
            known = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            lines.append(f"Authorization: Basic {b64encode(known.encode()).decode()}")
        lines.append("Content-Length: ")
        self._heads[url] = found = f"{parts.scheme}://{parts.netloc}", "\r\n".join(lines).encode("ascii")
        return found

    async def _turn(self, seconds: float) -> None:
        """Wait for one of the connections to be free; raises `TimeoutError`."""
        if self._free > 0:
            self._free -= 1
            return
        waiter = asyncio.get_running_loop().create_future()
        self._queue.append(waiter)
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        """Hand the place on to who has waited longest."""
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1

    def _kept(self, origin: str) -> _Line | None:
        """An open connection, if one was used lately; those idle for too long are closed."""
        idle = self._idle.get(origin)
        since = asyncio.get_running_loop().time() - self._keep_alive_s
        while idle and idle[0].idle_since < since:
            idle.popleft().close()
        while idle:
            line = idle.pop()
            if line.is_open:
                return line
        return None

    @staticmethod
    async def _connect(origin: str, seconds: float) -> _Line:
        parts = urlsplit(origin)
        context = tls() if parts.scheme == "https" else None
        async with asyncio.timeout(seconds):
            _transport, line = await asyncio.get_running_loop().create_connection(
                _Line,
                parts.hostname or "",
                parts.port or (443 if context else 80),
                ssl=context,
                happy_eyeballs_delay=_NEXT_ADDRESS_S,
            )
        return line


@cache
def tls() -> ssl.SSLContext:
    """Certificates are verified against what the machine trusts."""
    return ssl.create_default_context()
