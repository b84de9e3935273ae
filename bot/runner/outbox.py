"""`Sender`: sends one bot's outbox. Replies first; `sending` is committed before the request, its outcome after.

Bulk is at-most-once: an unknown outcome is listed, never repeated. A reply is at-least-once: an unknown is repeated once
after 5 s, because silence is worse.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.channels.base import Channel, Delivery, SendError, Sent
from bot.channels.fit import fit
from bot.clock import Clock
from bot.model.outbound import Outbound
from bot.store import Store, Tx, UnavailableError, bell, conversations, leases, media, outbox
from bot.store.outbox import Claimed, Outcome

#: requests under way at once; at 30 messages a second a claim of 3 bulk rows holds 100 ms of sending
REPLIES_AT_ONCE = 32
BULK_AT_ONCE = 3
#: outcomes wait so long for company: one commit for many costs what one costs for one
GATHER_S = 0.005
REPEAT_AFTER = timedelta(seconds=5)
#: waits of a row that could not be sent: 2 s, 4 s … 5 min, until it is a day old
RETRY_FIRST_S, RETRY_MOST_S = 2.0, 300.0
GIVE_UP_AFTER = timedelta(hours=24)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of one claimed row, and what else it taught."""

    row: Claimed
    outcome: Outcome
    is_gone: bool = False
    migrated_to: str = ""
    media_handle: str = ""


