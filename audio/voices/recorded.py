"""Human recordings: measured, cut clean and handed on like any other voice; never labelled synthetic.

A recording is measured as it is decoded, some 65,000 samples at a time: a quarter of an hour is never held at once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio import codec
from audio.errors import CodecError
from audio.loudness import loudness
from audio.mastering import RATE as MASTER_RATE
from audio.mastering import frame_levels, frame_size, sounding
from audio.pcm import Pcm
from audio.spec import Fault

#: part of the cache key of what was measured; raise it when measuring changes
VERSION = "2"
# what a reader takes for a character, from hurried to careful; languages of the highlands are written in longer words
_FASTEST_S_PER_CHAR = 0.035
_SLOWEST_S_PER_CHAR = 0.25
_ENDS_S = 2.0
_SHORTEST_S = 0.3
# a quiet room gives 30 dB and more; under 15 a horn's listener hears the room
_LEAST_SNR_DB = 15.0
_QUIETEST_DBFS = -45.0
_CLIPPED_SHARE = 0.001
_FULL_SCALE = 0.999
# takes are made alike before they are joined; mastering does the rest
_JOINED_LUFS = -20.0
_JOINED_PEAK = 0.97
_BREATH_S = 0.45
# a level of nothing, so that logarithms have an answer
_FLOOR = 1e-6
# recordings are mastered in stretches, cut where they are quietest
_STRETCH_S = 25.0
_SEEK_S = 8.0


@dataclass(frozen=True, slots=True)
class Figures:
    """A recording measured: seconds of speech, speech over noise in dB, level in dBFS, what is wrong with it, and the
    stretches in seconds, of at most 25 s, in which it is mastered.

    Faults do not stop a take: a person decides.
    """

    seconds: float
    snr_db: float
    level_dbfs: float
    faults: tuple[Fault, ...]
    stretches: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """A recording fit to be mastered, and its figures."""

    pcm: Pcm
    figures: Figures


def take(data: codec.Source, script: str = "") -> Take:
    """Read, mix to one channel, trim and measure; as `figures`, with the sound."""
    found = figures(data, script)
    start, end = found.stretches[0][0], found.stretches[-1][1]
    whole = codec.decode(data)
    return Take(Pcm(whole.samples[round(start * whole.rate) : round(end * whole.rate)], whole.rate), found)


def joined(takes: Sequence[codec.Source]) -> Pcm:
    """Takes of one text one after another: each trimmed and made as loud as the next, with a breath between them.

    Raises CodecError as `figures` does, for none at all too.
    """
    pieces = []
    for data in takes:
        pcm = codec.resample(take(data).pcm, MASTER_RATE)
        peak = float(np.abs(pcm.samples).max(initial=_FLOOR))
        gain = min(10 ** ((_JOINED_LUFS - loudness(pcm)) / 20), _JOINED_PEAK / peak)
        pieces.append(Pcm(pcm.samples * np.float32(gain), pcm.rate).followed_by_silence(_BREATH_S))
    if not pieces:
        raise CodecError("no takes", code="empty")
    return Pcm.join(pieces)


def figures(data: codec.Source, script: str = "") -> Figures:
    """Measure a recording. `script` is what was to be read, for the check of length.

    Faults: `short`, `length`, `noisy`, `quiet`, `clipped`. Raises CodecError for what no bundled decoder reads (m4a,
    amr, webm: such files are kept and played as they came), for nothing at all, for more than an hour.
    """
    levels, rate, count, clipped = _levels(data)
    start, end = sounding(levels, rate, count)
    seconds = (end - start) / rate
    # noise is judged on the whole take: the pauses around the words are where the room is heard
    pairs = np.sort(np.sqrt(np.square(levels[: len(levels) // 2 * 2]).reshape(-1, 2).mean(axis=1)))
    quiet = float(pairs[: max(1, len(pairs) // 10)].mean()) if len(pairs) else 0.0
    loud = float(pairs[-max(1, len(pairs) // 4) :].mean()) if len(pairs) else 0.0
    snr, level = _db(loud) - _db(quiet), _db(loud)
    faults = []
    if seconds < _SHORTEST_S:
        faults.append(Fault("short", f"{seconds:.1f}", f"{_SHORTEST_S}"))
    elif script:
        least, most = len(script) * _FASTEST_S_PER_CHAR, len(script) * _SLOWEST_S_PER_CHAR + _ENDS_S
        if not least <= seconds <= most:
            faults.append(Fault("length", f"{seconds:.1f}", f"{least:.1f}-{most:.1f}", script[:40]))
    if level < _QUIETEST_DBFS:
        faults.append(Fault("quiet", f"{level:.0f}", f"{_QUIETEST_DBFS:.0f}"))
    elif snr < _LEAST_SNR_DB:
        faults.append(Fault("noisy", f"{snr:.0f}", f"{_LEAST_SNR_DB:.0f}"))
    if clipped > _CLIPPED_SHARE * count:
        faults.append(Fault("clipped", f"{clipped / count:.2%}", f"{_CLIPPED_SHARE:.2%}"))
    return Figures(seconds, snr, level, tuple(faults), _stretches(levels, rate, start, end))


def _levels(data: codec.Source) -> tuple[NDArray[np.float32], int, int, int]:
    """Levels of 10 ms frames, the rate, samples in all, and how many of them are at full scale."""
    found: list[NDArray[np.float32]] = []
    count = rate = clipped = 0
    rest = np.zeros(0, np.float32)
    for block in codec.decode_blocks(data):
        rate = block.rate
        count += len(block.samples)
        if count > codec.LONGEST_UPLOAD_S * rate:
            raise CodecError(f"longer than {codec.LONGEST_UPLOAD_S:.0f} s", code="long")
        clipped += int(np.count_nonzero(np.abs(block.samples) >= _FULL_SCALE))
        samples = np.concatenate([rest, block.samples])
        size = frame_size(rate)
        found.append(frame_levels(Pcm(samples, rate), size))
        rest = samples[len(samples) // size * size :]
    if not count:
        raise CodecError("no samples in the file", code="empty")
    return np.concatenate(found), rate, count, clipped


def _stretches(levels: NDArray[np.float32], rate: int, start: int, end: int) -> tuple[tuple[float, float], ...]:
    """Bounds in seconds, cut at the quietest 10 ms of the last 8 s of each."""
    step = frame_size(rate) / rate
    bounds, at, last = [], start / rate, end / rate
    while last - at > _STRETCH_S:
        low, high = round((at + _STRETCH_S - _SEEK_S) / step), round((at + _STRETCH_S) / step)
        cut = (low + int(levels[low:high].argmin())) * step + step / 2
        bounds.append((at, cut))
        at = cut
    return (*bounds, (at, last))


def _db(level: float) -> float:
    return 20 * math.log10(max(level, _FLOOR))
