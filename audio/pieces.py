"""One sentence encoded and measured: MP3 frames that may be joined byte by byte, with the figures that prove them good.

A piece is decoded in full when it is made; its figures are kept with it, so that a clip of kept pieces is judged
without decoding anything again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from audio import codec, mpeg
from audio.errors import CodecError
from audio.loudness import BLOCK_S, Meter, true_peak
from audio.mastering import RATE, frame_levels
from audio.pcm import Pcm

#: part of the cache key
VERSION = f"mp3|{codec.MP3_RATE}|{codec.MP3_KBIT}|{codec.LAME_QUALITY}|1"
_FRAME_S = 0.02
# below this a listener hears nothing, and LAME's own noise stays under it
_SILENT_DBFS = -50.0


@dataclass(frozen=True, slots=True)
class Quiet:
    """Silence of a stretch in seconds: before its first sound, its longest and where that begins, after its
    last sound.
    """

    before: float
    longest: float
    longest_at: float
    after: float


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames, their length in seconds, mean squares of 100 ms blocks, true peak in dBTP and silences."""

    frames: bytes
    seconds: float
    energies: tuple[float, ...]
    peak_dbtp: float
    quiet: Quiet

    def pack(self) -> bytes:
        """For the cache: a line of figures, then the frames."""
        figures = {
            "seconds": self.seconds,
            "energies": [float(f"{energy:.4g}") for energy in self.energies],
            "peak": self.peak_dbtp if self.peak_dbtp > -1e9 else None,
            "quiet": [self.quiet.before, self.quiet.longest, self.quiet.longest_at, self.quiet.after],
        }
        return json.dumps(figures).encode() + b"\n" + self.frames

    @classmethod
    def unpack(cls, data: bytes) -> Piece:
        """The piece that was packed."""
        head, _, frames = data.partition(b"\n")
        figures = json.loads(head)
        peak = figures["peak"]
        return cls(
            frames,
            figures["seconds"],
            tuple(figures["energies"]),
            float("-inf") if peak is None else peak,
            Quiet(*figures["quiet"]),
        )


def encode(pcm: Pcm) -> Piece:
    """Encode a mastered piece (44.1 kHz, its pause included), decode it again and measure. Raises CodecError."""
    data = codec.to_mp3(pcm)
    count = 0
    for frame in mpeg.frames(data):
        if count == 0 and frame.reservoir:
            raise CodecError("the first frame leans on one before it", code="frames")
        count += 1
    heard = codec.decode(data)
    if len(heard.samples) != count * mpeg.FRAME_SAMPLES:
        raise CodecError(f"{count} frames gave {len(heard.samples)} samples", code="decode")
    return Piece(data, heard.seconds, *measure(heard))


def measure(pcm: Pcm) -> tuple[tuple[float, ...], float, Quiet]:
    """Block energies, true peak (dBTP) and silences of a stretch."""
    meter = Meter(pcm.rate)
    meter.feed(pcm.samples)
    return meter.energies(), true_peak([pcm.samples]), silences(pcm)


def silences(pcm: Pcm) -> Quiet:
    """Where a stretch is silent, to 20 ms."""
    size = max(1, round(_FRAME_S * pcm.rate))
    sound = np.flatnonzero(frame_levels(pcm, size) > 10 ** (_SILENT_DBFS / 20))
    if not len(sound):
        return Quiet(pcm.seconds, pcm.seconds, 0.0, pcm.seconds)
    step = size / pcm.rate
    gaps = np.diff(sound) - 1
    widest = int(gaps.argmax()) if len(gaps) else 0
    longest = float(gaps[widest]) * step if len(gaps) else 0.0
    before = float(sound[0]) * step
    after = pcm.seconds - float(sound[-1] + 1) * step
    return Quiet(before, longest, float(sound[widest] + 1) * step, max(0.0, after))


def joined_energies(pieces: Sequence[Piece]) -> list[float]:
    """Block energies of pieces one after another.

    A piece's unfinished last block counts as a whole one (under 100 ms each).
    """
    return [energy for piece in pieces for energy in piece.energies]


def sounding_energies(pieces: Sequence[Piece]) -> list[float]:
    """Block energies of pieces one after another, without the blocks that lie, more than half, in the silence before a
    piece's first sound or after its last.
    """
    kept: list[float] = []
    for piece in pieces:
        if piece.quiet.before >= piece.seconds:
            continue
        first = round(piece.quiet.before / BLOCK_S)
        end = round((piece.seconds - piece.quiet.after) / BLOCK_S)
        kept += piece.energies[first : max(end, first + 1)]
    return kept


def longest_silence(pieces: Sequence[Piece]) -> tuple[float, float]:
    """The longest silence over all joints, in seconds, and where it begins."""
    longest, longest_at = 0.0, 0.0
    at, open_s, open_at = 0.0, 0.0, 0.0
    for piece in pieces:
        quiet = piece.quiet
        if quiet.before >= piece.seconds:
            open_s += piece.seconds
        else:
            for length, where in ((open_s + quiet.before, open_at), (quiet.longest, at + quiet.longest_at)):
                if length > longest:
                    longest, longest_at = length, where
            open_s, open_at = quiet.after, at + piece.seconds - quiet.after
        if open_s > longest:
            longest, longest_at = open_s, open_at
        at += piece.seconds
    return longest, longest_at


def blank(seconds: float) -> Piece:
    """Silence as a piece."""
    return encode(Pcm.silence(max(seconds, BLOCK_S), RATE))
