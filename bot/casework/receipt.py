"""A receipt: the beginning of a case's last link. Whoever holds it can have it checked, and a history that was changed
since, or cut, no longer has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from bot.model.codes import is_code
from bot.store import Tx, case_moves, cases

#: signs of the hash on a receipt: 64 bits; nobody finds another history with the same beginning by trying
LENGTH = 16
_TYPED = re.compile(r"[0-9a-f]{16,64}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a receipt found."""

    holds: bool
    #: when the step of that receipt was written
    at: datetime | None = None
    #: whether something was written after it
    has_more: bool = False


def short(head: str) -> str:
    """A link as people copy it: four groups of four."""
    return " ".join(head[at : at + 4] for at in range(0, LENGTH, 4))


async def receipt_holds(tx: Tx, code: str, typed: str) -> Verdict:
    """Whether a receipt still fits the case of that code. Tells nothing else about the case; limit how often it is asked."""
    hashed = "".join(sign for sign in typed.lower() if sign.isalnum())
    digits = "".join(sign for sign in code if sign.isdigit())
    if not _TYPED.fullmatch(hashed) or not is_code(digits):
        return Verdict(holds=False)
    found = await case_moves.receipt_steps(tx, digits, hashed)
    if not found or await cases.broken(tx, digits) is not None:
        return Verdict(holds=False)
    step, _hash, at = found[0]
    held = (await cases.by_codes(tx, [digits]))[digits].case
    return Verdict(holds=True, at=at, has_more=held.steps > step)
