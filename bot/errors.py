"""What the machine says when something is wrong: one sentence in Vietnamese, from `messages.vi.yaml`.

An exception's docstring is the key of its message, so every failure explains itself and says what to do.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("messages.vi.yaml")


@cache
def _messages() -> dict[str, Any]:
    loaded = yaml.load(_FILE.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    if not isinstance(loaded, dict):
        raise TypeError(_FILE.name)
    return loaded


def say(key: str, /, **values: object) -> str:
    """The message at a dotted key (`store.newer`) with its `{values}` filled in; raises `KeyError` for an unknown key."""
    found: Any = _messages()
    for part in key.split("."):
        found = found[part] if isinstance(found, dict) else None
        if found is None:
            break
    if not isinstance(found, str):
        raise KeyError(key)
    return found.format(**values) if values else found


def told_under(key: str) -> dict[str, str]:
    """All messages right under a dotted key, in the file's order."""
    found: Any = _messages()
    for part in key.split("."):
        found = found[part]
    return {name: text for name, text in found.items() if isinstance(text, str)}


class LoaThonError(Exception):
    """error.any"""

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.key, values)

    @property
    def key(self) -> str:
        """Where the sentence stands in the messages."""
        return (type(self).__doc__ or "").strip()

    def __str__(self) -> str:
        return say(self.key, **self.values)


class DiscreetError(Exception):
    """Its words are put together by us of kinds and codes: the log may tell them."""


def traced(error: BaseException) -> str:
    """Kind, code and place of a failure and of what led to it, for a log: never its words, which may quote a person.

    One line each, the last cause first; places innermost first, as `bot/jobs/worker.py:105`.
    """
    return "\n".join(_traced(one) for one in _causes(error, set()))


def _causes(error: BaseException, known: set[int]) -> Iterator[BaseException]:
    if id(error) in known:
        return
    known.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _causes(before, known)
    for one in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _causes(one, known)
    yield error


def _traced(error: BaseException) -> str:
    # numbers of the system and of the database, and keys of our own sentences, are about no person
    code = error.key if isinstance(error, LoaThonError) else getattr(error, "sqlstate", None)
    code = str(error) if isinstance(error, DiscreetError) else code or getattr(error, "errno", None)
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{'/'.join(Path(one.filename).parts[-3:])}:{one.lineno}" for one in reversed(frames)]
    kind = f"{type(error).__name__} {code}" if isinstance(code, int | str) else type(error).__name__
    return f"{kind} at {' < '.join(places)}" if places else kind


class SettingError(LoaThonError):
    """settings.wrong"""


class SocksError(SettingError):
    """settings.socks"""


class UnknownSettingError(SettingError):
    """settings.unknown"""


class SoundError(LoaThonError):
    """sound.failed"""


class NewerStoreError(LoaThonError):
    """store.newer"""


class UnreachableStoreError(LoaThonError):
    """store.unreachable"""


class BrokenStoreError(LoaThonError):
    """store.broken"""


class AlreadyRunningError(LoaThonError):
    """run.already"""


class NeedsPostgresError(LoaThonError):
    """run.needs_postgres"""


class PortTakenError(LoaThonError):
    """run.port_taken"""


class ContentError(LoaThonError):
    """run.content_wrong"""


class FileMissingError(LoaThonError):
    """cli.file_missing"""


class WrongDayError(LoaThonError):
    """cli.wrong_day"""


class UnwritableError(LoaThonError):
    """cli.unwritable"""


class LineError(LoaThonError):
    """cli.line_wrong"""
