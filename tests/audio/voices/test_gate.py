from __future__ import annotations

import numpy as np
import pytest

from audio.errors import VoiceError
from audio.pcm import Pcm
from audio.voices.contract import Line
from audio.voices.gate import passed

LINE = Line("Kính thưa bà con, sáng mai thôn ta họp.")


@pytest.mark.parametrize(
    ("seconds", "level", "share", "code"),
    [
        (0.5, 0.3, 1, "length"),
        (30, 0.3, 1, "length"),
        (3, 0, 1, "silent"),
        (3, 0.3, 0.3, "silent"),
        (3, 4, 1, "clipped"),
    ],
)
def test_what_is_no_speech_is_refused(seconds, level, share, code, tone):
    sound = tone(200, seconds, 22_050, level).samples
    sound[int(len(sound) * share) :] = 0
    with pytest.raises(VoiceError) as error:
        passed(LINE, Pcm(np.clip(sound, -1, 1), 22_050))
    assert error.value.code == code


def test_speech_passes_slow_or_short(speech, tone):
    from tests.audio.conftest import SENTENCES

    for text, pcm in zip(SENTENCES, speech, strict=True):
        assert passed(Line(text), pcm) is pcm
    assert passed(Line("Hai.", 0.8), tone(200, 0.9, 22_050))
