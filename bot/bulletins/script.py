"""From a bulletin to what is read: every word in order, who reads it, and whether it may go on air that day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.bulletins.item import Item, ItemKind, Line
from bot.bulletins.slots import Priority, minute
from bot.library import Library, spoken, text_hash
from bot.library.render import day_text, fill
from bot.library.schema.loudspeaker import Loudspeaker
from bot.library.schema.unit import Unit, Voice

#: gives the library that serves
Shelf = Callable[[], Library]

#: between items, so that the ear knows a new matter begins
ITEM_PAUSE_MS = 1_200
#: before the first item and before the closing
EDGE_PAUSE_MS = 800


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of sound. `kind`: chime (`text` is its name), speech, recording or pause.

    `gender` and `region` "" = the unit's voice. `item` counts from 1; 0 = the station's own words. `language` "" =
    Vietnamese; others only people read.
    """

    kind: str
    text: str = ""
    recording: str = ""
    gender: str = ""
    region: str = ""
    pause_ms: int = 0
    twice: bool = False
    private: bool = False
    accepted: bool = False
    item: int = 0
    title: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a bulletin may not go on air: `code` is a message under `bulletins.obstacle`, `title` the item it is about."""

    code: str
    title: str = ""
    item: int = 0


@dataclass(frozen=True, slots=True)
class Script:
    """A bulletin put into words for one day."""

    segments: tuple[Segment, ...]
    #: of every word in order: what an approval is bound to
    text_hash: str
    obstacles: tuple[Obstacle, ...]
    #: last day on which all of it holds; None = no end is known
    ends_on: date | None

    @property
    def words(self) -> list[dict[str, Any]]:
        """What is read, stretch by stretch: {item, title, text}, to be kept and shown beside the sound."""
        return [
            {"item": segment.item, "title": segment.title, "text": segment.text}
            for segment in self.segments
            if segment.kind in {"speech", "recording"} and segment.text
        ]


@dataclass(frozen=True, slots=True)
class Programme:
    """What a script is made of."""

    unit: str
    air_on: date
    slot_at: str
    priority: Priority
    items: tuple[Item, ...]


def compose(library: Library, programme: Programme) -> Script:
    """The script of a programme on its day. Pure. Raises `KeyError` for a unit that is not in the library."""
    unit, words, day = library.unit(programme.unit), library.phrase(Loudspeaker), programme.air_on
    obstacles: list[Obstacle] = []
    ends: list[date] = []
    body: list[Segment] = []
    for number, item in enumerate(programme.items, start=1):
        if item.kind is ItemKind.ENTRY:
            segments, wrong, end = _entry(library, item, day, unit.id)
            obstacles += [replace(one, item=number) for one in wrong]
            ends += [end] if end else []
        else:
            segments = _written(item)
            if any(line.kept_as for line in item.lines):
                obstacles.append(Obstacle("kept_as_is", item.title, number))
        if item.byline:
            segments = (*segments, Segment("speech", fill(words.byline, ten=item.byline)))
        if body and segments:
            body.append(Segment("pause", pause_ms=ITEM_PAUSE_MS))
        body += [replace(segment, item=number) for segment in segments]
    if not programme.items:
        obstacles.append(Obstacle("empty"))
    whole = _framed(unit, words, programme, tuple(body))
    return Script(whole, _hash_of(whole), tuple(obstacles), min(ends, default=None))


def title_of(library: Library, slot_at: str, air_on: date, priority: Priority) -> str:
    """What a bulletin is called where nobody named it."""
    titles = library.phrase(Loudspeaker).titles
    form = titles.urgent if priority is Priority.URGENT else titles.usual
    hour, _, rest = slot_at.partition(":")
    return fill(form, gio=f"{int(hour)}:{rest}", ngay=day_text(air_on))


def readers(library: Library, unit: str, segments: Sequence[Segment]) -> Mapping[str, Voice]:
    """Who reads: "" is the unit's own voice, other roles are gender and region as `role_of` names them."""
    own = library.unit(unit).voice
    roles = {role_of(segment): segment for segment in segments if segment.kind == "speech"}
    wished = {
        role: own.model_copy(
            update={name: value for name, value in (("gender", one.gender), ("region", one.region)) if value}
        )
        for role, one in roles.items()
    }
    return {"": own, **wished}


def role_of(segment: Segment) -> str:
    """Who reads a segment, "" for the unit's own voice."""
    return "-".join(part for part in (segment.gender, segment.region) if part)


def _hash_of(segments: Sequence[Segment]) -> str:
    return text_hash([segment.text for segment in segments if segment.kind in {"speech", "recording"}])


def _framed(unit: Unit, words: Loudspeaker, programme: Programme, body: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Chime, the station's opening, the items, its closing, chime."""
    opening = fill(
        _greeting(words, programme), dai=fill(words.station, ten=unit.name), ngay=day_words(words, programme.air_on)
    )
    closing = f"{fill(words.closing, ten=unit.office)} {words.machine}"
    return (
        Segment("chime", "mo"),
        Segment("speech", opening),
        Segment("pause", pause_ms=EDGE_PAUSE_MS),
        *body,
        Segment("pause", pause_ms=EDGE_PAUSE_MS),
        Segment("speech", closing),
        Segment("chime", "ket"),
    )


def _greeting(words: Loudspeaker, programme: Programme) -> str:
    """How a programme begins at its hour."""
    told, hour = words.openings, minute(programme.slot_at) // 60
    if programme.priority is Priority.URGENT:
        return told.urgent
    later = told.evening if hour < 18 else told.night or told.evening
    return told.morning if hour < 11 else told.noon if hour < 14 else later


def day_words(words: Loudspeaker, day: date) -> str:
    """A day as a station says it, with its weekday."""
    return fill(
        words.day, thu=words.weekdays[day.weekday()], ngay=str(day.day), thang=str(day.month), nam=str(day.year)
    )


def _entry(
    library: Library, item: Item, day: date, unit: str
) -> tuple[tuple[Segment, ...], list[Obstacle], date | None]:
    if not library.has(item.entry):
        return (), [Obstacle("gone", item.entry)], None
    seen = spoken(library, item.entry, day, unit)
    wrong: list[Obstacle] = []
    if not seen.airable:
        code = "not_valid" if not seen.current else "not_signed" if not seen.signed else "own_story"
        wrong.append(Obstacle(code, seen.title))
    private = not seen.signed or item.private
    segment = Segment("speech", seen.text, twice=item.twice, private=private, title=seen.title, language=item.language)
    return (segment,), wrong, seen.ends_on


def _written(item: Item) -> tuple[Segment, ...]:
    # what nobody here can read stays out; an obstacle says so
    segments = [_stretch(item, line) for line in item.lines if not line.kept_as]
    if not segments:
        return ()
    segments[0] = replace(segments[0], title=item.title)
    if item.twice and (len(segments) > 1 or segments[0].recording):
        # the whole is heard again, not each voice twice
        again = Segment("pause", pause_ms=ITEM_PAUSE_MS)
        return (*segments, again, *(replace(segment, title="") for segment in segments))
    return tuple(replace(segment, twice=item.twice) for segment in segments)


def _stretch(item: Item, line: Line) -> Segment:
    if line.recording:
        return Segment("recording", line.text, line.recording, accepted=line.accepted)
    private = item.private or item.kind is ItemKind.WINNER
    return Segment("speech", line.text, gender=line.gender, region=line.region, private=private)
