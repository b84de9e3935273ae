"""How updates come in: our own poll loop, or a webhook. Acknowledged only when `handle` has made them durable.

The poll offset is kept in memory alone: a start polls without one, and what comes twice is dropped by its natural id.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from telegram import Bot
from telegram.error import BadRequest, Conflict, InvalidToken, TelegramError

from bot.channels.base import Handle
from bot.channels.telegram.decode import ALLOWED_UPDATES, Decoder, PoisonError
from bot.channels.telegram.transport import FloodError, Transport
from bot.model.inbound import ConversationKey, Inbound, InboundKind

_log = logging.getLogger(__name__)

#: Keeps an update nobody could read: chat as far as known, raw JSON, why. Durable when it returns.
PutAside = Callable[[ConversationKey, str, str], Awaitable[None]]
#: told the bot's @name, without @
Named = Callable[[str], Awaitable[None]]

#: Bot API, getUpdates: at most 100 at once
BATCH_MAX: Final = 100
POLL_WAIT_S: Final = 30
#: added to the long poll's own time before it counts as lost
_ANSWER_GRACE_S: Final = 10.0
#: pauses after failures in a row; the last one stays
PAUSES_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
#: in webhook mode nothing else tells whether Telegram can be reached
_HEARTBEAT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram shall deliver. `secret` comes back in a header: 1-256 of [A-Za-z0-9_-]."""

    url: str
    secret: str


