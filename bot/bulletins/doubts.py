"""What gives a person away in the words a bulletin has beside its entries: a loudspeaker is heard by the whole hamlet.

The rules are those of content and broadcasts (`bot.library.private`); entries were checked when they were written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from bot.bulletins.item import Item, ItemKind
from bot.editing.checks import Level, Remark
from bot.errors import LoaThonError, say
from bot.library import Library
from bot.library.private import details, masked


class UnheededError(LoaThonError):
    """bulletins.unheeded"""


def remarks(library: Library, items: Sequence[Item]) -> tuple[Remark, ...]:
    """Everything found, what must be mended first; the field of each is its item's number, counted from 1.

    The name under news and reports is their writer's, who wants to be named; under a listener's letter it is asked about.
    """
    found = [one for number, item in enumerate(items, start=1) for one in _found(library, item, str(number))]
    return tuple(sorted(dict.fromkeys(found), key=lambda remark: remark.level != "mend"))


def require_heeded(library: Library, items: Sequence[Item], stand: Iterable[str]) -> list[str]:
    """The marks of what somebody lets stand, for the audit: item and mark, never the words found.

    Raises `UnheededError` while something must be mended or nobody lets it stand.
    """
    found, marks = remarks(library, items), set(stand)
    if any(remark.level == "mend" or remark.mark not in marks for remark in found):
        raise UnheededError
    return [f"{remark.field} {remark.mark}" for remark in found]


def _found(library: Library, item: Item, number: str) -> Iterator[Remark]:
    if item.kind is ItemKind.ENTRY:
        return
    for text in (item.title, *(line.text for line in item.lines), item.byline):
        held = details(library, text)
        clean = masked(text, held)
        for detail in held:
            if detail.kind == "name" and text == item.byline and item.kind is not ItemKind.WINNER:
                continue
            level: Level = "confirm" if detail.may_stand else "mend"
            message = say(f"editing.private.{detail.kind}", found=detail.found)
            # the title and not the number: an item that is moved keeps what was said of it
            mark = hashlib.sha256(f"{item.title}\n{message}".encode()).hexdigest()[:16]
            yield Remark(level, number, message, say("editing.private.mend") if detail.may_stand else "", mark, clean)
