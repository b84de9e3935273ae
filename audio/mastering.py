"""One sentence made fit for one outlet: band, presence, compression, loudness, true peak.

Per sentence, because then each sentence is as loud as the next whatever the voice did, and because a changed sentence
is the only one to be made again. float32 throughout; all gains move in straight lines between hops, so nothing clicks.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from audio import codec
from audio.loudness import integrated, loudness, oversampler, weighted
from audio.pcm import Pcm, Samples
from audio.profiles import Profile

#: rate of everything mastered, in hertz
RATE = codec.MP3_RATE
#: part of every cache key; raise it when the chain changes
VERSION = "1"
# the compressor's threshold means something only for speech of a known level
_REFERENCE_LUFS = -20.0
_TRIM_DB = -45.0
_TRIM_KEEP_S = 0.03
_FRAME_S = 0.01
_COMP_HOP_S = 0.0025
_ATTACK_S = 0.003
_RELEASE_S = 0.080
_KNEE_DB = 6.0
# 1.4 ms at 44.1 kHz; seventy make one block of the loudness meter
_LIMIT_HOP = 63
_BLOCK_HOPS = 70
# hops are looked at for a gain this much higher than asked, because the rounds go up
_MARGIN = 1.5
_LIMIT_RELEASE_S = 0.060
# between samples a band-limited wave of speech rises at most this much above them
_NEAR_CEILING = 0.8
# frames measured at a time
_STRETCH = 4096
_ROUNDS = 4
# a limiter asked for more than it can give is not asked without end
_LEAST_YIELD = 0.4
_CLOSE_LU = 0.1


def master(speech: Pcm, profile: Profile) -> Pcm:
    """The sentence at 44.1 kHz, trimmed, at the profile's loudness (±0.5 LU where the ceiling allows), never above its
    ceiling.

    Silence in, silence out.
    """
    pcm = trim(speech)
    if not len(pcm.samples) or not np.abs(pcm.samples).max(initial=0.0) > 0:
        return Pcm.silence(pcm.seconds, RATE)
    shaped = Pcm(_shape(pcm, profile), pcm.rate)
    level = _gain(_REFERENCE_LUFS - loudness(shaped))
    compressed = _compress(shaped.samples * level, pcm.rate, profile)
    return level_to(codec.resample(Pcm(compressed, pcm.rate), RATE), profile.target_lufs, profile.ceiling_dbtp)


def level_to(pcm: Pcm, target_lufs: float, ceiling_dbtp: float) -> Pcm:
    """Gain and limiter in turn until the loudness is met or the ceiling forbids more. `pcm` is at 44.1 kHz.

    The sound is weighted and its peaks are found once: gain only scales both, and the limiter's gain moves so slowly
    that it may be applied to the weighted power instead of the sound (under 0.1 LU apart; the tests hold the sound
    itself to it).
    """
    limiter = _Limiter(pcm.samples, ceiling_dbtp)
    gain = target_lufs - limiter.loudness(1.0, None)
    last_gain, last_level = 0.0, target_lufs - gain
    edges = None
    for _ in range(_ROUNDS):
        edges = limiter.edges(_gain(gain))
        level = limiter.loudness(_gain(gain), edges)
        if abs(target_lufs - level) < _CLOSE_LU:
            break
        # the limiter takes back part of every decibel; how much is seen from the last two rounds
        yields = (level - last_level) / (gain - last_gain) if gain != last_gain else 1.0
        last_gain, last_level = gain, level
        gain += (target_lufs - level) / min(1.0, max(_LEAST_YIELD, yields))
        edges = None
    return Pcm(limiter.applied(_gain(gain), limiter.edges(_gain(gain)) if edges is None else edges), pcm.rate)


def trim(pcm: Pcm) -> Pcm:
    """Without the silence before and after; 30 ms of it are kept. Silence is 45 dB below the loudest 10 ms."""
    start, end = sounding(frame_levels(pcm, frame_size(pcm.rate)), pcm.rate, len(pcm.samples))
    return Pcm(pcm.samples[start:end], pcm.rate)


def frame_size(rate: int) -> int:
    """Samples of 10 ms."""
    return max(1, round(_FRAME_S * rate))


def sounding(levels: NDArray[np.float32], rate: int, count: int) -> tuple[int, int]:
    """First sample and end of what is not silence before and after, from the levels of 10 ms frames of `count`
    samples; all of it when nothing sounds.
    """
    if not len(levels) or levels.max() <= 0:
        return 0, count
    size, keep = frame_size(rate), round(_TRIM_KEEP_S * rate)
    loud = np.flatnonzero(levels > levels.max() * 10 ** (_TRIM_DB / 20))
    return max(0, int(loud[0]) * size - keep), min(count, (int(loud[-1]) + 1) * size + keep)


def frame_levels(pcm: Pcm, size: int) -> NDArray[np.float32]:
    """Root mean square of each whole frame of `size` samples."""
    whole = len(pcm.samples) // size
    levels = np.empty(whole, dtype=np.float32)
    # a long take is squared a stretch at a time: no second copy of it
    for at in range(0, whole, _STRETCH):
        frames = pcm.samples[at * size : min(at + _STRETCH, whole) * size].reshape(-1, size)
        levels[at : at + _STRETCH] = np.sqrt(np.square(frames).mean(axis=1))
    return levels


def _gain(db: float) -> float:
    return float(10 ** (db / 20))


def _shape(pcm: Pcm, profile: Profile) -> Samples:
    sos = band(profile.high_pass_hz, profile.low_pass_hz, profile.presence_db, profile.presence_hz, pcm.rate)
    # the filter's ring is heard at neither end: the speech was trimmed to silence there
    return np.asarray(sosfilt(sos, pcm.samples), dtype=np.float32)


@lru_cache(maxsize=32)
def band(
    high_pass_hz: float | None, low_pass_hz: float | None, lift_db: float, lift_hz: float, rate: int
) -> NDArray[np.float64]:
    """Sections of fourth-order Butterworth edges and a peaking lift (R. Bristow-Johnson's equaliser formulae, Q 1).

    Shape (sections, 6). An edge that is None, or too near half the rate, is left out.
    """
    parts = []
    if high_pass_hz:
        parts.append(butter(4, high_pass_hz, "highpass", fs=rate, output="sos"))
    if low_pass_hz and low_pass_hz < 0.45 * rate:
        parts.append(butter(4, low_pass_hz, "lowpass", fs=rate, output="sos"))
    amplitude = 10 ** (lift_db / 40)
    omega = 2 * math.pi * lift_hz / rate
    alpha = math.sin(omega) / 2
    peak = np.array([
        1 + alpha * amplitude, -2 * math.cos(omega), 1 - alpha * amplitude,
        1 + alpha / amplitude, -2 * math.cos(omega), 1 - alpha / amplitude,
    ])  # fmt: skip
    parts.append((peak / peak[3])[None, :])
    return np.concatenate(parts)


def _compress(samples: Samples, rate: int, profile: Profile) -> Samples:
    """Feed-forward compressor on the level of 2.5 ms hops, soft knee, gain ramped from hop to hop."""
    hop = max(1, round(_COMP_HOP_S * rate))
    hops = -(-len(samples) // hop)
    padded = np.pad(samples, (0, hops * hop - len(samples)))
    power = np.square(padded.reshape(hops, hop)).mean(axis=1)
    over = 10 * np.log10(np.maximum(power, 1e-12)) - profile.threshold_db
    slope = 1 / profile.ratio - 1
    knee = np.clip(over + _KNEE_DB / 2, 0, _KNEE_DB)
    wanted = np.where(over > _KNEE_DB / 2, slope * over, slope * knee * knee / (2 * _KNEE_DB))
    attack, release = math.exp(-_COMP_HOP_S / _ATTACK_S), math.exp(-_COMP_HOP_S / _RELEASE_S)
    gain, gains = 0.0, []
    for want in wanted.tolist():
        pole = attack if want < gain else release
        gain = want + (gain - want) * pole
        gains.append(gain)
    edges = 10 ** (np.array([gains[0], *gains]) / 20)
    return _ramped(padded, edges, hop)[: len(samples)]


class _Limiter:
    """Holds every hop's true peak at or under a ceiling: least gain of a hop and its neighbours, slow release."""

    def __init__(self, samples: Samples, ceiling_dbtp: float) -> None:
        self._size = len(samples)
        self._ceiling = _gain(ceiling_dbtp)
        hops = max(1, -(-self._size // _LIMIT_HOP))
        self._padded = np.pad(samples, (0, hops * _LIMIT_HOP - self._size))
        self._sample_peaks = np.abs(self._padded.reshape(hops, _LIMIT_HOP)).max(axis=1)
        self._peaks = self._sample_peaks
        # the gain up to which hops that may pass the ceiling between samples have been looked at
        self._looked_at = 0.0
        self._power = np.square(weighted(self._padded, RATE)).reshape(hops, _LIMIT_HOP).mean(axis=1)

    def edges(self, gain: float) -> NDArray[np.float64]:
        """The limiter's gain at each hop's edge when the sound is multiplied by `gain`."""
        if gain > self._looked_at:
            self._look(gain * _MARGIN)
        need = np.minimum(1.0, self._ceiling / np.maximum(self._peaks * gain, 1e-9))
        # an edge belongs to the hops on both sides of it and reaches one further, so that a straight ramp stays below
        # every need
        held = np.minimum(need, np.minimum(np.append(need[1:], 1.0), np.insert(need[:-1], 0, 1.0)))
        release = math.exp(-_LIMIT_HOP / RATE / _LIMIT_RELEASE_S)
        now, gains = 1.0, []
        for want in held.tolist():
            now = want if want < now else want + (now - want) * release
            gains.append(now)
        after = np.array(gains)
        return np.asarray(np.minimum(np.insert(after, 0, after[0]), np.append(after, after[-1])))

    def loudness(self, gain: float, edges: NDArray[np.float64] | None) -> float:
        """Loudness in LUFS after gain and limiter."""
        power = self._power * gain * gain
        if edges is not None:
            left, right = edges[:-1], edges[1:]
            power = power * (left * left + left * right + right * right) / 3
        whole = len(power) // _BLOCK_HOPS * _BLOCK_HOPS
        blocks = power[:whole].reshape(-1, _BLOCK_HOPS).mean(axis=1).tolist()
        return integrated([*blocks, float(power[whole:].mean())] if whole < len(power) else blocks)

    def applied(self, gain: float, edges: NDArray[np.float64]) -> Samples:
        """The sound itself after gain and limiter."""
        return _ramped(self._padded, edges * gain, _LIMIT_HOP)[: self._size]

    def _look(self, gain: float) -> None:
        near = np.flatnonzero(self._sample_peaks * gain > _NEAR_CEILING * self._ceiling)
        self._looked_at = gain
        if not len(near):
            return
        taps = oversampler()
        reach = len(taps)
        wide = np.pad(self._padded, reach)
        # each hop with enough on both sides that a peak on its edge is seen from both
        windows = np.lib.stride_tricks.sliding_window_view(wide, _LIMIT_HOP + reach)[near * _LIMIT_HOP + reach // 2]
        between = np.lib.stride_tricks.sliding_window_view(windows, reach, axis=1) @ taps
        self._peaks = self._sample_peaks.copy()
        self._peaks[near] = np.maximum(self._peaks[near], np.abs(between).max(axis=(1, 2)))


def _ramped(padded: Samples, edges: NDArray[np.float64], hop: int) -> Samples:
    """Samples times a gain that moves in a straight line between hop edges; `edges` has one more entry than
    there are hops.
    """
    left, right = edges[:-1, None].astype(np.float32), edges[1:, None].astype(np.float32)
    along = (np.arange(hop, dtype=np.float32) / hop)[None, :]
    frames = padded.reshape(len(edges) - 1, hop)
    return np.asarray((frames * (left + (right - left) * along)).reshape(-1), dtype=np.float32)
