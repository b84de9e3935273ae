"""What a voice must give before it is kept: right length, mostly sound, not clipped."""

from __future__ import annotations

import numpy as np

from audio.errors import VoiceError
from audio.mastering import frame_levels
from audio.pcm import Pcm
from audio.voices.contract import Line

# seconds a character, over all engines and speeds measured; a short line has a start and an end of its own
_SHORTEST_S_PER_CHAR = 0.03
_LONGEST_S_PER_CHAR = 0.20
_ENDS_S = 1.5
_FRAME_S = 0.02
_SILENT_DB = -45.0
_SOUND_SHARE = 0.5
# a digital zero line of clipping needs many samples at full scale in a row
_CLIPPED_SHARE = 0.005
_FULL_SCALE = 0.999


def passed(line: Line, pcm: Pcm) -> Pcm:
    """The piece itself. Raises VoiceError: `length`, `silent`, `clipped`."""
    size, low = len(line.text), len(line.text) * _SHORTEST_S_PER_CHAR
    high = size * _LONGEST_S_PER_CHAR / line.speed + _ENDS_S
    if not low <= pcm.seconds <= high:
        raise VoiceError(
            f"{pcm.seconds:.2f} s for {size} characters, not within {low:.2f} and {high:.2f}", code="length"
        )
    levels = frame_levels(pcm, max(1, round(_FRAME_S * pcm.rate)))
    top = float(levels.max(initial=0.0))
    if top <= 0 or float((levels > top * 10 ** (_SILENT_DB / 20)).mean()) < _SOUND_SHARE:
        raise VoiceError(f"mostly silence in {pcm.seconds:.2f} s", code="silent")
    if float((np.abs(pcm.samples) >= _FULL_SCALE).mean()) > _CLIPPED_SHARE:
        raise VoiceError("clipped", code="clipped")
    return pcm
