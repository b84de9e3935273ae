"""HTTP to the Bot API: python-telegram-bot's request interface on connections of our own (`line`), and on aiohttp where
there is a proxy or a file (`detour`).

The library's own httpx transport spends most of its time in the connection pool: an echo bot answered 191 updates a second
on it and 1,520 on aiohttp (python-telegram-bot 22.8, 2 cores). This one also knows whether a failed request had left.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

from bot.channels.telegram.line import LineError, Lines, Patience

if TYPE_CHECKING:
    from bot.channels.telegram.detour import Detour

#: an idle connection is dropped before Telegram drops it: a POST on a dead one would have an unknown outcome
KEEP_ALIVE_S: Final = 15.0
CONNECT_TIMEOUT_S: Final = 10.0
READ_TIMEOUT_S: Final = 20.0
#: a file of 50 MB on a slow line
UPLOAD_TIMEOUT_S: Final = 180.0
#: Bot API, getFile: files of up to 20 MB can be downloaded
DOWNLOAD_MAX_BYTES: Final = 20 * 1024 * 1024

_WRITER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

#: fields of an answered message that only repeat the request
_OUR_OWN: Final = ("from", "text", "caption", "entities", "caption_entities", "reply_markup", "link_preview_options")


class NotSentError(NetworkError):
    """The request never left this machine: it can be repeated without harm."""


class UnknownOutcomeError(NetworkError):
    """The request left and no answer that means anything came back: it may have been carried out."""


class FloodError(TelegramError):
    """Telegram asks to wait (429). `retry_after_s` is exactly what it said."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"Flood control exceeded. Retry in {retry_after_s:g} seconds")
        self.retry_after_s = retry_after_s


class ServerError(TelegramError):
    """Telegram itself answered with 5xx: the call failed there and may be repeated later."""


class TooBigError(TelegramError):
    """A download is over the 20 MB a bot may fetch."""

    def __init__(self) -> None:
        super().__init__("file is too big")


@dataclass(slots=True)
class _Progress:
    """How far one request came."""

    written: bool = False

    def write(self) -> None:
        """It leaves now."""
        self.written = True


