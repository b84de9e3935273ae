"""The words by which officials find a case."""

from __future__ import annotations

from collections.abc import Sequence

from bot.store import Tx, cases, search
from bot.work.intake import FOUND_BY


async def index(tx: Tx, case_ids: Sequence[int]) -> None:
    """Own words, answers and notes of these cases, to be found by officials."""
    told = await cases.words(tx, case_ids, FOUND_BY)
    units = await cases.units(tx, case_ids)
    docs = [
        search.Doc(cases.SEARCHED, str(n), "\n".join(text for _what, text in told[n] if text), unit=units[n])
        for n in case_ids
    ]
    await search.put(tx, docs)
