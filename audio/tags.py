"""ID3v2.3 and v1, written byte by byte: what old players and new ones both read.

v2.3 with UTF-16 text, because cheap players of USB sticks know no v2.4. Sources: id3.org, informal standards id3v2.3.0
and ID3v1.1.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from audio.errors import SpecError
from audio.mpeg import sound_span

#: bigger pictures stall some players
LARGEST_COVER_BYTES = 10_240
_UTF16 = 1
_LATIN = 0
_FRONT_COVER = 3
_SPEECH_V1 = 101
# letters no decomposition makes plain
_PLAIN = {0x110: "D", 0x111: "d"}


@dataclass(frozen=True, slots=True)
class FileTags:
    """Texts of one file. `year` four digits; `extra` becomes TXXX frames; `cover` a JPEG of at most 10 kB."""

    title: str
    artist: str = ""
    album: str = ""
    track: int = 0
    year: str = ""
    comment: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    cover: bytes = b""


def tagged(frames: bytes, tags: FileTags) -> bytes:
    """MPEG frames between an ID3v2.3 tag and an ID3v1.1 tag.

    Raises SpecError for a cover that is too big or no JPEG.
    """
    return _v2(tags) + frames + _v1(tags)


def read_extra(data: bytes) -> dict[str, str]:
    """The TXXX texts of an ID3v2.3 tag; empty without one."""
    out: dict[str, str] = {}
    if data[:4] != b"ID3\x03":
        return out
    at, end = 10, sound_span(data)[0]
    while at + 10 <= end and data[at] != 0:
        size = int.from_bytes(data[at + 4 : at + 8], "big")
        if data[at : at + 4] == b"TXXX":
            name, _, value = data[at + 11 : at + 10 + size].decode("utf-16").partition("\0")
            out[name] = value.lstrip("\ufeff")
        at += 10 + size
    return out


def plain(text: str) -> str:
    """Text without diacritics, for tags and file names that know ASCII only; what is left over becomes a
    question mark.
    """
    split = unicodedata.normalize("NFD", text.translate(_PLAIN))
    bare = "".join(ch for ch in split if not unicodedata.combining(ch))
    return bare.encode("ascii", "replace").decode("ascii")


def _v2(tags: FileTags) -> bytes:
    texts = {
        "TIT2": tags.title,
        "TPE1": tags.artist,
        "TALB": tags.album,
        "TRCK": str(tags.track) if tags.track else "",
        "TYER": tags.year,
        "TLAN": "vie",
    }
    body = b"".join(_frame(name, bytes([_UTF16]) + _wide(text)) for name, text in texts.items() if text)
    if tags.comment:
        body += _frame("COMM", bytes([_UTF16]) + b"vie" + _wide("") + b"\0\0" + _wide(tags.comment))
    for name, text in tags.extra.items():
        if text:
            body += _frame("TXXX", bytes([_UTF16]) + _wide(name) + b"\0\0" + _wide(text))
    if tags.cover:
        if len(tags.cover) > LARGEST_COVER_BYTES or tags.cover[:3] != b"\xff\xd8\xff":
            raise SpecError(f"a cover is a JPEG of at most {LARGEST_COVER_BYTES} bytes; this has {len(tags.cover)}")
        body += _frame("APIC", bytes([_LATIN]) + b"image/jpeg\0" + bytes([_FRONT_COVER]) + b"\0" + tags.cover)
    size = len(body)
    # the tag's size has seven bits a byte, so that it never looks like a frame's sync
    safe = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + safe + body


def _frame(name: str, body: bytes) -> bytes:
    return name.encode() + len(body).to_bytes(4, "big") + b"\0\0" + body


def _wide(text: str) -> bytes:
    return b"\xff\xfe" + text.encode("utf-16-le")


def _v1(tags: FileTags) -> bytes:
    def cell(text: str, size: int) -> bytes:
        return plain(text).encode("ascii")[:size].ljust(size, b"\0")

    # v1.1: the last two bytes of the comment are a nought and the track
    return (
        b"TAG" + cell(tags.title, 30) + cell(tags.artist, 30) + cell(tags.album, 30) + cell(tags.year, 4)
        + cell(tags.comment, 28) + b"\0" + bytes([tags.track & 0xFF, _SPEECH_V1])
    )  # fmt: skip
