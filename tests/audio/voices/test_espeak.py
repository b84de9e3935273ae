from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from audio.mastering import trim
from audio.spec import VoiceChoice
from audio.voices.contract import Line
from audio.voices.espeak import Espeak
from audio.voices.gate import passed

TEXT = "Hộ nghèo, hộ cận nghèo và hộ mới thoát nghèo được vay vốn ở Ngân hàng Chính sách xã hội."


def spoken(text=TEXT, speed=1.0, **choice):
    (pcm,) = Espeak(VoiceChoice(**choice)).synth([Line(text, speed)])
    return pcm


def pitch(pcm, start, end) -> float:
    """Fundamental of a stretch (shares of the length) in hertz, by autocorrelation."""
    x = pcm.samples[int(len(pcm.samples) * start) : int(len(pcm.samples) * end)].astype(float)
    x = sosfiltfilt(butter(4, 400, fs=pcm.rate, output="sos"), x)
    match = np.correlate(x, x, "full")[len(x) - 1 :]
    low, high = int(pcm.rate / 300), int(pcm.rate / 55)
    # of the lags that match about equally well the shortest is the period, the others are its multiples
    lags = match[low:high] / match[low:high].max()
    peaks = [i for i in range(1, len(lags) - 1) if lags[i - 1] <= lags[i] >= lags[i + 1] and lags[i] > 0.85]
    return pcm.rate / (low + (peaks[0] if peaks else int(lags.argmax())))


def test_it_speaks_for_as_long_as_the_words_take():
    pcm = spoken(gender="nam")
    assert pcm.rate == 22_050
    assert pcm.seconds == pytest.approx(len(TEXT) * 0.06, rel=0.15)
    assert passed(Line(TEXT), pcm) is pcm


def test_again_is_the_same_length():
    first, second = spoken(), spoken()
    assert second.seconds == pytest.approx(first.seconds, rel=0.01)


@pytest.mark.parametrize(("speed", "unit"), [(0.85, 1.0), (1.0, 0.8), (0.85, 0.8)])
def test_slow_is_slower(speed, unit):
    (pcm,) = Espeak(VoiceChoice(speed=unit)).synth([Line(TEXT, speed)])
    assert 1.1 < pcm.seconds / spoken().seconds < 3


def test_a_woman_speaks_higher():
    man, woman = spoken("a", gender="nam"), spoken("a", gender="nu")
    assert pitch(trim(woman), 0.2, 0.8) > 1.2 * pitch(trim(man), 0.2, 0.8)


def test_tones_move_as_they_should():
    rising, falling = trim(spoken("má", gender="nam")), trim(spoken("mà", gender="nam"))
    rise = 12 * np.log2(pitch(rising, 0.75, 0.95) / pitch(rising, 0.2, 0.45))
    fall = 12 * np.log2(pitch(falling, 0.6, 0.95) / pitch(falling, 0.1, 0.4))
    assert rise >= 3
    assert fall < 0


@pytest.mark.parametrize(("region", "name"), [("bac", "vi"), ("trung", "vi"), ("nam", "vi-vn-x-south")])
def test_no_region_gets_the_flat_voice(region, name):
    voice = Espeak(VoiceChoice(region=region, gender="nam"))
    assert voice.voice == name
    assert voice.probe().ok
    assert spoken("Xin chào bà con.", region=region).seconds > 0.7


def test_identity_holds_voice_and_rate():
    ids = {
        Espeak(VoiceChoice(gender=g, region=r, speed=s)).id
        for g in ("nu", "nam")
        for r in ("bac", "nam")
        for s in (1, 0.8)
    }
    assert len(ids) == 8