class Transport(BaseRequest):
    """One pool of connections to one Bot API server. Polling gets a transport of its own.

    `connections` bounds the requests in flight; one more waits for a free connection and has not been sent.
    `proxy` is an http(s) URL; empty for none.
    """

    __slots__ = ("_connections", "_detour", "_lines", "_patience", "_proxy", "_read_timeout_s")

    def __init__(self, *, connections: int = 64, proxy: str = "", read_timeout_s: float = READ_TIMEOUT_S) -> None:
        self._connections = connections
        self._proxy = proxy or None
        self._read_timeout_s = read_timeout_s
        self._detour: Detour | None = None
        self._lines: Lines | None = None
        self._patience = Patience(CONNECT_TIMEOUT_S, CONNECT_TIMEOUT_S, read_timeout_s)

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer unless a call says otherwise."""
        return self._read_timeout_s

    async def initialize(self) -> None:
        """Open the pool; no connection is made yet."""
        if self._lines is not None:
            return
        self._lines = Lines(self._connections, keep_alive_s=KEEP_ALIVE_S, agent=self.USER_AGENT)

    async def shutdown(self) -> None:
        """Close every connection."""
        lines, self._lines = self._lines, None
        detour, self._detour = self._detour, None
        if lines is not None:
            lines.close()
        if detour is not None:
            await detour.close()

    async def do_request(  # noqa: PLR0917 - the library's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - aiohttp has none; uploads get a longer total
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Send once and return status and body.

        Raises `NotSentError`, `UnknownOutcomeError`, `FloodError`, `ServerError`; other refusals are told from the
        status by the library. Nothing raised here names the URL, which holds the token.
        """
        if request_data is None or not request_data.contains_files:
            body: RequestData | bytes = as_json(request_data.parameters) if request_data else b"{}"
            if read_timeout is connect_timeout is pool_timeout is BaseRequest.DEFAULT_NONE:
                return await self._exchange(method, url, body, self._patience)
            read_s = self._seconds(read_timeout, self._read_timeout_s)
        else:
            body, read_s = request_data, UPLOAD_TIMEOUT_S
        turn_s, connect_s = (self._seconds(given, CONNECT_TIMEOUT_S) for given in (pool_timeout, connect_timeout))
        return await self._exchange(method, url, body, Patience(turn_s, connect_s, read_s))

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """The library's reading of an answer, without what we have just sent ourselves: building its objects again took
        a sixth of the time of a message. Raises `TelegramError` for what is no JSON."""
        said = BaseRequest.parse_json_payload(payload)
        result = said.get("result") if isinstance(said, dict) else None
        if isinstance(result, dict) and "message_id" in result:
            for name in _OUR_OWN:
                result.pop(name, None)
        return said

    async def call(self, url: str, data: dict[str, Any] | bytes, read_timeout_s: float | None = None) -> Any:
        """A Bot API call with plain JSON in, as fields or as text, and out, for what is called for every message: building
        the library's objects only to write and read them as JSON took longer than the request.

        Raises as `do_request`; also, as the library does for methods of its `Bot`: `InvalidToken`, `Forbidden`,
        `Conflict`, `ChatMigrated`, `BadRequest` and, for any other refusal, `TelegramError`.
        """
        patience = self._patience if read_timeout_s is None else replace(self._patience, answer_s=read_timeout_s)
        status, payload = await self._exchange(
            "POST", url, data if isinstance(data, bytes) else as_json(data), patience
        )
        said = self.parse_json_payload(payload)
        if status < 300:
            return said["result"]
        raise _refusal(status, said)

    async def _exchange(
        self, method: str, url: str, body: RequestData | bytes, patience: Patience
    ) -> tuple[int, bytes]:
        if self._lines is None:
            raise NotSentError("the transport is closed")
        progress = _Progress()
        try:
            if method == "POST" and self._proxy is None and not isinstance(body, RequestData):
                status, payload = await self._lines.post(url, body, patience, progress.write)
            else:
                detour = self._detour or await self._open_detour()
                status, payload = await detour.send(method, url, body, patience, progress.write)
        except OSError as error:
            what = str(error) if isinstance(error, LineError) else type(error).__name__
            if progress.written:
                raise UnknownOutcomeError(f"no answer ({what})") from None
            raise NotSentError(f"not sent ({what})") from None
        _raise_early(status, payload)
        return status, payload

    async def _open_detour(self) -> Detour:
        loaded = await asyncio.to_thread(import_module, "bot.channels.telegram.detour")
        # another request may have opened it meanwhile
        if self._detour is None:
            self._detour = loaded.Detour(self._connections, proxy=self._proxy, agent=self.USER_AGENT)
        return self._detour

    @staticmethod
    def _seconds(given: Any, default: float) -> float:
        return float(given) if isinstance(given, (int, float)) else default


def as_json(parameters: Mapping[str, Any]) -> bytes:
    """The fields as JSON (Bot API, "Making requests"): Vietnamese in a form is three times as long, and slow to write."""
    return _WRITER.encode(parameters).encode()


def _raise_early(status: int, payload: bytes) -> None:
    """What the library does not tell apart: exact waits, and whose 5xx it is."""
    if status < 400:
        return
    try:
        said = json.loads(payload)
    except ValueError:
        said = None
    if not isinstance(said, dict) or "ok" not in said:
        if status >= 500:
            # a gateway in between gave up: the call may have reached Telegram behind it
            raise UnknownOutcomeError(f"gateway answered {status}")
        return
    if status == 429:
        raise FloodError(float((said.get("parameters") or {}).get("retry_after", 1)))
    if status >= 500:
        raise ServerError(str(said.get("description", status)))


def _refusal(status: int, said: Any) -> TelegramError:
    """The library's error for a refused call."""
    description = str(said.get("description", status))
    if moved_to := (said.get("parameters") or {}).get("migrate_to_chat_id"):
        return ChatMigrated(moved_to)
    kinds: dict[int, type[TelegramError]] = {
        400: BadRequest,
        401: InvalidToken,
        403: Forbidden,
        404: InvalidToken,
        409: Conflict,
    }
    return kinds.get(status, TelegramError)(description)
