"""What a turn leads to: past tense, no I/O. `work` turns events into rows in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.model.case import CaseKind
from bot.model.inbound import Attachment
from bot.model.outbound import Outbound
from bot.model.session import Session


@dataclass(frozen=True, slots=True)
class Lookup:
    """Something the engine cannot know. The runner answers and calls `advance` again with a `Found`.

    Kinds: `case-by-code` (digits, "" or pin) -> CaseView|None · `my-cases` () -> tuple[CaseView, ...] ·
    `my-data` () -> dict[str, list[str]] · `clips` (unit,) -> tuple[dict, ...] · `bulletin` (number,) -> dict|None ·
    `entry-clip` (hash of the words, voice, entry, unit) -> dict|None · `aired` ("" or an airing) -> dict|None ·
    `entry-confirmers` (entry, unit) -> int · `code-free` (code,) -> bool ·
    `keeper-free` (kind, unit, about whom, where they are, what happened) -> bool.
    """

    kind: str
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """The bot answers this conversation."""

    outbound: Outbound


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """A household brought a matter. `code` is 7 digits (6 random, 1 check digit); `pin` opens the texts elsewhere."""

    code: str
    kind: CaseKind
    unit: str
    text: str
    pin: str = ""
    hamlet: str = ""
    topic: str = ""
    entry: str = ""
    #: name and phone as given; empty when anonymous. Kept apart from the case.
    identity: dict[str, str] = field(default_factory=dict)
    anonymous: bool = True
    #: wrongdoing: about whom, by role and hamlet, never by this record's reader
    about_role: str = ""
    about_hamlet: str = ""
    attachments: tuple[Attachment, ...] = ()
    #: public key held outside: words and name are sealed to it and nobody here reads them
    seal_to: str = ""
    #: one case per (entry, unit) however many ask: joins an open one if there is one
    join: str = ""
    #: brought as something else, but told like a report of wrongdoing: its keeper reads it first
    to_keeper: bool = False
    #: an urgent matter: which danger was told, a name of `content/phrases/words-danger.yaml`
    danger: str = ""


@dataclass(frozen=True, slots=True)
class CaseAdded:
    """The person added words or files to their own case."""

    code: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    #: told like a report of wrongdoing: its keeper reads it first
    to_keeper: bool = False
    #: which danger was told with them; one that was not told in the case before rings again
    danger: str = ""


@dataclass(frozen=True, slots=True)
class CaseRated:
    """The person says how well their case was answered, 1 to 5."""

    code: str
    rating: int


@dataclass(frozen=True, slots=True)
class CaseReopened:
    """It is not done: an answered or closed case is opened again, with one tap."""

    code: str


@dataclass(frozen=True, slots=True)
class WordsForgotten:
    """What was said in this chat lately must not stay here: it concerns who holds the machine."""


@dataclass(frozen=True, slots=True)
class NoticesLinked:
    """An official's one-time link: this chat is where notices to them go."""

    token: str


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """One purpose, one tap; the text's version makes it provable (Law 91/2025/QH15)."""

    purpose: str
    version: str


@dataclass(frozen=True, slots=True)
class ConsentWithdrawn:
    """Withdrawn by one word; empty purpose = all."""

    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """Topics the household wants news of, and how often; requires the consent `nhan-tin`."""

    topics: tuple[str, ...]
    unit: str
    hamlet: str = ""
    #: a value of `bot.model.broadcast.Often`
    often: str = "at-once"


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """Stops news; empty = all topics."""

    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileSaved:
    """Household facts kept with the consent `luu-ho-so`."""

    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class QuestionUnanswered:
    """The bot could not answer: grouped later into a worklist for new entries."""

    text: str
    offered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ErasureAsked:
    """Everything of this contact goes at `due_at` (24 h to change one's mind)."""

    due_at: datetime


@dataclass(frozen=True, slots=True)
class ErasureCancelled:
    """The person changed their mind in time."""


@dataclass(frozen=True, slots=True)
class ContactLeft:
    """Blocked the bot or left; no bulk any more until they come back."""


@dataclass(frozen=True, slots=True)
class ContactReturned:
    """Wrote or unblocked again."""


Event = (
    Said
    | CaseOpened
    | CaseAdded
    | CaseRated
    | CaseReopened
    | NoticesLinked
    | WordsForgotten
    | ConsentGiven
    | ConsentWithdrawn
    | Subscribed
    | Unsubscribed
    | ProfileSaved
    | QuestionUnanswered
    | ErasureAsked
    | ErasureCancelled
    | ContactLeft
    | ContactReturned
)


@dataclass(frozen=True, slots=True)
class Turn:
    """The outcome of one `advance`. With `lookups` set, nothing else counts: answer them and advance again."""

    session: Session
    events: tuple[Event, ...] = ()
    lookups: tuple[Lookup, ...] = ()
