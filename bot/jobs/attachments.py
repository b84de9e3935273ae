"""Fetches the files of cases from their channel, cleans them and keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from bot.clock import Clock
from bot.errors import say
from bot.files import Clean, FileRefusedError, clean
from bot.model.inbound import Attachment
from bot.model.outbound import Outbound
from bot.store import Store, attachments, conversations
from bot.store.attachments import AttachmentRow
from bot.work import MAILBOX_CHANNELS, Work

#: (channel, account) -> gives the bytes of what a person sent
Fetchers = Mapping[tuple[str, str], Callable[[Attachment], Awaitable[bytes]]]


class FileGoneError(Exception):
    """The channel does not have the file (any more): trying again is no use."""


async def fetch(store: Store, clock: Clock, fetchers: Fetchers, attachment_id: int) -> None:
    """Fetch, clean and keep one file; a file that cannot be had or kept is told to the person.

    Raises whatever the channel raises when trying again may help.
    """
    async with store.read() as tx:
        row = await attachments.get(tx, attachment_id)
    if row is None or row.state != "waiting":
        return
    try:
        kept = await _clean(store, fetchers, row)
    except FileGoneError:
        await _lose(store, clock, row, "gone", say("runner.file_gone"))
    except FileRefusedError as wrong:
        await _lose(store, clock, row, "refused", str(wrong))
    else:
        # the file is on disk before the row names it
        sha256 = await store.blobs.put(kept.data)
        async with store.write() as tx:
            await attachments.keep(tx, row.id, sha256=sha256, mime=kept.mime, size_bytes=len(kept.data))


async def _clean(store: Store, fetchers: Fetchers, row: AttachmentRow) -> Clean:
    if row.channel in MAILBOX_CHANNELS:
        # cleaned when it was uploaded
        try:
            return Clean(await store.blobs.get(row.ref), row.mime)
        except (FileNotFoundError, ValueError) as error:
            raise FileGoneError from error
    fetcher = fetchers.get((row.channel, row.account))
    if fetcher is None:
        raise FileGoneError
    return await asyncio.to_thread(clean, await fetcher(row.attachment))


async def _lose(store: Store, clock: Clock, row: AttachmentRow, state: str, told: str) -> None:
    async with store.write() as tx:
        await attachments.lose(tx, row.id, state)
        if row.conversation_id is not None:
            work = Work(tx, now=clock.now(), at=clock.true())
            work.say(await conversations.by_id(tx, row.conversation_id), Outbound(told, said=f"files/{state}"))
            await work.write()
