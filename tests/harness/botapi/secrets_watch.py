"""Tokens must stay secret: none in a log line, none in a request beside its path."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable


class TokenWatch(logging.Handler):
    """A log handler that reports every line holding one of the tokens."""

    def __init__(self, tokens: Callable[[], Iterable[str]], report: Callable[[str], None]) -> None:
        super().__init__(logging.NOTSET)
        self._tokens = tokens
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        """Look at the line as it would be printed, its traceback included."""
        line = logging.Formatter("%(message)s").format(record)
        for token in self._tokens():
            if holds(token, line):
                self._report(f"{record.name}: {line.replace(token, '<token>')[:200]}")

    def start(self) -> None:
        """Listen at the root logger."""
        logging.getLogger().addHandler(self)

    def stop(self) -> None:
        """Stop listening."""
        logging.getLogger().removeHandler(self)


def holds(token: str, text: str) -> bool:
    """Whether the text shows the token or its secret half."""
    return token in text or token.partition(":")[2] in text
