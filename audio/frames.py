"""Messages over a pipe: two lengths, JSON, bytes. The same on both sides; no numpy."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

from audio.errors import ChildError

HEAD = struct.Struct(">II")
#: no clip or recording is this long
LARGEST_BYTES = 512 << 20


def packed(message: Mapping[str, Any], blob: bytes = b"") -> bytes:
    """One message: the length of its JSON and of its bytes, then both."""
    return head(message, blob) + blob


def head(message: Mapping[str, Any], blob: bytes = b"") -> bytes:
    """What stands before a message's bytes; they may follow it without having been copied."""
    text = json.dumps(message, ensure_ascii=False).encode()
    return HEAD.pack(len(text), len(blob)) + text


def sizes(head: bytes | bytearray) -> tuple[int, int]:
    """The two lengths of a head. Raises ChildError for lengths no message has."""
    text, blob = HEAD.unpack(head)
    if text > LARGEST_BYTES or blob > LARGEST_BYTES:
        raise ChildError(f"a message of {text} and {blob} bytes")
    return text, blob


def message(text: bytes | bytearray) -> dict[str, Any]:
    """The JSON of a message. Raises ChildError when it is none."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ChildError("a message that is not JSON") from error
    if not isinstance(data, dict):
        raise ChildError("a message that is no mapping")
    return data


def read(pipe: BinaryIO) -> tuple[dict[str, Any], bytearray] | None:
    """The next message, or None at the end of the pipe. Raises ChildError when it ends in the middle of one."""
    head = _exactly(pipe, HEAD.size)
    if not head:
        return None
    if len(head) < HEAD.size:
        raise ChildError("the pipe ended within a message")
    text_size, blob_size = sizes(head)
    text, blob = _exactly(pipe, text_size), _exactly(pipe, blob_size)
    if len(text) < text_size or len(blob) < blob_size:
        raise ChildError("the pipe ended within a message")
    return message(text), blob


def _exactly(pipe: BinaryIO, size: int) -> bytearray:
    """So many bytes; fewer at the end of the pipe. An unbuffered pipe gives what it has. Filled in place: held once."""
    data = bytearray(size)
    got = 0
    with memoryview(data) as view:
        while got < size:
            count = pipe.readinto(view[got:])  # type: ignore[attr-defined]
            if not count:
                break
            got += count
    del data[got:]
    return data
