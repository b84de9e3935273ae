"""Matters that are one: answered once, everybody told; never across a wall of conflict or of custody."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from bot.casework import handling
from bot.casework.handling import Act
from bot.casework.life import SETTLED
from bot.errors import LoaThonError
from bot.model.case import CaseState
from bot.rights import NotAllowedError
from bot.store import Tx, case_desk, case_moves, cases
from bot.store.case_desk import DeskCase
from bot.store.cases import Step

#: steps by which a case was joined to another, and left it
JOINED, PARTED = "merged", "parted"
#: steps that name another case -> where in their words
OTHER_CASE = {JOINED: "into", "merged-in": "from", PARTED: "from", "parted-from": "code"}


class WalledError(LoaThonError):
    """casework.walled"""


async def merge(tx: Tx, act: Act, into: str) -> None:
    """Answer this case together with the one of code `into`. Raises `WalledError`, `NotAllowedError`, `StaleCaseError`.

    Cases joined to this one go with it. The words stay where they are: nobody's matter is shown to another household.
    """
    case = await handling.hold(tx, act)
    found = await case_desk.one(tx, act.eye, into, action="case-answer")
    if found is None or found.id == case.id:
        raise NotAllowedError
    main = await case_desk.any_by_id(tx, found.id, locked=True)
    if main is None or main.merged_into is not None:
        raise NotAllowedError
    if await is_walled(tx, case, main) or CaseState(main.state) in SETTLED:
        raise WalledError
    joined = await _rows(tx, await case_desk.joined_to(tx, case.id))
    for one in joined:
        if await is_walled(tx, one, main):
            raise WalledError
    for number in (case.id, *(one.id for one in joined)):
        await case_moves.change(tx, number, merged_into=main.id, due_at=None, clock_since=None)
    await cases.settle(tx, case.id)
    await handling.note_step(tx, act, case, JOINED, {"into": main.code})
    step = Step(main.id, "merged-in", act.official.who, act.now, act.draw(16).hex(), {"from": case.code})
    await cases.record(tx, [step])


async def part(tx: Tx, act: Act, code: str) -> None:
    """Take a joined case (`code`) out again of this one: it was something else after all."""
    main = await handling.hold(tx, act)
    found = await case_desk.one(tx, act.eye, code, action="case-answer")
    if found is None or found.merged_into != main.id:
        raise NotAllowedError
    await case_moves.change(tx, found.id, merged_into=None, screened=False)
    step = Step(found.id, PARTED, act.official.who, act.now, act.draw(16).hex(), {"from": main.code})
    await cases.record(tx, [step])
    await handling.note_step(tx, act, main, "parted-from", {"code": found.code})


async def leave(tx: Tx, one: DeskCase, main: DeskCase, *, now: datetime) -> None:
    """A case that must not be answered with `main` any more stands alone again; time and officials come with the next
    `arrivals.catch_up`. The history of `main` tells nothing: whoever reads it may be whom the other one is about.
    """
    anew = {} if CaseState(one.state) in SETTLED else {"allowed_s": None, "official_id": None}
    await case_moves.change(tx, one.id, **anew, merged_into=None, screened=False)
    step = Step(one.id, PARTED, handling.MACHINE, now, secrets.token_hex(16), {"from": main.code})
    await cases.record(tx, [step])
    tx.ring(case_desk.BELL)


async def leave_walled(tx: Tx, case: DeskCase, *, now: datetime) -> int:
    """Part what a wall came between, of this case and the one it is joined to, or those joined to it; how many."""
    pairs = [(one, case) for one in await _rows(tx, await case_desk.joined_to(tx, case.id))]
    # as it is now: the other side may have parted it a moment ago
    for now_is in await _rows(tx, [case.id]) if case.merged_into is not None else []:
        if now_is.merged_into is not None:
            pairs += [(now_is, main) for main in await _rows(tx, [now_is.merged_into])]
    walled = [(one, main) for one, main in pairs if await is_walled(tx, one, main)]
    for one, main in walled:
        await leave(tx, one, main, now=now)
    return len(walled)


async def _rows(tx: Tx, ids: Sequence[int]) -> list[DeskCase]:
    """Cases whoever may see them, locked."""
    return [one for number in ids if (one := await case_desk.any_by_id(tx, number, locked=True)) is not None]


async def is_walled(tx: Tx, one: DeskCase, other: DeskCase) -> bool:
    """Whether something stands between two cases: custody, somebody who must not see one, another commune, a name on one
    side only.
    """
    if handling.is_kept(one) or handling.is_kept(other) or one.unit != other.unit:
        return True
    if one.anonymous != other.anonymous:
        return True
    mine, theirs = await case_moves.hidden(tx, one.id), await case_moves.hidden(tx, other.id)
    return set(mine) != set(theirs)
