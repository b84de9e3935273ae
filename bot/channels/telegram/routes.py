"""The address Telegram delivers to in webhook mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.telegram.channel import TelegramChannel

#: the account (bot id) ends the path, so that one server takes the updates of many bots
PATH: Final = "/telegram/{account}"
#: updates are far smaller: a message holds 4,096 characters and names files instead of carrying them
BODY_MAX_BYTES: Final = 1024 * 1024


def webhook_route(channels: Mapping[str, TelegramChannel]) -> Route:
    """One POST route for all bots; `channels` by account. No token stands in the address, the secret is a header."""

    async def deliver(request: Request) -> Response:
        channel = channels.get(request.path_params["account"])
        if channel is None:
            return Response(status_code=404)
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > BODY_MAX_BYTES:
                return Response(status_code=413)
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        return Response(status_code=await channel.receive(secret, body))

    return Route(PATH, deliver, methods=["POST"])
