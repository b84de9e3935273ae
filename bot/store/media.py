"""Handles under which a channel sends a file of ours again without an upload."""

from __future__ import annotations

from sqlalchemy import delete, select

from bot.store.store import Tx
from bot.store.tables import media_handles

_M = media_handles.c


async def handle(tx: Tx, channel: str, account: str, kind: str, sha256: str) -> str:
    """The channel's handle, "" when it was never uploaded."""
    where = (_M.channel == channel, _M.account == account, _M.kind == kind, _M.sha256 == sha256)
    return await tx.scalar(select(_M.handle).where(*where)) or ""


async def remember(tx: Tx, channel: str, account: str, kind: str, sha256: str, *, given: str) -> None:
    """Keep the handle a channel gave."""
    statement = tx.insert(media_handles)
    statement = statement.on_conflict_do_update(
        index_elements=["channel", "account", "kind", "sha256"], set_={"handle": statement.excluded.handle}
    )
    row = {"channel": channel, "account": account, "kind": kind, "sha256": sha256, "handle": given}
    await tx.run_many(statement, [row])


async def forget(tx: Tx, channel: str, account: str, sha256: str) -> None:
    """Drop handles of a file the channel no longer knows."""
    await tx.run(delete(media_handles).where(_M.channel == channel, _M.account == account, _M.sha256 == sha256))
