"""`loathon usb`: the day's bulletins onto a USB stick, in playing order."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import date
from pathlib import Path
from typing import TextIO

from bot.cli_bulletin import day_of
from bot.clock import Clock
from bot.errors import LoaThonError, say
from bot.settings import Settings


class NothingToWriteError(LoaThonError):
    """bundle.nothing"""


class WhichUnitError(LoaThonError):
    """bundle.which_unit"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    usb = commands.add_parser("usb", help=say("cli.help.usb"))
    usb.add_argument("path", type=Path, metavar="PATH", help=say("cli.help.usb_path"))
    usb.add_argument("--unit", default="", help=say("cli.help.user_unit"))
    usb.add_argument("--date", default="", metavar="YYYY-MM-DD", help=say("cli.help.usb_date"))
    usb.set_defaults(run=_usb)


def _usb(options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    unit, day = options.unit or settings.unit or "", day_of(options.date) if options.date else clock.today()
    return asyncio.run(write(settings, clock, sys.stdout, unit=unit, day=day, path=options.path))


async def write(settings: Settings, clock: Clock, out: TextIO, *, unit: str, day: date, path: Path) -> int:
    """Write what a unit plays that day. Raises `WhichUnitError`, `NothingToWriteError` (a recall alone is written too)
    and what `bot.stick.write_to` raises.
    """
    from bot import station, stick  # noqa: PLC0415
    from bot.wiring import House  # noqa: PLC0415

    house = await House.open(settings, clock)
    try:
        library = house.shelf.library
        if not unit and len(library.units) == 1:
            unit = next(iter(library.units))
        if unit not in library.units:
            raise WhichUnitError(units=", ".join(sorted(library.units)))
        async with house.store.read() as tx:
            bundle = await station.bundle_of(
                tx, library, house.store.blobs, unit, day, today=clock.today(), at=clock.true(), with_codes=True
            )
    finally:
        await house.close()
    if not bundle.tracks and not bundle.recalled:
        raise NothingToWriteError(day=day.strftime("%d/%m/%Y"))

    def tell(done: int, total: int, name: str) -> None:
        print(say("bundle.writing", done=done, total=total, name=name), file=out, flush=True)

    await asyncio.to_thread(stick.write_to, bundle, path, tell)
    if bundle.recalled:
        names = "; ".join(one.title for one in bundle.recalled)
        print(say("bundle.recalled", count=len(bundle.recalled), names=names), file=out)
    print(say("bundle.written", count=len(bundle.tracks), path=path), file=out)
    return 0
