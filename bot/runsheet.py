"""The sheet beside the player: what is played in which order, boxes to tick, codes for the log, every word that is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot import paper
from bot.errors import say
from bot.settings import LOCAL


@dataclass(frozen=True, slots=True)
class Entry:
    """What papers tell of one file to play. `seconds` long; `voice`: who reads, marked when a machine does; `code`: ticks it
    off by phone; `approver` and `approved_at`: by whom it may be played; `file`: its name where it is played from.
    """

    title: str
    seconds: float
    script: str = ""
    voice: str = ""
    code: str = ""
    approver: str = ""
    approved_at: datetime | None = None
    file: str = ""


@dataclass(frozen=True, slots=True)
class Recalled:
    """Something that must not be played any more: what, why, since when, and its files' names and hashes, if known."""

    title: str
    why: str
    at: datetime
    names: tuple[str, ...] = ()
    sha256: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunSheet:
    """One day's sheet of a station. `slots`: times as people say them, e.g. "05:30"."""

    station: str
    day: date
    slots: tuple[str, ...]
    entries: tuple[Entry, ...]
    recalled: tuple[Recalled, ...] = ()
    note: str = ""


def run_sheet(sheet: RunSheet) -> bytes:
    """The sheet as PDF: recalls first, then the order of play, then the words."""
    day = sheet.day.strftime("%d/%m/%Y")
    blocks: list[paper.Block] = [
        paper.Words(say("runsheet.station", station=sheet.station, slots=", ".join(sheet.slots)))
    ]
    if sheet.note:
        blocks.append(paper.Words(sheet.note, bold=True))
    if sheet.recalled:
        blocks.append(paper.Heading(say("runsheet.recall")))
        blocks += [
            paper.Words(say("runsheet.recalled", title=one.title, why=one.why, at=told(one.at)), bold=True)
            for one in sheet.recalled
        ]
    blocks += _order(sheet.entries)
    blocks.append(paper.Rule())
    blocks.append(paper.Words(say("runsheet.signature")))
    if any(entry.script for entry in sheet.entries):
        blocks += [paper.Break(), paper.Heading(say("runsheet.scripts"))]
        for number, entry in enumerate(sheet.entries, 1):
            blocks += _words(number, entry)
    title = say("runsheet.title", day=day)
    return paper.pdf(
        paper.Paper(title, tuple(blocks), say("runsheet.foot", station=sheet.station, day=day), sheet.station)
    )


def clock(seconds: float) -> str:
    """A length as minutes and seconds."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def told(at: datetime) -> str:
    """A moment where the people live."""
    return at.astimezone(LOCAL).strftime("%H:%M %d/%m/%Y")


def _order(entries: Sequence[Entry]) -> list[paper.Block]:
    has_codes = any(entry.code for entry in entries)
    head = ["order", "what", "length", *(["code"] if has_codes else []), "done"]
    rows = tuple(
        (
            str(number),
            f"{entry.title}\n{entry.file}",
            clock(entry.seconds),
            *([entry.code] if has_codes else []),
            paper.TICK,
        )
        for number, entry in enumerate(entries, 1)
    )
    widths = (1.0, 8.5, 1.6, *([2.4] if has_codes else []), 1.7)
    total = say("runsheet.total", count=len(entries), length=clock(sum(entry.seconds for entry in entries)))
    blocks: list[paper.Block] = [
        paper.Heading(say("runsheet.play")),
        paper.Grid(tuple(say(f"runsheet.{name}") for name in head), rows, widths),
        paper.Words(total, bold=True),
    ]
    if has_codes:
        blocks.append(paper.Words(say("runsheet.how_to_tick")))
    return blocks


def _words(number: int, entry: Entry) -> list[paper.Block]:
    blocks: list[paper.Block] = [paper.Heading(f"{number}. {entry.title}", 2)]
    about = []
    if entry.voice:
        about.append(say("runsheet.voice", voice=entry.voice))
    if entry.approver and entry.approved_at:
        about.append(say("runsheet.approved", approver=entry.approver, at=told(entry.approved_at)))
    if about:
        blocks.append(paper.Words(" – ".join(about), small=True))
    return [*blocks, paper.Words(entry.script)] if entry.script else blocks
