"""One Telegram bot as a channel of ours: sending, fetching files, state; receiving is its `Wire`."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.channels.base import Delivery, Handle, SendError, Sent
from bot.channels.telegram.decode import Decoder
from bot.channels.telegram.encode import CAPS, Letters, encode, handle_of
from bot.channels.telegram.limiter import Limiter, Rates, WaitError
from bot.channels.telegram.refusals import is_dead_handle, send_error
from bot.channels.telegram.transport import DOWNLOAD_MAX_BYTES, FloodError, TooBigError, Transport
from bot.channels.telegram.wire import PAUSES_S, POLL_WAIT_S, Named, PutAside, Webhook, Wire
from bot.model.channel_state import ChannelState
from bot.model.inbound import Attachment

API_URL: Final = "https://api.telegram.org"


def _true_time() -> datetime:
    return datetime.now(UTC)


class TelegramChannel:
    """One bot. `open` before anything else, `run` to receive, `close` at the end.

    `api_url` is any Bot API server, `proxy` an http(s) proxy; `limiter` is shared by all that send with this token;
    `paid` sends bulk as paid broadcast, which Telegram takes faster for its Stars; `connections` bounds the requests under
    way; `commands` are (name, description) for the menu; `draw` gives random bytes for the seeds of turns.
    """

    name = "telegram"
    caps = CAPS

    def __init__(
        self,
        token: str,
        *,
        api_url: str = API_URL,
        proxy: str = "",
        limiter: Limiter | None = None,
        paid: bool = False,
        connections: int = 64,
        commands: Sequence[tuple[str, str]] = (),
        now: Callable[[], datetime] = _true_time,
        draw: Callable[[int], bytes] = secrets.token_bytes,
        wait_s: int = POLL_WAIT_S,
        pauses_s: Sequence[float] = PAUSES_S,
    ) -> None:
        self.account = token.partition(":")[0]
        self._limiter = limiter or Limiter(Rates())
        self._paid = paid
        self._letters = Letters()
        self._transport = Transport(connections=connections, proxy=proxy)
        self._poll = Transport(connections=2, proxy=proxy)
        self._bot = Bot(
            token,
            base_url=f"{api_url}/bot",
            base_file_url=f"{api_url}/file/bot",
            request=self._transport,
            get_updates_request=self._poll,
        )
        decoder = Decoder(self.account, now, draw)
        self._wire = Wire(
            self._bot, self._transport, self._poll, decoder, commands=commands, wait_s=wait_s, pauses_s=pauses_s
        )

    @property
    def username(self) -> str:
        """The bot's @name without @, for links; empty until Telegram has answered."""
        return self._wire.username

    async def open(self) -> None:
        """Prepare to connect; asks nothing of Telegram, so a start never waits for it."""
        # the library's debug lines hold what people wrote
        logging.getLogger("telegram").setLevel(logging.WARNING)
        await self._transport.initialize()
        await self._poll.initialize()

    async def run(
        self, handle: Handle, put_aside: PutAside, webhook: Webhook | None = None, *, named: Named | None = None
    ) -> None:
        """Receive until `close`: by polling, or by webhook when one is given (then `receive` takes the deliveries).

        `named` is told the bot's @name each time Telegram says it.
        """
        await self._wire.run(handle, put_aside, webhook, named=named)

    async def attend(self, handle: Handle, put_aside: PutAside, secret: str) -> None:
        """Take the deliveries of a webhook until `close`, without being the one who asks Telegram for them."""
        await self._wire.attend(handle, put_aside, secret)

    async def receive(self, secret: str, body: bytes) -> int:
        """One webhook delivery: header X-Telegram-Bot-Api-Secret-Token and body in, HTTP status out."""
        return await self._wire.receive(secret, body)

    async def stop(self) -> None:
        """Stop receiving; a batch in work is finished, sending goes on."""
        await self._wire.stop()

    async def close(self) -> None:
        """Stop receiving and close every connection."""
        await self.stop()
        await self._poll.shutdown()
        await self._transport.shutdown()

    def state(self) -> ChannelState:
        """How the channel is doing."""
        state, message = self._wire.state
        return ChannelState(self.name, self.account, state, message)

    async def send(self, delivery: Delivery) -> Sent:
        """Send one message when the limits allow; raises `SendError`."""
        chat = delivery.key.chat
        group = chat.startswith("-")
        try:
            async with self._limiter.turn(chat, group=group, reply=delivery.is_reply):
                delivery.started()
                return await self._send(delivery)
        except WaitError as error:
            raise SendError("held back by the limit", retryable=True, retry_after_s=error.wait_s) from None
        except TelegramError as error:
            if isinstance(error, FloodError):
                self._limiter.flooded(chat, error.retry_after_s, group=group)
            raise send_error(error) from None

    async def _send(self, delivery: Delivery) -> Sent:
        try:
            return await self._send_new(delivery)
        except BadRequest as error:
            if delivery.media_handle and delivery.media_bytes and is_dead_handle(error):
                return await self._send_new(replace(delivery, media_handle=""))
            raise

    async def _send_new(self, delivery: Delivery) -> Sent:
        paid = self._paid and not delivery.is_reply
        if delivery.outbound.media is None:
            told = await self._transport.call(
                f"{self._bot.base_url}/sendMessage", self._letters.body(delivery, paid=paid)
            )
            return Sent(str(told["message_id"]))
        call = encode(delivery, paid=paid)
        method: Any = getattr(self._bot, call.method)
        message = await method(**call.args)
        return Sent(str(message.message_id), handle_of(message))

    async def fetch(self, attachment: Attachment) -> bytes:
        """The bytes of a file a person sent; raises `SendError`, its reason "file is too big" above 20 MB."""
        try:
            if (attachment.size_bytes or 0) > DOWNLOAD_MAX_BYTES:
                raise TooBigError
            file = await self._bot.get_file(attachment.ref)
            if not file.file_path:
                raise TooBigError
            return await self._transport.retrieve(file.file_path)
        except TelegramError as error:
            raise send_error(error) from None
