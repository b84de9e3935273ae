"""`loathon clips make` and `loathon bulletin make`: the studio from the command line, with a bar that shows its progress."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot.clock import Clock
from bot.errors import LoaThonError, UnwritableError, WrongDayError, say
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.store.bulletins import BulletinRow
    from bot.wiring import House
    from bot.wiring_sound import Studio

_BAR = 30


class NoUnitError(LoaThonError):
    """bulletins.which_unit"""


class NothingToAirError(LoaThonError):
    """bulletins.nothing"""


class NoEntryError(LoaThonError):
    """bulletins.no_entry"""


class NoWordsError(LoaThonError):
    """bulletins.no_words"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare both commands."""
    clips = commands.add_parser("clips", help=say("cli.help.clips")).add_subparsers(required=True, metavar="WHAT")
    make_clips = clips.add_parser("make", help=say("cli.help.clips_make"))
    make_clips.add_argument("--unit", default="", help=say("cli.help.user_unit"))
    make_clips.add_argument("--entry", default="", help=say("cli.help.clips_entry"))
    make_clips.set_defaults(run=_clips)
    word = commands.add_parser("bulletin", help=say("cli.help.bulletin")).add_subparsers(required=True, metavar="WHAT")
    make = word.add_parser("make", help=say("cli.help.bulletin_make"))
    make.add_argument("--date", required=True, metavar="YYYY-MM-DD", help=say("cli.help.air_on"))
    make.add_argument("--unit", default="", help=say("cli.help.user_unit"))
    make.add_argument("-o", "--out", type=Path, required=True, metavar="DIR", help=say("cli.help.folder"))
    make.set_defaults(run=_bulletin)