@dataclass(slots=True)
class Sender:
    """Sends what waits for one channel account while it holds the account's lease. `holder` names this process."""

    store: Store
    channel: Channel
    clock: Clock
    holder: str
    #: SQLite: no other process can be alive, so the lease of a dead one is taken at once
    takes_over: bool = False
    _results: list[_Result] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _bulk: int = 0
    #: rows that wait out a pause of our own, to be tried at once when the channel is in reach again
    _put_off: set[int] = field(default_factory=set)
    _was_reachable: bool = True
    _stopping: bool = False
    _ear: bell.Ear | None = None

    @property
    def lease(self) -> str:
        """The name of the account's lease."""
        return f"{self.channel.name}:{self.channel.account}"

    @property
    def _is_finished(self) -> bool:
        return self._stopping and not self._tasks and not self._results

    def stop(self) -> None:
        """Claim no more; `run` ends when what is under way is settled."""
        self._stopping = True
        if self._ear:
            self._ear.ring()

    async def run(self) -> None:
        """Send until stopped."""
        async with self.store.bell.ear(bell.outgoing(self.channel.name, self.channel.account)) as self._ear:
            while not self._stopping:
                try:
                    epoch = await self._take_lease()
                    if epoch is None:
                        await self._ear.heard(leases.RENEW_S)
                    else:
                        await self._send_under(epoch)
                except UnavailableError as error:
                    log.warning("outbox of %s waits for the database: %s", self.lease, error)
                    await self._ear.heard()

    async def _take_lease(self) -> int | None:
        """The epoch, with what an earlier owner left in doubt settled."""
        async with self.store.write() as tx:
            at = self.clock.true()
            epoch = await leases.take(tx, self.lease, self.holder, at, force=self.takes_over)
            if epoch is not None:
                name, account = self.channel.name, self.channel.account
                doubtful = await outbox.orphan(tx, name, account, epoch=epoch, at=at, repeat_at=at + REPEAT_AFTER)
                if doubtful:
                    log.warning("%s: %d messages were under way when the last owner ended", self.lease, doubtful)
            return epoch

    async def _send_under(self, epoch: int) -> None:
        """Claim and send until stopped or the lease is lost."""
        renewed = self.clock.monotonic()
        try:
            while not self._is_finished:
                if self.clock.monotonic() - renewed >= leases.RENEW_S:
                    async with self.store.write() as tx:
                        if await leases.take(tx, self.lease, self.holder, self.clock.true()) != epoch:
                            log.warning("%s: another process sends now", self.lease)
                            return
                    renewed = self.clock.monotonic()
                wait_s = await self._round(epoch)
                if self._ear and wait_s > 0 and not self._is_finished:
                    await self._ear.heard(wait_s)
            async with self.store.write() as tx:
                await leases.leave(tx, self.lease, self.holder, self.clock.true())
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _round(self, epoch: int) -> float:
        """Settle what is done and claim what is due, in one transaction; seconds until there may be more to do."""
        results, self._results = self._results, []
        at = self.clock.true()
        try:
            async with self.store.write() as tx:
                await self._settle(tx, results, epoch)
                if back := self._is_back():
                    await outbox.hasten(tx, sorted(self._put_off), at)
                claimed = await self._claim(tx, epoch)
                due = await outbox.next_due(tx, self.channel.name, self.channel.account)
        except BaseException:
            self._results = results + self._results
            raise
        if back:
            self._put_off.clear()
        self._was_reachable = self._is_reachable
        for row in claimed:
            self._bulk += not row.is_reply
            task = asyncio.create_task(self._send(row), name=f"send {self.lease} {row.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if self._results:
            return 0.0 if self._has_company else GATHER_S
        wait_s = bell.POLL_S
        if due is not None and not self._tasks and (left := (due - at).total_seconds()) > 0:
            wait_s = min(wait_s, left)
        return wait_s

    @property
    def _has_company(self) -> bool:
        """Whether outcomes need wait for no others: as many are there as are still to come."""
        return 2 * len(self._results) >= len(self._tasks)

    @property
    def _is_reachable(self) -> bool:
        return self.channel.state().state != "unreachable"

    def _is_back(self) -> bool:
        """Whether the channel is in reach again: then nothing waits out the pause it had earned."""
        return bool(self._put_off) and self._is_reachable and not self._was_reachable

    async def _claim(self, tx: Tx, epoch: int) -> list[Claimed]:
        room = REPLIES_AT_ONCE - len(self._tasks)
        if self._stopping or room <= 0:
            return []
        name, account, at = self.channel.name, self.channel.account, self.clock.true()
        claimed = await outbox.claim(tx, name, account, epoch=epoch, at=at, limit=room, is_reply=True)
        bulk = min(room - len(claimed), BULK_AT_ONCE - self._bulk)
        # replies go first: bulk only moves while no reply waits
        if bulk > 0 and not claimed:
            claimed = await outbox.claim(tx, name, account, epoch=epoch, at=at, limit=bulk, is_reply=False)
        return claimed

    async def _settle(self, tx: Tx, results: list[_Result], epoch: int) -> None:
        await outbox.settle(tx, [result.outcome for result in results], epoch)
        gone = [result.row.conversation_id for result in results if result.is_gone]
        if gone:
            await conversations.mark_gone(tx, gone, self.clock.true())
            await outbox.give_up(tx, gone, replies_too=True)
        for result in results:
            if result.migrated_to:
                await conversations.migrate(tx, result.row.conversation_id, result.migrated_to)
            file = result.row.outbound.media
            if result.media_handle and file:
                name, account = self.channel.name, self.channel.account
                await media.remember(tx, name, account, file.kind, file.sha256, given=result.media_handle)

    async def _send(self, row: Claimed) -> None:
        """Send the next piece of one row; whatever happens becomes a result."""
        self._put_off.discard(row.id)
        try:
            pieces = fit(row.outbound, self.channel.caps)
            sent = await self.channel.send(await self._delivery(row, pieces[row.pieces]))
            result = self._after_sent(row, sent, row.pieces + 1 == len(pieces))
        except SendError as error:
            result = self._after_error(row, error)
        except Exception as error:  # a fault of ours, not of the network: it would happen again
            log.exception("message %d could not be sent", row.id)
            result = _Result(row, self._outcome(row, "failed", error=repr(error)))
        self._bulk -= not row.is_reply
        self._results.append(result)
        if self._ear is None:
            return
        if self._has_company:
            self._ear.ring()
        else:
            asyncio.get_running_loop().call_later(GATHER_S, self._ear.ring)

    async def _delivery(self, row: Claimed, piece: Outbound) -> Delivery:
        delivery = Delivery(row.id, row.key, piece, row.is_reply)
        if piece.media is None:
            return delivery
        async with self.store.read() as tx:
            handle = await media.handle(tx, row.key.channel, row.key.account, piece.media.kind, piece.media.sha256)
        if handle:
            return replace(delivery, media_handle=handle)
        return replace(delivery, media_bytes=await self.store.blobs.get(piece.media.sha256))

    def _after_sent(self, row: Claimed, sent: Sent, is_last: bool) -> _Result:
        outcome = self._outcome(row, "sent" if is_last else "queued", pieces=row.pieces + 1, message_id=sent.message_id)
        return _Result(row, outcome, media_handle=sent.media_handle)

    def _after_error(self, row: Claimed, error: SendError) -> _Result:
        """The five ways in which sending fails."""
        if error.contact_gone:
            return _Result(row, self._outcome(row, "gone", error=error.reason), is_gone=True)
        if error.migrated_to:
            return _Result(row, self._outcome(row, "queued", error=error.reason), migrated_to=error.migrated_to)
        if error.unknown:
            if row.is_reply and row.repeats == 0:
                return _Result(row, self._outcome(row, "queued", wait=REPEAT_AFTER, repeats=1, error=error.reason))
            return _Result(row, self._outcome(row, "unknown", error=error.reason))
        is_old = self.clock.true() - row.created_at > GIVE_UP_AFTER
        if error.retry_after_s is not None and not is_old:
            wait = timedelta(seconds=error.retry_after_s)
            return _Result(row, self._outcome(row, "queued", wait=wait, error=error.reason))
        if error.retryable and not is_old:
            self._put_off.add(row.id)
            wait = timedelta(seconds=min(RETRY_MOST_S, RETRY_FIRST_S * 2 ** min(row.attempts, 10)))
            return _Result(row, self._outcome(row, "queued", wait=wait, error=error.reason))
        return _Result(row, self._outcome(row, "failed", error=error.reason))

    def _outcome(
        self,
        row: Claimed,
        state: str,
        *,
        wait: timedelta = timedelta(),
        pieces: int | None = None,
        repeats: int | None = None,
        message_id: str = "",
        error: str = "",
    ) -> Outcome:
        at = self.clock.true()
        return Outcome(
            row.id,
            state,
            at,
            at + wait,
            pieces=row.pieces if pieces is None else pieces,
            # a piece that went through starts the waits afresh
            attempts=0 if pieces is not None else row.attempts + 1,
            repeats=0 if pieces is not None else (row.repeats if repeats is None else repeats),
            message_id=message_id,
            error=error,
        )
