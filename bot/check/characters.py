"""The letters of the files themselves: one form, no hidden marks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from bot.library.faults import Fault, fault
from bot.library.folder import content_files

#: marks that cannot be seen: format characters and controls other than the line's end and the tab
_HIDDEN = {"Cf", "Cc", "Co", "Cs"}


def letter_faults(root: Path) -> Iterator[Fault]:
    """Lines that are not NFC or hold hidden marks."""
    for file in content_files(root):
        path = file.relative_to(root).as_posix()
        text = file.read_text("utf-8-sig", errors="replace")
        if unicodedata.is_normalized("NFC", text) and not any(map(_hidden, text)):
            continue
        for number, line in enumerate(text.split("\n"), start=1):
            if not unicodedata.is_normalized("NFC", line):
                yield fault("not_composed", path, number)
            if any(map(_hidden, line)):
                yield fault("hidden_mark", path, number)


def _hidden(letter: str) -> bool:
    return letter not in "\n\r\t" and unicodedata.category(letter) in _HIDDEN
