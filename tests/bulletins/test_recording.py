"""Which line a recording belongs to, and a text cut for breath."""

from __future__ import annotations

import pytest

from audio.normalise import breath_lines
from bot.bulletins.item import LINES_MOST, Item, ItemKind, Line, WrongItemError
from bot.bulletins.recording import cut, line_of, with_line

NEWS = Item(ItemKind.NEWS, title="Tin", lines=(Line("Một."), Line("Hai.")))
ENTRY = Item(ItemKind.ENTRY, entry="mien-hoc-phi")


def test_a_line_is_replaced_added_and_taken_away() -> None:
    items = (ENTRY, NEWS)
    told = Line("Hai.", recording="a" * 64)
    assert with_line(items, 2, 2, told)[1].lines == (Line("Một."), told)
    assert with_line(items, 2, 3, told)[1].lines == (Line("Một."), Line("Hai."), told)
    assert with_line(items, 2, 1, None)[1].lines == (Line("Hai."),)
    assert with_line(items, 2, 1, None)[0] is ENTRY
    assert line_of(items, 2, 1) == Line("Một.")


@pytest.mark.parametrize(
    ("item", "line", "told"),
    [
        (1, 1, Line("x")),
        (3, 1, Line("x")),
        (0, 1, Line("x")),
        (2, 4, Line("x")),
        (2, 0, Line("x")),
        (2, 3, None),
    ],
)
def test_what_is_not_there_is_not_changed(item: int, line: int, told: Line | None) -> None:
    with pytest.raises(WrongItemError):
        with_line((ENTRY, NEWS), item, line, told)


def test_an_item_keeps_a_line_and_has_so_many_at_most() -> None:
    alone = Item(ItemKind.NEWS, title="Tin", lines=(Line("Một."),))
    with pytest.raises(WrongItemError):
        with_line((alone,), 1, 1, None)
    full = Item(ItemKind.NEWS, title="Tin", lines=tuple(Line(str(i)) for i in range(LINES_MOST)))
    with pytest.raises(WrongItemError):
        with_line((full,), 1, LINES_MOST + 1, Line("x"))
    with pytest.raises(WrongItemError):
        line_of((full,), 1, LINES_MOST + 1)


def test_only_what_is_not_recorded_is_cut() -> None:
    held = Line("Một. Hai.", recording="a" * 64)
    assert cut((held, Line("Ba. Bốn.", gender="nu")), breath_lines) == (
        held,
        Line("Ba.", gender="nu"),
        Line("Bốn.", gender="nu"),
    )
    long = (Line("Một câu. " * (LINES_MOST + 1)),)
    assert cut(long, breath_lines) == long
