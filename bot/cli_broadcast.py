"""`loathon broadcast`: messages to many, from the command line. Approving is for officials at the desk alone: whoever holds
the machine is nobody's chair.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from bot.clock import Clock
from bot.errors import say
from bot.settings import Settings


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    about = say("cli.help.broadcast.about")
    noun = commands.add_parser("broadcast", help=about, description=about).add_subparsers(required=True, metavar="WHAT")
    noun.add_parser("list", help=say("cli.help.broadcast.list"))
    new = noun.add_parser("new", help=say("cli.help.broadcast.new"))
    new.add_argument("--title", default="", help=say("cli.help.broadcast.title"))
    told = new.add_mutually_exclusive_group(required=True)
    told.add_argument("--text", type=Path, metavar="FILE", help=say("cli.help.broadcast.text"))
    told.add_argument("--entry", default="", metavar="ID", help=say("cli.help.broadcast.entry"))
    new.add_argument("--at", default="", metavar="YYYY-MM-DDTHH:MM", help=say("cli.help.broadcast.at"))
    new.add_argument("--pace", type=int, metavar="N", help=say("cli.help.broadcast.pace"))
    new.add_argument("--urgent", default="", metavar="REASON", help=say("cli.help.broadcast.urgent"))
    for parser in (new, noun.add_parser("count", help=say("cli.help.broadcast.count"))):
        parser.add_argument("--unit", default="", help=say("cli.help.broadcast.unit"))
        for name in ("hamlet", "topic", "channel", "fact"):
            parser.add_argument(f"--{name}", action="append", default=[], help=say(f"cli.help.broadcast.{name}"))
    for what in ("submit", "send", "pause", "resume", "cancel", "show"):
        one = noun.add_parser(what, help=say(f"cli.help.broadcast.{what}"))
        one.add_argument("number", type=int, help=say("cli.help.broadcast.number"))
        if what == "submit":
            told_stand = say("cli.help.broadcast.stand")
            one.add_argument("--stand", action="append", default=[], metavar="MARK", help=told_stand)
        if what == "show":
            one.add_argument("--watch", action="store_true", help=say("cli.help.broadcast.watch"))
    for what, parser in noun.choices.items():
        parser.set_defaults(run=_run, what=what)


def _run(options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    from bot.cli_broadcast_run import run  # noqa: PLC0415 - a short command pays for no database

    return asyncio.run(run(options, settings, clock, sys.stdout))
