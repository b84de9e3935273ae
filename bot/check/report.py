"""The order of the checks, and how their findings are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TextIO

from bot.check import characters, dates, ear, flows, links, overrides, wording, words
from bot.errors import say
from bot.library import Fault, Library
from bot.library.figures import missing_figures
from bot.library.findings import Finding, located
from bot.library.folder import content_files, read_folder


@dataclass(frozen=True)
class Report:
    """What a check found. Errors stop a commit; warnings are for the officials."""

    errors: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    files: int


def check(content_dir: Path | str, today: date) -> Report:
    """Everything wrong with a content folder on a day. Deeper checks wait until the files can be read and rendered."""
    root = Path(content_dir)
    files = len(content_files(root))
    errors = list(characters.letter_faults(root))
    base, faults = read_folder(root)
    errors += faults
    if faults:
        return _report(errors, (), files)
    library = Library.build(base)
    unrendered = located(root, base.paths, missing_figures(library))
    if unrendered:
        return _report([*errors, *unrendered], (), files)
    wrong, noteworthy = _findings(library, today)
    errors += located(root, base.paths, wrong)
    return _report(errors, located(root, base.paths, noteworthy), files)


def _findings(library: Library, today: date) -> tuple[list[Finding], list[Finding]]:
    """What has to be mended, and what officials should look at."""
    unsourced, unfounded = wording.sources(library)
    ahead, old = dates.reviews(library, today)
    unsaid, spelled = ear.unread(library, today)
    wrong: list[Finding] = [
        *links.broken_links(library),
        *dates.overlaps(library),
        *ahead,
        *unsourced,
        *wording.lengths(library, today),
        *wording.phrasing(library, today),
        *wording.bare_figures(library),
        *wording.privacy(library),
        *flows.flow_faults(library),
        *flows.says_faults(library),
        *overrides.override_faults(library, today),
        *words.word_faults(library),
        *unsaid,
    ]
    plain = wording.plainness(library)
    return wrong, [*dates.soon_over(library, today), *old, *unfounded, *spelled, *plain]


def _report(errors: Iterable[Fault], warnings: Iterable[Fault], files: int) -> Report:
    return Report(tuple(sorted(set(errors))), tuple(sorted(set(warnings))), files)


def main(content_dir: Path | str, today: date, out: TextIO) -> int:
    """Print the report in Vietnamese. Exit code 0 when there is no error; warnings alone do not fail."""
    report = check(content_dir, today)
    for label, faults in (("error", report.errors), ("warning", report.warnings)):
        for one in faults:
            print(f"{say(f'content.says.{label}')} {one}", file=out)
    if report.errors:
        print(say("content.says.errors", count=len(report.errors)), file=out)
    else:
        print(say("content.says.clean", files=report.files), file=out)
    if report.warnings:
        print(say("content.says.warnings", count=len(report.warnings)), file=out)
    return 1 if report.errors else 0
