"""Erasure: what a person asked to be deleted goes when its day of grace is over, and what stays is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.errors import say
from bot.model.outbound import Outbound
from bot.store import Store, audit, cases, erasures
from bot.store.erasures import Erasure
from bot.work import Work

#: the farewell must have gone out before the chat id goes; after so long it is not waited for any more
FAREWELL = timedelta(seconds=30)
FAREWELL_MOST = timedelta(hours=1)


async def erase_due(store: Store, now: datetime, at: datetime) -> int:
    """Tell or erase everyone whose time has come; how many were erased.

    now: the calendar's moment; at: the true time. Two steps: the person is told first, and erased once that went out.
    """
    erased = 0
    passed: list[int] = []
    while True:
        files: list[str] = []
        async with store.write() as tx:
            erasure = await erasures.due(tx, at, told_before=at - FAREWELL, passing=passed)
            if erasure is None:
                break
            passed.append(erasure.id)
            if erasure.told_at is None:
                work = Work(tx, now=now, at=at)
                held = await cases.of_conversations(tx, [conversation.id for conversation in erasure.conversations])
                kept = {asking.case.id for askings in held.values() for asking in askings}
                for conversation in erasure.conversations:
                    if not conversation.is_gone:
                        work.say(conversation, _farewell(len(kept)))
                await work.write()
                await erasures.told(tx, erasure, at)
            elif _is_told(erasure, at):
                files = await erasures.erase(tx, erasure, at)
                await audit.note(tx, "may", "erased", str(erasure.id), at=at, detail={"files": len(files)})
                erased += 1
        for sha256 in files:
            await store.blobs.drop(sha256)
    if erased:
        # the log of the database still holds what was erased
        await store.checkpoint(cut=True)
    return erased


def _is_told(erasure: Erasure, at: datetime) -> bool:
    return not erasure.waiting or (erasure.told_at is not None and at - erasure.told_at >= FAREWELL_MOST)


def _farewell(kept_cases: int) -> Outbound:
    return Outbound(f"{say('erasure.done')}\n\n{say('erasure.kept', cases=kept_cases)}", said="erasure/done")
