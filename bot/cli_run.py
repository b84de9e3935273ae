"""`loathon run | serve | desk | worker`: start the parts, print the addresses, stop them in order."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from bot import officials
from bot.clock import Clock
from bot.errors import NeedsPostgresError, PortTakenError, say, traced
from bot.jobs.broadcasts import Feeder
from bot.jobs.checkpoint import keep_log_short
from bot.jobs.worker import Worker
from bot.lock import only_one
from bot.settings import Settings
from bot.wiring import House, Site, delivered, feeder, receiving, telegram_channels, worker
from bot.wiring_sound import studio

#: the database's thread waits so long for a busy loop, at every statement; Python's own 5 ms made a turn wait for
#: hundreds while a broadcast went out
SWITCH_S = 0.0005
#: after SIGTERM: how long open pages and messages under way may take
FAREWELL_S = 3.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What of the house runs in this process."""

    name: str
    serves: bool
    works: bool
    #: web chat and what channels deliver
    talks: bool = True


ALL = Parts("run", serves=True, works=True)
SERVE = Parts("serve", serves=True, works=False)
DESK = Parts("desk", serves=True, works=False, talks=False)
WORKER = Parts("worker", serves=False, works=True)


class _Server(uvicorn.Server):
    """Leaves the signals to us: other parts have to stop in order too."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Any:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tells when pages can be had."""
        await super().startup(sockets)
        self.up.set()


@dataclass(slots=True)
class _Crew:
    """The tasks of this process. The first that ends unasked ends the process: a supervisor starts it again whole."""

    stopping: asyncio.Event
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self.tasks.append(task)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not self.stopping.is_set():
            error = None if task.cancelled() else task.exception()
            log.error("%s ended: %s", task.get_name(), traced(error) if error else "nobody asked it to")
            self.stopping.set()

    @property
    def failure(self) -> BaseException | None:
        """Why a part ended, if one did by a fault."""
        ended = (t for t in self.tasks if t.done() and not t.cancelled())
        return next((error for t in ended if (error := t.exception()) is not None), None)


async def run(settings: Settings, clock: Clock, parts: Parts) -> int:
    """Run until SIGTERM or SIGINT; the exit code. Raises the errors that keep a house from opening, in one sentence each."""
    if settings.on_sqlite and parts is not ALL:
        raise NeedsPostgresError(command=parts.name)
    sys.setswitchinterval(SWITCH_S)
    async with AsyncExitStack() as stack:
        if settings.on_sqlite:
            stack.enter_context(only_one(settings.data_dir))
        listening = stack.enter_context(_listen(settings)) if parts.serves else None
        house = await House.open(settings, clock)
        stack.push_async_callback(house.close)
        await house.store.bell.listen()
        crew = _Crew(_on_signals())
        await stack.enter_async_context(_started(house, crew, parts, listening))
        await crew.stopping.wait()
        print(say("run.stopping"), flush=True)
    print(say("run.stopped"), flush=True)
    return 1 if crew.failure else 0


@asynccontextmanager
async def _started(house: House, crew: _Crew, parts: Parts, listening: socket.socket | None) -> AsyncIterator[None]:
    """Everything running while the block runs, then stopped: first what comes in, then what goes out, then the rest."""
    hooked = {bot.account for bot in house.bots if bot.webhook} if parts.serves and parts.talks else set()
    channels = [c for c in telegram_channels(house) if parts.works or c.account in hooked]
    attended = [channel for channel in channels if channel.account in hooked]
    handling = crew.start(house.handler.run(), "handler")
    wires = []
    for channel in channels:
        await channel.open()
        if parts.works:
            house.add_channel(channel, receiving(house, channel))
        if channel in attended:
            _address, secret = house.webhook(channel.account)
            work = channel.attend(house.handler, house.put_aside, secret)
            wires.append(crew.start(work, f"telegram {channel.account}"))
    senders = [crew.start(sender.run(), f"outbox {sender.lease}") for sender in house.senders]
    sound = studio(house.settings, house.clock, house.store, house.shelf)
    workers: dict[str, Worker | Feeder] = {
        "jobs": worker(house, channels),
        "broadcasts": feeder(house),
        "sound": sound.worker,
    }
    working = [crew.start(one.run(), name) for name, one in workers.items() if parts.works]
    log_kept = asyncio.Event()
    following = crew.start(house.shelf.follow(), "library")
    tending = [crew.start(keep_log_short(house.store, log_kept), "checkpoint")] if house.settings.on_sqlite else []
    site = Site(house, delivered(attended), talks=parts.talks)
    server = _server(site)
    serving = [crew.start(server.serve(sockets=[listening]), "http")] if listening else []
    try:
        if listening:
            await _first(server.up, crew.stopping)
        if not crew.stopping.is_set():
            _announce(house, listening, parts)
            await _invite_first(house, listening)
            _set_aside()
        yield
    finally:
        crew.stopping.set()
        server.should_exit = True
        site.close()
        for channel in channels:
            await channel.stop()
        received = [asyncio.create_task(sender.received()) for sender in house.senders]
        await _leave([*wires, *received, *serving])
        for sender in house.senders:
            sender.stop()
        for one in workers.values():
            one.stop()
        await _leave([*senders, *working])
        await sound.close()
        handling.cancel()
        following.cancel()
        for channel in channels:
            await channel.close()
        log_kept.set()
        await _leave([handling, following, *tending])


def _set_aside() -> None:
    """What stands at the start stays: looking through the library for garbage held an answer up for 0.1 s each time."""
    gc.collect()
    gc.freeze()
    gc.enable()


async def _first(*events: asyncio.Event) -> None:
    """Wait until one of them is set."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()


async def _leave(tasks: list[asyncio.Task[None]]) -> None:
    """Wait a little for tasks that were asked to end, then end them."""
    if tasks:
        _done, left = await asyncio.wait(tasks, timeout=FAREWELL_S)
        for task in left:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _on_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping


@contextmanager
def _listen(settings: Settings) -> Any:
    """The socket, taken before anything else so that a taken port is told at once."""
    family = socket.AF_INET6 if ":" in settings.http_host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((settings.http_host, settings.http_port))
        except OSError as error:
            raise PortTakenError(port=settings.http_port) from error
        yield listening


def _server(site: Site) -> _Server:
    return _Server(
        uvicorn.Config(
            site.app,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=int(FAREWELL_S),
        )
    )


async def _invite_first(house: House, listening: socket.socket | None) -> None:
    """While there is no administrator: print the one-time link that makes one."""
    if not listening:
        return
    async with house.store.write() as tx:
        link = await officials.setup_link(tx, on=house.clock.today(), at=house.clock.true())
    if link:
        print(say("run.first_administrator", url=link.address(_url(house, listening))), flush=True)


def _url(house: House, listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return house.settings.public_url if house.settings.http_port else f"http://{host}:{port}"


def _announce(house: House, listening: socket.socket | None, parts: Parts) -> None:
    print(say("run.ready"), flush=True)
    if listening:
        url = _url(house, listening)
        print(say("run.address_site", url=f"{url}/"), flush=True)
        if parts.talks:
            print(say("run.address_chat", url=f"{url}/chat"), flush=True)
        print(say("run.address_desk", url=f"{url}/ban"), flush=True)
        print(say("run.address_health", url=f"{url}/health"), flush=True)
    print(say("run.telegram_on" if house.bots else "run.telegram_off"), flush=True)
