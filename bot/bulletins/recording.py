"""Recordings of people in a bulletin: which line they belong to, a text cut for reading aloud. Pure but for the ear."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from bot.bulletins.item import LINES_MOST, Item, ItemKind, Line, WrongItemError
from bot.bulletins.sound_file import HEAD_BYTES, kind_of
from bot.errors import LoaThonError


class BadRecordingError(LoaThonError):
    """bulletins.bad_recording"""


class EmptyRecordingError(LoaThonError):
    """bulletins.empty_recording"""


class LongRecordingError(LoaThonError):
    """bulletins.long_recording"""


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording measured: seconds of speech, and what is wrong with it in sentences. Faults do not stop it: a person
    decides.
    """

    seconds: float
    faults: tuple[str, ...]


#: measures a recording against the words it should say; raises `BadRecordingError` for what no bundled decoder reads,
#: `LongRecordingError` for more than an hour, `EmptyRecordingError` for nothing at all
Listen = Callable[[bytes, str], Awaitable[Heard]]


async def line_for(listen: Listen, sound: bytes, text: str) -> Line:
    """The line a recording makes, still without the names of its files: measured, or kept as it came where no decoder here
    reads it. Raises as `Listen` does; `BadRecordingError` only for what is no sound file at all.
    """
    if not sound:
        raise EmptyRecordingError
    try:
        heard = await listen(sound, text)
    except BadRecordingError:
        kind = kind_of(sound[:HEAD_BYTES])
        if kind is None:
            raise
        return Line(text, kept_as=kind.ending)
    return Line(text, seconds=round(heard.seconds, 2), faults=heard.faults)


def line_of(items: Sequence[Item], item: int, line: int) -> Line:
    """One line; both count from 1. Raises `WrongItemError`."""
    if not (1 <= item <= len(items) and 1 <= line <= len(items[item - 1].lines)):
        raise WrongItemError(field="lines")
    return items[item - 1].lines[line - 1]


def with_line(items: Sequence[Item], item: int, line: int, told: Line | None) -> tuple[Item, ...]:
    """The items with one line put in place of what stood there, added behind the last, or taken away (None).

    Raises `WrongItemError` for a line that is not there, for one too many, and when nothing would be left of the item.
    """
    if not 1 <= item <= len(items) or items[item - 1].kind is ItemKind.ENTRY:
        raise WrongItemError(field="lines")
    lines = list(items[item - 1].lines)
    if not 1 <= line <= len(lines) + (told is not None) or line > LINES_MOST:
        raise WrongItemError(field="lines")
    lines[line - 1 : line] = [told] if told else []
    if not lines:
        raise WrongItemError(field="lines")
    return (*items[: item - 1], replace(items[item - 1], lines=tuple(lines)), *items[item:])


def cut(lines: Sequence[Line], breaths: Callable[[str], Sequence[str]]) -> tuple[Line, ...]:
    """Every line that is not recorded yet, cut for a reader's breath; whole as it is when that gives too many lines."""
    found = [
        replace(line, text=text) for line in lines for text in ([line.text] if line.recording else breaths(line.text))
    ]
    return tuple(found) if len(found) <= LINES_MOST else tuple(lines)
