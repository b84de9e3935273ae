"""Broadcasts: written by one official, approved by another, started, stopped. Every act here is written in the audit.

`by` is who acts; None = whoever holds the machine, who may do everything but approve. `now` is the calendar's moment, by
which hours and days are judged, `at` the true time of the audit. What is not allowed raises `NotAllowedError`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot import quiet_hours, rights
from bot.broadcast_checks import heeded
from bot.broadcast_sheet import APPROVE, WRITE, checked, fingerprint, found_in, reach, require, text_hash, topic_of
from bot.broadcast_text import Content, still_holds, written
from bot.errors import LoaThonError
from bot.library import Library
from bot.model.broadcast import PAUSED_BY_OFFICIAL, PAUSED_FOR_RESTORE, Audience, Broadcast, BroadcastState
from bot.model.official import Official
from bot.officials import MACHINE
from bot.settings import LOCAL
from bot.store import Tx, audience, audit, recipients
from bot.store import broadcasts as rows

REASON_MOST, PACE_MOST = 300, 100_000
_CHANGEABLE = frozenset({BroadcastState.DRAFT, BroadcastState.WAITING, BroadcastState.APPROVED})
_ENDED = frozenset({BroadcastState.DONE, BroadcastState.CANCELLED})


class QuietHoursError(LoaThonError):
    """broadcasts.quiet_hours"""


class NoReasonError(LoaThonError):
    """broadcasts.no_reason"""


class PastTimeError(LoaThonError):
    """broadcasts.past_time"""


class WrongPaceError(LoaThonError):
    """broadcasts.wrong_pace"""


class NobodyError(LoaThonError):
    """broadcasts.nobody"""


class ChangedError(LoaThonError):
    """broadcasts.changed"""


class WrongStateError(LoaThonError):
    """broadcasts.wrong_state"""


class EntryChangedError(LoaThonError):
    """broadcasts.entry_changed"""


@dataclass(frozen=True, slots=True)
class Given:
    """What an official fills in. Without `audience.units` it is for the whole of `unit`."""

    unit: str
    content: Content
    audience: Audience = field(default_factory=lambda: Audience(()))
    #: aware; None = when somebody starts it after the approval
    send_at: datetime | None = None
    #: khan cap: may go out in quiet hours, for this reason
    urgent: bool = False
    reason: str = ""
    #: messages an hour, None = as fast as the channels allow
    pace: int | None = None


async def write(tx: Tx, by: Official | None, library: Library, given: Given, *, now: datetime, at: datetime) -> int:
    """A new draft; its id. Raises `NotAllowedError` and the errors of what was filled in wrong."""
    values = _values(by, library, given, now)
    number = await rows.add(tx, now, authors=_authors((), by), **values)
    await _note(tx, by, "broadcast-written", number, at, after=fingerprint(values))
    return number


async def change(
    tx: Tx, by: Official | None, library: Library, broadcast_id: int, given: Given, *, now: datetime, at: datetime
) -> None:
    """Write it anew: it is a draft again, whoever had approved it. Raises as `write`, `WrongStateError` once it runs."""
    found = await _mine(tx, by, broadcast_id)
    _in(found, _CHANGEABLE)
    values = _values(by, library, given, now)
    await rows.change(
        tx,
        broadcast_id,
        now,
        state=BroadcastState.DRAFT,
        authors=_authors(found.authors, by),
        approved_by=None,
        approved_hash="",
        approved_at=None,
        **values,
    )
    before, after = text_hash(found), fingerprint(values)
    await _note(tx, by, "broadcast-changed", broadcast_id, at, before=before, after=after)


async def submit(
    tx: Tx,
    by: Official | None,
    library: Library,
    broadcast_id: int,
    *,
    now: datetime,
    at: datetime,
    stand: Collection[str] = (),
) -> None:
    """Hand a draft to whoever approves; again is no change. `stand`: marks of `broadcast_checks.remarks` that are to stand.

    Raises `UnheededError`, `NobodyError`, `QuietHoursError`, `PastTimeError`, `EntryChangedError`, `WrongStateError`.
    """
    found = await _mine(tx, by, broadcast_id)
    if found.state is BroadcastState.WAITING:
        return
    _in(found, {BroadcastState.DRAFT})
    _check_time(found.send_at, now, urgent=found.urgent)
    _check_entry(library, found, now)
    stands = heeded(library, found.title, found.outbound, stand)
    counted = await audience.count(tx, reach(library, found))
    if not sum(counted.values()):
        raise NobodyError
    await rows.change(tx, broadcast_id, now, state=BroadcastState.WAITING)
    detail = {**counted, **_let_stand(stands)}
    await _note(tx, by, "broadcast-submitted", broadcast_id, at, detail=detail, after=text_hash(found))


async def approve(
    tx: Tx,
    by: Official,
    library: Library,
    broadcast_id: int,
    *,
    seen_hash: str,
    now: datetime,
    at: datetime,
    stand: Collection[str] = (),
) -> None:
    """Approve what lies before the official; again is no change. With a time it starts then by itself.

    `seen_hash` is the sheet's, `stand` as in `submit`: whoever approves lets it stand for themselves. Raises
    `NotAllowedError` (also for whoever wrote at it, and without delegation), `ChangedError`, `UnheededError`,
    `QuietHoursError`, `PastTimeError`, `EntryChangedError`, `WrongStateError`.
    """
    found = await found_in(tx, by, broadcast_id)
    for author in found.authors or (0,):
        rights.require(by, APPROVE, unit=found.unit, topic=found.topic or None, author=author)
    if found.approved_hash == seen_hash and found.state is not BroadcastState.WAITING:
        return
    _in(found, {BroadcastState.WAITING})
    if text_hash(found) != seen_hash:
        raise ChangedError
    _check_time(found.send_at, now, urgent=found.urgent)
    _check_entry(library, found, now)
    stands = heeded(library, found.title, found.outbound, stand)
    await rows.change(
        tx,
        broadcast_id,
        now,
        state=BroadcastState.APPROVED,
        approved_by=by.id,
        approved_hash=seen_hash,
        approved_at=now,
    )
    detail = {**({"urgent": found.reason} if found.urgent else {}), **_let_stand(stands)}
    await _note(tx, by, "broadcast-approved", broadcast_id, at, detail=detail, after=seen_hash)


async def refuse(tx: Tx, by: Official, broadcast_id: int, why: str, *, now: datetime, at: datetime) -> None:
    """Give it back to be written anew. `why` stands in the audit."""
    found = await found_in(tx, by, broadcast_id)
    rights.require(by, APPROVE, unit=found.unit, topic=found.topic or None)
    _in(found, {BroadcastState.WAITING, BroadcastState.APPROVED})
    await rows.change(
        tx, broadcast_id, now, state=BroadcastState.DRAFT, approved_by=None, approved_hash="", approved_at=None
    )
    await _note(tx, by, "broadcast-refused", broadcast_id, at, detail={"why": why.strip()[:REASON_MOST]})


async def start(
    tx: Tx, by: Official | None, library: Library, broadcast_id: int, *, now: datetime, at: datetime
) -> None:
    """Begin to send what was approved; again is no change. Raises `QuietHoursError`, `ChangedError` (approved was
    something else), `EntryChangedError`, `WrongStateError`.
    """
    found = await _mine(tx, by, broadcast_id)
    if found.started_at is not None:
        return
    _in(found, {BroadcastState.APPROVED})
    if text_hash(found) != found.approved_hash:
        raise ChangedError
    _check_hours(now, urgent=found.urgent)
    _check_entry(library, found, now)
    await rows.change(
        tx,
        broadcast_id,
        now,
        state=BroadcastState.RUNNING,
        started_at=now,
        plan_to=await audience.last_contact(tx),
    )
    detail = {"urgent": found.reason} if found.urgent else None
    await _note(tx, by, "broadcast-started", broadcast_id, at, detail=detail, after=found.approved_hash)


async def pause(
    tx: Tx,
    by: Official | None,
    broadcast_id: int,
    *,
    now: datetime,
    at: datetime,
    why: str = PAUSED_BY_OFFICIAL,
) -> None:
    """Stop for now: what nobody has begun to send waits again. Again is no change; raises `WrongStateError`."""
    found = await _mine(tx, by, broadcast_id)
    # why a copy's broadcasts rest is told until somebody lets them go on
    rests = found.state is BroadcastState.PAUSED and found.paused_for == PAUSED_FOR_RESTORE
    if rests or (found.state is BroadcastState.PAUSED and why != PAUSED_BY_OFFICIAL):
        return
    _in(found, {BroadcastState.RUNNING, BroadcastState.PAUSED})
    await recipients.collect(tx, broadcast_id)
    await recipients.take_back(tx, broadcast_id)
    if found.state is BroadcastState.PAUSED and found.paused_for == why:
        return
    await rows.change(tx, broadcast_id, now, state=BroadcastState.PAUSED, paused_for=why)
    await _note(tx, by, "broadcast-paused", broadcast_id, at, detail={"why": why})


async def resume(
    tx: Tx, by: Official | None, library: Library, broadcast_id: int, *, now: datetime, at: datetime
) -> None:
    """Go on. Again is no change; raises `QuietHoursError`, `EntryChangedError`, `WrongStateError`."""
    found = await _mine(tx, by, broadcast_id)
    if found.state is BroadcastState.RUNNING:
        return
    _in(found, {BroadcastState.PAUSED})
    _check_hours(now, urgent=found.urgent)
    _check_entry(library, found, now)
    await rows.change(tx, broadcast_id, now, state=BroadcastState.RUNNING, paused_for="")
    await _note(tx, by, "broadcast-resumed", broadcast_id, at)


async def cancel(tx: Tx, by: Official | None, broadcast_id: int, *, now: datetime, at: datetime) -> None:
    """End it before everybody had it; whoever's turn did not come is counted as passed over. Again is no change."""
    found = await _mine(tx, by, broadcast_id)
    if found.state in _ENDED:
        return
    await recipients.collect(tx, broadcast_id)
    await recipients.take_back(tx, broadcast_id)
    left = (await found_in(tx, by, broadcast_id)).tally
    # their rows stay as they are: a cancelled broadcast hands over nothing, and a million rows need no rewriting for that
    moved = {"waiting": -left.waiting, "held": -left.held, "skipped": left.waiting + left.held}
    await recipients.count(tx, broadcast_id, moved)
    await rows.change(tx, broadcast_id, now, state=BroadcastState.CANCELLED, ended_at=now)
    await _note(tx, by, "broadcast-cancelled", broadcast_id, at, detail={"passed_over": moved["skipped"]})


