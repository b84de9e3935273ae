"""`loathon db`: bring the database up, look whether it is well, copy it, put a copy back, move it, drop what is old."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.clock import Clock
from bot.errors import FileMissingError, say
from bot.settings import Settings, database_url

if TYPE_CHECKING:
    from bot.store import Store


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The words after `loathon db`."""
    db = commands.add_parser("db", help=say("cli.help.db")).add_subparsers(required=True, metavar="WHAT")
    for what in ("upgrade", "check", "reopen"):
        db.add_parser(what, help=say(f"cli.help.db_{what}"))
    db.add_parser("backup", help=say("cli.help.db_backup")).add_argument(
        "folder", type=Path, help=say("cli.help.folder")
    )
    db.add_parser("restore", help=say("cli.help.db_restore")).add_argument(
        "copy", type=Path, help=say("cli.help.backup")
    )
    db.add_parser("copy", help=say("cli.help.db_copy")).add_argument("target", help=say("cli.help.db_target"))
    db.add_parser("retention", help=say("cli.help.db_retention")).add_argument(
        "--dry-run", action="store_true", help=say("cli.help.db_dry_run")
    )
    runs = {
        "upgrade": lambda _options, settings, _clock: upgrade(settings, sys.stdout),
        "check": lambda _options, settings, _clock: check(settings, sys.stdout),
        "backup": lambda options, settings, clock: backup(settings, clock, options.folder, sys.stdout),
        "restore": lambda options, settings, clock: restore(settings, clock, options.copy, sys.stdout),
        "copy": lambda options, settings, clock: copy(settings, clock, options.target, sys.stdout),
        "reopen": lambda _options, settings, _clock: reopen(settings, sys.stdout),
        "retention": lambda options, settings, clock: retention(settings, clock, sys.stdout, only_look=options.dry_run),
    }
    for what, run in runs.items():
        # bound now: the loop's variable moves on
        db.choices[what].set_defaults(run=lambda *given, run=run: asyncio.run(run(*given)))


async def upgrade(settings: Settings, out: TextIO) -> int:
    """Bring the database to this release."""
    from bot.store import schema  # noqa: PLC0415

    found = await schema.migrate(settings.database_url)
    if not found:
        print(say("store.fresh", where=_shown(settings.database_url)), file=out)
    print(say("store.upgraded", version=schema.HEAD), file=out)
    return 0


async def check(settings: Settings, out: TextIO) -> int:
    """Whether the database is whole, every chain of every case holds and every file is there.

    Raises `BrokenStoreError` naming the first fault.
    """
    from bot import copies  # noqa: PLC0415
    from bot.store import schema  # noqa: PLC0415

    async with _opened(settings) as store:
        found = await copies.look_through(store)
    print(say("store.checked", version=schema.HEAD, cases=found.cases, waiting=found.waiting), file=out)
    return 0


async def backup(settings: Settings, clock: Clock, folder: Path, out: TextIO) -> int:
    """A copy into a folder, also while the house runs."""
    from bot import copies  # noqa: PLC0415

    async with _opened(settings) as store:
        files = await copies.make(store, folder, clock.true())
    print(say("store.backed_up", where=folder, files=files), file=out)
    return 0


async def restore(settings: Settings, clock: Clock, copy: Path, out: TextIO) -> int:
    """Put a copy in the place of the data; refused while the house runs. Raises the errors of `copies.restore`."""
    from bot import copies  # noqa: PLC0415
    from bot.lock import only_one  # noqa: PLC0415
    from bot.store import schema  # noqa: PLC0415

    found = await asyncio.to_thread(copy.resolve)
    if not await asyncio.to_thread(found.exists):
        raise FileMissingError(path=copy)
    await asyncio.to_thread(settings.data_dir.mkdir, parents=True, exist_ok=True)
    with only_one(settings.data_dir) if settings.on_sqlite else nullcontext():
        done = await copies.restore(found, settings.data_dir, settings.database_url, clock.true(), clock.now())
    told = say("store.restored", made=done.made, version=schema.HEAD, cases=done.cases, files=done.files)
    print(told, file=out)
    if done.aside:
        print(say("store.restored_aside", where=done.aside), file=out)
    if done.doubtful:
        print(say("store.restored_doubt", count=done.doubtful), file=out)
    if done.stopped:
        print(say("store.restored_stopped", count=done.stopped), file=out)
    if done.again is not None and any(asdict(done.again).values()):
        print(say("store.restored_again", **asdict(done.again)), file=out)
        if done.again.entered:
            print(say("store.restored_entered", codes=", ".join(done.again.entered)), file=out)
    if done.again is None and done.aside:
        print(say("store.restored_unknown"), file=out)
    return 0


async def copy(settings: Settings, clock: Clock, target: str, out: TextIO) -> int:
    """Move the house into another, empty database; also while it runs. Raises the errors of `copy.move`."""
    from bot.store import Store, draining, schema  # noqa: PLC0415
    from bot.store import copy as copying  # noqa: PLC0415
    from bot.store.blobs import Blobs  # noqa: PLC0415

    url = database_url(target, settings.data_dir)
    await schema.migrate(url)
    into = await Store.open(url, Blobs(settings.data_dir / "blobs"))
    try:
        async with _opened(settings) as store:
            print(say("store.copying"), file=out, flush=True)
            async with draining.drained(store, clock.true) as left:
                if left:
                    print(say("store.copy_doubt", count=left), file=out, flush=True)
                moved = await copying.move(
                    store,
                    into,
                    lambda name, rows: print(say("store.copied_table", table=name, rows=rows), file=out, flush=True),
                )
    finally:
        await into.close()
    print(say("store.copied", tables=len(moved), rows=sum(tally.rows for tally in moved.values())), file=out)
    print(say("store.copied_next", where=_address(url)), file=out)
    return 0


async def reopen(settings: Settings, out: TextIO) -> int:
    """Stay where one was moved away from."""
    from bot.store import closing  # noqa: PLC0415

    async with _opened(settings) as store:
        await closing.reopen(store)
    print(say("store.reopened", where=_shown(settings.database_url)), file=out)
    return 0


async def retention(settings: Settings, clock: Clock, out: TextIO, *, only_look: bool) -> int:
    """Drop what is older than it may be, or tell what would go; also while the house runs."""
    from bot.jobs.retention import forget_old, rules  # noqa: PLC0415

    async with _opened(settings) as store:
        dropped = await forget_old(store, clock.true(), only_look=only_look)
    for rule in rules():
        print(say("store.kept_rule", what=rule.what, count=dropped[rule.name], days=rule.days, why=rule.why), file=out)
    if only_look:
        print(say("store.kept_dry"), file=out)
    return 0


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Store]:
    from bot.store import Store, schema  # noqa: PLC0415
    from bot.store.blobs import Blobs  # noqa: PLC0415

    await schema.migrate(settings.database_url)
    store = await Store.open(settings.database_url, Blobs(settings.data_dir / "blobs"))
    try:
        yield store
    finally:
        await store.close()


def _shown(url: str) -> str:
    """Where it lies: a file's path, or the address."""
    return _address(url).removeprefix("sqlite:///")


def _address(url: str) -> str:
    """As the setting takes it, but for its password."""
    kind, _, rest = url.partition("://")
    if kind.startswith("sqlite"):
        return f"sqlite://{rest}"
    parts = urlsplit(f"//{rest}")
    who, at, where = parts.netloc.rpartition("@")
    asked = urlencode([one for one in parse_qsl(parts.query) if one[0] != "password"], safe="/")
    return f"postgresql://{who.partition(':')[0]}{at}{where}{parts.path}{'?' if asked else ''}{asked}"
