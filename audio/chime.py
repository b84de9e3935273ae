"""The station's chime: our own synthesis, no samples, no one's rights.

Four notes of a pentatonic scale, all partials at 392 Hz or above, so that a horn, which starts near 250–380 Hz, plays
every one. The opening rises, the closing falls.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from audio import codec
from audio.mastering import RATE, level_to
from audio.pcm import Pcm
from audio.profiles import Profile

#: part of the cache key
VERSION = "1"
# hertz: G4, C5, D5, G5
_RISING = (392.0, 523.25, 587.33, 783.99)
_NOTES: Mapping[str, tuple[float, ...]] = {"mo": _RISING, "ket": (783.99, 523.25)}
# frequency, level and seconds of decay of each partial, like a struck bar
_PARTIALS = ((1.0, 1.0, 0.55), (2.0, 0.45, 0.35), (3.0, 0.22, 0.22), (4.2, 0.12, 0.12))
_STEP_S = 0.42
_RING_S = 1.1
_ATTACK_S = 0.004
# a little under the speech, so that a short clip of both keeps the loudness of its outlet
_BELOW_SPEECH_LU = 1.0


def chime(kind: str, profile: Profile) -> Pcm:
    """The chime of a `kind` (mo opens, ket closes) at 44.1 kHz, 1 LU below the profile's speech."""
    return level_to(_plain(kind), profile.target_lufs - _BELOW_SPEECH_LU, profile.ceiling_dbtp)


def seconds(kind: str) -> float:
    """How long a chime is."""
    return _STEP_S * (len(_NOTES[kind]) - 1) + _RING_S


@lru_cache(maxsize=2)
def _plain(kind: str) -> Pcm:
    notes = _NOTES[kind]
    return codec.overlay(
        Pcm.silence(seconds(kind), RATE), ((i * _STEP_S, _note(hertz)) for i, hertz in enumerate(notes))
    )


def _note(hertz: float) -> Pcm:
    t = np.arange(round(_RING_S * RATE)) / RATE
    sound = sum(level * np.exp(-t / decay) * np.sin(2 * np.pi * hertz * part * t) for part, level, decay in _PARTIALS)
    edge = np.minimum(1.0, t / _ATTACK_S) * np.minimum(1.0, (_RING_S - t) / 0.05)
    return Pcm((0.22 * sound * edge).astype(np.float32), RATE)
