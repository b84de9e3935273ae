"""The audit as a whole: sealed every hour, verified on demand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.errors import say
from bot.store import Store, audit, cases, ledger


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found. `fault` is a sentence that names the row, "" when all holds."""

    lines: int
    cases: int
    seals: int
    fault: str = ""


async def seal(store: Store, at: datetime) -> None:
    """Take the heads of the audit and of all cases into the ledger."""
    async with store.write() as tx:
        await ledger.seal(tx, at)


async def verify(store: Store) -> Verdict:
    """Walk the audit, every case's history and the ledger, in one view of the database; stop at the first fault."""
    async with store.read() as tx:
        lines, _head = await audit.head(tx)
        codes = await cases.codes(tx)
        verdict = Verdict(lines, len(codes), await ledger.count(tx))
        if (fault := await audit.broken(tx)) is not None:
            key = "audit.broken_end" if fault.row is None else "audit.broken_line"
            return _with(verdict, say(key, row=fault.row, step=fault.step))
        for code in codes:
            if (step := await cases.broken(tx, code)) is not None:
                return _with(verdict, say("audit.broken_case", code=code, step=step))
        if (missing := await ledger.broken(tx)) is not None:
            key = "audit.broken_head" if missing.chain else "audit.broken_seal"
            return _with(verdict, say(key, row=missing.row, chain=missing.chain, step=missing.step))
    return verdict


def _with(verdict: Verdict, fault: str) -> Verdict:
    return Verdict(verdict.lines, verdict.cases, verdict.seals, fault)
