"""How channels are doing, as the process that holds them saw it last; others of the house tell it on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from bot.model.channel_state import ChannelState
from bot.store.store import Tx
from bot.store.tables import meta

#: begins the name of a channel's row of `meta`; behind it stand channel and account
_ROW = "channel:"
_UP = "ok"


@dataclass(frozen=True, slots=True)
class Standing:
    """State and message as in `ChannelState`; `since` when it can be reached, or cannot."""

    state: str
    message: str
    since: datetime


async def keep(tx: Tx, seen: ChannelState, at: datetime) -> None:
    """What the holder of the account's lease sees now. Why it cannot be reached may change; since when stays."""
    name = f"{_ROW}{seen.name}:{seen.account}"
    held = await tx.scalar(select(meta.c.value).where(meta.c.name == name))
    before = _read(held) if held else None
    if before and (before.state, before.message) == (seen.state, seen.message):
        return
    stays = before is not None and (before.state == _UP) == seen.is_up
    since = before.since if before and stays else at
    value = json.dumps({"state": seen.state, "message": seen.message, "since": since.isoformat()})
    if before is None:
        await tx.add(meta, [{"name": name, "value": value}], ignore=True)
    await tx.run(update(meta).where(meta.c.name == name, meta.c.value != value).values(value=value))


async def known(tx: Tx) -> dict[tuple[str, str], Standing]:
    """(channel, account) -> how it was doing."""
    rows = await tx.rows(
        select(meta.c.name, meta.c.value).where(meta.c.name.startswith(_ROW, autoescape=True)).order_by(meta.c.name)
    )
    found = {}
    for row in rows:
        channel, _, account = row.name.removeprefix(_ROW).partition(":")
        found[channel, account] = _read(row.value)
    return found


def _read(value: str) -> Standing:
    told = json.loads(value)
    return Standing(told["state"], told["message"], datetime.fromisoformat(told["since"]))
