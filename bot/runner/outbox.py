"""`Sender`: sends one bot's outbox while it holds the bot's lease. Replies first; `sending` is committed before the
request, its outcome after.

Bulk is at-most-once: an unknown outcome is listed, never repeated. A reply is at-least-once: an unknown is repeated once
after 5 s, because silence is worse.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass, field, replace
from functools import partial

from bot.channels.base import Channel, Delivery, SendError
from bot.channels.fit import fit
from bot.clock import Clock
from bot.model.channel_state import ChannelState
from bot.model.outbound import Outbound
from bot.runner.held import away, lease_of
from bot.runner.outcomes import REPEAT_AFTER, Result, after_error, after_fault, after_sent
from bot.runner.settling import settle, settle_alone
from bot.store import RefusedError, Store, Tx, UnavailableError, bell, leases, media, outbox, standings
from bot.store.outbox import Claimed

#: requests under way at once; a slow line needs as many for 30 messages a second
AT_ONCE = 48
#: of these kept free of bulk, so that a reply finds room
KEPT_FOR_REPLIES = 16
#: bulk claimed that still waits for the limits: at 30 messages a second 9 rows are 300 ms of sending; more is claimed
#: when half of it went out, for a commit takes 5 to 30 ms on a small server's disk
BULK_AHEAD = 9
#: outcomes wait so long for company: one commit for many costs what one costs for one. The next message of a chat waits
#: for a reply's outcome, nobody for that of bulk
GATHER_S = 0.02
GATHER_BULK_S = 0.15
#: so many are company enough
COMPANY = 8
#: after a renewal so long ago nothing more is sent: another may soon take the lease, and a turn may wait for 3 s
TRUSTED_S = leases.LEASE_S - 4.0

log = logging.getLogger(__name__)


def _nothing() -> None:
    """A reply claims no place ahead."""


def _stay_ashore(_is_durable: bool) -> None:
    """Nothing was done."""


@dataclass(slots=True)
class Sender:
    """Sends what waits for one channel account while it holds the account's lease. `holder` names this process.

    `receive` is run while the lease is held: what may only be done by one process at a time, such as polling.
    """

    store: Store
    channel: Channel
    clock: Clock
    holder: str
    #: SQLite: no other process can be alive, so the lease of a dead one is taken at once
    takes_over: bool = False
    receive: Callable[[], Awaitable[None]] | None = None
    at_once: int = AT_ONCE
    bulk_ahead: int = BULK_AHEAD
    is_holding: bool = False
    _epoch: int = 0
    _receiving: asyncio.Future[None] | None = None
    _results: list[Result] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    #: ids of bulk rows under way, and of those that still wait for the limits
    _bulk: set[int] = field(default_factory=set)
    _bulk_waits: set[int] = field(default_factory=set)
    #: rows that wait out a pause of our own, to be tried at once when the channel is in reach again
    _put_off: set[int] = field(default_factory=set)
    _was_reachable: bool = True
    _stopping: bool = False
    _renewed_at: float = 0.0
    #: how the channel was doing when that was last written for other processes
    _told: ChannelState | None = None
    _gathering: asyncio.TimerHandle | None = None
    _last_fitted: tuple[Outbound, list[Outbound]] | None = None
    _ear: bell.Ear | None = None
    _freed: bell.Ear | None = None

    @property
    def lease(self) -> str:
        """The name of the account's lease."""
        return lease_of(self.channel.name, self.channel.account)

    @property
    def _is_finished(self) -> bool:
        return self._stopping and not self._tasks and not self._results

    def state(self, held: Container[str]) -> ChannelState:
        """How the channel is doing; `held` are the leases some process holds."""
        if self.is_holding or self.lease not in held:
            return self.channel.state()
        return away(self.channel.name, self.channel.account, held)

    def stop(self) -> None:
        """Claim no more; `run` ends when what is under way is settled."""
        self._stopping = True
        for ear in (self._ear, self._freed):
            if ear:
                ear.ring()

    async def received(self) -> None:
        """Wait until `receive`, which was told to end, has ended: then what it took in is in the outbox."""
        if self._receiving:
            await asyncio.wait({self._receiving})

    async def run(self) -> None:
        """Send until stopped; raises what `receive` raises."""
        topic = bell.outgoing(self.channel.name, self.channel.account)
        async with self.store.bell.ear(topic) as self._ear, self.store.bell.ear(bell.freed(self.lease)) as self._freed:
            while not self._stopping:
                try:
                    epoch = await self._take_lease()
                except UnavailableError as error:
                    log.warning("outbox of %s waits for the database: %s", self.lease, error)
                    epoch = None
                if epoch is None:
                    await self._freed.heard(leases.RENEW_S)
                else:
                    await self._hold(epoch)

    async def _take_lease(self) -> int | None:
        """The epoch, with what an earlier owner left in doubt settled."""
        asked_at = self.clock.monotonic()
        async with self.store.write() as tx:
            at = self.clock.true()
            epoch = await leases.take(tx, self.lease, self.holder, at, force=self.takes_over, anew=True)
            if epoch is not None:
                name, account = self.channel.name, self.channel.account
                doubtful = await outbox.orphan(tx, name, account, epoch=epoch, at=at, repeat_at=at + REPEAT_AFTER)
                if doubtful:
                    log.warning("%s: %d messages were under way when the last owner ended", self.lease, doubtful)
        self._renewed_at = asked_at
        return epoch

    async def _hold(self, epoch: int) -> None:
        """Receive and send until stopped or the lease is lost."""
        log.info("%s: this process receives and sends", self.lease)
        self.is_holding, self._epoch = True, epoch
        sending = asyncio.create_task(self._send_under(epoch), name=f"send {self.lease}")
        renewing = asyncio.create_task(self._renew(epoch), name=f"renew {self.lease}")
        beside: set[asyncio.Future[None]] = {renewing}
        if self.receive:
            self._receiving = asyncio.ensure_future(self.receive())
            beside.add(self._receiving)
        try:
            waiting: set[asyncio.Future[None]] = {sending, *beside}
            while not sending.done() and not renewing.done():
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            self.is_holding = False
            for task in (sending, *beside, *self._tasks):
                task.cancel()
            await asyncio.gather(sending, *beside, *self._tasks, return_exceptions=True)
            # rows another owner has found in doubt are no longer ours to settle
            self._results.clear()

    async def _renew(self, epoch: int) -> None:
        """Renew the lease; ends when it is lost."""
        self._told = None
        while self.takes_over or self.clock.monotonic() - self._renewed_at < leases.LEASE_S:
            await asyncio.sleep(leases.RENEW_S)
            asked_at = self.clock.monotonic()
            try:
                async with self.store.write() as tx:
                    if await leases.take(tx, self.lease, self.holder, self.clock.true()) != epoch:
                        break
                    seen = self.channel.state()
                    if seen != self._told:
                        await standings.keep(tx, seen, self.clock.true())
                self._told, self._renewed_at = seen, asked_at
            except UnavailableError as error:
                log.warning("%s: lease not renewed: %s", self.lease, error)
        log.warning("%s: another process sends now", self.lease)

    async def _send_under(self, epoch: int) -> None:
        """Claim and send until stopped; then let go of the lease."""
        while not self._is_finished:
            try:
                wait_s = await self._round(epoch)
            except UnavailableError as error:
                log.warning("outbox of %s waits for the database: %s", self.lease, error)
                wait_s = bell.POLL_S
            if self._ear and wait_s > 0 and not self._is_finished:
                await self._ear.heard(wait_s)
        try:
            async with self.store.write() as tx:
                await leases.leave(tx, self.lease, self.holder, self.clock.true())
                tx.ring(bell.freed(self.lease))
        except UnavailableError as error:
            log.warning("%s: lease not let go of: %s", self.lease, error)

    async def _round(self, epoch: int) -> float:
        """Settle what is done and claim what is due, in one transaction; seconds until there may be more to do."""
        results, self._results = self._results, []
        at = self.clock.true()
        try:
            async with self.store.write(short=True) as tx:
                is_ours = self.takes_over or await leases.held(tx, self.lease, self.holder, epoch)
                await settle(tx, results, epoch, at)
                if back := self._is_back():
                    await outbox.hasten(tx, sorted(self._put_off), at)
                claimed = await self._claim(tx, epoch) if is_ours else []
                # with something under way its end is the next thing to happen
                idle = not claimed and not self._tasks
                due = await outbox.next_due(tx, self.channel.name, self.channel.account) if idle else None
        except BaseException as error:
            self._results = results + self._results
            if not (isinstance(error, RefusedError) and results):
                raise
            log.warning("%s: outcomes refused, written one by one: %s", self.lease, error)
            await self._settle_singly(epoch)
            return 0.0
        if back:
            self._put_off.clear()
        self._was_reachable = self._is_reachable
        self._begin(claimed)
        if self._has_company:
            return 0.0
        wait_s = bell.POLL_S
        if due is not None and (left := (due - at).total_seconds()) > 0:
            wait_s = min(wait_s, left)
        return wait_s

    async def board(self, tx: Tx) -> Callable[[bool], None]:
        """Settle, and claim replies, within the transaction of a turn: its answer then takes one commit instead of two.

        What is returned is to be called when that has ended, with whether it was committed. Only where no other process
        can hold the lease: elsewhere each claim begins by locking it. What is refused of it does not refuse the turn.
        """
        if not (self.takes_over and self.is_holding) or self._stopping:
            return _stay_ashore
        results, self._results = self._results, []
        room = self.at_once - len(self._tasks)
        try:
            async with tx.apart():
                await settle(tx, results, self._epoch, self.clock.true())
                claimed = await self._claim_replies(tx, self._epoch, room) if room > 0 else []
        except BaseException as error:
            self._results = results + self._results
            if not isinstance(error, RefusedError):
                raise
            # the sender's own round finds out which it was
            log.warning("%s: a turn goes without what was sent: %s", self.lease, error)
            return _stay_ashore
        if len(claimed) < room:
            tx.unring(bell.outgoing(self.channel.name, self.channel.account))

        def landed(is_durable: bool) -> None:
            if not is_durable:
                self._results = results + self._results
                return
            self._begin(claimed)
            if self._ear and any(result.outcome.state == "queued" for result in results):
                # for the next look to be in time for them
                self._ear.ring()

        return landed

    def _begin(self, claimed: list[Claimed]) -> None:
        """Send what is marked as being sent."""
        for row in claimed:
            if not row.is_reply:
                self._bulk.add(row.id)
                self._bulk_waits.add(row.id)
            task = asyncio.create_task(self._send(row), name=f"send {self.lease} {row.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    @property
    def _has_company(self) -> bool:
        """Whether outcomes need wait for no others: enough are there, and as many as are still to come."""
        done = len(self._results)
        return done >= COMPANY and 2 * done >= len(self._tasks)

    @property
    def _is_reachable(self) -> bool:
        return self.channel.state().state != "unreachable"

    def _is_back(self) -> bool:
        """Whether the channel is in reach again: then nothing waits out the pause it had earned."""
        return bool(self._put_off) and self._is_reachable and not self._was_reachable

    async def _claim(self, tx: Tx, epoch: int) -> list[Claimed]:
        room = self.at_once - len(self._tasks)
        if self._stopping or room <= 0:
            return []
        name, account, at = self.channel.name, self.channel.account, self.clock.true()
        claimed = await self._claim_replies(tx, epoch, room)
        # replies go first here and at the limits, and find places kept for them
        bulk = min(room - len(claimed), self.at_once - KEPT_FOR_REPLIES - len(self._bulk))
        if bulk > 0 and self._wants_bulk:
            bulk = min(bulk, self.bulk_ahead - len(self._bulk_waits))
            claimed += await outbox.claim(tx, name, account, epoch=epoch, at=at, limit=bulk, is_reply=False)
        return claimed

    async def _claim_replies(self, tx: Tx, epoch: int, room: int) -> list[Claimed]:
        name, account, at = self.channel.name, self.channel.account, self.clock.true()
        return await outbox.claim(tx, name, account, epoch=epoch, at=at, limit=room, is_reply=True)

    @property
    def _wants_bulk(self) -> bool:
        """Whether so much of what was claimed ahead went out that more is worth a commit."""
        return 2 * len(self._bulk_waits) <= self.bulk_ahead

    async def _settle_singly(self, epoch: int) -> None:
        """One of the outcomes is refused: it must not keep the others from being written."""
        while self._results:
            result = self._results.pop(0)
            try:
                await settle_alone(self.store, result, epoch, self.clock.true())
            except BaseException:
                self._results.insert(0, result)
                raise

    async def _send(self, row: Claimed) -> None:
        """Send the next piece of one row; whatever happens becomes a result."""
        self._put_off.discard(row.id)
        try:
            self._check_trust()
            pieces = self._fitted(row.outbound)
            sent = await self.channel.send(await self._delivery(row, pieces[row.pieces]))
            result = after_sent(row, sent, self.clock.true(), is_last=row.pieces + 1 == len(pieces))
        except SendError as error:
            result = after_error(row, error, self.clock.true())
            if result.is_put_off:
                self._put_off.add(row.id)
        except Exception as error:  # a fault of ours, not of the network: it would happen again
            log.exception("message %d could not be sent", row.id)
            result = after_fault(row, error, self.clock.true())
        finally:
            self._bulk.discard(row.id)
            self._bulk_waits.discard(row.id)
        self._results.append(result)
        if self._has_company:
            self._end_gathering()
            return
        loop = asyncio.get_running_loop()
        ends = loop.time() + (GATHER_S if row.is_reply else GATHER_BULK_S)
        if self._gathering and self._gathering.when() > ends:
            self._gathering.cancel()
            self._gathering = None
        if self._gathering is None:
            self._gathering = loop.call_at(ends, self._end_gathering)

    def _end_gathering(self) -> None:
        """Outcomes wait for no others any more."""
        if self._gathering:
            self._gathering.cancel()
            self._gathering = None
        # a turn may have settled them in its own transaction
        if self._ear and self._results:
            self._ear.ring()

    def _check_trust(self) -> None:
        """Nothing is sent on a lease that others may soon take to be free."""
        if not self.takes_over and self.clock.monotonic() - self._renewed_at > TRUSTED_S:
            raise SendError("lease in doubt", retryable=True)

    def _started(self, row_id: int) -> None:
        """The limits let a bulk message go: the next may be claimed."""
        self._bulk_waits.discard(row_id)
        if self._ear and self._wants_bulk:
            self._ear.ring()

    def _fitted(self, outbound: Outbound) -> list[Outbound]:
        """Its pieces; of a message to many all rows share one object, which is fitted once."""
        if self._last_fitted is None or self._last_fitted[0] is not outbound:
            self._last_fitted = outbound, fit(outbound, self.channel.caps)
        return self._last_fitted[1]

    async def _delivery(self, row: Claimed, piece: Outbound) -> Delivery:
        started = _nothing if row.is_reply else partial(self._started, row.id)
        delivery = Delivery(row.id, row.key, piece, row.is_reply, started=started)
        if piece.media is None:
            return delivery
        async with self.store.read() as tx:
            handle = await media.handle(tx, row.key.channel, row.key.account, piece.media.kind, piece.media.sha256)
        if handle:
            return replace(delivery, media_handle=handle)
        return replace(delivery, media_bytes=await self.store.blobs.get(piece.media.sha256))
