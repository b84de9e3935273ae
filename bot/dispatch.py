"""`Dispatch`: moves broadcasts on: starts them in time, finds the recipients, hands them to the outbox, rests at night.

Few messages stand in the outbox at any moment, about what goes out in some seconds: pausing, cancelling and opting out
reach all others, and replies never queue behind them. Every step is one short transaction that begins by locking the
broadcast, so that several processes may work at it and none waits long.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as hour

from bot import broadcasts, quiet_hours
from bot.broadcast_sheet import reach
from bot.broadcast_text import digest, message, still_holds
from bot.clock import Clock
from bot.errors import LoaThonError
from bot.library import Library
from bot.model.broadcast import PAUSED_FOR_ENTRY, PAUSED_FOR_QUIET, Broadcast, BroadcastState, Often
from bot.model.inbound import ConversationKey
from bot.model.outbound import Outbound
from bot.officials import MACHINE
from bot.settings import LOCAL
from bot.store import Store, Tx, audience, audit, bell, digests, media, recipients
from bot.store import broadcasts as rows
from bot.store.recipients import Turn
from bot.work import MAILBOX_CHANNELS

#: messages in the outbox at once: what goes out in so many seconds, measured between two looks
WINDOW_LEAST, WINDOW_MOST, WINDOW_S = 100, 2000, 2.0
#: more is handed over when this part of the window is free: each time costs a commit
REFILL = 0.25
#: the look comes again after this long while something is on its way
LOOK_S = 0.5
#: messages handed over or taken back in one transaction: other writes wait for it
AT_ONCE = 200
#: contacts looked at in one transaction; it follows how long one takes with its commit. On SQLite, which has one writer,
#: no other write waits longer than some tens of milliseconds, and where the disk alone takes most of that, the work still
#: gets its part; on PostgreSQL nothing waits but a pause or stop of the same broadcast
CHUNK_LEAST, CHUNK_FIRST, CHUNK_MOST = 200, 1_000, 20_000
CHUNK_S, CHUNK_WORK_S = {"sqlite": 0.03, "postgresql": 0.25}, 0.01
#: planning goes on so long before sending gets its turn
PLAN_S = 0.5
#: with a pace, this many seconds of it are handed over together
PACE_S = 5.0
#: the weekly digest goes out on Sunday, the monthly on the first, from this hour; what was begun an hour before is in it
DIGEST_FROM, DIGEST_TO = hour(8), hour(20)

#: what households wait a week for is told though the broadcast is over, not while it is stopped
_DIGESTED = frozenset({BroadcastState.RUNNING, BroadcastState.DONE})
_OPEN = (BroadcastState.APPROVED, BroadcastState.RUNNING, BroadcastState.PAUSED)


@dataclass(slots=True)
class Dispatch:
    """`step` moves everything on by a little and says when the next look is worth it."""

    store: Store
    library: Callable[[], Library]
    clock: Clock
    _window: int = WINDOW_LEAST
    _chunk: int = CHUNK_FIRST
    #: messages that went out since the window was last fitted, and when that was
    _went: int = 0
    _fitted_at: float = float("-inf")

    async def step(self) -> float:
        """One look; seconds until the next, which comes at once while recipients are still to be found."""
        async with self.store.read() as tx:
            open_ones = await rows.in_states(tx, _OPEN)
            under_way = await recipients.on_their_way(tx)
            ripe = await self._ripe(tx)
        if not open_ones and not under_way and not ripe:
            return bell.POLL_S
        while under_way and await self._collect() == AT_ONCE:
            pass
        if under_way and quiet_hours.is_quiet(self.clock.now()):
            await self._rest_digests()
        has_room = await self._has_room()
        for broadcast in open_ones:
            if self._is_to_move(broadcast):
                await self._move(broadcast.id)
        planned = [one.id for one in open_ones if one.state is BroadcastState.RUNNING and not one.is_planned]
        is_found = [await self._plan(broadcast_id) for broadcast_id in planned]
        running = sorted(
            (one for one in open_ones if one.state is BroadcastState.RUNNING), key=lambda one: (not one.urgent, one.id)
        )
        for broadcast in running if has_room else ():
            while await self._feed(broadcast.id) == AT_ONCE:
                pass
        for often, ids in ripe.items():
            await self._send_digests(often, ids)
        if not all(is_found):
            return 0.0
        return LOOK_S if running or under_way or ripe else bell.POLL_S

    # states

    def _is_to_move(self, broadcast: Broadcast) -> bool:
        """Whether the hour or the library gives reason to start, rest or go on."""
        now = self.clock.now()
        rests = quiet_hours.is_quiet(now) and not broadcast.urgent
        match broadcast.state:
            case BroadcastState.APPROVED:
                return broadcast.send_at is not None and broadcast.send_at <= now and not rests
            case BroadcastState.RUNNING:
                return rests or not self._holds(broadcast)
            case _:
                return broadcast.paused_for == PAUSED_FOR_QUIET and not rests

    def _holds(self, broadcast: Broadcast) -> bool:
        return still_holds(self.library(), broadcast, self.clock.today())

    async def _move(self, broadcast_id: int) -> None:
        now, at = self.clock.now(), self.clock.true()
        async with self.store.write() as tx:
            found = await rows.get(tx, broadcast_id, locked=True)
            if found is None or not self._is_to_move(found):
                return
            if found.state is BroadcastState.RUNNING:
                why = PAUSED_FOR_ENTRY if self._holds(found) is False else PAUSED_FOR_QUIET
                await broadcasts.pause(tx, None, broadcast_id, now=now, at=at, why=why)
                return
            go = broadcasts.start if found.state is BroadcastState.APPROVED else broadcasts.resume
            try:
                await go(tx, None, self.library(), broadcast_id, now=now, at=at)
            except LoaThonError as refused:
                # what it tells of changed since the approval: an official has to look at it
                await rows.change(tx, broadcast_id, now, state=BroadcastState.DRAFT, approved_hash="", approved_by=None)
                ref = f"broadcast:{broadcast_id}"
                await audit.note(tx, MACHINE, "broadcast-returned", ref, at=at, detail={"why": refused.key})

    # recipients

    async def _plan(self, broadcast_id: int) -> bool:
        """Find recipients for a while, chunk by chunk; whether all were found."""
        ends = time.monotonic() + PLAN_S
        is_more = True
        while is_more and time.monotonic() < ends:
            async with self.store.write() as tx:
                began = time.monotonic()
                found = await rows.get(tx, broadcast_id, locked=True)
                if found is None or found.state is not BroadcastState.RUNNING or found.is_planned:
                    return True
                upto = min(found.planned_to + self._chunk, found.plan_to)
                its = reach(self.library(), found)
                # what is urgent does not wait for a digest
                await audience.plan_chunk(
                    tx, broadcast_id, its, after=found.planned_to, upto=upto, digests=not found.urgent
                )
                is_more = upto < found.plan_to
                tx.ring(bell.BROADCASTS_MOVED)
                worked = max(time.monotonic() - began, 1e-4)
            committed = time.monotonic() - began - worked
            change = max(CHUNK_WORK_S, CHUNK_S[self.store.dialect] - committed) / worked
            self._chunk = max(CHUNK_LEAST, min(CHUNK_MOST, int(self._chunk * min(1.5, max(0.25, change)))))
        return not is_more

    async def _collect(self) -> int:
        async with self.store.write() as tx:
            taken = await recipients.collect(tx, limit=AT_ONCE)
            if taken:
                tx.ring(bell.BROADCASTS_MOVED)
        self._went += taken
        return taken

    async def _feed(self, broadcast_id: int) -> int:
        """Hand over the next few, or end it; how many."""
        at = self.clock.true()
        async with self.store.write() as tx:
            found = await rows.get(tx, broadcast_id, locked=True)
            if found is None or found.state is not BroadcastState.RUNNING:
                return 0
            if found.is_planned and not found.tally.waiting:
                if not found.tally.queued:
                    await rows.change(
                        tx, broadcast_id, self.clock.now(), state=BroadcastState.DONE, ended_at=self.clock.now()
                    )
                    await audit.note(
                        tx,
                        MACHINE,
                        "broadcast-done",
                        f"broadcast:{broadcast_id}",
                        at=at,
                        detail={name: getattr(found.tally, name) for name in ("sent", "failed", "gone", "unknown")},
                    )
                return 0
            room = await self._room(tx)
            most = min(room, AT_ONCE, _paced(found, at)) if found.pace else min(room, AT_ONCE)
            if most <= 0:
                return 0
            its = reach(self.library(), found)
            turns = await recipients.next_turns(tx, broadcast_id, its, after=found.fed_to, limit=most)
            turns = await self._uploaded_once(tx, found, turns)
            told = message(self.library(), found)
            await recipients.hand_over(tx, broadcast_id, turns, told, at, mailboxes=MAILBOX_CHANNELS)
            if found.pace and turns:
                begins = max(found.next_at or at, at)
                next_at = begins + timedelta(seconds=len(turns) * 3600 / found.pace)
                await rows.change(tx, broadcast_id, found.updated_at, next_at=next_at)
            _ring(tx, (turn.key for turn in turns))
        return len(turns)

    async def _uploaded_once(self, tx: Tx, found: Broadcast, turns: list[Turn]) -> list[Turn]:
        """With a file: the first to get it on each account goes alone, so that the file is uploaded once."""
        file = found.outbound.media
        if file is None:
            return turns
        known: dict[tuple[str, str], bool] = {}
        for place, turn in enumerate(turns):
            if turn.key is None or turn.key.channel in MAILBOX_CHANNELS:
                continue
            account = (turn.key.channel, turn.key.account)
            if account not in known:
                known[account] = bool(await media.handle(tx, *account, file.kind, file.sha256))
            if not known[account]:
                return turns[:1] if place == 0 and not found.tally.queued else turns[:place]
        return turns

    async def _has_room(self) -> bool:
        """Whether there is room enough to hand over more, in a window that follows how fast messages go out."""
        if (spent := self.clock.monotonic() - self._fitted_at) >= LOOK_S:
            fits = int(self._went * WINDOW_S / spent)
            # narrower slowly: what a wait of the disk held up is no sign of a slow channel
            self._window = min(WINDOW_MOST, max(WINDOW_LEAST, fits, self._window * 3 // 4))
            self._went, self._fitted_at = 0, self.clock.monotonic()
        async with self.store.read() as tx:
            return await self._room(tx) >= self._window * REFILL

    async def _room(self, tx: Tx) -> int:
        """How many more may stand in the outbox."""
        return self._window - await recipients.on_their_way(tx)

    # digests

    async def _ripe(self, tx: Tx) -> dict[Often, list[int]]:
        """Broadcasts of the digests that are due now; none outside the hours for them."""
        told = self.clock.now().astimezone(LOCAL).time()
        if not DIGEST_FROM <= told < DIGEST_TO:
            return {}
        found = {
            often: await digests.ripe(tx, often.value, quiet_hours.digest_cut(often, self.clock.now()))
            for often in (Often.WEEKLY, Often.MONTHLY)
        }
        return {often: ids for often, ids in found.items() if ids}

    async def _rest_digests(self) -> None:
        """What could not go out by day goes out with the next day: its broadcasts are done and rest no more themselves."""
        async with self.store.write() as tx:
            if await digests.take_back(tx):
                tx.ring(bell.BROADCASTS_MOVED)

    async def _send_digests(self, often: Often, broadcast_ids: list[int]) -> None:
        """One message each for some of those who chose the week or month."""
        async with self.store.write() as tx:
            held = await rows.lock(tx, broadcast_ids)
            for one in held:
                if not self._holds(one):
                    await digests.skip(tx, often.value, one.id)
            known = {one.id: one for one in held if one.state in _DIGESTED and self._holds(one)}
            room = min(await self._room(tx), AT_ONCE)
            parcels = await digests.due(tx, often.value, sorted(known), limit=room) if room > 0 else []
            made: dict[tuple[int, ...], Outbound] = {}
            for parcel in parcels:
                if parcel.broadcast_ids not in made:
                    told = [known[number] for number in parcel.broadcast_ids]
                    made[parcel.broadcast_ids] = digest(self.library(), told)
            filled = [(parcel, made[parcel.broadcast_ids]) for parcel in parcels]
            await digests.hand_over(tx, filled, self.clock.true(), mailboxes=MAILBOX_CHANNELS)
            _ring(tx, (parcel.key for parcel in parcels))


def _ring(tx: Tx, keys: Iterable[ConversationKey | None]) -> None:
    """Wake the pages and senders these messages wait for."""
    for key in keys:
        if key is None:
            continue
        is_mailbox = key.channel in MAILBOX_CHANNELS
        tx.ring(
            bell.mailbox(key.channel, key.account, key.chat) if is_mailbox else bell.outgoing(key.channel, key.account)
        )


def _paced(found: Broadcast, at: datetime) -> int:
    """How many the pace allows now."""
    if found.pace is None or (found.next_at is not None and found.next_at > at):
        return 0
    return max(1, int(found.pace * PACE_S / 3600))
