"""`loathon seal`: for the body above. Makes its key, and opens what a commune could not keep readable."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from bot.clock import Clock
from bot.errors import LoaThonError, say
from bot.settings import Settings


class WrongSealError(LoaThonError):
    """seal.wrong"""


class KeyThereError(LoaThonError):
    """seal.key_there"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare `seal key` and `seal open`."""
    seal = commands.add_parser("seal", help=say("cli.help.seal")).add_subparsers(required=True, metavar="WHAT")
    key = seal.add_parser("key", help=say("cli.help.seal_key"))
    key.add_argument("file", type=Path, help=say("cli.help.seal_file"))
    key.set_defaults(run=_key)
    opening = seal.add_parser("open", help=say("cli.help.seal_open"))
    opening.add_argument("file", type=Path, help=say("cli.help.seal_file"))
    opening.set_defaults(run=_open)


def _key(options: argparse.Namespace, _settings: Settings, _clock: Clock) -> int:
    """The private key into a new file only its owner reads, the public one on the screen. Raises `KeyThereError`."""
    # imported here: no other command needs it
    from bot.store import sealing  # noqa: PLC0415

    private, public = sealing.new_key()
    try:
        with os.fdopen(os.open(options.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(private + "\n")
    except FileExistsError as error:
        raise KeyThereError(path=options.file) from error
    print(say("seal.public", key=public))
    return 0


def _open(options: argparse.Namespace, _settings: Settings, _clock: Clock) -> int:
    """Read sealed lines from standard input, print what they hold as JSON. Raises `WrongSealError`."""
    from bot.store import sealing  # noqa: PLC0415

    try:
        private = options.file.read_text("utf-8").strip()
        for line in filter(None, map(str.strip, sys.stdin)):
            print(json.dumps(sealing.unseal(private, line), ensure_ascii=False))
    except (OSError, sealing.SealError) as error:
        raise WrongSealError(path=options.file) from error
    return 0
