"""Puts the parts of one process together. The only place where parts meet that must not know each other."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import audit, engine, files, metrics
from bot.bots import BotSetting, read_bots
from bot.channels.base import Channel, SendError
from bot.channels.web import WebChat
from bot.clock import Clock
from bot.dispatch import Dispatch
from bot.erasure import erase_due
from bot.errors import SettingError, told_under
from bot.files import Clean, FileRefusedError
from bot.health import report
from bot.jobs import reminders
from bot.jobs.attachments import FileGoneError
from bot.jobs.attachments import fetch as fetch_attachment
from bot.jobs.broadcasts import Feeder
from bot.jobs.retention import forget_old
from bot.jobs.retention_sound import BUNDLES
from bot.jobs.worker import Periodic, Worker
from bot.library import Library
from bot.model.channel_state import ChannelState
from bot.model.inbound import Attachment, ConversationKey, Inbound
from bot.runner.handle import Handler
from bot.runner.held import Roll, away, roll
from bot.runner.outbox import AT_ONCE, Sender
from bot.runner.shelf import Shelf
from bot.settings import NAMES, Settings
from bot.store import Store, Tx, attachments, bell, bot_names, closing, inbox, outbox, schema
from bot.store.blobs import Blobs
from bot.store.outbox import Letter
from bot.wiring_sound import Ear
from desk.api import Api, Premises
from desk.desk import Desk
from desk.office import Office
from desk.public import PublicPages, Receipts, StationPages, VoiceNotes

if TYPE_CHECKING:
    from bot.channels.telegram import TelegramChannel
    from bot.oidc import Provider


@dataclass(slots=True)
class House:
    """Everything one process holds. `open` builds it, `close` lets go."""

    settings: Settings
    clock: Clock
    store: Store
    shelf: Shelf
    handler: Handler
    bots: list[BotSetting]
    #: measures recordings made at the desk
    ear: Ear
    #: unit a bot speaks for -> gives its @name, "" until Telegram has told this process
    bot_names: dict[str, Callable[[], str]] = field(default_factory=dict)
    senders: list[Sender] = field(default_factory=list)
    #: names this process in leases
    holder: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}")

    @classmethod
    async def open(cls, settings: Settings, clock: Clock) -> House:
        """Migrate the database, load the content, build the parts; starts nothing.

        Raises the errors of `schema.migrate` and `Shelf.open`.
        """
        bots = read_bots(settings, os.environ)
        _check_address(settings, bots)
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        await schema.migrate(settings.database_url)
        store = await Store.open(settings.database_url, Blobs(settings.data_dir / "blobs"))
        try:
            await closing.require_open(store)
            shelf = await Shelf.open(store, settings.content_dir)
            _check_units(settings, bots, shelf.library)
        except BaseException:
            await store.close()
            raise
        units = {("telegram", bot.account): bot.unit for bot in bots}
        handler = Handler(
            store,
            shelf,
            engine.advance,
            clock,
            unit_of=lambda key: units.get((key.channel, key.account), settings.unit),
            site=settings.public_url,
        )
        return cls(settings, clock, store, shelf, handler, bots, Ear(settings))

    async def hear_name(self, bot: BotSetting, name: str) -> None:
        """Keep a bot's @name for processes that do not speak with Telegram themselves."""
        async with self.store.write() as tx:
            await bot_names.keep(tx, bot.account, bot.unit, name)
            await bot_names.forget_others(tx, [one.account for one in self.bots])

    async def names(self) -> dict[str, str]:
        """Unit a bot speaks for -> its @name, as this process heard it, else as another one did."""
        heard = {unit: told for unit, name in self.bot_names.items() if (told := name())}
        async with self.store.read() as tx:
            return {**await bot_names.known(tx), **heard}

    def add_channel(self, channel: Channel, receive: Callable[[], Awaitable[None]] | None = None) -> Sender:
        """A channel with a wire: while it holds the lease, this process sends its outbox and runs `receive`."""
        per_s = self.settings.telegram_limits or AT_ONCE * 10
        sender = Sender(
            self.store,
            channel,
            self.clock,
            self.holder,
            takes_over=self.settings.on_sqlite,
            receive=receive,
            # bulk that waits for the limits is 300 ms of sending
            bulk_ahead=max(1, per_s * 3 // 10),
            at_once=max(AT_ONCE, per_s // 2),
        )
        self.senders.append(sender)
        self.handler.riders[channel.name, channel.account] = sender
        return sender

    def webhook(self, account: str) -> tuple[str, str]:
        """(address, secret) of that bot's deliveries, the same in every process of the house."""
        return f"{self.settings.public_url}/telegram/{account}", self.store.secret(f"telegram:{account}")

    async def states(self, tx: Tx | None) -> list[ChannelState]:
        """How each channel is doing, whichever process has it; without the database as far as this one knows."""
        known = await roll(tx, self.clock.true()) if tx else Roll()
        own = {state.account: state for state in (sender.state(known.held) for sender in self.senders)}
        for bot in self.bots:
            state = own.get(bot.account) or away("telegram", bot.account, known.held)
            own[bot.account] = replace(state, unit=bot.unit)
        return known.told(own.values())

    async def put_aside(self, key: ConversationKey, raw: str, why: str) -> None:
        """For a wire: keep an update nobody could read. Durable when it returns."""
        async with self.store.write() as tx:
            await inbox.put_aside(tx, key, raw, why, self.clock.true())

    async def close(self) -> None:
        """Let go of the database and of the process that measures recordings."""
        await self.ear.close()
        await self.store.close()


def _check_address(settings: Settings, bots: Sequence[BotSetting]) -> None:
    """Telegram delivers to https only; a Bot API server of one's own may do otherwise. Raises `SettingError`."""
    telegrams = settings.telegram_api_url == NAMES["LOATHON_TELEGRAM_API_URL"]
    if telegrams and any(bot.webhook for bot in bots) and not settings.public_url.startswith("https://"):
        raise SettingError(name="LOATHON_PUBLIC_URL", mend="https://…")


def _check_units(settings: Settings, bots: Sequence[BotSetting], library: Library) -> None:
    """A house that speaks for a unit nobody described would greet as nobody; raises `SettingError`."""
    named = {"LOATHON_UNIT": [settings.unit], "LOATHON_TELEGRAM_BOTS": [bot.unit for bot in bots]}
    for name, units in named.items():
        if any(unit and unit not in library.units for unit in units):
            raise SettingError(name=name, mend=" | ".join(sorted(library.units)))


def telegram_channels(house: House) -> list[TelegramChannel]:
    """The Telegram bots of the settings; none without a token."""
    settings = house.settings
    if not house.bots:
        return []
    # imported here: a house without Telegram starts without its library
    from bot.channels.telegram import Limiter, Rates, TelegramChannel  # noqa: PLC0415

    per_s = settings.telegram_limits
    rates = Rates(per_bot_s=per_s) if per_s else None
    channels = [
        TelegramChannel(
            bot.token,
            api_url=settings.telegram_api_url,
            proxy=settings.telegram_proxy,
            limiter=Limiter(rates),
            paid=per_s > Rates().per_bot_s,
            connections=max(64, per_s // 5),
            commands=list(told_under("commands").items()),
            now=house.clock.true,
        )
        for bot in house.bots
    ]
    house.bot_names.update({bot.unit: partial(_name_of, one) for bot, one in zip(house.bots, channels, strict=True)})
    return channels


def _name_of(channel: TelegramChannel) -> str:
    return channel.username


def receiving(house: House, channel: TelegramChannel) -> Callable[[], Awaitable[None]]:
    """What the holder of the channel's lease does to receive: poll, or see to it that Telegram delivers to us."""
    from bot.channels.telegram import Webhook  # noqa: PLC0415

    bot = next(bot for bot in house.bots if bot.account == channel.account)
    webhook = Webhook(*house.webhook(bot.account)) if bot.webhook else None
    return partial(channel.run, house.handler, house.put_aside, webhook, named=partial(house.hear_name, bot))


def delivered(channels: Sequence[TelegramChannel]) -> list[Route]:
    """Where Telegram delivers to these; none without any."""
    if not channels:
        return []
    from bot.channels.telegram import webhook_route  # noqa: PLC0415

    return [webhook_route({channel.account: channel for channel in channels})]


def worker(house: House, channels: Sequence[Channel]) -> Worker:
    """The jobs of a house; files are fetched from these channels."""
    fetchers = {(channel.name, channel.account): _fetcher(channel) for channel in channels}
    store, clock = house.store, house.clock

    async def fetch(args: Mapping[str, Any]) -> None:
        await fetch_attachment(store, clock, fetchers, int(args["attachment"]))

    return Worker(
        store,
        clock,
        kinds={
            attachments.FETCH: fetch,
            **reminders.kinds(store, clock, lambda: house.shelf.library, house.settings.public_url),
        },
        periodic={
            "erase": Periodic(lambda _args: erase_due(store, clock.now(), clock.true()), timedelta(seconds=20)),
            "seal": Periodic(lambda _args: audit.seal(store, clock.true()), timedelta(hours=1)),
            "retention": Periodic(lambda _args: forget_old(store, clock.true()), timedelta(hours=6)),
            **reminders.periodic(store, clock, lambda: house.shelf.library),
        },
        takes_over=house.settings.on_sqlite,
    )


def feeder(house: House) -> Feeder:
    """What keeps the broadcasts of a house moving."""
    return Feeder(house.store, Dispatch(house.store, lambda: house.shelf.library, house.clock))


def _fetcher(channel: Channel) -> Callable[[Attachment], Awaitable[bytes]]:
    async def fetch(attachment: Attachment) -> bytes:
        try:
            return await channel.fetch(attachment)
        except SendError as error:
            if error.retryable or error.unknown:
                raise
            raise FileGoneError(error.reason) from error

    return fetch


class Site:
    """Everything served on the one port: web chat, desk, API, public pages, health. `close` ends open streams before a stop.

    `delivered` are the addresses that channels deliver to; with `talks` off there is no web chat.
    """

    def __init__(self, house: House, delivered: Sequence[Route] = (), *, talks: bool = True) -> None:
        settings, clock, shelf = house.settings, house.clock, house.shelf

        def office() -> str:
            unit = shelf.library.units.get(settings.unit)
            return unit.office if unit else ""

        async def health(_request: Request) -> JSONResponse:
            status, body = await report(house.store, shelf.library, house.states, clock)
            return JSONResponse(body, status, headers={"cache-control": "no-store"})

        async def figures(_request: Request) -> Response:
            text = await metrics.exposition(house.store, shelf.library, house.states, clock)
            return Response(text, headers={"content-type": metrics.MEDIA_TYPE, "cache-control": "no-store"})

        self._chat = WebChat(
            WebDoor(house),
            public_url=settings.public_url,
            refused=FileRefusedError,
            true=clock.true,
            monotonic=clock.monotonic,
            office=office,
            is_moving=house.store.is_closed,
        )
        public = PublicPages(
            lambda: shelf.library,
            today=clock.today,
            public_url=settings.public_url,
            unit=settings.unit,
            heard=VoiceNotes(house.store).reader,
            now=clock.now,
        )
        stations = StationPages(
            public,
            house.store,
            clock,
            public_url=settings.public_url,
            unit=settings.unit,
            bundles=settings.data_dir / BUNDLES,
        )
        self._desk = Desk(
            Office(
                house.store,
                clock,
                lambda: shelf.library,
                shelf.catch_up,
                settings.public_url,
                settings.unit,
                house.ear.listen,
                house.names,
                house.states,
                provider=_provider(settings),
            )
        )
        api = Api(Premises(house.store, clock, lambda: shelf.library, settings.public_url, settings.unit))
        routes = [
            Route("/health", health),
            Route("/metrics", figures),
            *delivered,
            *(self._chat.routes() if talks else ()),
            *self._desk.routes(),
            *api.routes(),
            *stations.routes(),
            *Receipts(public, house.store, clock).routes(),
            *public.routes(),
        ]
        self.app = Starlette(routes=routes, exception_handlers={404: public.missing, Exception: public.broken})

    def close(self) -> None:
        """End the open streams: a server that stops waits for them."""
        self._chat.close()
        self._desk.close()


def _provider(settings: Settings) -> Provider | None:
    """The common sign-in of the settings; none without an issuer."""
    if not settings.oidc_issuer:
        return None
    # imported here: a house without the common sign-in does without its library
    from bot.oidc import Provider  # noqa: PLC0415

    return Provider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        f"{settings.public_url}/ban/chung/ve",
    )


class WebDoor:
    """All that the web chat sees of the house. Its account is the site, its mailbox the outbox rows."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.clock = house.clock

    async def handle(self, inbounds: Sequence[Inbound]) -> None:
        """Make these durable with what follows; raises `UnavailableError` when they must be sent again."""
        await self._house.handler(inbounds)

    async def letters(
        self, key: ConversationKey, *, after: int = 0, before: int | None = None, limit: int = 50
    ) -> list[Letter]:
        """The conversation's messages in order, both sides: the first after id `after`, or the last before `before`."""
        async with self._house.store.read() as tx:
            return await outbox.mailbox(tx, key, after=after, before=before, limit=limit)

    def ear(self, key: ConversationKey) -> AbstractAsyncContextManager[bell.Ear]:
        """`async with door.ear(key) as ear: await ear.heard(2.0)` returns when a message was committed, or in time."""
        return self._house.store.bell.ear(bell.mailbox(key.channel, key.account, key.chat))

    async def put(self, data: bytes) -> tuple[str, Clean]:
        """Clean an upload and keep it for good: its sha256, which is the attachment's `ref`, and what was kept.

        Raises the errors of `files.clean`; their text tells the person what to do.
        """
        kept = await asyncio.to_thread(files.clean, data)
        return await self._house.store.blobs.put(kept.data), kept

    async def get(self, sha256: str) -> bytes:
        """The bytes of a file; raises `FileNotFoundError`, and `ValueError` for what is no sha256."""
        return await self._house.store.blobs.get(sha256)

    def library(self) -> Library:
        """The library that serves now."""
        return self._house.shelf.library
