"""`loathon content export` and `content import`: what was published at the desk as files, and back as drafts."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TextIO

from bot.clock import Clock
from bot.errors import FileMissingError, say
from bot.settings import Settings


def add(content: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The words after `loathon content`."""
    leaving = content.add_parser("export", help=say("cli.help.content_export"))
    leaving.add_argument("folder", type=Path, help=say("cli.help.folder"))
    leaving.add_argument("--whole", action="store_true", help=say("cli.help.content_whole"))
    leaving.set_defaults(run=_export)
    coming = content.add_parser("import", help=say("cli.help.content_import"))
    coming.add_argument("folder", type=Path, help=say("cli.help.folder"))
    coming.add_argument("--as", dest="login", default="", metavar="LOGIN", help=say("cli.help.content_as"))
    coming.set_defaults(run=_import)


def _export(options: argparse.Namespace, settings: Settings, _clock: Clock) -> int:
    return asyncio.run(export(settings, options.folder, sys.stdout, whole=options.whole))


def _import(options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    if not options.folder.is_dir():
        raise FileMissingError(path=options.folder)
    return asyncio.run(take(settings, clock, options.folder, sys.stdout, login=options.login))


async def export(settings: Settings, folder: Path, out: TextIO, *, whole: bool) -> int:
    """Write the files; those that are there already are written over, others stay."""
    # imported here: a short command must not load the store
    from bot.editing import exchange  # noqa: PLC0415
    from bot.runner.shelf import opened  # noqa: PLC0415

    count = 0
    async with opened(settings) as (_store, library):
        for path, text in exchange.files(library, whole=whole):
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text)
            count += 1
    print(say("cli.content.exported", count=count, folder=folder), file=out)
    return 0


async def take(settings: Settings, clock: Clock, folder: Path, out: TextIO, *, login: str) -> int:
    """Tell what differs and what is wrong; with a login also write drafts, which a second person approves at the desk.

    Raises `officials.UnknownOfficialError`, `rights.NotAllowedError`.
    """
    from bot import officials  # noqa: PLC0415
    from bot.check.ear import left_over  # noqa: PLC0415
    from bot.editing import exchange  # noqa: PLC0415
    from bot.runner.shelf import opened  # noqa: PLC0415

    wrong = 0
    async with opened(settings) as (store, library):
        found = exchange.incoming(library, folder, clock.today(), unread=left_over)
        for one in found:
            state = say(f"cli.content.state_{one.state or 'unreadable'}")
            print(f"{state}\t{one.path}", file=out)
            told = [*map(str, one.faults), *(str(r) for r in one.remarks if r.level != "note")]
            wrong += len(one.faults) + sum(r.level == "mend" for r in one.remarks)
            for line in told:
                print(f"\t{line}", file=out)
        if login:
            async with store.write() as tx:
                official = await officials.by_login(tx, login, library, clock.today())
                for one in found:
                    await exchange.take(tx, official, library, one, at=clock.true())
        print(say("cli.content.drafted" if login else "cli.content.looked", count=len(found)), file=out)
    return 1 if wrong else 0
