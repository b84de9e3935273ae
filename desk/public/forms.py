"""Forms on public pages: a few short fields, whoever sends them."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request

#: a filled form of a code and a receipt is far smaller
_BYTES_MOST = 2_000


async def small_form(request: Request) -> dict[str, list[str]]:
    """The fields of a small form; what is larger, or has more fields, counts as empty."""
    held = bytearray()
    async for chunk in request.stream():
        held += chunk
        if len(held) > _BYTES_MOST:
            return {}
    try:
        return parse_qs(held.decode("utf-8", "replace"), max_num_fields=5)
    except ValueError:
        return {}
