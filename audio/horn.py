"""`loathon check-horn`: is mastered speech understood better than raw speech, through a horn and field noise, at the
same peak?

The amplifier limits the peak, so every version is brought to the same one. Channel: a simulated horn, air, two farther
horns and a valley's tail; noise: pink, speech-shaped and cicadas, at a level that the raw version fixes. Score: ESTOI,
mean of the three noises. It is a simulation with a synthetic voice; ten listeners with pairs of words are the real
proof.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TextIO

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, lfilter, sosfilt

from audio import codec, mastering
from audio.estoi import estoi
from audio.mastering import RATE, band
from audio.pcm import Pcm, Samples
from audio.profiles import PROFILES
from audio.spec import VoiceChoice
from audio.voices.contract import Line
from audio.voices.espeak import Espeak

Floats = NDArray[np.float64]

#: releases are held to this gain at 0 dB
LEAST_GAIN = 0.15
SNRS_DB = (0.0, -5.0)
NOISES = ("pink", "speech", "cicada")
_SENTENCES = Path(__file__).resolve().parent / "lexicon" / "horn.yaml"
_PAUSE_S = 0.35
_PEAK = 0.89
# a horn's own band and resonances: centre hertz, dB
_HORN_HZ = (380.0, 5500.0)
_RESONANCES = ((1100.0, 6.0), (2600.0, 4.0), (1800.0, -4.0))
_AIR_HZ = 4500.0
# farther horns: seconds, dB
_ECHOES = ((0.350, -10.0), (0.620, -14.0))
_TAIL_S = 0.8
_TAIL_DB = -12.0
# widest shift an encoder's delay may need, in seconds
_SHIFT_S = 0.1


@dataclass(frozen=True, slots=True)
class Row:
    """One version: its name, score without noise, and scores at `SNRS_DB`."""

    name: str
    quiet: float
    noisy: tuple[float, ...]


def run(choice: VoiceChoice | None = None, sentences: Sequence[str] = (), seed: int = 1) -> list[Row]:
    """Scores of raw speech, each profile, and the horn's profile after MP3.

    Some seconds of computing for each minute of speech.
    """
    voice = Espeak(choice or VoiceChoice(gender="nam"))
    spoken = [mastering.trim(pcm) for pcm in voice.synth([Line(text) for text in sentences or _sentences()])]
    clean = _joined([codec.resample(pcm, RATE) for pcm in spoken])
    versions = {"raw": clean}
    for name, profile in PROFILES.items():
        versions[name] = _joined([mastering.master(pcm, profile) for pcm in spoken])
    versions["loa + mp3"] = _aligned(codec.decode(codec.to_mp3(versions["loa"])), versions["loa"])
    heard = {name: _channel(_at_peak(pcm), seed) for name, pcm in versions.items()}
    level = float(np.sqrt(np.square(heard["raw"]).mean()))
    noises = {name: _noise(name, clean, seed) for name in NOISES}
    return [_scored(name, clean, sound, noises, level) for name, sound in heard.items()]


def _scored(name: str, clean: Pcm, sound: Floats, noises: Mapping[str, Floats], level: float) -> Row:
    """`level` is the raw version's RMS: all versions meet the same noise."""
    scores = []
    for snr in SNRS_DB:
        size = min(len(sound), len(clean.samples))
        loud = level * 10 ** (-snr / 20)
        each = [estoi(clean, _pcm(sound[:size] + loud * noise[:size])) for noise in noises.values()]
        scores.append(float(np.mean(each)))
    return Row(name, estoi(clean, _pcm(sound)), tuple(scores))


def gain(rows: Sequence[Row], profile: str = "loa") -> float:
    """How much a profile gains over raw at 0 dB."""
    by_name = {row.name: row for row in rows}
    return by_name[profile].noisy[0] - by_name["raw"].noisy[0]