async def set_pace(
    tx: Tx, by: Official | None, broadcast_id: int, pace: int | None, *, now: datetime, at: datetime
) -> None:
    """Faster or slower, also while it runs; no new approval. Raises `WrongPaceError`."""
    found = await _mine(tx, by, broadcast_id)
    _check_pace(pace)
    await rows.change(tx, broadcast_id, now, pace=pace, next_at=None)
    await _note(tx, by, "broadcast-paced", broadcast_id, at, detail={"before": found.pace or 0, "after": pace or 0})


def _values(by: Official | None, library: Library, given: Given, now: datetime) -> dict[str, Any]:
    """Fields of `Broadcast` from what was filled in, all checked."""
    wanted = checked(library, given.unit, given.audience)
    require(by, WRITE, given.unit, topic_of(wanted))
    title, outbound = written(library, given.content, given.unit, now.astimezone(LOCAL).date())
    reason = " ".join(given.reason.split())
    if given.urgent and not 0 < len(reason) <= REASON_MOST:
        raise NoReasonError
    _check_time(given.send_at, now, urgent=given.urgent)
    _check_pace(given.pace)
    return {
        "unit": given.unit,
        "topic": topic_of(wanted),
        "title": title,
        "outbound": outbound,
        "entry": library.id_of(given.content.entry) if given.content.entry else "",
        "audience": wanted,
        "urgent": given.urgent,
        "reason": reason if given.urgent else "",
        "send_at": given.send_at,
        "pace": given.pace,
    }


