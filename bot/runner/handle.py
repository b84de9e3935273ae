"""`Handler`: takes what came in, a batch at a time, and makes it durable with everything that follows from it."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from bot.clock import Clock
from bot.errors import say
from bot.library import Library
from bot.model.events import Turn
from bot.model.inbound import ConversationKey, Inbound
from bot.model.outbound import Outbound
from bot.model.session import Session
from bot.runner.lookups import Around, Asked, answer
from bot.store import RefusedError, Store, Tx, UnavailableError, conversations, inbox
from bot.store.conversations import Conversation
from bot.store.records import inbound_out
from bot.work import Work

#: a batch is at most so many (Telegram hands out 100 updates at a time) and waits at most so long for company
BATCH_MAX = 100
GATHER_S = 0.002
#: so many may wait; more are refused, and whoever brought them brings them again (Telegram delivers anew, a page tells)
WAITING_MAX = 1000
#: rounds of lookups one turn may need; more means the engine asks in a circle
ROUNDS_MAX = 20

log = logging.getLogger(__name__)


class Advance(Protocol):
    """The engine's one door: pure, the same arguments give the same turn."""

    def __call__(self, session: Session, inbound: Inbound, library: Library, now: datetime, /) -> Turn:
        """What follows from one message."""
        ...


class Shelf(Protocol):
    """Holds the library that serves."""

    async def current(self, tx: Tx) -> Library:
        """The library, after a look at whether officials published something."""
        ...


class Rider(Protocol):
    """Has something to write that would take a commit of its own."""

    async def board(self, tx: Tx) -> Callable[[bool], None]:
        """Write it in this transaction; what is returned hears whether that was committed. Never raises `RefusedError`:
        a turn must not be refused for what goes with it.
        """
        ...


@dataclass(slots=True)
class _Waiting:
    inbounds: list[Inbound]
    done: asyncio.Future[None]


@dataclass(slots=True)
class _Line:
    """One conversation's inbound of the batch, in order."""

    conversation: Conversation
    session: Session
    inbounds: deque[Inbound]
    rounds: int = 0


