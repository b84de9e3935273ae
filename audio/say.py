"""`loathon say`: one text to one file, through the same process and checks as a broadcast."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from audio import wording
from audio.child import AudioChild
from audio.errors import AudioError, SpecError
from audio.profiles import PROFILES
from audio.settings import worker_options
from audio.spec import GENDERS, REGIONS, VOICES, ClipReport, ClipSpec, Part, Tags, VoiceChoice, WorkerOptions

_FORMATS = {".mp3": "mp3", ".ogg": "opus", ".opus": "opus", ".wav": "wav"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options on a parser; the service's command line calls it too."""
    parser.add_argument("text", metavar="TEXT|-")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FILE")
    parser.add_argument("--profile", choices=tuple(PROFILES), default="loa")
    parser.add_argument("--voice", choices=VOICES, default="auto")
    parser.add_argument("--region", choices=REGIONS, default="bac")
    parser.add_argument("--gender", choices=GENDERS, default="nu")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--title", default="")


def run(options: argparse.Namespace, settings: WorkerOptions, source: TextIO, log: TextIO) -> int:
    """Make the file of parsed options; 0 when it passed, 1 when it was refused (written all the same, for listening).

    Raises SpecError for an unknown file ending (`ending`), nothing to say (`no-text`), a speed no voice has (`speed`) and a
    place that cannot be written (`unwritable`) or is not there (`no-folder`).
    """
    text = source.read() if options.text == "-" else options.text
    kind = _FORMATS.get(options.out.suffix.lower())
    if kind is None:
        raise SpecError(options.out.name, code="ending")
    if not any(letter.isalnum() for letter in text):
        raise SpecError("neither letters nor figures", code="no-text")
    choice = VoiceChoice(options.voice, options.region, options.gender, options.speed)
    spec = ClipSpec(
        (Part("say", text),), options.profile, (kind,), choice, Tags(title=options.title or options.out.stem)
    )
    report = asyncio.run(say(spec, options.out, settings))
    _tell(report, choice, options.out, log)
    return 0 if report.ok else 1


async def say(spec: ClipSpec, out: Path, settings: WorkerOptions) -> ClipReport:
    """Make a clip of one format and write it to `out`, whole or not at all. Raises SpecError (`unwritable`, `no-folder`)."""
    if not await asyncio.to_thread(out.parent.exists):
        # a folder made of a slip of the keys would be looked for in vain
        raise SpecError(str(out.parent), code="no-folder")
    child = AudioChild(settings)
    try:
        report, files = await child.make(spec)
    finally:
        await child.close()
    await asyncio.to_thread(_write, out, files[spec.formats[0]])
    return report


def _write(out: Path, data: bytes) -> None:
    try:
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=out.name, delete=False) as aside:
            aside.write(data)
        Path(aside.name).replace(out)
    except OSError as error:
        raise SpecError(str(out), code="unwritable") from error


def _tell(report: ClipReport, choice: VoiceChoice, out: Path, log: TextIO) -> None:
    words = [wording.voice_name(report.voice), wording.profile_name(report.profile), report.label]
    figures = f"{report.seconds:.1f} s, {report.lufs:.1f} LUFS, {report.true_peak_dbtp:.1f} dBTP"
    log.write(f"{out}: {figures} ({', '.join(word for word in words if word)})\n")
    for fallback in report.fallbacks:
        if fallback.code == "not-set-up":
            # of the usual order nobody misses a voice that was never set up
            if fallback.voice == choice.engine:
                log.write(f"  {wording.unset_text(fallback.voice)}\n")
        else:
            log.write(f"  {wording.fallback_text(fallback)}\n")
    log.writelines(f"  {wording.fault_text(fault)}\n" for fault in report.faults)


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m audio.say`, without the service; nothing is kept between runs."""
    parser = argparse.ArgumentParser(prog="python -m audio.say")
    arguments(parser)
    try:
        with tempfile.TemporaryDirectory(prefix="loathon-say-") as cache:
            return run(parser.parse_args(argv), worker_options(os.environ, Path(cache)), sys.stdin, sys.stderr)
    except AudioError as error:
        sys.stderr.write(f"{wording.error_text(error)}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
