"""Cases as other systems may see them: less than any official sees, left out by the query itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields

from sqlalchemy import ColumnElement, exists, not_, or_, select

from bot.model.case import CaseKind
from bot.store.case_desk import DeskCase, Eye, Filters, narrowed, visible
from bot.store.case_tables import case_askers, case_hidden, case_history, cases
from bot.store.store import Tx

_C, _A, _H = cases.c, case_askers.c, case_history.c
_ROW = tuple(_C[one.name] for one in fields(DeskCase))


def _outside(eye: Eye, units: Collection[str]) -> list[ColumnElement[bool]]:
    """What no conflict touches: nobody knows who reads at the other system, so what is hidden from one is told to none."""
    return [
        visible(eye),
        _C.unit.in_(sorted(units)),
        _C.custody == "",
        _C.kind != CaseKind.WRONGDOING.value,
        not_(exists().where(case_hidden.c.case_id == _C.id)),
    ]


async def page(tx: Tx, eye: Eye, units: Collection[str], wanted: Filters, *, before: int, limit: int) -> list[DeskCase]:
    """Cases of these units, opened last first; those before an id, 0 = from the beginning."""
    statement = select(*_ROW).where(*_outside(eye, units), *narrowed(wanted)).order_by(_C.id.desc()).limit(limit)
    return [DeskCase(*row) for row in await tx.rows(statement.where(_C.id < before) if before else statement)]


async def one(tx: Tx, eye: Eye, units: Collection[str], code: str) -> DeskCase | None:
    """The case of a code, if it may be told outside."""
    which = select(_A.case_id).where(_A.code == code).scalar_subquery()
    row = await tx.one(select(*_ROW).where(or_(_C.code == code, _C.id == which), *_outside(eye, units)))
    return DeskCase(*row) if row else None


async def sent_by(tx: Tx, who: str, code: str) -> tuple[DeskCase, str | None] | None:
    """A case that `who` sent, with the payload of its first step (None once redacted)."""
    first = (_H.case_id == _C.id, _H.step == 1, _H.who == who)
    row = await tx.one(select(*_ROW, _H.payload).join(case_history, first[0]).where(_C.code == code, *first[1:]))
    return (DeskCase(*row[:-1]), row[-1]) if row else None
