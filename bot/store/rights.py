"""The rights of an official as a condition of a query: the same rule as `bot.rights.may`, a test proves it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, true

from bot.model.official import Official


def visible(
    official: Official,
    action: str,
    *,
    unit: ColumnElement[str],
    hamlet: ColumnElement[str] | None = None,
    topic: ColumnElement[str] | None = None,
    author: ColumnElement[int] | None = None,
) -> ColumnElement[bool]:
    """True for rows on which the official may do `action`. A column not given counts as empty, as `may` has it.

    A NULL topic is no topic, a NULL author nobody.
    """
    reached = or_(
        false(),
        *(
            and_(
                true() if scope.units is None else unit.in_(sorted(scope.units)),
                _within(hamlet, frozenset({scope.hamlet}) if scope.hamlet else None),
                _within(topic, scope.topics),
            )
            for scope in official.reach.get(action, ())
        ),
    )
    if author is None or action not in official.not_own:
        return reached
    return and_(reached, or_(author.is_(None), author != official.id))


def _within(column: ColumnElement[str] | None, allowed: frozenset[str] | None) -> ColumnElement[bool]:
    if allowed is None:
        return true()
    return false() if column is None else and_(column.is_not(None), column.in_(sorted(allowed)))
