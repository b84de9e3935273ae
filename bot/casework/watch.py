"""What time does to cases: a reminder before it runs out, further up once it has, closed when nobody spoke again.

Only while offices are open: nobody is reminded at night or on a day off.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot import officials, rights
from bot.casework import handling, limits, notices
from bot.casework.clocks import Calendar
from bot.library import Library
from bot.library.schema.casework import CaseRules
from bot.model.official import Official, OfficialState
from bot.settings import LOCAL
from bot.store import Store, Tx, case_desk, case_moves, cases
from bot.store.case_desk import KEEP, DeskCase
from bot.store.cases import Step

#: gives the library that serves now
Serving = Callable[[], Library]


async def watch(store: Store, library: Library, *, now: datetime, at: datetime) -> dict[str, int]:
    """Remind, take further up, close; how many of each."""
    done = {"reminded": 0, "escalated": 0, "closed": 0}
    quiet = now - timedelta(days=library.phrase(CaseRules).close_after_days)
    async with store.write() as tx:
        for case in await case_moves.quiet_since(tx, quiet):
            await handling.close_quiet(tx, case, now=now)
            done["closed"] += 1
    if not Calendar.of(library).is_open(now):
        return done
    async with store.write() as tx:
        staff = await officials.every(tx, library, now.astimezone(LOCAL).date())
        working = [one for one in staff if one.state is OfficialState.ACTIVE]
        for case in await case_moves.late(tx, now):
            await _escalate(tx, library, case, working, now=now, at=at)
            done["escalated"] += 1
        for case in await case_moves.nearly_late(tx, limits.reminds_before(library, now)):
            to = [case.official_id] if case.official_id is not None else await _answering(tx, case, working)
            await case_moves.change(tx, case.id, warned_at=now)
            await notices.queue(tx, library, case, to, notices.DUE, now=now, at=at)
            done["reminded"] += 1
    return done


async def _escalate(
    tx: Tx, library: Library, case: DeskCase, working: Sequence[Official], *, now: datetime, at: datetime
) -> None:
    """Late: whoever leads there is told, with the cause, and the history says so."""
    leading = [one.id for one in working if any(a.is_chair and a.role == "lanh-dao" for a in one.assignments)]
    able = await _answering(tx, case, working)
    to = [number for number in able if number in leading or number == case.official_id]
    why = limits.cause(case)
    step = Step(case.id, "escalated", handling.MACHINE, now, secrets.token_hex(16), {"cause": why.value})
    await cases.record(tx, [step])
    await case_moves.change(tx, case.id, escalated_at=now, warned_at=case.warned_at or now)
    tx.ring(case_desk.BELL)
    await notices.queue(tx, library, case, to or able, notices.LATE, now=now, at=at)


async def _answering(tx: Tx, case: DeskCase, working: Sequence[Official]) -> list[int]:
    """Who may answer it and is not concerned by it."""
    hidden = await case_moves.hidden(tx, case.id)
    action = KEEP if case.custody == "giu" else "case-answer"
    able = [
        one.id
        for one in working
        if one.id not in hidden and rights.may(one, action, unit=case.unit, hamlet=case.hamlet, topic=case.topic)
    ]
    return able[: notices.TOLD_MOST]
