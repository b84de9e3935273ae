"""What is kept, and for how long. `docs/settings.md` tells it to officials."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.model.session import Session
from bot.store import Store, answers, conversations, edits, guesses, inbox, outbox, questions, sessions

#: a channel repeats an update within a day (Telegram keeps them 24 h); a phone may send again what waited a month
SEEN_FOR = timedelta(days=60)
#: enough to find the fault
PUT_ASIDE_FOR = timedelta(days=30)
GUESSES_FOR = timedelta(days=2)
#: what the mailbox shows and what proves that an answer went out
MESSAGES_FOR = timedelta(days=90)
#: after they ran out: enough to answer who was signed in when something happened
DESK_SESSIONS_FOR = timedelta(days=30)
#: drafts that were published or given up: what was published stands in its versions
EDITS_FOR = timedelta(days=90)
#: a year of questions shows the seasons of the work
QUESTIONS_FOR = timedelta(days=365)
#: what was told without the consent to keep it; the engine forgets it after 12 h at the next word, this without one
TOLD_FOR = timedelta(hours=24)
#: how far back idle conversations are looked at, should the machine have been off for a week
LOOK_BACK = timedelta(days=8)

#: consent to keep household facts
_KEEP_PROFILE = "luu-ho-so"


async def forget_old(store: Store, at: datetime) -> dict[str, int]:
    """Drop what is older than it may be; how much of each."""
    async with store.write() as tx:
        idle = await conversations.idle(tx, since=at - TOLD_FOR - LOOK_BACK, until=at - TOLD_FOR)
        fading = [(c, _without_told(c.session)) for c in idle]
        changed = [(c.id, session) for c, session in fading if session != c.session]
        await conversations.rewrite(tx, changed)
        return {
            "sessions": len(changed),
            "seen": await inbox.forget_seen(tx, at - SEEN_FOR),
            "put_aside": await inbox.forget_put_aside(tx, at - PUT_ASIDE_FOR),
            "guesses": await guesses.forget(tx, at - GUESSES_FOR),
            "messages": await outbox.forget(tx, at - MESSAGES_FOR),
            "desk_sessions": await sessions.forget(tx, at - DESK_SESSIONS_FOR),
            "edits": await edits.forget(tx, at - EDITS_FOR),
            "answers_told": await answers.forget(tx, at - QUESTIONS_FOR),
            "questions": await questions.forget(tx, at - QUESTIONS_FOR),
        }


def _without_told(session: Session) -> Session:
    """The consent to keep a profile covers facts and hamlet; a form left half-way and words not sent go in any case."""
    kept = replace(session, asked="", offered=(), run=None)
    return kept if _KEEP_PROFILE in session.consents else replace(kept, facts={}, hamlet="")