async def _mine(tx: Tx, by: Official | None, broadcast_id: int) -> Broadcast:
    """Locked, and within the official's right to write (or to approve: whoever approves may also stop)."""
    found = await found_in(tx, by, broadcast_id)
    if by is not None and not rights.may(by, APPROVE, unit=found.unit, topic=found.topic or None):
        require(by, WRITE, found.unit, found.topic)
    return found


def _in(found: Broadcast, states: frozenset[BroadcastState] | set[BroadcastState]) -> None:
    if found.state not in states:
        raise WrongStateError


def _check_hours(moment: datetime, *, urgent: bool) -> None:
    if not urgent and quiet_hours.is_quiet(moment):
        raise QuietHoursError


def _check_time(send_at: datetime | None, now: datetime, *, urgent: bool) -> None:
    if send_at is None:
        return
    if send_at < now:
        raise PastTimeError
    _check_hours(send_at, urgent=urgent)


def _check_pace(pace: int | None) -> None:
    if pace is not None and not 0 < pace <= PACE_MOST:
        raise WrongPaceError(most=PACE_MOST)


def _check_entry(library: Library, found: Broadcast, now: datetime) -> None:
    if not still_holds(library, found, now.astimezone(LOCAL).date()):
        raise EntryChangedError


def _let_stand(stands: list[str]) -> dict[str, object]:
    return {"let_stand": stands} if stands else {}


def _authors(before: tuple[int, ...], by: Official | None) -> tuple[int, ...]:
    return before if by is None or by.id in before else (*before, by.id)


async def _note(
    tx: Tx,
    by: Official | None,
    what: str,
    broadcast_id: int,
    at: datetime,
    *,
    detail: Mapping[str, object] | None = None,
    before: object = None,
    after: object = None,
) -> None:
    who = by.who if by else MACHINE
    ref = f"broadcast:{broadcast_id}"
    await audit.note(tx, who, what, ref, at=at, detail=dict(detail or {}), before=before, after=after)
