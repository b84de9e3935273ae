"""Rows of broadcasts. `bot/broadcasts.py` says who may change them and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from bot.model.broadcast import Audience, Broadcast, BroadcastState, Tally
from bot.store import bell
from bot.store.broadcast_tables import broadcasts
from bot.store.records import outbound_in, outbound_out
from bot.store.store import Tx

_B = broadcasts.c
_TALLIED = tuple(Tally.__dataclass_fields__)


def audience_out(audience: Audience) -> dict[str, Any]:
    """An audience as JSON; what is () is left out."""
    return {name: value for name, value in asdict(audience).items() if value}


def audience_in(stored: dict[str, Any]) -> Audience:
    """The audience."""
    told = {name: tuple(value) for name, value in stored.items() if name != "facts"}
    facts = tuple((name, tuple(values)) for name, values in stored.get("facts", ()))
    return Audience(**told, facts=facts)


def _broadcast(row: Any) -> Broadcast:
    told = row._asdict()
    tally = Tally(**{name: told.pop(name) for name in _TALLIED})
    body, audience = told.pop("body"), told.pop("audience")
    return Broadcast(
        **{
            **told,
            "outbound": outbound_in(body),
            "audience": audience_in(audience),
            "state": BroadcastState(told["state"]),
            "authors": tuple(told["authors"]),
            "tally": tally,
        }
    )


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    """Fields of `Broadcast` as columns."""
    made = {name: value for name, value in values.items() if name not in {"outbound", "tally"}}
    if "outbound" in values:
        made["body"] = outbound_out(values["outbound"])
    if "audience" in values:
        made["audience"] = audience_out(values["audience"])
    if "authors" in values:
        made["authors"] = list(values["authors"])
    return made


async def add(tx: Tx, at: datetime, **values: Any) -> int:
    """A new draft of fields of `Broadcast`; its id."""
    row = {"state": BroadcastState.DRAFT.value, "created_at": at, "updated_at": at, **_columns(values)}
    return (await tx.add_numbered(broadcasts, [row]))[0]


async def change(tx: Tx, broadcast_id: int, at: datetime, **values: Any) -> None:
    """Change fields of one broadcast, and wake whoever sends or watches."""
    await tx.run(update(broadcasts).where(_B.id == broadcast_id).values(**_columns(values), updated_at=at))
    tx.ring(bell.BROADCASTS)


async def get(tx: Tx, broadcast_id: int, *, locked: bool = False) -> Broadcast | None:
    """One broadcast; `locked` = until the transaction ends."""
    statement = select(broadcasts).where(_B.id == broadcast_id)
    row = await tx.one(statement.with_for_update() if locked else statement)
    return _broadcast(row) if row else None


async def listed(
    tx: Tx, *, seen: ColumnElement[bool] | None = None, before: int = 0, limit: int = 50
) -> list[Broadcast]:
    """Broadcasts newest first; `seen` is a condition of the official's rights, `before` the id to go on from."""
    statement = select(broadcasts).order_by(_B.id.desc()).limit(limit)
    if seen is not None:
        statement = statement.where(seen)
    return [_broadcast(row) for row in await tx.rows(statement.where(_B.id < before) if before else statement)]


async def in_states(tx: Tx, states: Sequence[BroadcastState]) -> list[Broadcast]:
    """Those that stand in one of these states, oldest first."""
    statement = select(broadcasts).where(_B.state.in_([state.value for state in states])).order_by(_B.id)
    return [_broadcast(row) for row in await tx.rows(statement)]


async def lock(tx: Tx, ids: Sequence[int]) -> list[Broadcast]:
    """These, oldest first, until the transaction ends."""
    rows = await tx.rows(select(broadcasts).where(_B.id.in_(ids)).order_by(_B.id).with_for_update())
    return [_broadcast(row) for row in rows]


async def waiting(tx: Tx) -> dict[str, int]:
    """How many recipients of running and paused broadcasts wait and are on their way."""
    open_states = (BroadcastState.RUNNING.value, BroadcastState.PAUSED.value)
    row = await tx.one(select(func.sum(_B.waiting), func.sum(_B.queued)).where(_B.state.in_(open_states)))
    return {"waiting": int(row[0] or 0), "queued": int(row[1] or 0)} if row else {"waiting": 0, "queued": 0}


async def files(tx: Tx) -> set[str]:
    """The sha256 of all files that broadcasts show."""
    bodies = [row.body for row in await tx.rows(select(_B.body))]
    return {body["media"]["sha256"] for body in bodies if body.get("media")}
