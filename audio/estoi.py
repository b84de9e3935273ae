"""Extended short-time objective intelligibility: how much of the clean speech's shape survives, from about 0 to 1.

After J. Jensen and C. H. Taal, "An algorithm for predicting the intelligibility of speech masked by modulated noise
maskers", IEEE/ACM TASLP 24(11), 2016; constants are theirs. Not validated for Vietnamese tones: use it to compare, not
to promise.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audio import codec
from audio.pcm import Pcm

Floats = NDArray[np.float64]

_RATE = 10_000
_WINDOW = 256
_HOP = _WINDOW // 2
_FFT = 512
_BANDS = 15
_LOWEST_HZ = 150.0
# 384 ms
_SEGMENT = 30
# frames this far under the loudest are pauses and say nothing
_RANGE_DB = 40.0
_TINY = 1e-12


def estoi(clean: Pcm, heard: Pcm) -> float:
    """Score of `heard` against `clean`: same speech, lined up in time, any rates.

    Raises ValueError for under 384 ms of speech.
    """
    x = codec.resample(clean, _RATE).samples.astype(np.float64)
    y = codec.resample(heard, _RATE).samples.astype(np.float64)
    size = min(len(x), len(y))
    x, y = _spoken(x[:size], y[:size])
    bands_x, bands_y = _bands(x), _bands(y)
    if bands_x.shape[1] < _SEGMENT:
        raise ValueError("too little speech to judge")
    a, b = _segments(bands_x), _segments(bands_y)
    return float((a * b).sum(axis=(1, 2)).mean() / _SEGMENT)


def _spoken(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Both without the frames in which the clean one pauses, overlapped and added again."""
    window = np.hanning(_WINDOW + 2)[1:-1]
    starts = np.arange(0, len(x) - _WINDOW + 1, _HOP)
    frames_x = x[starts[:, None] + np.arange(_WINDOW)] * window
    frames_y = y[starts[:, None] + np.arange(_WINDOW)] * window
    levels = 20 * np.log10(np.linalg.norm(frames_x, axis=1) + _TINY)
    keep = levels > levels.max() - _RANGE_DB
    return _added(frames_x[keep]), _added(frames_y[keep])


def _added(frames: Floats) -> Floats:
    out = np.zeros((len(frames) + 1) * _HOP)
    for i, frame in enumerate(frames):
        out[i * _HOP : i * _HOP + _WINDOW] += frame
    return out


def _bands(x: Floats) -> Floats:
    """Third-octave magnitudes, shape (bands, frames)."""
    window = np.hanning(_WINDOW + 2)[1:-1]
    starts = np.arange(0, len(x) - _WINDOW + 1, _HOP)
    spectrum = np.fft.rfft(x[starts[:, None] + np.arange(_WINDOW)] * window, _FFT)
    return np.sqrt(_octaves() @ np.square(np.abs(spectrum)).T)


@lru_cache(maxsize=1)
def _octaves() -> Floats:
    """Which bins belong to which third of an octave, shape (bands, bins)."""
    hertz = np.linspace(0, _RATE, _FFT + 1)[: _FFT // 2 + 1]
    out = np.zeros((_BANDS, len(hertz)))
    for band in range(_BANDS):
        low, high = (_LOWEST_HZ * 2 ** ((2 * band + side) / 6) for side in (-1, 1))
        first, last = int(np.square(hertz - low).argmin()), int(np.square(hertz - high).argmin())
        out[band, first:last] = 1.0
    return out


def _segments(bands: Floats) -> Floats:
    """Every run of 30 frames, rows then columns brought to mean 0 and length 1, shape (segments, bands, 30)."""
    runs = np.lib.stride_tricks.sliding_window_view(bands, _SEGMENT, axis=1).transpose(1, 0, 2)
    return _normal(_normal(runs, 2), 1)


def _normal(runs: Floats, axis: int) -> Floats:
    centred = runs - runs.mean(axis=axis, keepdims=True)
    return np.asarray(centred / (np.linalg.norm(centred, axis=axis, keepdims=True) + _TINY))
