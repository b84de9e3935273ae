"""Every text of an entry that people see or hear, and where it stands in its file."""

from __future__ import annotations

from collections.abc import Iterator

from bot.library.overlay import Entry
from bot.library.reading import Step
from bot.library.schema.answers import Announcement, Faq
from bot.library.schema.policy import Policy


def texts(entry: Entry) -> Iterator[tuple[tuple[Step, ...], str]]:
    """Path and text, in the order of the file. Notes are for officials' own eyes and no text in this sense."""
    yield ("title",), entry.title
    yield ("short",), entry.short
    yield from answers(entry)
    for name in type(entry.parts).model_fields:
        yield ("parts", name), getattr(entry.parts, name)
    if isinstance(entry, Faq) and entry.more:
        yield ("more",), entry.more
    if isinstance(entry, Announcement) and entry.contact:
        yield ("contact",), entry.contact
    if isinstance(entry, Policy) and entry.officials:
        for name in type(entry.officials).model_fields:
            text = getattr(entry.officials, name)
            if text:
                yield ("officials", name), text
    yield ("broadcast",), entry.broadcast


def answers(entry: Entry) -> Iterator[tuple[tuple[Step, ...], str]]:
    """The first answer and the fitted ones."""
    yield ("answer",), entry.answer
    if isinstance(entry, Policy):
        for place, fitted in enumerate(entry.fitted):
            yield ("fitted", place, "answer"), fitted.answer
