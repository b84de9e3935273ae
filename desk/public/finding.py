"""The search box of the public pages: the chat's own understanding, without a conversation."""

from __future__ import annotations

from dataclasses import dataclass

from bot.engine.index import reading_of
from bot.library import Entry
from bot.library.schema.says import Say, Says
from bot.library.schema.topic import Topic
from bot.understand import Kind
from desk.public.views import Scope


@dataclass(frozen=True, slots=True)
class Found:
    """What there is for some words."""

    entries: tuple[Entry, ...]
    #: danger or fraud comes first, in the fixed words of the chat
    warning: Say | None = None
    #: something the chat does (report, subscribe ...) or a case code typed
    is_for_chat: bool = False
    #: whose other pages are worth a look: of what was only named, or all where nothing was found
    topics: tuple[Topic, ...] = ()


def find(scope: Scope, asked: str) -> Found:
    """What the library has for these words, best first."""
    reading = reading_of(scope.library, asked, scope.day, scope.unit_id)
    entries: list[Entry] = []
    for ident in reading.ids:
        if scope.library.has(ident):
            entry = scope.library.entry(scope.library.successor(ident, scope.day), scope.unit_id)
            if entry not in entries:
                entries.append(entry)
    warning = None
    if reading.kind in {Kind.DANGER, Kind.FRAUD}:
        says = scope.library.phrase(Says).says
        warning = says.get(f"{reading.kind.value}-{reading.sub}") or says.get(reading.kind.value)
    is_for_chat = reading.kind in {Kind.INTENT, Kind.CODE}
    topics = [scope.library.topics[reading.topic]] if reading.topic in scope.library.topics else []
    if not (entries or warning or is_for_chat):
        topics = list(scope.library.topics.values())
    return Found(tuple(entries), warning, is_for_chat, tuple(topics))
