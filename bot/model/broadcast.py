"""Messages from the commune to many households: their states, whom they are for, how far they got."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.model.outbound import Outbound


class BroadcastState(StrEnum):
    """Life of a broadcast."""

    DRAFT = "draft"
    #: for the approval of a second person
    WAITING = "waiting"
    #: and not yet started: at its time, or when somebody sends it
    APPROVED = "approved"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


#: why a broadcast is paused: somebody stopped it, the quiet hours began, the entry it tells of changed, it comes from a
#: copy that was put back
PAUSED_BY_OFFICIAL, PAUSED_FOR_QUIET, PAUSED_FOR_ENTRY = "official", "quiet-hours", "entry-changed"
PAUSED_FOR_RESTORE = "restored"


class Often(StrEnum):
    """How often a household wants news."""

    AT_ONCE = "at-once"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a broadcast is for: subscribers with consent for whom all of this holds; () = any.

    `units` are never empty and stand for themselves and all below. `facts`: (household fact, its values), told with the
    consent to keep them; each must hold.
    """

    units: tuple[str, ...]
    hamlets: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    facts: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many recipients stand in each state."""

    #: planned, their turn is still to come
    waiting: int = 0
    #: kept for the weekly or monthly digest the household chose
    held: int = 0
    #: handed to the outbox
    queued: int = 0
    sent: int = 0
    failed: int = 0
    gone: int = 0
    #: nobody knows whether it arrived; never sent again
    unknown: int = 0
    #: opted out meanwhile, or the broadcast was cancelled before their turn
    skipped: int = 0

    @property
    def total(self) -> int:
        """All recipients planned so far."""
        return self.waiting + self.held + self.queued + self.settled

    @property
    def settled(self) -> int:
        """Those with an outcome."""
        return self.sent + self.failed + self.gone + self.unknown + self.skipped


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One broadcast as it stands. Moments are aware UTC of the calendar."""

    id: int
    unit: str
    #: its one topic, "" = none or several
    topic: str
    #: heading households see
    title: str
    #: without the closing line that says how to stop
    outbound: Outbound
    entry: str
    audience: Audience
    state: BroadcastState
    urgent: bool
    #: why it may go out in quiet hours
    reason: str
    send_at: datetime | None
    #: messages an hour, None = as fast as the channels allow
    pace: int | None
    #: officials who wrote at it
    authors: tuple[int, ...]
    approved_by: int | None
    approved_hash: str
    approved_at: datetime | None
    paused_for: str
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    planned_to: int = 0
    plan_to: int = 0
    fed_to: int = 0
    next_at: datetime | None = None
    tally: Tally = field(default_factory=Tally)

    @property
    def is_planned(self) -> bool:
        """Whether everybody it is for has been found."""
        return self.started_at is not None and self.planned_to >= self.plan_to

    @property
    def is_open(self) -> bool:
        """Whether it may still send."""
        return self.state in {BroadcastState.RUNNING, BroadcastState.PAUSED}
