"""What is told of a case beyond those who see it: what is made of its answer may tell more than the case's own list.

Cases that are answered together are one matter here: a name in one of them speaks for all.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import not_, or_, select

from bot.store import case_moves
from bot.store.case_desk import Eye, by_ids
from bot.store.case_tables import case_hidden, cases
from bot.store.store import Tx

_C, _H = cases.c, case_hidden.c


async def closed(tx: Tx, case_ids: Collection[int]) -> set[int]:
    """Those of which nothing may be made for everybody: hidden from somebody, kept close, or not matched to its end."""
    together = await _together(tx, case_ids)
    every = sorted(set().union(*together.values()))
    kept = or_(_C.custody != "", not_(_C.screened))
    shut = {row[0] for row in await tx.rows(select(_C.id).where(_C.id.in_(every), kept))}
    shut |= await case_moves.is_hidden_from_somebody(tx, every)
    return {number for number, joined in together.items() if joined & shut}


async def kept_from(tx: Tx, eye: Eye, case_ids: Collection[int]) -> set[int]:
    """Those this official must learn nothing of: hidden from them, kept close by others, or nobody matched them yet."""
    together = await _together(tx, case_ids)
    if not together:
        return set()
    if (await case_moves.fingerprints(tx)).get(eye.official.id) != eye.fingerprint:
        return set(together)
    every = sorted(set().union(*together.values()))
    hidden = select(_H.case_id).where(_H.official_id == eye.official.id, _H.case_id.in_(every))
    unseen = {row[0] for row in await tx.rows(hidden)}
    kept = [row[0] for row in await tx.rows(select(_C.id).where(_C.id.in_(every), _C.custody != ""))]
    unseen |= set(kept) - set(await by_ids(tx, eye, kept))
    return {number for number, joined in together.items() if joined & unseen}


async def _together(tx: Tx, case_ids: Collection[int]) -> dict[int, set[int]]:
    """Each case -> itself and all that are answered with it."""
    asked = await tx.rows(select(_C.id, _C.merged_into).where(_C.id.in_(sorted(set(case_ids)))))
    mains = {row.id: row.merged_into or row.id for row in asked}
    found: dict[int, set[int]] = {main: {main} for main in mains.values()}
    for row in await tx.rows(select(_C.id, _C.merged_into).where(_C.merged_into.in_(sorted(found)))):
        found[row.merged_into].add(row.id)
    return {number: found[main] for number, main in mains.items()}
