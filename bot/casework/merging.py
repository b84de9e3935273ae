"""Matters that are one: answered once, everybody told; never across a wall of conflict or of custody."""

from __future__ import annotations

from bot.casework import handling
from bot.casework.handling import Act
from bot.casework.life import SETTLED
from bot.errors import LoaThonError
from bot.model.case import CaseState
from bot.rights import NotAllowedError
from bot.store import Tx, case_desk, case_moves, cases
from bot.store.case_desk import DeskCase
from bot.store.cases import Step


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
    for number in (case.id, *await case_desk.joined_to(tx, case.id)):
        await case_moves.change(tx, number, merged_into=main.id, due_at=None, clock_since=None)
    await cases.settle(tx, case.id)
    await handling.note_step(tx, act, case, "merged", {"into": main.code})
    step = Step(main.id, "merged-in", act.official.who, act.now, act.draw(16).hex(), {"from": case.code})
    await cases.record(tx, [step])


async def part(tx: Tx, act: Act, code: str) -> None:
    """Take a joined case (`code`) out again of this one: it was something else after all."""
    main = await handling.hold(tx, act)
    found = await case_desk.one(tx, act.eye, code, action="case-answer")
    if found is None or found.merged_into != main.id:
        raise NotAllowedError
    await case_moves.change(tx, found.id, merged_into=None, screened=False)
    step = Step(found.id, "parted", act.official.who, act.now, act.draw(16).hex(), {"from": main.code})
    await cases.record(tx, [step])
    await handling.note_step(tx, act, main, "parted-from", {"code": found.code})


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