class Wire:
    """The receiving side of one bot. `state` is (state, message key) of `ChannelState`."""

    def __init__(
        self,
        bot: Bot,
        transport: Transport,
        poll: Transport,
        decoder: Decoder,
        *,
        commands: Sequence[tuple[str, str]] = (),
        wait_s: int = POLL_WAIT_S,
        pauses_s: Sequence[float] = PAUSES_S,
    ) -> None:
        self._bot, self._transport, self._poll, self._decoder = bot, transport, poll, decoder
        self._commands, self._wait_s, self._pauses_s = commands, wait_s, pauses_s
        self._stopping = asyncio.Event()
        self._call: asyncio.Future[Any] | None = None
        self._answers: set[asyncio.Task[None]] = set()
        self._offset: int | None = None
        self._handle: Handle | None = None
        self._put_aside: PutAside | None = None
        self._secret = ""
        self.state = ("starting", "channel.starting")

    @property
    def username(self) -> str:
        """The bot's @name without @, once Telegram has told it."""
        return self._decoder.username

    async def run(
        self, handle: Handle, put_aside: PutAside, webhook: Webhook | None = None, *, named: Named | None = None
    ) -> None:
        """Receive until `stop`. Telegram out of reach is no reason to end: it is tried again and again."""
        self._handle, self._put_aside = handle, put_aside
        self._secret = webhook.secret if webhook else ""
        # another process may have polled in between
        self._offset = None
        failures = 0
        greeted = False
        while not self._stopping.is_set():
            try:
                if not greeted:
                    await self._greet(webhook)
                    if named is not None:
                        await named(self.username)
                    greeted = True
                if webhook is None:
                    await self._poll_once()
                else:
                    await self._bot.get_me()
                    await self._pause(_HEARTBEAT_S)
                self._is("ok", "channel.ok")
                failures = 0
            except TelegramError as error:
                if self._stopping.is_set():
                    # what was under way ended with its connection
                    return
                await self._pause(await self._explain(error, failures))
                failures += 1
            except Exception:  # noqa: BLE001 - whatever the store refused: it stays unconfirmed and comes again
                _log.exception("telegram: a batch could not be taken in; it will be asked for again")
                await self._pause(self._pause_s(failures))
                failures += 1

    async def attend(self, handle: Handle, put_aside: PutAside, secret: str) -> None:
        """Take the deliveries of a webhook until `stop`; whoever holds the bot's lease tells Telegram where to deliver."""
        self._handle, self._put_aside, self._secret = handle, put_aside, secret
        failures = 0
        while not self.username and not self._stopping.is_set():
            try:
                await self._introduce()
            except TelegramError as error:
                await self._pause(await self._explain(error, failures))
                failures += 1
        await self._stopping.wait()

    async def stop(self) -> None:
        """End a waiting poll at once and let a batch in work finish."""
        self._stopping.set()
        if self._call is not None:
            self._call.cancel()
        if self._answers:
            await asyncio.wait(self._answers)

    async def receive(self, secret: str, body: bytes) -> int:
        """One webhook delivery; the HTTP status to answer with. 200 only when the update is durable."""
        if self._handle is None or not self._secret:
            return 503
        if not hmac.compare_digest(secret.encode(), self._secret.encode()):
            return 403
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return 400
        try:
            await self._take([update])
        except Exception:  # noqa: BLE001 - whatever went wrong: anything but 2xx makes Telegram deliver it again
            _log.exception("telegram: an update could not be taken in; Telegram will deliver it again")
            return 503
        return 200

    async def _greet(self, webhook: Webhook | None) -> None:
        """Who am I, the menu of commands, and where updates shall go."""
        await self._introduce()
        if self._commands:
            try:
                await self._bot.set_my_commands(list(self._commands))
            except BadRequest as error:
                _log.error("telegram: the menu of commands was refused: %s", error.message)
        if webhook is not None:
            await self._bot.set_webhook(webhook.url, secret_token=webhook.secret, allowed_updates=list(ALLOWED_UPDATES))

    async def _introduce(self) -> None:
        """Who am I."""
        me = await self._bot.get_me()
        self._decoder = replace(self._decoder, username=me.username or "")
        self._is("ok", "channel.ok")

    async def _poll_once(self) -> None:
        # after trouble a short poll, so that the state shown is true again at once
        wait_s = self._wait_s if self.state[0] == "ok" else 0
        data: dict[str, Any] = {"timeout": wait_s, "limit": BATCH_MAX, "allowed_updates": list(ALLOWED_UPDATES)}
        if self._offset is not None:
            data["offset"] = self._offset
        url = f"{self._bot.base_url}/getUpdates"
        self._call = asyncio.ensure_future(self._poll.call(url, data, self._wait_s + _ANSWER_GRACE_S))
        try:
            updates = await self._call
        except asyncio.CancelledError:
            if self._stopping.is_set():
                return
            raise
        finally:
            self._call = None
        if not updates:
            # all is confirmed; without an offset, ids may start anew after a quiet week (Bot API, Update.update_id)
            self._offset = None
            return
        await self._take(updates)
        numbers = [u["update_id"] for u in updates if isinstance(u, dict) and isinstance(u.get("update_id"), int)]
        if not numbers:
            raise TelegramError("updates without a number")
        self._offset = max(numbers) + 1

    async def _take(self, updates: Sequence[Any]) -> None:
        """Read each alone, put the unreadable aside, hand the rest over in order; then stop the buttons' spinning."""
        if self._handle is None or self._put_aside is None:
            raise RuntimeError("run() has not been called")
        inbounds: list[Inbound] = []
        for update in updates:
            try:
                inbound = self._decoder.decode(update)
            except PoisonError as error:
                _log.error("telegram: update %s cannot be read: %s", _number(update), error)
                raw = json.dumps(update, ensure_ascii=True)
                await self._put_aside(self._decoder.chat_of(update), raw, str(error))
                continue
            if inbound is not None:
                inbounds.append(inbound)
        if inbounds:
            await self._handle(inbounds)
        for inbound in inbounds:
            if inbound.kind is InboundKind.PRESS:
                self._answer(inbound.external_id.removeprefix("c:"))

    def _answer(self, query_id: str) -> None:
        task = asyncio.create_task(self._answer_query(query_id))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _answer_query(self, query_id: str) -> None:
        try:
            url = f"{self._bot.base_url}/answerCallbackQuery"
            await self._transport.call(url, {"callback_query_id": query_id})
        except TelegramError as error:
            # too old after an outage, or the line is down: the button stops by itself
            _log.debug("telegram: a button was not answered: %s", error.message)

    async def _explain(self, error: TelegramError, failures: int) -> float:
        """One clear line about what is wrong, once; returned is how long to wait."""
        match error:
            case InvalidToken():
                self._is("refused", "channel.wrong_token")
                return self._pauses_s[-1]
            case Conflict() if "webhook" in error.message.lower():
                _log.warning("telegram: a webhook is set elsewhere; it is removed, because this bot polls")
                await self._forget_webhook()
                return 0.0
            case Conflict():
                self._is("refused", "channel.second_poller")
                return self._pauses_s[-1]
            case FloodError():
                return error.retry_after_s
            case BadRequest():
                self._is("refused", "channel.refused", error.message)
                return self._pauses_s[-1]
            case _:
                self._is("unreachable", "channel.unreachable", error.message)
                return self._pause_s(failures)

    async def _forget_webhook(self) -> None:
        try:
            await self._bot.delete_webhook()
        except TelegramError as error:
            self._is("unreachable", "channel.unreachable", error.message)

    def _pause_s(self, failures: int) -> float:
        return self._pauses_s[min(failures, len(self._pauses_s) - 1)]

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    def _is(self, state: str, message: str, why: str = "") -> None:
        """Remember the state, and log it when it changes."""
        if self.state != (state, message):
            self.state = (state, message)
            account = self._decoder.account
            _log.log(
                logging.INFO if state == "ok" else logging.WARNING,
                "telegram: bot %s is %s%s",
                account,
                _IN_WORDS.get(message, state),
                f" ({why})" if why else "",
            )


_IN_WORDS: Final = {
    "channel.ok": "receiving",
    "channel.unreachable": "out of reach of Telegram; everything else goes on, sending resumes by itself",
    "channel.wrong_token": "refused: the token is wrong or was revoked; set the right one and restart",
    "channel.refused": "refused",
    "channel.second_poller": "refused: another program is polling with the same token; stop one of the two",
}


def _number(update: Any) -> object:
    return update.get("update_id") if isinstance(update, dict) else None