@dataclass(slots=True)
class Handler:
    """`await handler(inbounds)` returns when they are durable. `run` must be running."""

    store: Store
    shelf: Shelf
    advance: Advance
    clock: Clock
    #: the unit a new conversation on that account starts in ("" = none)
    unit_of: Callable[[ConversationKey], str] = lambda _key: ""
    #: where the public pages are, without a trailing slash
    site: str = ""
    #: (channel, account) -> who writes in the transactions of its turns, last
    riders: dict[tuple[str, str], Rider] = field(default_factory=dict)
    _queue: deque[_Waiting] = field(default_factory=deque)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, inbounds: Sequence[Inbound]) -> None:
        """Take these; raises `UnavailableError` when they are not durable and must come again."""
        if not inbounds:
            return
        if sum(len(waiting.inbounds) for waiting in self._queue) >= WAITING_MAX:
            raise UnavailableError("too many wait already")
        waiting = _Waiting([_storable(inbound) for inbound in inbounds], asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._arrived.set()
        await waiting.done

    async def run(self) -> None:
        """Work through batches until cancelled; who still waits then is told that nothing is kept."""
        try:
            while True:
                await self._arrived.wait()
                await self._gather()
                await self._settle(self._next())
        finally:
            for waiting in self._queue:
                if not waiting.done.done():
                    waiting.done.set_exception(UnavailableError("stopping"))

    def _next(self) -> list[_Waiting]:
        """What goes into the next batch."""
        taken: list[_Waiting] = []
        size = 0
        while self._queue and (not taken or size + len(self._queue[0].inbounds) <= BATCH_MAX):
            taken.append(self._queue.popleft())
            size += len(taken[-1].inbounds)
        if not self._queue:
            self._arrived.clear()
        return taken

    async def _gather(self) -> None:
        """Company for the batch: one commit for many costs what one costs for one."""
        ends = self.clock.monotonic() + GATHER_S
        while sum(len(w.inbounds) for w in self._queue) < BATCH_MAX:
            left = ends - self.clock.monotonic()
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), max(left, 0))
            except TimeoutError:
                self._arrived.set()
                return

    async def _settle(self, taken: list[_Waiting]) -> None:
        inbounds = [inbound for waiting in taken for inbound in waiting.inbounds]
        try:
            for start in range(0, len(inbounds), BATCH_MAX):
                await self.take(inbounds[start : start + BATCH_MAX])
        except BaseException as error:  # whoever handed it in must hear that it is not durable, also when we stop
            log.warning("batch not taken: %s", _words(error))
            for waiting in taken:
                if not waiting.done.done():
                    told = error if isinstance(error, UnavailableError) else UnavailableError(_words(error))
                    waiting.done.set_exception(told)
            if not isinstance(error, Exception):
                raise
        else:
            for waiting in taken:
                if not waiting.done.done():
                    waiting.done.set_result(None)

    async def take(self, inbounds: Sequence[Inbound]) -> None:
        """One batch in one transaction; a batch the database refuses is taken again one by one."""
        try:
            await self._transact(inbounds)
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - data the database refuses, a lookup nobody knows: one must not stop all
            if len(inbounds) == 1:
                await self._put_aside_alone(inbounds[0], error)
                return
            log.warning("batch refused, taken one by one: %s", _words(error))
            for inbound in inbounds:
                await self.take([inbound])

    async def _transact(self, inbounds: Sequence[Inbound]) -> None:
        landed: list[Callable[[bool], None]] = []
        is_durable = False
        try:
            async with self.store.write(short=True) as tx:
                fresh = await inbox.unseen(tx, inbounds, self.clock.true())
                if fresh:
                    await self._advance_all(tx, fresh)
                    for account in {(inbound.key.channel, inbound.key.account): None for inbound in fresh}:
                        if rider := self.riders.get(account):
                            landed.append(await rider.board(tx))  # noqa: PERF401 - who boarded must hear, also of a failure
            is_durable = True
        finally:
            for tell in landed:
                tell(is_durable)

    async def _advance_all(self, tx: Tx, fresh: Sequence[Inbound]) -> None:
        library = await self.shelf.current(tx)
        found = await conversations.load(tx, (i.key for i in fresh), self.clock.true())
        lines: dict[ConversationKey, _Line] = {}
        for conversation in sorted(found.values(), key=lambda c: c.id):
            session = conversation.session
            if not session.unit:
                session = replace(session, unit=self.unit_of(conversation.key))
            lines[conversation.key] = _Line(conversation, session, deque())
        for inbound in fresh:
            lines[inbound.key].inbounds.append(inbound)
        work = Work(tx, now=self.clock.now(), at=self.clock.true())
        asking = list(lines.values())
        while asking:
            asked = [one for line in asking for one in await self._advance_line(tx, line, library, work)]
            if not asked:
                break
            # what earlier turns of this batch led to must be seen by the answers
            await work.write()
            answers = await answer(tx, asked, self.clock.true())
            by_conversation: dict[int, list[int]] = {}
            for i, one in enumerate(asked):
                by_conversation.setdefault(one.conversation.id, []).append(i)
            asking = [line for line in asking if line.conversation.id in by_conversation]
            for line in asking:
                given = tuple(answers[i] for i in by_conversation[line.conversation.id])
                line.inbounds[0] = replace(line.inbounds[0], found=(*line.inbounds[0].found, *given))
        await work.write()

    async def _advance_line(self, tx: Tx, line: _Line, library: Library, work: Work) -> list[Asked]:
        """Advance one conversation until it is done or must ask; what it asks."""
        while line.inbounds:
            inbound = line.inbounds[0]
            try:
                turn = self.advance(line.session, inbound, library, self.clock.now())
                if turn.lookups:
                    line.rounds += 1
                    _check_rounds(line.rounds, turn)
                    conversation = replace(line.conversation, session=line.session)
                    around = Around(library, self.clock.now(), self.site)
                    return [Asked(conversation, one, around) for one in turn.lookups]
            except Exception as error:  # noqa: BLE001 - one person's turn must not stop the others; it is put aside
                await self._put_aside(tx, inbound, error)
                work.heard(line.conversation, inbound)
                work.say(line.conversation, _apology())
            else:
                line.session = turn.session
                work.heard(line.conversation, inbound)
                work.took(line.conversation, inbound, turn)
            line.inbounds.popleft()
            line.rounds = 0
        return []

    async def _put_aside(self, tx: Tx, inbound: Inbound, error: Exception) -> None:
        """Keep it with the whole story beside, which ages away with it; the log outlives both."""
        log.error("put aside %s: %s", inbound.external_id, _words(error))
        why = "".join(traceback.format_exception(error))
        await inbox.put_aside(tx, inbound.key, inbound_out(inbound), why, self.clock.true())

    async def _put_aside_alone(self, inbound: Inbound, error: Exception) -> None:
        """The database refuses what this one led to: keep it, and tell the person."""
        async with self.store.write() as tx:
            if not await inbox.unseen(tx, [inbound], self.clock.true()):
                return
            await self._put_aside(tx, inbound, error)
            found = await conversations.load(tx, [inbound.key], self.clock.true())
            work = Work(tx, now=self.clock.now(), at=self.clock.true())
            work.heard(found[inbound.key], inbound)
            work.say(found[inbound.key], _apology())
            await work.write()


def _storable(inbound: Inbound) -> Inbound:
    """Without what no database takes; nothing a person means is lost by it."""
    told = {name: getattr(inbound, name) for name in ("text", "press", "start", "what", "sender_name", "external_id")}
    clean: dict[str, Any] = {name: inbox.storable(text) for name, text in told.items()}
    return inbound if clean == told else replace(inbound, **clean)


def _check_rounds(rounds: int, turn: Turn) -> None:
    if rounds > ROUNDS_MAX:
        raise RecursionError(f"asked {rounds} times, last for {turn.lookups}")


def _words(error: BaseException) -> str:
    """What the log may say: of errors that are not the store's own the kind, for the rest may quote a person."""
    return f"{error!r}" if isinstance(error, (RefusedError, UnavailableError)) else type(error).__name__


def _apology() -> Outbound:
    return Outbound(say("runner.apology"), said="runner/apology")