def report(rows: Sequence[Row], out: TextIO) -> bool:
    """Write the table; whether the horn's profile gains enough."""
    heads = "".join(f"{snr:+8.0f} dB" for snr in SNRS_DB)
    out.write(f"{'ESTOI':<12}{'quiet':>9}{heads}\n")
    lines = ([f"{row.name:<12}{row.quiet:>9.3f}", *(f"{score:>11.3f}" for score in row.noisy)] for row in rows)
    out.writelines("".join(cells) + "\n" for cells in lines)
    good = gain(rows) >= LEAST_GAIN
    out.write(f"loa - raw at 0 dB: {gain(rows):+.3f} (at least {LEAST_GAIN:+.2f})\n")
    return good


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m audio.horn`: 0 when the gain is there, 1 when not."""
    parser = argparse.ArgumentParser(prog="python -m audio.horn")
    parser.add_argument("--gender", choices=("nam", "nu"), default="nam")
    options = parser.parse_args(argv)
    return 0 if report(run(VoiceChoice(gender=options.gender)), sys.stdout) else 1


@lru_cache(maxsize=1)
def _sentences() -> tuple[str, ...]:
    return tuple(yaml.safe_load(_SENTENCES.read_text(encoding="utf-8"))["horn"]["sentences"])


def _joined(pieces: Sequence[Pcm]) -> Pcm:
    return Pcm.join(piece.followed_by_silence(_PAUSE_S) for piece in pieces)


def _pcm(samples: Floats | Samples) -> Pcm:
    return Pcm(samples.astype(np.float32), RATE)


def _at_peak(pcm: Pcm) -> Floats:
    return pcm.samples.astype(np.float64) * (_PEAK / float(np.abs(pcm.samples).max()))


def _aligned(late: Pcm, early: Pcm) -> Pcm:
    """`late` without the delay that fits `early` best."""
    size = min(len(late.samples), len(early.samples), 10 * RATE)
    match = fftconvolve(late.samples[:size], early.samples[:size][::-1])
    shift = int(np.argmax(match[size - 1 : size - 1 + round(_SHIFT_S * RATE)]))
    return Pcm(late.samples[shift : shift + len(early.samples)], RATE)


def _channel(sound: Floats, seed: int) -> Floats:
    """What reaches a listener: horn, air, farther horns, the valley."""
    horn = sosfilt(butter(3, _HORN_HZ, "bandpass", fs=RATE, output="sos"), sound)
    for hertz, lift in _RESONANCES:
        horn = sosfilt(band(None, None, lift, hertz, RATE), horn)
    heard = sosfilt(butter(1, _AIR_HZ, "lowpass", fs=RATE, output="sos"), horn)
    out = heard.copy()
    for delay_s, level_db in _ECHOES:
        at = round(delay_s * RATE)
        out[at:] += heard[:-at] * 10 ** (level_db / 20)
    random = np.random.default_rng(seed)
    t = np.arange(round(_TAIL_S * RATE)) / RATE
    tail = random.standard_normal(len(t)) * 10 ** (-3 * t / _TAIL_S)
    tail *= 10 ** (_TAIL_DB / 20) / np.sqrt(np.square(tail).sum())
    return np.asarray(out + fftconvolve(heard, tail)[: len(out)])


def _noise(name: str, clean: Pcm, seed: int) -> Floats:
    """Noise of RMS 1 as long as the speech."""
    size = len(clean.samples)
    random = np.random.default_rng((seed, NOISES.index(name)))
    white = random.standard_normal(size)
    if name == "speech":
        # all-pole fit of the speech's own spectrum, order 16
        noise = lfilter([1.0], _predictor(clean.samples.astype(np.float64), 16), white)
    else:
        noise = _pink(white)
        if name == "cicada":
            buzz = sosfilt(butter(4, (3500, 7500), "bandpass", fs=RATE, output="sos"), random.standard_normal(size))
            t = np.arange(size) / RATE
            buzz *= 1 + 0.8 * np.sin(2 * np.pi * 7 * t)
            noise = noise / noise.std() + 1.5 * buzz / buzz.std()
    return np.asarray(noise / np.sqrt(np.square(noise).mean()))


def _pink(white: Floats) -> Floats:
    spectrum = np.fft.rfft(white)
    hertz = np.fft.rfftfreq(len(white), 1 / RATE)
    return np.fft.irfft(spectrum / np.sqrt(np.maximum(hertz, 20.0)), len(white))


def _predictor(x: Floats, order: int) -> Floats:
    """Coefficients of the all-pole model by the autocorrelation method, the first being 1."""
    spectrum = np.square(np.abs(np.fft.rfft(x, 2 * len(x))))
    lags = np.fft.irfft(spectrum)[: order + 1]
    matrix = lags[np.abs(np.arange(order)[:, None] - np.arange(order)[None, :])]
    return np.concatenate([[1.0], -np.linalg.solve(matrix + 1e-9 * lags[0] * np.eye(order), lags[1:])])


if __name__ == "__main__":
    raise SystemExit(main())
