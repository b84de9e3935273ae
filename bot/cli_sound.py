"""`loathon say` and `loathon check-horn`: the loudspeaker's sound from the command line."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from audio.errors import AudioError
from audio.say import arguments
from audio.say import run as make_clip
from audio.settings import worker_options
from audio.wording import error_text
from bot.clock import Clock
from bot.errors import SoundError, say
from bot.settings import Settings


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare both commands."""
    speak = commands.add_parser("say", help=say("cli.help.say"))
    arguments(speak)
    speak.set_defaults(run=_say)
    horn = commands.add_parser("check-horn", help=say("cli.help.check_horn"))
    horn.add_argument("--gender", choices=("nam", "nu"), default="nam", help=say("cli.help.gender"))
    horn.set_defaults(run=_check_horn)


def _say(options: argparse.Namespace, settings: Settings, _clock: Clock) -> int:
    """Kept sound stays in the data folder, so that a sentence said before costs nothing. Raises SoundError."""
    try:
        return make_clip(options, worker_options(os.environ, settings.data_dir / "sound"), sys.stdin, sys.stderr)
    except AudioError as error:
        raise SoundError(why=error_text(error)) from error


def _check_horn(options: argparse.Namespace, _settings: Settings, _clock: Clock) -> int:
    """In a process of its own: the figures need numpy, which never enters this one."""
    asked = [sys.executable, "-m", "audio.horn", "--gender", options.gender]
    return subprocess.run(asked, check=False).returncode  # noqa: S603 - our own module, fixed words
