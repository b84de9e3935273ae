"""Loudness as ITU-R BS.1770-4 measures it, and true peak: numpy only, a block at a time.

The K filter is rebuilt for each rate from the analogue figures behind the table of BS.1770 (a shelf of +4 dB near 1.7
kHz and a high-pass near 38 Hz); the meter agrees with pyloudnorm and ebur128 within 0.1 LU (tests).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import sosfilt

from audio.pcm import Pcm, Samples

#: one sub-block; four make a gating block, which steps by one
BLOCK_S = 0.1
_BLOCKS = 4
_OFFSET_DB = -0.691
_ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = 10.0
#: quieter than anything a programme holds
SILENT_LUFS = -120.0
# phases and taps of the oversampling filter: 4 times, as Annex 2 of BS.1770 asks
_PHASES = 4
_TAPS = 24
# true peak is looked for in so many samples at a time, beside those above this share of the highest
_PEAK_BLOCK = 1 << 16
_BESIDE = 0.5
# places oversampled in one product: 24 samples each
_AT_ONCE = 8192


class Meter:
    """Mean squares of 100 ms sub-blocks of K-weighted sound, fed in pieces of one rate."""

    def __init__(self, rate: int) -> None:
        self._sos = _k_filter(rate)
        self._state = np.zeros((len(self._sos), 2))
        self._size = round(BLOCK_S * rate)
        self._rest: NDArray[np.float64] = np.zeros(0)
        self._energies: list[float] = []

    def feed(self, samples: Samples) -> None:
        """Measure the next samples, shape (n,)."""
        weighted, self._state = sosfilt(self._sos, samples, zi=self._state)
        weighted = np.concatenate([self._rest, weighted]) if len(self._rest) else weighted
        whole = len(weighted) // self._size
        squares = np.square(weighted[: whole * self._size]).reshape(whole, self._size).mean(axis=1)
        self._energies += squares.tolist()
        self._rest = weighted[whole * self._size :]

    def energies(self) -> tuple[float, ...]:
        """Mean square of each sub-block so far; an unfinished last one counts with what it has."""
        if len(self._rest):
            return (*self._energies, float(np.square(self._rest).mean()))
        return tuple(self._energies)


def weighted(samples: Samples, rate: int) -> NDArray[np.float64]:
    """K-weighted samples of a whole piece, same shape."""
    return np.asarray(sosfilt(_k_filter(rate), samples))


def energies(pcm: Pcm) -> tuple[float, ...]:
    """Sub-block mean squares of a whole piece."""
    meter = Meter(pcm.rate)
    meter.feed(pcm.samples)
    return meter.energies()


def integrated(sub_blocks: Sequence[float]) -> float:
    """Gated loudness in LUFS of sub-blocks in order; `SILENT_LUFS` when nothing passes the gate.

    Less than 400 ms is measured as one short block, so that a lone syllable has a loudness too.
    """
    squares = np.asarray(sub_blocks, dtype=np.float64)
    if not len(squares):
        return SILENT_LUFS
    if len(squares) >= _BLOCKS:
        squares = np.convolve(squares, np.full(_BLOCKS, 1 / _BLOCKS), "valid")
    else:
        squares = squares.mean(keepdims=True)
    loud = squares[squares > _power(_ABSOLUTE_GATE)]
    if not len(loud):
        return SILENT_LUFS
    gated = loud[loud > _power(_lufs(float(loud.mean())) - _RELATIVE_GATE)]
    return _lufs(float(gated.mean()))


def loudness(pcm: Pcm) -> float:
    """Integrated loudness of a whole piece in LUFS."""
    return integrated(energies(pcm))


def true_peak(blocks: Iterable[Samples], floor: float = 0.0) -> float:
    """Highest level between and at samples, in dBTP; -inf for silence.

    Only places beside a sample of half the highest level or more are oversampled: between samples a wave rises a few
    decibels at most. `floor` is a linear level below which nobody asks.
    """
    highest = floor
    for samples in blocks:
        for at in range(0, len(samples), _PEAK_BLOCK):
            piece = samples[max(0, at - _TAPS) : at + _PEAK_BLOCK + _TAPS]
            levels = np.abs(piece)
            highest = max(highest, float(levels.max(initial=0.0)))
            near = levels > _BESIDE * highest
            highest = max(highest, _between(piece, np.flatnonzero(near[:-1] | near[1:])))
    return 20 * math.log10(highest) if highest > 0 else -math.inf


def _between(samples: Samples, places: NDArray[np.intp]) -> float:
    """Highest level, linear, between each of these samples and the next; those at the very ends are not looked at."""
    if len(samples) < _TAPS:
        before = (_TAPS - len(samples) + 1) // 2
        samples, places = np.pad(samples, (before, _TAPS - len(samples) - before)), places + before
    starts = places - (_TAPS // 2 - 1)
    starts = starts[(starts >= 0) & (starts <= len(samples) - _TAPS)]
    windows = np.lib.stride_tricks.sliding_window_view(samples, _TAPS)
    rises = (np.abs(windows[starts[at : at + _AT_ONCE]] @ oversampler()) for at in range(0, len(starts), _AT_ONCE))
    return max((float(found.max(initial=0.0)) for found in rises), default=0.0)


@lru_cache(maxsize=1)
def oversampler() -> NDArray[np.float32]:
    """Windowed-sinc filters for the three points between samples, shape (taps, 3)."""
    centre = _TAPS // 2 - 1
    columns = []
    for phase in range(1, _PHASES):
        x = np.arange(_TAPS) - centre - phase / _PHASES
        taps = np.sinc(x) * np.kaiser(_TAPS + 2, 8.0)[1:-1]
        columns.append(taps / taps.sum())
    return np.stack(columns, axis=1).astype(np.float32)


def _lufs(power: float) -> float:
    return _OFFSET_DB + 10 * math.log10(power)


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_DB) / 10))


@lru_cache(maxsize=8)
def _k_filter(rate: int) -> NDArray[np.float64]:
    """Second-order sections of the K weighting, shape (2, 6)."""
    # shelf: 3.99984 dB at 1681.974 Hz, Q 0.7071752; high-pass: 38.13547 Hz, Q 0.5003270 (BS.1770 table, traced back to
    # analogue)
    k, q = math.tan(math.pi * 1681.974450955533 / rate), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf = [
        (high + band * k / q + k * k) / a0, 2 * (k * k - high) / a0, (high - band * k / q + k * k) / a0,
        1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0,
    ]  # fmt: skip
    k, q = math.tan(math.pi * 38.13547087602444 / rate), 0.5003270373238773
    a0 = 1 + k / q + k * k
    high_pass = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]
    return np.array([shelf, high_pass])
