"""The one door to encoders, decoders and pydub: PCM in and out of WAV, FLAC, MP3 and Ogg Opus.

LAME (lameenc) makes the MP3, libsndfile (soundfile) the rest and all decoding, soxr changes rates, pydub assembles,
cuts and exports takes. None of them needs a program of the system: pydub would call ffmpeg only for formats it is
never given here.

Why these settings: at 128 kbit/s mono LAME's quality 7 is faster than 3 and overshoots less (-0.3 against +1.1 dB,
measured on speech), and constant bit rate is what cheap USB players read without trouble.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import lameenc
import numpy as np
import soundfile
import soxr

from audio.errors import CodecError
from audio.pcm import Pcm

with warnings.catch_warnings():
    # pydub 0.25.1 is of 2021: it warns of a missing ffmpeg, of `audioop`, and its escapes warn on 3.12 and later
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

MP3_RATE = 44_100
MP3_KBIT = 128
LAME_QUALITY = 7
# LAME's presets for these bit rates turn the sound down to 0.95; given back here, so that loudness survives (measured
# 0.45 dB)
_LAME_SCALE = 0.95
OPUS_RATE = 48_000
# libsndfile maps 0…1 to a bit rate; 0.9 gives about 31 kbit/s mono, inside the 24–32 a voice note wants
OPUS_COMPRESSION = 0.9
# an upload longer than this is no announcement
LONGEST_UPLOAD_S = 3600.0
# samples decoded at a time
_BLOCK = 1 << 16

Buffer = bytes | bytearray | memoryview
#: a file's bytes, or where it lies: a long recording need not be in memory
Source = Buffer | Path
# fade at a cut, long enough to silence the click and too short to hear
_CUT_FADE_MS = 8


def resample(pcm: Pcm, rate: int) -> Pcm:
    """The same sound at another rate (soxr, high quality)."""
    if pcm.rate == rate or not len(pcm.samples):
        return Pcm(pcm.samples, rate)
    return Pcm(np.asarray(soxr.resample(pcm.samples, pcm.rate, rate, quality="HQ"), dtype=np.float32), rate)


def to_mp3(pcm: Pcm) -> bytes:
    """CBR 128 kbit/s, 44.1 kHz, mono MP3 frames without any header frame.

    Each call uses a fresh encoder, so the first frame leans on nothing before it: the results of several calls may be
    joined byte by byte. Encoding adds about 25 ms of silence at the start and fills the last frame.
    """
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(1)
    encoder.set_in_sample_rate(pcm.rate)
    encoder.set_out_sample_rate(MP3_RATE)
    encoder.set_bit_rate(MP3_KBIT)
    encoder.set_quality(LAME_QUALITY)
    louder = Pcm(pcm.samples / np.float32(_LAME_SCALE), pcm.rate)
    return bytes(encoder.encode(louder.int16().tobytes())) + bytes(encoder.flush())


def to_opus(pieces: Iterable[Pcm], tags: dict[str, str] | None = None) -> bytes:
    """Ogg Opus, 48 kHz mono, about 31 kbit/s, of the pieces one after another, with the comments libsndfile knows.

    `tags` keys: title, artist, album, date, comment, tracknumber, copyright.
    """
    out = io.BytesIO()
    with soundfile.SoundFile(out, "w", OPUS_RATE, 1, "OPUS", format="OGG", compression_level=OPUS_COMPRESSION) as file:
        for key, value in (tags or {}).items():
            if value:
                setattr(file, key, value)
        for piece in pieces:
            file.write(resample(piece, OPUS_RATE).samples)
    return out.getvalue()


def to_flac(pcm: Pcm) -> bytes:
    """16-bit FLAC at its own rate, lightly compressed: the form the cache keeps speech in."""
    out = io.BytesIO()
    soundfile.write(out, pcm.int16(), pcm.rate, format="FLAC", subtype="PCM_16", compression_level=0.2)
    return out.getvalue()


def to_wav(pcm: Pcm) -> bytes:
    """16-bit WAV at its own rate."""
    out = io.BytesIO()
    _segment(pcm).export(out, format="wav")
    return out.getvalue()


def decode(data: Source, longest_s: float = LONGEST_UPLOAD_S) -> Pcm:
    """Any WAV, FLAC, AIFF, MP3, Ogg Vorbis or Opus as mono PCM at the file's rate; several channels are averaged.

    Raises CodecError: `empty` no bytes or no samples, `format` not one of these, `long` over `longest_s` seconds.
    """
    blocks: list[Pcm] = []
    count = rate = 0
    for block in decode_blocks(data):
        rate = block.rate
        count += len(block.samples)
        if count > longest_s * rate:
            raise CodecError(f"longer than {longest_s:.0f} s", code="long")
        blocks.append(block)
    if not blocks:
        raise CodecError("no samples in the file", code="empty")
    # each block is let go as soon as it is copied: a long take is never held twice
    whole = np.empty(count, dtype=np.float32)
    blocks.reverse()
    at = 0
    while blocks:
        samples = blocks.pop().samples
        whole[at : at + len(samples)] = samples
        at += len(samples)
    return Pcm(whole, rate)


def size(data: Source) -> int:
    """Bytes of a file."""
    return data.stat().st_size if isinstance(data, Path) else memoryview(data).nbytes


def content_hash(data: Source) -> str:
    """SHA-256 of a file's bytes in hexadecimal; a file that lies there untouched is read once."""
    if not isinstance(data, Path):
        return hashlib.sha256(data).hexdigest()
    found = data.stat()
    return _digest(data, found.st_ino, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=256)
