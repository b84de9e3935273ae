"""Notices to officials: code, kind, due time and a link, nothing else. Read and answered is at the desk."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bot import officials, rights
from bot.casework.clocks import Calendar
from bot.casework.handling import Draw
from bot.casework.limits import cause
from bot.casework.sight import eye
from bot.errors import say
from bot.library import Library
from bot.library.schema.says import Says
from bot.model.case import CaseKind
from bot.model.official import Official
from bot.model.outbound import Outbound
from bot.settings import LOCAL
from bot.store import Tx, audit, case_desk, conversations, jobs, notice_addresses
from bot.store.case_desk import KEEP, DeskCase
from bot.work import Work

#: kind of the job that sends one notice
NOTICE = "case-notice"
#: how long a link to a chat may wait to be used
LINK_FOR = timedelta(minutes=30)
#: people told of one new case at most: the first who look at their phones are enough
TOLD_MOST = 12

NEW, SPOKE, DUE, LATE, GIVEN, DANGER = "new", "spoke", "due", "late", "given", "danger"


async def arrived(
    tx: Tx,
    library: Library,
    case: DeskCase,
    staff: Sequence[Official],
    *,
    hidden: Collection[int],
    now: datetime,
    at: datetime,
    what: str = "",
) -> None:
    """A case arrived or spoke again: tell who has it, else who answers there; by day, urgent ones at once.

    what: `NEW`, `SPOKE`, or `DANGER`, of which all are told who answer there; "" = as its history has it.
    """
    what = what or (SPOKE if case.steps > 1 or case.reopened else NEW)
    action = KEEP if case.custody == "giu" else "case-answer"
    told = [
        one.id
        for one in staff
        if one.id not in hidden
        and (what == DANGER or case.official_id in {None, one.id})
        and rights.may(one, action, unit=case.unit, hamlet=case.hamlet, topic=case.topic)
    ]
    await queue(tx, library, case, told[:TOLD_MOST], what, now=now, at=at)


async def queue(
    tx: Tx, library: Library, case: DeskCase, to: Sequence[int], what: str, *, now: datetime, at: datetime
) -> None:
    """Tell these officials, when offices next are open; of an urgent case at once."""
    linked = await notice_addresses.of(tx, to)
    if not linked:
        return
    wait = timedelta() if case.kind == CaseKind.URGENT.value else Calendar.of(library).opens(now) - now
    rows: list[tuple[dict[str, Any], str | None]] = [
        ({"case": case.id, "official": number, "what": what}, f"{NOTICE}:{what}:{case.id}:{number}")
        for number in linked
    ]
    await jobs.add(tx, NOTICE, rows, at + wait)


async def send(
    tx: Tx, library: Library, args: Mapping[str, Any], *, public_url: str, now: datetime, at: datetime
) -> bool:
    """Send one notice, if the official may still see the case; whether it was sent."""
    official = await officials.load(tx, int(args["official"]), library, today(now))
    case = await case_desk.any_by_id(tx, int(args["case"]))
    if official is None or case is None:
        return False
    seen = await case_desk.by_ids(tx, eye(official, library), [case.id])
    address = (await notice_addresses.of(tx, [official.id])).get(official.id)
    # looked at again when it goes out: whom it concerns may have become known since
    if not seen or address is None or (case.state in case_desk.SETTLED and args["what"] != SPOKE):
        return False
    conversation = await conversations.by_id(tx, address)
    if conversation.is_gone:
        return False
    work = Work(tx, now=now, at=at)
    work.say(conversation, _message(library, case, str(args["what"]), public_url), is_reply=False)
    await work.write()
    return True


def _message(library: Library, case: DeskCase, what: str, public_url: str) -> Outbound:
    labels = library.phrase(Says).labels
    due = f"{case.due_at.astimezone(LOCAL):%H:%M %d/%m/%Y}" if case.due_at else labels["none"]
    text = say(
        f"casework.notice.{what}",
        code=case.code,
        kind=labels.get(f"case-{case.kind}", case.kind),
        due=due,
        why=say(f"casework.late.{cause(case).value}"),
        link=f"{public_url}/ban/ho-so/{case.code}",
    )
    return Outbound(text, said=f"notice/{what}")


async def new_link(tx: Tx, official: Official, *, at: datetime, draw: Draw = secrets.token_bytes) -> str:
    """A token for a deep link `start=d_<token>` by which the official's own chat gets notices. Shown once."""
    token = draw(16).hex()
    await notice_addresses.add_link(tx, official.id, token, at=at, expires_at=at + LINK_FOR)
    await audit.note(tx, official.who, "notices-link", f"official:{official.id}", at=at)
    return token


async def stop(tx: Tx, official: Official, *, at: datetime) -> None:
    """No more notices to the chat."""
    await notice_addresses.unlink(tx, official.id)
    await audit.note(tx, official.who, "notices-stopped", f"official:{official.id}", at=at)


async def is_linked(tx: Tx, official: Official) -> bool:
    """Whether notices to this official go to a chat."""
    return bool(await notice_addresses.of(tx, [official.id]))


def today(now: datetime) -> date:
    """The calendar's day where the people live."""
    return now.astimezone(LOCAL).date()
