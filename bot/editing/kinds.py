"""The kinds of content that are written at the desk, and who may write and approve each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pydantic import BaseModel

from bot import rights
from bot.library import EntryKey
from bot.library.schema.answers import Announcement, EntryWords, Faq
from bot.library.schema.policy import Policy
from bot.library.schema.story import Story
from bot.model.official import Official


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its shape, and the actions of `rights.yaml` any of which allows writing and approving it."""

    id: str
    shape: type[BaseModel]
    writes: tuple[str, ...]
    approves: tuple[str, ...]


KINDS = {
    kind.id: kind
    for kind in (
        Kind("policies", Policy, ("entry-correct",), ("entry-sign",)),
        Kind("stories", Story, ("entry-correct",), ("entry-sign",)),
        Kind("faq", Faq, ("case-answer", "entry-correct"), ("case-approve", "entry-sign")),
        Kind("announcements", Announcement, ("broadcast-write", "entry-correct"), ("broadcast-approve", "entry-sign")),
        Kind("words", EntryWords, ("entry-correct",), ("entry-sign",)),
    )
}


def may_write(official: Official, key: EntryKey, topic: str | None) -> bool:
    """Whether the official may write this; what is for every unit needs a right over the whole installation."""
    return _may(official, KINDS[key.kind].writes, key, topic)


def may_approve(official: Official, key: EntryKey, topic: str | None, authors: Collection[int] = ()) -> bool:
    """Whether the official may approve, withdraw or roll this back; nobody approves what they wrote in."""
    return official.id not in authors and _may(official, KINDS[key.kind].approves, key, topic)


def may_anywhere(official: Official) -> bool:
    """Whether there is any content the official may write or approve: whether the pages are shown at all."""
    return any(
        rights.may_anywhere(official, action) for kind in KINDS.values() for action in (*kind.writes, *kind.approves)
    )


def _may(official: Official, actions: tuple[str, ...], key: EntryKey, topic: str | None) -> bool:
    return any(rights.may(official, action, unit=key.unit or "", topic=topic) for action in actions)
