"""What is kept, for how long and why: the rules stand in `retention.yaml`. `docs/settings.md` tells them to officials."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path

import yaml

from bot.jobs import retention_sound
from bot.model.session import Session
from bot.store import (
    ClosedError,
    Store,
    Tx,
    audit,
    bulletins,
    clips,
    conversations,
    erasures,
    guesses,
    idle,
    inbox,
    outbox,
    questions,
    recipients,
    sessions,
    unused,
)

_FILE = Path(__file__).with_name("retention.yaml")
#: consent to keep household facts
_KEEP_PROFILE = "luu-ho-so"
#: conversations, and people, taken in one transaction: no household waits long for its turn to be written
_AT_ONCE = 200
_PEOPLE_AT_ONCE = 10
_MANY_AT_ONCE = 500

#: rules over files that no row names
_IN_FOLDERS = ("sound_pieces", "sound_published", "sound_bundles")

#: drops some of what is older than that: how much, and whether that was all
_Step = Callable[[Tx, datetime], Awaitable[tuple[int, bool]]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of thing, how many days it is kept, and what an official reads about it."""

    name: str
    days: int
    what: str
    why: str

    def before(self, at: datetime) -> datetime:
        """What is older than this goes."""
        return at - timedelta(days=self.days)


class _LookedOnlyError(Exception):
    """Ends a transaction that was only to show what it would do."""


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order in which they are applied."""
    return tuple(Rule(name, **told) for name, told in yaml.safe_load(_FILE.read_text("utf-8")).items())


async def forget_old(store: Store, at: datetime, *, only_look: bool = False) -> dict[str, int]:
    """Drop what is older than it may be; how much of each rule's kind.

    only_look: do the same and take it back, so that what is told is what a real run would do.
    """
    # where nothing may be written nothing may be dropped: after a move the files belong to the database moved to
    if await store.is_closed():
        raise ClosedError
    return {rule.name: await _apply(store, rule, at, only_look=only_look) for rule in rules()}


async def _apply(store: Store, rule: Rule, at: datetime, *, only_look: bool) -> int:
    if rule.name == "orphans":
        # first of all, so that what the other rules let go of is found by the next run only
        if only_look:
            return len(await unused.unused(store, rule.before(at)))
        return await unused.take_away(store, rule.before(at))
    if rule.name in _IN_FOLDERS:
        return await retention_sound.drop_files(rule.name, store, rule.before(at), only_look=only_look)
    step, dropped, is_over = _steps(at)[rule.name], 0, False
    while not is_over:
        with _looked(only_look):
            async with store.write() as tx:
                while not is_over:
                    count, is_over = await step(tx, rule.before(at))
                    dropped += count
                    if not only_look:
                        break
                if only_look:
                    raise _LookedOnlyError
    return dropped


@contextmanager
def _looked(only_look: bool) -> Iterator[None]:
    try:
        yield
    except _LookedOnlyError:
        if not only_look:
            raise


def _steps(at: datetime) -> dict[str, _Step]:
    def whole(forget: Callable[[Tx, datetime], Awaitable[int]]) -> _Step:
        async def step(tx: Tx, before: datetime) -> tuple[int, bool]:
            return await forget(tx, before), True

        return step

    return {
        "sessions": _fade,
        "seen": whole(inbox.forget_seen),
        "put_aside": whole(inbox.forget_put_aside),
        "guesses": whole(guesses.forget),
        "messages": partial(_forget_many, outbox.forget),
        "recipients": partial(_forget_many, recipients.forget),
        "desk_sessions": whole(sessions.forget),
        "questions": whole(questions.forget),
        "attachments": whole(idle.drop_attachments),
        "sound_aired": partial(_forget_many, retention_sound.drop_aired),
        "sound_drafts": whole(bulletins.forget_drafts),
        "sound_voice_notes": partial(_forget_many, clips.forget),
        "idle": partial(_let_go, at),
    }


async def _fade(tx: Tx, before: datetime) -> tuple[int, bool]:
    """Take out of sessions gone cold what was told without the consent to keep it."""
    found, is_over = await idle.cold(tx, before, _AT_ONCE)
    fading = [(c, _without_told(c.session)) for c in found]
    changed = [(c.id, session) for c, session in fading if session != c.session]
    await conversations.rewrite(tx, changed)
    return len(changed), is_over


async def _forget_many(
    forget: Callable[[Tx, datetime, int], Awaitable[int]], tx: Tx, before: datetime
) -> tuple[int, bool]:
    """A broadcast to a province leaves more than one transaction should drop."""
    dropped = await forget(tx, before, _MANY_AT_ONCE)
    return dropped, not dropped


async def _let_go(at: datetime, tx: Tx, before: datetime) -> tuple[int, bool]:
    """Erase people who left without a word, as if they had asked for it; their files go as orphans."""
    found, is_over = await idle.people(tx, before, _PEOPLE_AT_ONCE)
    for person in found:
        await erasures.erase(tx, person, at)
        chats = ",".join(str(chat.id) for chat in person.conversations)
        await audit.note(tx, "may", "erased", f"conversation:{chats}", at=at)
    return len(found), is_over


def _without_told(session: Session) -> Session:
    """The consent to keep a profile covers facts and hamlet; a form left half-way and words not sent go in any case."""
    kept = replace(session, asked="", offered=(), run=None)
    return kept if _KEEP_PROFILE in session.consents else replace(kept, facts={}, hamlet="")