def _digest(path: Path, _inode: int, _mtime_ns: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def decode_blocks(data: Source) -> Iterator[Pcm]:
    """The same, some 65,000 samples at a time, so that a long file needs little memory."""
    if not size(data):
        raise CodecError("no bytes", code="empty")
    try:
        with soundfile.SoundFile(data if isinstance(data, Path) else _Bytes(data)) as file:
            while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
                yield Pcm(np.ascontiguousarray(block.mean(axis=1, dtype=np.float32)), file.samplerate)
    except soundfile.LibsndfileError as error:
        raise CodecError(f"not a sound file we can read: {error}", code="format") from error


def spans(data: Source, bounds: Iterable[tuple[float, float]]) -> Iterator[Pcm]:
    """Stretches of a file between moments in seconds, in order and one at a time, their edges faded as `cut` does."""
    blocks = decode_blocks(data)
    held, at = next(blocks, None), 0
    for start_s, end_s in bounds:
        if held is None:
            return
        rate = held.rate
        first, last, found = round(start_s * rate), round(end_s * rate), list[Pcm]()
        while held is not None:
            piece = held.samples[max(0, first - at) : max(0, last - at)]
            if len(piece):
                found.append(Pcm(piece, rate))
            if at + len(held.samples) >= last:
                break
            at += len(held.samples)
            held = next(blocks, None)
        whole = Pcm.join(found) if found else Pcm.silence(0, rate)
        yield cut(whole, 0.0, whole.seconds)


def comments(data: bytes) -> dict[str, str]:
    """The comments libsndfile finds in a file; empty when there are none."""
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            return {key: value for key, value in file.copy_metadata().items() if value}
    except soundfile.LibsndfileError as error:
        raise CodecError(f"not a sound file we can read: {error}", code="format") from error


def cut(pcm: Pcm, start_s: float, end_s: float) -> Pcm:
    """The stretch between two moments in seconds, its edges faded so that the cut does not click."""
    first, last = round(start_s * pcm.rate), round(end_s * pcm.rate)
    piece = _segment(Pcm(pcm.samples[max(0, first) : last], pcm.rate))
    fade = min(_CUT_FADE_MS, len(piece) // 2)
    return _pcm(piece.fade_in(fade).fade_out(fade) if fade else piece)


def assemble(pieces: Iterable[Pcm], rate: int) -> Pcm:
    """Pieces one after another at one rate; for takes and previews, not for long programmes (all is held in memory)."""
    data = b"".join(resample(piece, rate).int16().tobytes() for piece in pieces)
    return _pcm(AudioSegment(data=data, sample_width=2, frame_rate=rate, channels=1))


def overlay(base: Pcm, others: Iterable[tuple[float, Pcm]]) -> Pcm:
    """`base` with other sounds laid over it, each from its moment in seconds; the length is that of `base`."""
    mixed = _segment(base)
    for at_s, other in others:
        mixed = mixed.overlay(_segment(resample(other, base.rate)), position=round(at_s * 1000))
    return _pcm(mixed)


class _Bytes(io.RawIOBase):
    """Bytes as a file, without the copy that BytesIO makes."""

    def __init__(self, data: Buffer) -> None:
        self._view = memoryview(data).cast("B")
        self._at = 0

    def readinto(self, into: Any) -> int:
        part = self._view[self._at : self._at + len(into)]
        into[: len(part)] = part
        self._at += len(part)
        return len(part)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._view)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


def _segment(pcm: Pcm) -> AudioSegment:
    return AudioSegment(data=pcm.int16().tobytes(), sample_width=2, frame_rate=pcm.rate, channels=1)


def _pcm(segment: AudioSegment) -> Pcm:
    return Pcm.from_int16(segment.raw_data, segment.frame_rate)