def day_of(text: str) -> date:
    """The day written as YYYY-MM-DD. Raises `WrongDayError` for one no calendar has."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongDayError(text=text) from error


def _clips(options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    return asyncio.run(make_clips(settings, clock, sys.stdout, unit=options.unit, entry=options.entry))


def _bulletin(options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    work = make_bulletins(settings, clock, sys.stdout, unit=options.unit, day=day_of(options.date), folder=options.out)
    return asyncio.run(work)


async def make_clips(settings: Settings, clock: Clock, out: TextIO, *, unit: str = "", entry: str = "") -> int:
    """Make every voice note that is missing, or one entry's; 0 when all passed the checks.

    Raises `NoUnitError`, `NoEntryError`, `NoWordsError` for an entry that does not hold today.
    """
    from bot import clips  # noqa: PLC0415
    from bot.wiring_sound import units_of  # noqa: PLC0415

    async with _studio(settings, clock) as (house, studio):
        library = house.shelf.library
        if unit and unit not in library.units:
            raise NoUnitError(units=", ".join(sorted(library.units)))
        units = (unit,) if unit else units_of(settings, house.shelf)
        if entry and not library.has(entry):
            raise NoEntryError(entry=entry)
        if entry and not any(clips.wanted(library, entry, one, clock.today()) for one in units):
            raise NoWordsError(entry=entry)
        async with house.store.write() as tx:
            missing = await clips.missing(tx, library, units, clock.today(), clock.true())
        wanted = [one for one in missing if not entry or one.note.entry == library.id_of(entry)]
        if entry and not wanted:
            print(say("bulletins.clip_there", entry=entry), file=out)
            return 0
        refused = 0
        for number, one in enumerate(wanted, start=1):
            _bar(out, number - 1, len(wanted), one.note.title)
            report = await studio.clips.made(one)
            if not report.ok:
                refused += 1
                print(say("bulletins.clip_refused", title=one.note.title, why=_why(report.faults)), file=out)
        _bar(out, len(wanted), len(wanted))
    print(say("bulletins.clips_made", made=len(wanted) - refused, refused=refused), file=out)
    return 1 if refused else 0


async def make_bulletins(settings: Settings, clock: Clock, out: TextIO, *, unit: str, day: date, folder: Path) -> int:
    """Make the bulletins of a day, proposing them where nobody wrote any, and write their files into a folder.

    What nobody approved yet says so in its file's name; 0 when all passed the checks. Raises `NoUnitError`, `PastError`,
    `NothingToAirError`, `UnwritableError` before any sound is made.
    """
    from bot.bulletins import week  # noqa: PLC0415
    from bot.store import bulletins  # noqa: PLC0415

    await asyncio.to_thread(_prepare, folder)
    async with _studio(settings, clock) as (house, studio):
        library = house.shelf.library
        own = unit or settings.unit or (next(iter(library.units)) if len(library.units) == 1 else "")
        if own not in library.units:
            raise NoUnitError(units=", ".join(sorted(library.units)))
        async with house.store.read() as tx:
            rows = await bulletins.listed(tx, unit=own, since=day, until=day, states=week.TAKEN)
        numbers = [row.id for row in rows] or await _propose(house, own, day)
        if not numbers:
            raise NothingToAirError(day=day.strftime("%d/%m/%Y"))
        refused = 0
        for place, number in enumerate(numbers, start=1):
            row = await _made(house, studio, number, out)
            if "mp3" in row.files:
                path = await _write(house, row, folder, place)
                print(say("bulletins.file_made", path=path, seconds=round(row.seconds), title=row.title), file=out)
            if not row.sound.get("ok"):
                refused += 1
                print(say("bulletins.faulty", why=_told(row)), file=out)
    return 1 if refused else 0


@asynccontextmanager
async def _studio(settings: Settings, clock: Clock) -> AsyncIterator[tuple[House, Studio]]:
    from bot.wiring import House  # noqa: PLC0415
    from bot.wiring_sound import studio  # noqa: PLC0415

    house = await House.open(settings, clock)
    try:
        made = studio(settings, clock, house.store, house.shelf)
        try:
            yield house, made
        finally:
            await made.close()
    finally:
        await house.close()


async def _propose(house: House, unit: str, day: date) -> list[int]:
    """Drafts of what the plan has for that day."""
    from bot.bulletins import week  # noqa: PLC0415

    library, clock = house.shelf.library, house.clock
    async with house.store.write() as tx:
        return await week.draft(tx, None, library, unit, day, days=1, today=clock.today(), at=clock.true())


async def _made(house: House, studio: Studio, number: int, out: TextIO) -> BulletinRow:
    """The bulletin with its sound, made now where there is none."""
    row = await _row(house, number)
    while not row.sound_hash and not row.note and row.state in {"draft", "waiting"}:
        await studio.bulletins.made(row, partial(_bar, out, title=row.title))
        row = await _row(house, number)
    return row


async def _row(house: House, number: int) -> BulletinRow:
    from bot.bulletins import editing  # noqa: PLC0415

    async with house.store.read() as tx:
        return await editing.find(tx, house.shelf.library, number)


async def _write(house: House, row: BulletinRow, folder: Path, place: int) -> Path:
    """The MP3 and what is known of it, beside each other."""
    state = "" if row.state in {"approved", "published"} else "_chua-duyet"
    name = f"{place:02}_{row.slot_at.replace(':', '')}_{row.unit}_{row.air_on:%Y%m%d}{state}"
    path = folder / f"{name}.mp3"
    data = await house.store.blobs.get(row.files["mp3"]["sha256"])
    told = {
        "title": row.title,
        "unit": row.unit,
        "air_on": row.air_on.isoformat(),
        "slot_at": row.slot_at,
        "state": row.state,
        "text_sha256": row.text_hash,
        "sound_sha256": row.sound_hash,
        "script": row.script,
        **{field: row.sound.get(field) for field in ("seconds", "lufs", "true_peak_dbtp", "voice", "label", "faults")},
    }
    text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"

    def write() -> None:
        try:
            path.write_bytes(data)
            path.with_suffix(".json").write_text(text, "utf-8")
        except OSError as error:
            raise UnwritableError(path=path) from error

    await asyncio.to_thread(write)
    return path


def _prepare(folder: Path) -> None:
    """The folder, there and open to us."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableError(path=folder) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UnwritableError(path=folder)


def _told(row: BulletinRow) -> str:
    faults = row.sound.get("faults") or ()
    return str(faults[0]["told"]) if faults else row.note


def _why(faults: Sequence[object]) -> str:
    from audio import wording  # noqa: PLC0415
    from audio.spec import Fault  # noqa: PLC0415

    return next((wording.fault_text(fault) for fault in faults if isinstance(fault, Fault)), "")


def _bar(out: TextIO, done: int, total: int, title: str = "") -> None:
    """A bar in place on a terminal; a file or a pipe gets none."""
    if not out.isatty() or not total:
        return
    full = _BAR * done // total
    out.write(f"\r\x1b[K[{'#' * full}{'.' * (_BAR - full)}] {100 * done // total:3} % {title[:60]}")
    if done >= total:
        out.write("\r\x1b[K")
    out.flush()
