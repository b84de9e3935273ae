"""Answers what the engine asks of the database: one query per kind for a whole batch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot import cases, clips, people
from bot.bulletins import log, recall
from bot.casework import keepers
from bot.casework.conflict import Told
from bot.library import Library
from bot.model.events import Lookup
from bot.model.inbound import Found
from bot.settings import LOCAL
from bot.store import Tx
from bot.store import cases as case_store
from bot.store.conversations import Conversation


@dataclass(frozen=True, slots=True)
class Around:
    """What holds for a whole batch: the library that serves, the calendar's moment, where the public pages are."""

    library: Library
    now: datetime
    site: str

    @property
    def today(self) -> date:
        """The calendar's day where the people live."""
        return self.now.astimezone(LOCAL).date()


@dataclass(frozen=True, slots=True)
class Asked:
    """One lookup and the conversation it was asked in."""

    conversation: Conversation
    lookup: Lookup
    around: Around


#: gives the values in the order of what was asked; may raise `KeyError` for arguments it does not take
Answer = Callable[[Tx, Sequence[Asked], datetime], Awaitable[list[Any]]]


async def answer(tx: Tx, asked: Sequence[Asked], at: datetime) -> list[Found]:
    """One answer for each lookup, in order; raises `KeyError` for a kind nobody knows."""
    found: dict[int, Found] = {}
    for kind in dict.fromkeys(one.lookup.kind for one in asked):
        mine = [(i, one) for i, one in enumerate(asked) if one.lookup.kind == kind]
        values = await KINDS[kind](tx, [one for _i, one in mine], at)
        for (i, one), value in zip(mine, values, strict=True):
            found[i] = Found(kind, one.lookup.args, value)
    return [found[i] for i in range(len(asked))]


async def _case_by_code(tx: Tx, asked: Sequence[Asked], at: datetime) -> list[Any]:
    wanted = [(one.conversation, one.lookup.args[0], _pin(one.lookup)) for one in asked]
    views = await cases.by_code(tx, wanted, at)
    return [views[conversation.id, code, pin] for conversation, code, pin in wanted]


def _pin(lookup: Lookup) -> str:
    return lookup.args[1] if len(lookup.args) > 1 else ""


async def _my_cases(tx: Tx, asked: Sequence[Asked], _at: datetime) -> list[Any]:
    views = await cases.of_conversations(tx, sorted({one.conversation.id for one in asked}))
    return [views[one.conversation.id] for one in asked]


async def _my_data(tx: Tx, asked: Sequence[Asked], _at: datetime) -> list[Any]:
    return [await people.kept(tx, one.conversation) for one in asked]


async def _clips(tx: Tx, asked: Sequence[Asked], _at: datetime) -> list[Any]:
    return [
        await recall.week(tx, one.around.library, one.lookup.args[0], one.around.today, one.around.site)
        for one in asked
    ]


async def _bulletin(tx: Tx, asked: Sequence[Asked], _at: datetime) -> list[Any]:
    return [
        await recall.heard(tx, one.around.library, one.lookup.args[0], one.around.today, one.around.site)
        for one in asked
    ]


async def _aired(tx: Tx, asked: Sequence[Asked], at: datetime) -> list[Any]:
    """Ticks off what is due, where the chat is an announcer's; None where it is nobody's. ("" or the button's airing)"""
    return [
        await log.told(
            tx, one.conversation.id, one.around.library, now=one.around.now, at=at, airing=one.lookup.args[0]
        )
        for one in asked
    ]


async def _entry_clip(tx: Tx, asked: Sequence[Asked], at: datetime) -> list[Any]:
    """(hash of the words, voice, entry, unit); whoever asks for words nobody read yet has them read and sent."""
    rows = await clips.found(tx, [(one.lookup.args[0], one.lookup.args[1], one.lookup.args[3]) for one in asked])
    for row, one in zip(rows, asked, strict=True):
        if row is None:
            await clips.order(tx, one.lookup.args[2], one.lookup.args[3], at)
            await clips.promise(tx, one.conversation.id, one.lookup.args[2], one.lookup.args[3], at)
    return [
        row and {"sha256": row.files["opus"]["sha256"], "site": one.around.site, "is_persons": clips.is_persons(row)}
        for row, one in zip(rows, asked, strict=True)
    ]


async def _entry_confirmers(tx: Tx, asked: Sequence[Asked], _at: datetime) -> list[Any]:
    keys = ["entry:" + ":".join(one.lookup.args) for one in asked]
    counted = await case_store.askers_by_join(tx, sorted(set(keys)))
    return [counted.get(key, 0) for key in keys]


async def _code_free(tx: Tx, asked: Sequence[Asked], _at: datetime) -> list[Any]:
    taken = await case_store.by_codes(tx, sorted({one.lookup.args[0] for one in asked}))
    return [one.lookup.args[0] not in taken for one in asked]


async def _keeper_free(tx: Tx, asked: Sequence[Asked], _at: datetime) -> list[Any]:
    """(kind, unit, about whom, where they are, what happened): whether somebody may read that report."""
    return [
        await keepers.has_free_one(
            tx,
            one.around.library,
            # of another kind: matched as what its keeper reads first
            Told(kind, unit, "", about, where, text, is_kept=True),
            one.around.today,
        )
        for one in asked
        for kind, unit, about, where, text in (one.lookup.args,)
    ]


KINDS: dict[str, Answer] = {
    "keeper-free": _keeper_free,
    "case-by-code": _case_by_code,
    "my-cases": _my_cases,
    "my-data": _my_data,
    "clips": _clips,
    "bulletin": _bulletin,
    "entry-clip": _entry_clip,
    "aired": _aired,
    "entry-confirmers": _entry_confirmers,
    "code-free": _code_free,
}
