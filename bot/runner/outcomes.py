"""What became of a message that was to be sent: what is written of it, and whether and when it is tried again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.base import SendError, Sent
from bot.errors import traced
from bot.store.outbox import Claimed, Outcome

#: a reply whose outcome nobody knows is repeated once, after so long
REPEAT_AFTER = timedelta(seconds=5)
#: waits of a row that could not be sent: 2 s, 4 s … 5 min, until it is a day old
RETRY_FIRST_S, RETRY_MOST_S = 2.0, 300.0
GIVE_UP_AFTER = timedelta(hours=24)
#: letters kept of a reason
REASON_MOST = 200
#: what a refusal quotes of a message or of an address; what is long enough to be an id
_QUOTED = re.compile(r"""["'<`].*["'>`]|@\w+|https?:\S+""", re.DOTALL)
_ID = re.compile(r"-?\d{5,}")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one claimed row, and what else it taught."""

    row: Claimed
    outcome: Outcome
    is_gone: bool = False
    #: it waits out a pause of our own
    is_put_off: bool = False
    migrated_to: str = ""
    media_handle: str = ""


def after_sent(row: Claimed, sent: Sent, at: datetime, *, is_last: bool) -> Result:
    """A piece went through; with the last one the row is done."""
    state = "sent" if is_last else "queued"
    # a piece that went through starts the waits afresh
    outcome = Outcome(row.id, state, at, at, pieces=row.pieces + 1, message_id=sent.message_id)
    return Result(row, outcome, media_handle=sent.media_handle)


def after_fault(row: Claimed, error: Exception, at: datetime) -> Result:
    """It can never be sent."""
    return Result(row, _outcome(row, "failed", at, error=traced(error).splitlines()[-1]))


def after_error(row: Claimed, error: SendError, at: datetime) -> Result:
    """The five ways in which sending fails."""
    if error.contact_gone:
        return Result(row, _outcome(row, "gone", at, error=error.reason), is_gone=True)
    if error.migrated_to:
        return Result(row, _outcome(row, "queued", at, error=error.reason), migrated_to=error.migrated_to)
    if error.unknown:
        if row.is_reply and row.repeats == 0:
            return Result(row, _outcome(row, "queued", at, wait=REPEAT_AFTER, repeats=1, error=error.reason))
        return Result(row, _outcome(row, "unknown", at, error=error.reason))
    is_old = at - row.created_at > GIVE_UP_AFTER
    if error.retry_after_s is not None and not is_old:
        wait = timedelta(seconds=error.retry_after_s)
        return Result(row, _outcome(row, "queued", at, wait=wait, error=error.reason))
    if error.retryable and not is_old:
        wait = timedelta(seconds=min(RETRY_MOST_S, RETRY_FIRST_S * 2 ** min(row.attempts, 10)))
        return Result(row, _outcome(row, "queued", at, wait=wait, error=error.reason), is_put_off=True)
    return Result(row, _outcome(row, "failed", at, error=error.reason))


def _outcome(
    row: Claimed, state: str, at: datetime, *, wait: timedelta = timedelta(), repeats: int | None = None, error: str
) -> Outcome:
    return Outcome(
        row.id,
        state,
        at,
        at + wait,
        pieces=row.pieces,
        attempts=row.attempts + 1,
        repeats=row.repeats if repeats is None else repeats,
        error=_discreet(error),
    )


def _discreet(reason: str) -> str:
    """A reason without what it may quote of the message, and without the ids of chats and people."""
    told = "".join(c for c in _QUOTED.sub("..", reason) if c.isascii() and c.isprintable())
    return _ID.sub("#", told)[:REASON_MOST]
