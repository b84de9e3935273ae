"""Tells households that an entry now answers what they asked: by day at once, in quiet hours when those end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot import quiet_hours
from bot.library import EntryKey, Library, Status, answer, is_signed
from bot.library.answer import status_on
from bot.library.render import fill
from bot.library.schema.says import Says
from bot.library.schema.story import Story
from bot.model.outbound import Button, Outbound
from bot.settings import LOCAL
from bot.store import Tx, conversations, jobs
from bot.store.conversations import Conversation
from bot.work import MAILBOX_CHANNELS, Work

#: the frame of an entry that a unit confirmed, and of an answer to everybody
CONFIRMED, ANSWERED = "entry-confirmed", "faq-answered"
#: the job that tells what waited for the morning
TELL = "entry-tell"


def message(library: Library, key: EntryKey, phrase: str, on: date) -> Outbound:
    """The entry as an answer, in the frame that `content/phrases/says.yaml` has under `phrase`."""
    seen, entry = answer(library, key.id, on, key.unit), library.entry(key.id, key.unit)
    say = library.phrase(Says).says[phrase]
    signed = f"{seen.signed_line} {seen.stamp}".strip()
    text = fill(say.text, entry=seen.title, question=seen.title, answer=seen.text, signed=signed)
    rows = () if isinstance(entry, Story) else ((Button(entry.short, f"e:{key.id}"),),)
    return Outbound(text, heading=say.heading or "", rows=rows, said=f"entry:{key.id}", entry=key.id)


async def tell(
    tx: Tx, library: Library, key: EntryKey, phrase: str, to: Sequence[Conversation], *, now: datetime, at: datetime
) -> int:
    """Tell these conversations, which the caller has locked; how many. A mailbox on a page wakes nobody.

    now: the calendar's moment; at: the true time.
    """
    work = Work(tx, now=now, at=at)
    told, sleeping = message(library, key, phrase, _day(now)), list[int]()
    for one in to:
        if quiet_hours.is_quiet(now) and one.key.channel not in MAILBOX_CHANNELS:
            sleeping.append(one.id)
        else:
            work.say(one, told)
    await work.write()
    wait = quiet_hours.quiet_ends(now) - now
    named = {"kind": key.kind, "entry": key.id, "unit": key.unit, "phrase": phrase}
    morning = f"{quiet_hours.quiet_ends(now).astimezone(LOCAL):%Y%m%d}"
    rows = [({**named, "conversation": one}, f"{TELL}:{key.kind}:{key.id}:{one}:{morning}") for one in sleeping]
    await jobs.add(tx, TELL, rows, at + wait)
    return len(to)


async def tell_late(tx: Tx, library: Library, args: Mapping[str, Any], *, now: datetime, at: datetime) -> None:
    """Tell one who slept, as the entry is today; nobody where it is over or no longer confirmed, or who left meanwhile.

    Run late, in the next night: it waits for that morning.
    """
    key, phrase = EntryKey(str(args["kind"]), str(args["entry"]), args["unit"]), str(args["phrase"])
    if not library.has(key.id) or status_on(library.entry(key.id, key.unit), _day(now)) is Status.ENDED:
        return
    if phrase == CONFIRMED and not is_signed(library, key.id, key.unit or "", _day(now)):
        return
    one = await conversations.by_id(tx, int(args["conversation"]))
    if not one.is_gone:
        await tell(tx, library, key, phrase, [one], now=now, at=at)


def _day(now: datetime) -> date:
    return now.astimezone(LOCAL).date()
