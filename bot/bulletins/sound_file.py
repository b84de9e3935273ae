"""What kind of sound file somebody brought, by its content: names and endings lie."""

from __future__ import annotations

from dataclasses import dataclass

#: bytes from the beginning that tell a kind
HEAD_BYTES = 64
_FTYP = b"ftyp"


@dataclass(frozen=True, slots=True)
class SoundKind:
    """A kind of file: its ending and its type for the web (IANA's names; `audio/amr` RFC 4867, `audio/3gpp` RFC 3839)."""

    ending: str
    media_type: str


_KINDS: dict[str, SoundKind] = {
    kind.ending: kind
    for kind in (
        SoundKind("wav", "audio/wav"),
        SoundKind("flac", "audio/flac"),
        SoundKind("mp3", "audio/mpeg"),
        SoundKind("ogg", "audio/ogg"),
        SoundKind("aiff", "audio/aiff"),
        SoundKind("caf", "audio/x-caf"),
        SoundKind("m4a", "audio/mp4"),
        SoundKind("aac", "audio/aac"),
        SoundKind("amr", "audio/amr"),
        SoundKind("3gp", "audio/3gpp"),
        SoundKind("webm", "audio/webm"),
        SoundKind("wma", "audio/x-ms-wma"),
    )
}
ENDINGS = tuple(_KINDS)

#: (offset, bytes) -> ending; the first that fits
_MARKS: tuple[tuple[int, bytes, str], ...] = (
    (8, b"WAVE", "wav"),
    (0, b"RF64", "wav"),
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (0, b"ID3", "mp3"),
    (0, b"#!AMR", "amr"),
    (0, b"\x1a\x45\xdf\xa3", "webm"),
    (8, b"AIFF", "aiff"),
    (8, b"AIFC", "aiff"),
    (0, b"caff", "caf"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wma"),
)


def kind(ending: str) -> SoundKind:
    """The kind with that ending. Raises `KeyError`."""
    return _KINDS[ending]


def kind_of(head: bytes) -> SoundKind | None:
    """The kind of a file that begins like that (`HEAD_BYTES` are enough); None for what is no sound anybody records."""
    for offset, mark, ending in _MARKS:
        if head[offset : offset + len(mark)] == mark:
            return _KINDS[ending]
    if head[4:8] == _FTYP:
        # ISO base media (ISO/IEC 14496-12): telephones of old write the brands of 3GPP
        return _KINDS["3gp" if head[8:10] == b"3g" else "m4a"]
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        # eleven bits of sync; layer 0 is AAC in ADTS (ISO/IEC 13818-7), others are MPEG audio
        return _KINDS["aac" if head[1] & 0x06 == 0 else "mp3"]
    return None
