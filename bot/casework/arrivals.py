"""What happens to a case once it is there: matched against the officials, routed, its clock started, somebody told.

Until a case was matched nobody sees it, and an official against whom not all cases were matched sees none: doubt means
hidden. `catch_up` does all that is left to do; it may be called as often as one likes, by any process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from bot import officials, rights
from bot.casework import custody, handling, merging, notices
from bot.casework.clocks import Calendar
from bot.casework.conflict import Matcher, Told, matcher_of
from bot.casework.limits import allowed_s
from bot.casework.routing import route
from bot.casework.sight import fingerprint
from bot.library import Library
from bot.model.case import CaseKind, CaseState
from bot.model.official import Official, OfficialState
from bot.settings import LOCAL
from bot.store import Store, Tx, case_desk, case_moves, cases
from bot.store import officials as accounts
from bot.store.case_desk import DeskCase
from bot.work.intake import OWN_WORDS

#: cases taken in one transaction: a turn of a household must not wait long for it
AT_ONCE = 100


async def catch_up(store: Store, library: Library, *, now: datetime, at: datetime) -> int:
    """Match, route and start what arrived, and match officials who are new or changed; how many cases.

    now: the calendar's moment; at: the true time.
    """
    matcher, on = matcher_of(library), now.astimezone(LOCAL).date()
    done = await _take_in_all(store, library, matcher, on, now=now, at=at)
    if await _look_again(store, library, matcher, on, now=now, at=at):
        # what stands alone again: its time, and who answers it
        done += await _take_in_all(store, library, matcher, on, now=now, at=at)
    async with store.write() as tx:
        for waiting in await case_moves.spoken_since_asked(tx):
            await handling.wake(tx, library, waiting.case, waiting.spoke_at, now=now)
    return done


async def alarmed(store: Store, library: Library, case_id: int, *, now: datetime, at: datetime) -> None:
    """A danger not told before was added to a case: tell at once who answers there and may see it."""
    await catch_up(store, library, now=now, at=at)
    async with store.write() as tx:
        case = await case_desk.any_by_id(tx, case_id)
        if case is None or case.state in case_desk.SETTLED:
            return
        staff = await _staff(tx, library, now.astimezone(LOCAL).date())
        hidden = await case_moves.hidden(tx, case_id)
        await notices.arrived(tx, library, case, staff, hidden=hidden, now=now, at=at, what=notices.DANGER)


async def _take_in_all(
    store: Store, library: Library, matcher: Matcher, on: date, *, now: datetime, at: datetime
) -> int:
    done = 0
    while True:
        async with store.write() as tx:
            fresh = await case_moves.unscreened(tx, AT_ONCE)
            staff = await _staff(tx, library, on) if fresh else []
            parted = await _take_in(tx, library, matcher, fresh, staff, now=now, at=at)
        done += len(fresh)
        if len(fresh) < AT_ONCE and not parted:
            return done


async def _staff(tx: Tx, library: Library, on: date) -> list[Official]:
    """Everyone with an account. A role that begins tomorrow, an account opened again tomorrow, is matched today."""
    return await officials.every(tx, library, on)


async def _take_in(
    tx: Tx,
    library: Library,
    matcher: Matcher,
    fresh: Sequence[DeskCase],
    staff: Sequence[Official],
    *,
    now: datetime,
    at: datetime,
) -> int:
    """How many cases left what they were joined to: they are there to be taken in once more."""
    if not fresh:
        return 0
    told, opened = await _told(tx, fresh), await accounts.opened(tx)
    calendar, taken = Calendar.of(library), list[DeskCase]()
    for one in fresh:
        said, changes = told[one.id], _started(library, calendar, one)
        if not one.custody and matcher.accuses(said.whole, staff):
            # a report of wrongdoing in all but name
            said = replace(said, whole=replace(said.whole, is_kept=True))
            changes |= {"custody": "giu", "official_id": None}
        why = {
            official.id: reason for official in staff if (reason := matcher.why(said.of(official, opened), official))
        }
        await case_moves.hide(tx, [(one.id, official, reason) for official, reason in why.items()])
        if not one.custody and why and not _can_answer(staff, one, why):
            # everybody who could answer is named in it: the keeper decides
            changes["custody"] = "giu"
        if one.official_id in why and one.state not in case_desk.SETTLED:
            # who had it does not see it any more: it waits for somebody else
            changes["official_id"] = None
        if changes:
            await case_moves.change(tx, one.id, **changes)
        taken.append(replace(one, **changes))
        is_new = await _is_new(tx, one, changes)
        if is_new or one.allowed_s is None or "official_id" in changes:
            what = notices.NEW if is_new and one.state not in case_desk.SETTLED else ""
            await notices.arrived(tx, library, taken[-1], staff, hidden=why, now=now, at=at, what=what)
    await case_moves.screened(tx, [one.id for one in fresh])
    # what has one step was never joined, nor anything to it
    return sum([await merging.leave_walled(tx, one, now=now) for one in taken if one.steps > 1])


async def _is_new(tx: Tx, one: DeskCase, changes: dict[str, Any]) -> bool:
    """Whether who answers it now was never told of it: it came under custody, or stands alone again."""
    if one.steps == 1 or "custody" in changes:
        return "custody" in changes
    if one.custody != "giu" and one.allowed_s is not None:
        return False
    steps = (await case_desk.history(tx, [one.id]))[one.id]
    done = [step.what for step in steps if step.who.startswith(("official:", handling.MACHINE))]
    return bool(done) and done[-1] in {handling.KEPT, merging.PARTED}


def _started(library: Library, calendar: Calendar, one: DeskCase) -> dict[str, Any]:
    """What a case is given on arrival: a body, and time. One that was opened again gets its time anew."""
    changes: dict[str, Any] = {}
    if not one.body and (body := route(library, unit=one.unit, kind=one.kind, topic=one.topic, entry=one.entry)):
        changes["body"] = body
    # what is joined has the time of the case it is answered with
    if one.merged_into is not None:
        return changes
    if one.state not in {CaseState.ANSWERED.value, CaseState.CLOSED.value} and one.clock_since is None:
        since = one.updated_at if one.reopened else one.opened_at
        granted = allowed_s(library, one.kind, since.astimezone(LOCAL).date())
        if one.state != CaseState.WAITING_CITIZEN.value:
            changes |= {"allowed_s": granted, "spent_s": 0, "clock_since": since}
            changes["due_at"] = calendar.after(since, granted)
    return changes


def _can_answer(staff: Iterable[Official], one: DeskCase, hidden: dict[int, str]) -> bool:
    return any(
        official.id not in hidden
        and official.state is OfficialState.ACTIVE
        and rights.may(official, "case-answer", unit=one.unit, hamlet=one.hamlet, topic=one.topic)
        for official in staff
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """What a case says: all of it, and what was told since its keeper settled whom it concerns."""

    whole: Told
    since: Told
    settled_at: datetime | None

    def of(self, official: Official, opened: Mapping[int, datetime]) -> Told:
        """What counts against one official: who was here when it was settled was cleared of all told until then."""
        at = opened.get(official.id)
        return self.since if self.settled_at and at and at <= self.settled_at else self.whole


async def _told(tx: Tx, which: Sequence[DeskCase]) -> dict[int, _Said]:
    words = await cases.words(tx, [one.id for one in which], (*OWN_WORDS, custody.SETTLED))
    settled = await case_moves.last_step(tx, [one.id for one in which if one.custody == "xong"], custody.SETTLED)
    # what an official took for a report is matched as one, whatever the household called it
    reports = await case_moves.with_step(tx, [one.id for one in which if one.custody], handling.KEPT)
    found = {}
    for one in which:
        told = words[one.id]
        later = max((at for at, (what, _text) in enumerate(told, 1) if what == custody.SETTLED), default=0)
        whole = Told(
            CaseKind.WRONGDOING.value if one.id in reports else one.kind,
            one.unit,
            one.hamlet,
            one.about_role,
            one.about_hamlet,
            _joined(told),
            is_kept=bool(one.custody),
            is_settled=one.custody == "xong",
        )
        found[one.id] = _Said(whole, replace(whole, text=_joined(told[later:])), settled.get(one.id))
    return found


def _joined(words: Iterable[tuple[str, str]]) -> str:
    return "\n".join(text for what, text in words if what != custody.SETTLED)


async def _look_again(
    store: Store, library: Library, matcher: Matcher, on: date, *, now: datetime, at: datetime
) -> int:
    """All cases against officials who are new, or whose name or posts changed; how many are to be taken in once more.

    These left what they were joined to, or accuse by what is known now: the way of matching changed, or a name is new.
    """
    async with store.read() as tx:
        known = await case_moves.fingerprints(tx)
        staff, opened = await _staff(tx, library, on), await accounts.opened(tx)
    changed = [one for one in staff if known.get(one.id) != fingerprint(one)]
    if not changed:
        return 0
    last, walled, accusing = 0, list[DeskCase](), 0
    while True:
        async with store.write() as tx:
            some = await case_moves.after(tx, last, AT_ONCE)
            told = await _told(tx, some)
            found = [
                (number, official.id, reason)
                for number, one in told.items()
                for official in changed
                if (reason := matcher.why(one.of(official, opened), official))
            ]
            await case_moves.hide(tx, found)
            named = {(number, official) for number, official, _reason in found}
            for one in some:
                if one.state in case_desk.SETTLED:
                    continue
                if (one.id, one.official_id) in named:
                    await case_moves.change(tx, one.id, official_id=None)
                if not one.custody and matcher.accuses(told[one.id].whole, staff):
                    await case_moves.change(tx, one.id, screened=False)
                    accusing += 1
        hidden = {number for number, _official, _reason in found}
        # what has one step was never joined, nor anything to it
        walled += [one for one in some if one.id in hidden and one.steps > 1]
        if len(some) < AT_ONCE:
            break
        last = some[-1].id
    # only now: both sides of a pair may name the same person
    parted = await _part(store, walled, now=now)
    async with store.write() as tx:
        # what arrived meanwhile was matched against everyone; who changed meanwhile is looked at next time
        for official in changed:
            await case_moves.looked_through(tx, official.id, fingerprint(official), at)
    return parted + accusing


async def _part(store: Store, walled: Sequence[DeskCase], *, now: datetime) -> int:
    parted = 0
    for first in range(0, len(walled), AT_ONCE):
        async with store.write() as tx:
            some = walled[first : first + AT_ONCE]
            parted += sum([await merging.leave_walled(tx, one, now=now) for one in some])
    return parted
