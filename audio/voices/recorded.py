"""Human recordings: measured, cut clean and handed on like any other voice; never labelled synthetic."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from audio import codec
from audio.mastering import frame_levels, trim
from audio.pcm import Pcm
from audio.spec import Fault

_FRAME_S = 0.02
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
# a level of nothing, so that logarithms have an answer
_FLOOR = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """A recording fit to be mastered, its figures and what is wrong with it.

    Faults do not stop a take: a person decides.
    """

    pcm: Pcm
    seconds: float
    snr_db: float
    level_dbfs: float
    faults: tuple[Fault, ...]


def take(data: codec.Buffer, script: str = "") -> Take:
    """Read, mix to one channel, trim and measure. `script` is what was to be read, for the check of length.

    Faults: `short`, `length`, `noisy`, `quiet`, `clipped`. Raises CodecError for what no bundled decoder reads (m4a,
    amr, webm: such files are kept and played as they came).
    """
    whole = codec.decode(data)
    speech = trim(whole)
    # noise is judged on the whole take: the pauses around the words are where the room is heard
    levels = np.sort(frame_levels(whole, max(1, round(_FRAME_S * whole.rate))))
    quiet = float(levels[: max(1, len(levels) // 10)].mean()) if len(levels) else 0.0
    loud = float(levels[-max(1, len(levels) // 4) :].mean()) if len(levels) else 0.0
    snr, level = _db(loud) - _db(quiet), _db(loud)
    low, high = (np.count_nonzero(over) for over in (whole.samples <= -_FULL_SCALE, whole.samples >= _FULL_SCALE))
    clipped = (low + high) / len(whole.samples)
    faults = []
    if speech.seconds < _SHORTEST_S:
        faults.append(Fault("short", f"{speech.seconds:.1f}", f"{_SHORTEST_S}"))
    elif script:
        least, most = len(script) * _FASTEST_S_PER_CHAR, len(script) * _SLOWEST_S_PER_CHAR + _ENDS_S
        if not least <= speech.seconds <= most:
            faults.append(Fault("length", f"{speech.seconds:.1f}", f"{least:.1f}-{most:.1f}", script[:40]))
    if level < _QUIETEST_DBFS:
        faults.append(Fault("quiet", f"{level:.0f}", f"{_QUIETEST_DBFS:.0f}"))
    elif snr < _LEAST_SNR_DB:
        faults.append(Fault("noisy", f"{snr:.0f}", f"{_LEAST_SNR_DB:.0f}"))
    if clipped > _CLIPPED_SHARE:
        faults.append(Fault("clipped", f"{clipped:.2%}", f"{_CLIPPED_SHARE:.2%}"))
    return Take(speech, speech.seconds, snr, level, tuple(faults))


def _db(level: float) -> float:
    return 20 * math.log10(max(level, _FLOOR))
