"""Broadcasts as officials look at them: whom they reach, what households get, what to heed, how far they got."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import quiet_hours, rights
from bot.broadcast_text import checked_audience, message, reach_of, still_holds
from bot.library import Library
from bot.model.broadcast import PAUSED_FOR_ENTRY, PAUSED_FOR_RESTORE, Audience, Broadcast, BroadcastState
from bot.model.official import Official
from bot.model.outbound import Outbound
from bot.rights import NotAllowedError
from bot.settings import LOCAL
from bot.store import Tx, audience, audit, recipients
from bot.store import broadcasts as rows
from bot.store.audience import Reach, Sampled
from bot.store.broadcast_tables import broadcasts as table
from bot.store.recipients import Left
from bot.store.records import outbound_out
from bot.store.rights import visible

WRITE, APPROVE = "broadcast-write", "broadcast-approve"
#: fields of `Broadcast` that an approval is bound to
_BOUND = ("unit", "topic", "title", "outbound", "entry", "audience", "urgent", "reason", "send_at")


class MissingError(NotAllowedError):
    """broadcasts.missing"""


@dataclass(frozen=True, slots=True)
class Counted:
    """Whom an audience reaches: contacts by how often they want news, and some of them without names."""

    at_once: int
    weekly: int
    monthly: int
    sample: tuple[Sampled, ...]

    @property
    def total(self) -> int:
        """All of them."""
        return self.at_once + self.weekly + self.monthly


@dataclass(frozen=True, slots=True)
class Sheet:
    """One broadcast as it lies before an official."""

    broadcast: Broadcast
    #: as households get it, closing line included
    message: Outbound
    #: of content, audience and time; `approve` takes it back, so that nobody approves what changed under their eyes
    text_hash: str
    #: keys of messages `broadcasts.warn_…` that the official should read first
    warnings: tuple[str, ...]
    may_write: bool
    may_approve: bool


async def count(tx: Tx, by: Official | None, library: Library, unit: str, wanted: Audience) -> Counted:
    """How many it would reach, and a sample. Raises `NotAllowedError`, `broadcast_text.WrongAudienceError`."""
    return await counted(tx, asked(by, library, unit, wanted))


def asked(by: Official | None, library: Library, unit: str, wanted: Audience) -> Reach:
    """Whom an official asks about, who may write to them. Raises as `count`."""
    require(by, WRITE, unit, topic_of(wanted))
    return _reach(library, unit, checked(library, unit, wanted))


async def counted(tx: Tx, its: Reach) -> Counted:
    """How many of each kind there are now, and some of them."""
    by_often = await audience.count(tx, its)
    # to find nobody takes as long as to find everybody
    sample = await audience.sample(tx, its) if any(by_often.values()) else []
    return Counted(by_often["at-once"], by_often["weekly"], by_often["monthly"], tuple(sample))


async def look(tx: Tx, by: Official | None, library: Library, broadcast_id: int, *, now: datetime) -> Sheet:
    """One broadcast with everything needed to decide. Raises as `found_in`."""
    found = await found_in(tx, by, broadcast_id, locked=False)
    may_write = by is None or rights.may(by, WRITE, unit=found.unit, topic=found.topic or None)
    reads = by is None or rights.may(by, APPROVE, unit=found.unit, topic=found.topic or None)
    if not may_write and not reads:
        raise NotAllowedError
    may_approve = by is not None and reads and by.id not in found.authors
    return Sheet(
        found, message(library, found), text_hash(found), _warnings(library, found, now), may_write, may_approve
    )


async def listed(tx: Tx, by: Official | None, *, before: int = 0, limit: int = 50) -> list[Broadcast]:
    """Those the official may write or approve, newest first."""
    c = table.c
    seen = (
        visible(by, WRITE, unit=c.unit, topic=c.topic) | visible(by, APPROVE, unit=c.unit, topic=c.topic)
        if by
        else None
    )
    return await rows.listed(tx, seen=seen, before=before, limit=limit)


async def waiting(tx: Tx, by: Official) -> list[Broadcast]:
    """Those that go out only with this official's word, oldest first."""
    handed_in = await rows.in_states(tx, [BroadcastState.WAITING])
    return [
        one
        for one in handed_in
        if rights.may(by, APPROVE, unit=one.unit, topic=one.topic or None) and by.id not in one.authors
    ]


async def left(
    tx: Tx, by: Official | None, library: Library, broadcast_id: int, state: str, *, now: datetime, after: int = 0
) -> list[Left]:
    """Whom it did not reach (`failed`, `gone`) or nobody knows (`unknown`), 50 at a time, by number alone."""
    await look(tx, by, library, broadcast_id, now=now)
    return await recipients.left(tx, broadcast_id, state, after=after)


def text_hash(broadcast: Broadcast) -> str:
    """What an approval is bound to: content, audience and time."""
    return fingerprint({name: getattr(broadcast, name) for name in _BOUND})


def reach(library: Library, broadcast: Broadcast) -> Reach:
    """Whom it is for, with all units below."""
    return _reach(library, broadcast.unit, broadcast.audience)


def fingerprint(values: Mapping[str, Any]) -> str:
    """The hash over these fields of a broadcast. A time counts to the minute."""
    send_at = values["send_at"]
    plain = {name: values[name] for name in _BOUND if name not in {"outbound", "audience", "send_at"}}
    plain["outbound"] = outbound_out(values["outbound"])
    plain["audience"] = rows.audience_out(values["audience"])
    plain["send_at"] = f"{send_at.astimezone(LOCAL):%Y-%m-%dT%H:%M}" if send_at else ""
    return audit.object_hash(plain)


def checked(library: Library, unit: str, wanted: Audience) -> Audience:
    if unit not in library.units:
        raise NotAllowedError
    named = Audience(wanted.units or (unit,), wanted.hamlets, wanted.topics, wanted.channels, wanted.facts)
    return checked_audience(library, named, rights.below(unit, rights.tree(library)))


def _reach(library: Library, unit: str, wanted: Audience) -> Reach:
    units = rights.tree(library)
    meant = frozenset(below for named in wanted.units or (unit,) for below in rights.below(named, units))
    return reach_of(library, wanted, meant)


def topic_of(wanted: Audience) -> str:
    return wanted.topics[0] if len(wanted.topics) == 1 else ""


def _warnings(library: Library, found: Broadcast, now: datetime) -> tuple[str, ...]:
    told = []
    if quiet_hours.is_early_or_late(found.send_at or now) and found.started_at is None:
        told.append("warn_early_or_late")
    if found.urgent:
        told.append("warn_urgent")
    if not still_holds(library, found, now.astimezone(LOCAL).date()) or found.paused_for == PAUSED_FOR_ENTRY:
        told.append("warn_entry")
    if found.paused_for == PAUSED_FOR_RESTORE and found.state is BroadcastState.PAUSED:
        told.append("warn_restored")
    return tuple(told)


def require(by: Official | None, action: str, unit: str, topic: str) -> None:
    if by is not None:
        rights.require(by, action, unit=unit, topic=topic or None)


async def found_in(tx: Tx, by: Official | None, broadcast_id: int, *, locked: bool = True) -> Broadcast:
    """The broadcast of that number. Without one officials hear `NotAllowedError`, as of others' that they may not know of;
    whoever holds the machine hears `MissingError`.
    """
    found = await rows.get(tx, broadcast_id, locked=locked)
    if found is None:
        raise MissingError if by is None else NotAllowedError
    return found
