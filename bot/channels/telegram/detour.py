"""The long way to the Bot API, by aiohttp: through a proxy, with a file to send, for a file to fetch.

Loaded when the first of these comes: most houses send texts alone, and the library takes 8 MB and 0.1 s.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from types import SimpleNamespace

import aiohttp
from telegram.request import RequestData

from bot.channels.telegram.line import LineError, Patience
from bot.channels.telegram.transport import CONNECT_TIMEOUT_S, DOWNLOAD_MAX_BYTES, KEEP_ALIVE_S, TooBigError

_JSON = {"Content-Type": "application/json"}


async def _mark_written(
    _: aiohttp.ClientSession, context: SimpleNamespace, __: aiohttp.TraceRequestHeadersSentParams
) -> None:
    context.trace_request_ctx()


class Detour:
    """One pool of connections. `proxy` is an http(s) URL, None for none."""

    def __init__(self, connections: int, *, proxy: str | None, agent: str) -> None:
        self._proxy = proxy
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(_mark_written)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=KEEP_ALIVE_S),
            trace_configs=[trace],
            headers={"User-Agent": agent},
        )

    async def send(
        self, method: str, url: str, body: bytes | RequestData, patience: Patience, written: Callable[[], None]
    ) -> tuple[int, bytes]:
        """Send JSON or a form with files, or GET a file; (status, body) of the answer. `written` is called when it has left.

        Raises `OSError` (of which `TimeoutError` and `LineError`), and `TooBigError` for an answer too long.
        """
        timeout = aiohttp.ClientTimeout(
            total=patience.answer_s + CONNECT_TIMEOUT_S,
            connect=patience.turn_s,
            sock_connect=patience.connect_s,
            sock_read=patience.answer_s,
        )
        try:
            async with self._session.request(
                method,
                url,
                data=None if method == "GET" else _form(body) if isinstance(body, RequestData) else body,
                headers=_JSON if method != "GET" and isinstance(body, bytes) else None,
                timeout=timeout,
                proxy=self._proxy,
                trace_request_ctx=written,
                allow_redirects=False,
            ) as answer:
                return answer.status, await _read(answer)
        except aiohttp.ClientError as error:
            # only its kind: its words hold the address, and so the token
            raise LineError(type(error).__name__) from None

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()


def _form(data: RequestData) -> aiohttp.FormData:
    form = aiohttp.FormData(data.json_parameters)
    for name, (filename, content, mime) in data.multipart_data.items():
        # as a stream, which aiohttp sends piece by piece without blocking the loop
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=filename, content_type=mime)
    return form


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The whole body, or `TooBigError` as soon as it is over the limit."""
    if answer.content_length is not None and answer.content_length <= DOWNLOAD_MAX_BYTES:
        return await answer.read()
    pieces, size = [], 0
    async for piece in answer.content.iter_chunked(1 << 16):
        size += len(piece)
        if size > DOWNLOAD_MAX_BYTES:
            raise TooBigError
        pieces.append(piece)
    return b"".join(pieces)
