"""Faults of content files, told in Vietnamese: where, what is wrong, how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.errors import say


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong in one file. `path` is relative to the content folder, `line` counts from 1 (0: whole file)."""

    path: str
    line: int
    message: str
    mend: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}: {self.message} {self.mend}".rstrip()


class ContentFaults(Exception):  # noqa: N818 - what it carries, not what it is
    """The content folder cannot be used; `faults` says why, sorted by file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(map(str, self.faults)))


def fault(key: str, path: str, line: int = 0, **told: Any) -> Fault:
    """A fault worded by `content.<key>` of `bot/messages.vi.yaml`, its braces filled from `told`."""
    return Fault(path, line, say(f"content.{key}.wrong", **told), say(f"content.{key}.mend", **told))


def has_wording(key: str) -> bool:
    """Whether a fault of that name is worded."""
    try:
        say(f"content.{key}.wrong")
    except KeyError:
        return False
    return True
