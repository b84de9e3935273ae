"""`loathon`: the commands. Each imports what it needs when it runs, so that a short one starts at once."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot import cli_broadcast, cli_bulletin, cli_content, cli_db, cli_seal, cli_sound, cli_usb
from bot.cli_words import Parser
from bot.clock import Clock
from bot.errors import LoaThonError, say, traced
from bot.settings import Settings

#: others' logs: alembic and uvicorn tell of starts, which we tell ourselves; the rest would write values of statements, tags
#: of pictures and addresses of messages into the log of a house that is looked into with `LOATHON_LOG=debug`
QUIET = ("alembic", "uvicorn", "aiosqlite", "PIL", "python_multipart", "telegram", "asyncio")


class Discreet(logging.Formatter):
    """Writes of a failure its kind and place alone."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        """Instead of the traceback, whose last line may quote what a household wrote."""
        return traced(ei[1]) if ei[1] is not None else ""


def quieten() -> None:
    """Let outside tools tell of trouble alone: what a household wrote is in no log, however much is logged."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. What is wrong is told in one sentence."""
    options = _parser().parse_args(argv)
    try:
        settings = Settings.from_env(os.environ)
        told = logging.StreamHandler(sys.stderr)
        told.setFormatter(Discreet("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.basicConfig(level=settings.log_level.upper(), handlers=[told])
        quieten()
        return int(options.run(options, settings, Clock.starting(settings.now)))
    except LoaThonError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(say("cli.interrupted"), file=sys.stderr)
        return 130
    except BrokenPipeError:
        # whoever read our output has enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - whatever it was, it is told in one sentence
        # imported here: only a command that failed needs to know
        from bot.store import UnavailableError  # noqa: PLC0415

        if isinstance(error, UnavailableError):
            print(say("store.unavailable", why=error), file=sys.stderr)
            return 1
        print(say("cli.crashed", traced=traced(error).splitlines()[-1]), file=sys.stderr)
        if logging.getLogger().isEnabledFor(logging.DEBUG):
            # every place with its line of code, and every cause; the words of a failure may quote a household
            traceback.print_tb(error.__traceback__)
            print(traced(error), file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = Parser(prog="loathon", description=say("cli.about"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    for name, run in (("run", _run), ("serve", _serve), ("desk", _desk), ("worker", _worker)):
        commands.add_parser(name, help=say(f"cli.help.{name}")).set_defaults(run=run)

    talk = commands.add_parser("talk", help=say("cli.help.talk"))
    talk.add_argument("--repro", type=Path, metavar="FILE", help=say("cli.help.repro"))
    talk.set_defaults(run=_talk)

    ask = commands.add_parser("ask", help=say("cli.help.ask"))
    what = ask.add_mutually_exclusive_group(required=True)
    what.add_argument("text", nargs="?", help=say("cli.help.ask_text"))
    what.add_argument("--jsonl", type=Path, metavar="FILE", help=say("cli.help.ask_jsonl"))
    ask.set_defaults(run=_ask)

    content = commands.add_parser("content", help=say("cli.help.content")).add_subparsers(required=True, metavar="WHAT")
    content.add_parser("check", help=say("cli.help.content_check")).set_defaults(run=_content_check)
    content.add_parser("schemas", help=say("cli.help.content_schemas")).set_defaults(run=_content_schemas)
    cli_content.add(content)

    cli_db.add(commands)
    _user_parser(commands)
    audit = commands.add_parser("audit", help=say("cli.help.audit")).add_subparsers(required=True, metavar="WHAT")
    audit.add_parser("verify", help=say("cli.help.audit_verify")).set_defaults(run=_audit_verify)
    cli_seal.add(commands)
    cli_sound.add(commands)
    cli_broadcast.add(commands)
    cli_usb.add(commands)
    cli_bulletin.add(commands)
    return parser


def _user_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    user = commands.add_parser("user", help=say("cli.help.user")).add_subparsers(required=True, metavar="WHAT")
    for what in ("add", "invite"):
        new = user.add_parser(what, help=say(f"cli.help.user_{what}"))
        new.add_argument("login", help=say("cli.help.user_login"))
        new.add_argument("--name", required=True, help=say("cli.help.user_name"))
        new.add_argument("--role", required=True, help=say("cli.help.user_role"))
        new.add_argument("--unit", default="", help=say("cli.help.user_unit"))
        new.add_argument("--whole", action="store_true", help=say("cli.help.user_whole"))
        new.add_argument("--topic", action="append", default=[], help=say("cli.help.user_topic"))
        new.add_argument("--chair", action="store_true", help=say("cli.help.user_chair"))
    for what in ("disable", "reset-link"):
        old = user.add_parser(what, help=say(f"cli.help.user_{what.replace('-', '_')}"))
        old.add_argument("login", help=say("cli.help.user_login"))
    bind = user.add_parser("bind", help=say("cli.help.user_bind"))
    bind.add_argument("login", help=say("cli.help.user_login"))
    bind.add_argument("external", help=say("cli.help.user_external"))
    for what in ("list", "roles"):
        user.add_parser(what, help=say(f"cli.help.user_{what}"))
    for what, parser in user.choices.items():
        parser.set_defaults(run=_user, what=what)


def _user(options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    from bot import cli_user  # noqa: PLC0415

    if options.what == "roles":
        return cli_user.roles(sys.stdout)
    if options.what == "list":
        return asyncio.run(cli_user.show(settings, clock, sys.stdout))
    if options.what == "bind":
        return asyncio.run(cli_user.bind(settings, clock, sys.stdout, login=options.login, external=options.external))
    if options.what in {"disable", "reset-link"}:
        act = cli_user.disable if options.what == "disable" else cli_user.reset_link
        return asyncio.run(act(settings, clock, sys.stdout, login=options.login))
    given = cli_user.Given(options.role, options.unit, tuple(options.topic), options.chair, whole=options.whole)
    make = cli_user.add if options.what == "add" else cli_user.invite
    return asyncio.run(make(settings, clock, sys.stdout, login=options.login, name=options.name, given=given))


def _audit_verify(_options: argparse.Namespace, settings: Settings, _clock: Clock) -> int:
    from bot import cli_audit  # noqa: PLC0415

    return asyncio.run(cli_audit.verify(settings, sys.stdout))


def _run(_options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    # a start makes no garbage worth looking for; `cli_run` goes on with it when all stands
    gc.disable()
    from bot.cli_run import ALL, run  # noqa: PLC0415

    return asyncio.run(run(settings, clock, ALL))


def _serve(_options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    gc.disable()
    from bot.cli_run import SERVE, run  # noqa: PLC0415

    return asyncio.run(run(settings, clock, SERVE))


def _desk(_options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    gc.disable()
    from bot.cli_run import DESK, run  # noqa: PLC0415

    return asyncio.run(run(settings, clock, DESK))


def _worker(_options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    gc.disable()
    from bot.cli_run import WORKER, run  # noqa: PLC0415

    return asyncio.run(run(settings, clock, WORKER))


def _talk(options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    from bot.cli_talk import talk  # noqa: PLC0415

    return asyncio.run(talk(settings, clock, sys.stdin, sys.stdout, repro=options.repro))


def _ask(options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    from bot.cli_ask import ask, ask_file  # noqa: PLC0415

    if options.jsonl:
        return ask_file(settings.content_dir, options.jsonl, clock.today(), sys.stdout)
    return ask(settings.content_dir, options.text, clock.today(), settings.unit, sys.stdout)


def _content_check(_options: argparse.Namespace, settings: Settings, clock: Clock) -> int:
    from bot import check  # noqa: PLC0415

    return check.main(settings.content_dir, clock.today(), sys.stdout)


def _content_schemas(_options: argparse.Namespace, settings: Settings, _clock: Clock) -> int:
    from bot.library.schemas import write_schemas  # noqa: PLC0415

    for path in write_schemas(settings.content_dir):
        print(path)
    return 0
