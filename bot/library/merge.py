"""Several phrase files of one kind become one record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

M = TypeVar("M", bound=BaseModel)


def merged(files: Sequence[M]) -> M:
    """One record out of files of the same kind: maps are joined, lists follow each other in file order.

    Raises `PydanticCustomError` (`told_twice`) when two files give the same key or differ in a single value.
    """
    first, *others = files
    if not others:
        return first
    joined: dict[str, Any] = {name: getattr(first, name) for name in type(first).model_fields}
    for other in others:
        for name, mine in joined.items():
            joined[name] = _join(name, mine, getattr(other, name))
    return type(first).model_construct(**joined)


def _join(name: str, mine: Any, theirs: Any) -> Any:
    if isinstance(mine, dict) and isinstance(theirs, dict):
        twice = sorted(str(key) for key in mine.keys() & theirs.keys())
        if twice:
            raise PydanticCustomError("told_twice", "given in two files: {what}", {"what": ", ".join(twice)})
        return {**mine, **theirs}
    if isinstance(mine, tuple) and isinstance(theirs, tuple):
        return mine + theirs
    if mine != theirs:
        raise PydanticCustomError("told_twice", "given in two files: {what}", {"what": name})
    return mine
