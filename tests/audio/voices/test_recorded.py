from __future__ import annotations

import numpy as np
import pytest

from audio import codec
from audio.errors import CodecError
from audio.pcm import Pcm
from audio.voices.recorded import take
from tests.audio.conftest import SENTENCES


def room(pcm: Pcm, noise: float, level: float = 1.0, silence_s: float = 0.6) -> Pcm:
    edge = np.zeros(round(silence_s * pcm.rate), np.float32)
    sound = np.concatenate([edge, pcm.samples * level, edge])
    return Pcm((sound + noise * np.random.default_rng(3).standard_normal(len(sound))).astype(np.float32), pcm.rate)


def codes(pcm: Pcm, script: str = "") -> list[str]:
    return [fault.code for fault in take(codec.to_wav(pcm), script).faults]


def test_a_good_take_is_cut_and_passes(speech):
    made = take(codec.to_wav(room(speech[0], 0.0005)), SENTENCES[0])
    assert made.faults == ()
    assert made.snr_db > 30
    assert made.seconds == pytest.approx(speech[0].seconds, abs=0.5)


@pytest.mark.parametrize(
    ("noise", "level", "code"), [(0.05, 1.0, "noisy"), (0.0, 0.01, "quiet"), (0.0, 30.0, "clipped")]
)
def test_what_a_listener_would_mind_is_named(noise, level, code, speech):
    assert codes(room(speech[0], noise, level), SENTENCES[0]) == [code]


def test_too_much_or_too_little_was_read(speech):
    assert codes(room(speech[2], 0.0003), SENTENCES[0] * 2) == ["length"]
    assert codes(room(Pcm.join(speech), 0.0003), SENTENCES[2]) == ["length"]
    assert codes(Pcm(speech[2].samples[4000:7000], speech[2].rate)) == ["short"]


def test_a_phone_video_is_refused_by_name():
    with pytest.raises(CodecError) as error:
        take(b"\0\0\0 ftypM4A \0\0\0\0" + b"\0" * 500)
    assert error.value.code == "format"
