"""What the command line says of itself: help, and what is wrong with what was typed, with what to do next."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from bot.errors import say

#: what argparse says (3.11 to 3.14), by the name of our sentence; what is told between is told in ours
_WRONG = {
    "unknown": r"unrecognized arguments: (?P<given>.*)",
    "missing": r"the following arguments are required: (?P<name>.*)",
    "one_of": r"one of the arguments (?P<name>.*) is required",
    "choice": r"argument (?P<name>.+?): invalid choice: (?P<given>.+?)(, maybe .+?)? \(choose from (?P<choices>.*)\)",
    "both": r"argument (?P<name>.+?): not allowed with argument (?P<given>.*)",
    "bare": r"argument (?P<name>.+?): expected (one|at least one|\d+) arguments?",
    "extra": r"argument (?P<name>.+?): ignored explicit argument (?P<given>.*)",
    "value": r"argument (?P<name>.+?): invalid .*? value: (?P<given>.*)",
    "vague": r"ambiguous option: (?P<given>.+?) could match (?P<choices>.*)",
}
#: names of commands in the lines of how to type them
_COMMANDS = {"COMMAND", "WHAT"}
_OF_COMMANDS = {"choice": "no_command", "missing": "which_command"}
#: exit code for a command that was typed wrong, as everywhere
WRONG_USE = 2


class Formatter(argparse.HelpFormatter):
    """Help that begins in Vietnamese."""

    def add_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], groups: Iterable[Any], prefix: str | None = None
    ) -> None:
        """The line of how to type it."""
        super().add_usage(usage, actions, groups, say("cli.usage.usage") if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """Reads the words of a command. Parsers made for its commands are of the same kind."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **{"formatter_class": Formatter, **options, "add_help": False})
        self._positionals.title, self._optionals.title = say("cli.usage.words"), say("cli.usage.options")
        self.add_argument("-h", "--help", action="help", help=say("cli.usage.help"))

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and what to type next; exit 2."""
        self.print_usage(sys.stderr)
        print(say("cli.usage.next", wrong=told(message), command=self.prog), file=sys.stderr)
        sys.exit(WRONG_USE)


def told(message: str) -> str:
    """One of argparse's sentences in ours; one we do not know says only that the command is wrong."""
    for name, pattern in _WRONG.items():
        if found := re.fullmatch(pattern, message, re.DOTALL):
            held = {key: value.replace("'", "") for key, value in found.groupdict().items()}
            is_command = held.get("name") in _COMMANDS
            return say(f"cli.usage.{_OF_COMMANDS.get(name, name) if is_command else name}", **held)
    return say("cli.usage.other")
