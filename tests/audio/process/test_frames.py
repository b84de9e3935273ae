from __future__ import annotations

import io

import pytest

from audio import frames
from audio.errors import ChildError


class Trickle(io.RawIOBase):
    """A pipe that gives one byte at a time."""

    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def readinto(self, into) -> int:
        return self._inner.readinto(memoryview(into)[:1])


def test_messages_come_through_any_pipe():
    pipe = Trickle(frames.packed({"op": "make", "name": "giọng"}, b"\0\1") + frames.packed({"op": "b"}))
    assert frames.read(pipe) == ({"op": "make", "name": "giọng"}, b"\0\1")
    assert frames.read(pipe) == ({"op": "b"}, b"")
    assert frames.read(pipe) is None


@pytest.mark.parametrize("size", [3, 9, 25])
def test_an_end_in_the_middle_is_an_error(size):
    with pytest.raises(ChildError):
        frames.read(io.BytesIO(frames.packed({"op": "make"}, b"sound" * 9)[:size]))


@pytest.mark.parametrize("data", [b"\xff" * 40, frames.HEAD.pack(4, 0) + b"nope", frames.HEAD.pack(2, 0) + b"[]"])
def test_nonsense_is_an_error(data):
    with pytest.raises(ChildError):
        frames.read(io.BytesIO(data))
