"""The way a page says that there is nothing: not there, or not for this official."""

from __future__ import annotations


class MissingError(Exception):
    """There is no such object for this official; answered by 404 and nothing written."""


def number(text: str) -> int:
    """A number of a path; raises `MissingError` for anything else."""
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    raise MissingError
