"""Entries that replace one another: of such a line the one that holds answers, unless a year was named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from bot.library.schema.policy import Policy
from bot.understand.reading import Scored


class Lines:
    """Which entries stand in one line of succession."""

    def __init__(self, policies: Mapping[str, Policy]) -> None:
        #: entry that was or will be replaced, or replaces one -> all of its line
        self._lines: dict[str, list[Policy]] = {}
        for entry in policies.values():
            last, seen = entry, [entry]
            while (following := policies.get(last.superseded_by or "")) is not None and following not in seen:
                last = following
                seen.append(last)
            if last is not entry:
                line = self._lines.setdefault(last.id, [])
                line += [one for one in seen if one not in line]
                self._lines |= {one.id: line for one in seen}

    def beside(self, ranked: Sequence[Scored]) -> Scored:
        """The best that does not stand in one line with the first; nothing, with no score, where there is none."""
        mine = {one.id for one in self._lines.get(ranked[0].id, ())} | {ranked[0].id}
        return next((s for s in ranked if s.id not in mine), Scored("", 0.0))

    def as_of(self, ranked: list[Scored], day: date, close: float) -> list[Scored]:
        """The ranking with the entry first that holds on the day, where the first is told from it by less than `close`."""
        first = ranked[0]
        holding = {one.id for one in self._lines.get(first.id, ()) if one.holds_on(day)}
        if not holding or first.id in holding:
            return ranked
        now = next((s for s in ranked if s.id in holding), None)
        if now is None or first.score - now.score >= close:
            return ranked
        others: Iterable[Scored] = (s for s in ranked[1:] if s is not now)
        return [Scored(now.id, first.score), Scored(first.id, now.score), *others]
