"""What a film or a sound in the MP4 family says besides picture and sound: where it was taken, by which phone.

Boxes as in ISO/IEC 14496-12; phones keep the place in `moov/udta` (Android) or `moov/meta` (iPhone), XMP in a `uuid` box.
"""

from __future__ import annotations

from collections.abc import Iterator

#: boxes that hold boxes we look into
_LOOKED_INTO = frozenset({b"moov", b"trak", b"moof", b"traf"})
#: boxes that say something about the recording; players need none of them
_SAID_BESIDES = frozenset({b"udta", b"meta", b"uuid"})
#: deeper than any real file nests the boxes above
_DEPTH_MAX = 4


def without_place(data: bytes) -> bytes:
    """The same file with those boxes emptied. Lengths stay, so that every offset in it still holds; never raises."""
    out = bytearray(data)
    for start, body, end in _telling(data, 0, len(data), 0):
        out[start + 4 : start + 8] = b"free"
        out[body:end] = bytes(end - body)
    return bytes(out)


def _telling(data: bytes, start: int, end: int, depth: int) -> Iterator[tuple[int, int, int]]:
    """(start, start of the content, end) of each box to empty between two positions; stops where boxes are broken."""
    while start + 8 <= end:
        size, kind, head = int.from_bytes(data[start : start + 4]), data[start + 4 : start + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16]), 16
        elif size == 0:
            size = end - start
        if size < head or start + size > end:
            return
        if kind in _SAID_BESIDES:
            yield start, start + head, start + size
        elif kind in _LOOKED_INTO and depth < _DEPTH_MAX:
            yield from _telling(data, start + head, start + size, depth + 1)
        start += size
