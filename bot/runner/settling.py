"""What became of messages is written, with what else it taught: who left, where a chat lives now, which file is known."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.runner.outcomes import Result
from bot.store import RefusedError, Store, Tx, conversations, media, outbox

log = logging.getLogger(__name__)


async def settle(tx: Tx, results: Sequence[Result], epoch: int, at: datetime) -> None:
    """Write all of them; rows claimed since under another lease are left alone."""
    await outbox.settle(tx, [result.outcome for result in results], epoch)
    gone = [result.row.conversation_id for result in results if result.is_gone]
    if gone:
        await conversations.mark_gone(tx, gone, at)
        await outbox.give_up(tx, gone, replies_too=True)
    for result in results:
        row = result.row
        if result.migrated_to:
            await conversations.migrate(tx, row.conversation_id, row.key.chat, result.migrated_to, at)
        file = row.outbound.media
        if result.media_handle and file:
            await media.remember(
                tx, row.key.channel, row.key.account, file.kind, file.sha256, given=result.media_handle
            )


async def settle_alone(store: Store, result: Result, epoch: int, at: datetime) -> None:
    """Write one of several that were refused together; if it is the one, only what became of its row.

    A message that was to follow its chat then fails, for where it would go is what was refused.
    """
    try:
        async with store.write() as tx:
            await settle(tx, [result], epoch, at)
    except RefusedError as error:
        log.error("message %d: the database refuses what became of it: %s", result.row.id, error)  # noqa: TRY400
        state = "failed" if result.migrated_to else result.outcome.state
        async with store.write() as tx:
            await outbox.settle(tx, [replace(result.outcome, state=state, message_id="", error="refused")], epoch)
