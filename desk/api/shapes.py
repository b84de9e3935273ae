"""What goes in and out of the API. The OpenAPI document is made of these; a field is promised as long as `/api/v1` is."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

#: rows of a list
PAGE, PAGE_MOST = 50, 200
#: largest id a database counts to (SQLite's and PostgreSQL's bigint)
ID_MOST = 2**63 - 1
ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
#: seven digits, or as they are printed
CODE = r"^[0-9]{7}$"

UNIT_PARAM = {"type": "string", "pattern": ID, "maxLength": 60}
ENTRY_PARAM = UNIT_PARAM
CODE_PARAM = {"type": "string", "pattern": CODE}
NUMBER_PARAM = {"type": "integer", "minimum": 1, "maximum": ID_MOST}


def _plain(text: str) -> str:
    """Without marks no keyboard types and no database keeps; lines stay."""
    return "".join(c for c in text if c == "\n" or c.isprintable())


def _spelled(pattern: str) -> BeforeValidator:
    """Behind an address everything is text, and only one spelling of a number or day is taken."""

    def check(given: object) -> object:
        if isinstance(given, str) and not re.fullmatch(pattern, given, re.ASCII):
            raise ValueError(given)
        return given

    return BeforeValidator(check)


Number = Annotated[int, _spelled(r"[0-9]{1,19}")]
Day = Annotated[date, _spelled(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")]
Unit = Annotated[str, Field(pattern=f"{ID}|^$", max_length=60, description="unit, as in /units; empty: the key's own")]
Words = Annotated[str, AfterValidator(_plain)]


class Shape(BaseModel):
    """Unknown fields are refused: a slip in a name is told, not passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Shape):
    """No question behind the address."""


class Listed(Shape):
    """Which page of a list."""

    limit: Number = Field(PAGE, ge=1, le=PAGE_MOST)


class EntriesAsked(Listed):
    """Which entries."""

    unit: Unit = ""
    topic: str = Field("", pattern=f"{ID}|^$", max_length=60)
    after: str = Field("", pattern=f"{ID}|^$", max_length=60, description="`next` of the page before")


class EntryAsked(Shape):
    """For whom an entry is told."""

    unit: Unit = ""


class Part(Shape):
    """One thing to open after the first text."""

    key: str
    title: str
    text: str


class EntryLine(Shape):
    """An entry in a list."""

    id: str
    kind: Literal["policies", "stories", "faq", "announcements"]
    title: str
    topic: str | None
    #: `ended` and `future` only when asked for by id
    status: Literal["current", "ended", "future"]
    valid_from: date | None
    valid_to: date | None
    reviewed_on: date
    #: false: tell it with "the commune has to confirm it"
    signed: bool
    url: str


class Entries(Shape):
    """A page of entries, by id."""

    items: list[EntryLine]
    next: str | None


class EntryTold(EntryLine):
    """An entry as a household is told it today."""

    text: str
    parts: list[Part]
    #: the loudspeaker script, and whether it may go on air today
    script: str
    airable: bool
    confidence: Literal["high", "medium", "low"]
    #: up to when it was checked, and who confirmed it: to be shown with the text
    stamp: str
    signed_line: str
    #: what holds instead of an entry that ended or has not begun
    instead: str | None
    sources: list[str]


class UnitLine(Shape):
    """A unit the key is for."""

    id: str
    name: str
    office: str
    level: str
    hamlets: list[str]


class Units(Shape):
    """The units the key is for."""

    items: list[UnitLine]
    #: what a household is asked before a matter is sent, and its version for `consent.version`
    consent_text: str
    consent_version: str


class Question(Shape):
    """What a household asks, in its own words."""

    text: Words = Field(min_length=1, max_length=2000)
    unit: Unit = ""


class Understood(Shape):
    """What it means. Danger and fraud come before everything else: show `warning` first."""

    kind: Literal["answer", "unsure", "refuse", "intent", "danger", "fraud", "code"]
    intent: str
    warning: str
    items: list[EntryTold]


class DayAsked(Shape):
    """Which day; without one today."""

    day: Day | None = None


class SoundFile(Shape):
    """One file of a bulletin."""

    format: str
    url: str
    bytes: int
    sha256: str


class Bulletin(Shape):
    """A published bulletin."""

    id: int
    title: str
    air_on: date
    slot_at: str
    zone: str
    priority: str
    seconds: float
    #: what is to be said of the voice; empty when no machine reads
    voice_label: str
    text: str
    files: list[SoundFile]


class Bulletins(Shape):
    """What of a unit can be had now, newest first."""

    items: list[Bulletin]


class Slot(Shape):
    """One time of the day, with what plays then in this order."""

    at: str
    zone: str
    bulletins: list[int]


class Airing(Shape):
    """One bulletin at one time in one zone. `code` says that it was aired; empty without the scope `airings`."""

    bulletin: int
    at: str
    zone: str
    code: str
    aired_at: AwareDatetime | None


class Programme(Shape):
    """A unit's day."""

    unit: str
    day: date
    slots: list[Slot]
    bulletins: list[Bulletin]
    airings: list[Airing]


class RecallLine(Shape):
    """A bulletin taken back: stop playing and delete every copy with this hash."""

    id: int
    title: str
    air_on: date
    sha256: str
    withdrawn_at: AwareDatetime
    why: str


class Recalls(Shape):
    """What was taken back in the last 30 days, newest first."""

    items: list[RecallLine]


class Aired(Shape):
    """It was aired: the code that stands on the run sheet and in the programme."""

    code: str = Field(pattern=CODE)


class AiredTold(Shape):
    """The line of the log."""

    bulletin: int
    day: date
    at: str
    zone: str


class BroadcastsAsked(Listed):
    """Which broadcasts."""

    after: Number = Field(0, ge=0, le=ID_MOST, description="`next` of the page before")


class BroadcastLine(Shape):
    """How far a broadcast got; never to whom."""

    id: int
    unit: str
    title: str
    state: str
    urgent: bool
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    total: int
    sent: int
    failed: int
    gone: int
    unknown: int


class Broadcasts(Shape):
    """A page of broadcasts, newest first."""

    items: list[BroadcastLine]
    next: int | None


class FiguresAsked(Shape):
    """Which quarter; without one this one."""

    quarter: str = Field("", pattern=r"^(20[0-9]{2}-q[1-4])?$")


class FigureRow(Shape):
    """One line of a table; null: hidden, being small or telling of one that is."""

    key: str
    title: str
    number: float | None


class FigureTable(Shape):
    """One question about the quarter."""

    id: str
    title: str
    measure: str
    rows: list[FigureRow]


class FiguresTold(Shape):
    """A unit's quarter. Whatever counts fewer than five people is null."""

    unit: str
    quarter: str
    cases: int | None
    late: int | None
    median_days: float | None
    median_hours: float | None
    raters: int | None
    rating: float | None
    tables: list[FigureTable]
