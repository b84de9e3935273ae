from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from scipy.signal import resample_poly

from audio import loudness
from audio.pcm import Pcm


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
def test_agrees_with_an_independent_meter(rate, murmur):
    sound = murmur(12, rate)
    sound = Pcm(np.concatenate([sound.samples, np.zeros(3 * rate, np.float32), sound.samples * 0.03]), rate)
    theirs = pyloudnorm.Meter(rate).integrated_loudness(sound.samples.astype(np.float64))
    # near half the rate the two ways to rebuild the filter differ a little; speech has nothing there
    assert loudness.loudness(sound) == pytest.approx(theirs, abs=0.15)


def test_agrees_on_speech(speech):
    for pcm in speech:
        theirs = pyloudnorm.Meter(pcm.rate).integrated_loudness(pcm.samples.astype(np.float64))
        assert loudness.loudness(pcm) == pytest.approx(theirs, abs=0.15)


def test_the_standards_own_reference(tone):
    # BS.1770: a 997 Hz sine at full scale in one channel reads -3.01
    assert loudness.loudness(tone(997, 5, 48_000, 1.0)) == pytest.approx(-3.01, abs=0.03)


def test_feeding_in_pieces_changes_nothing(murmur):
    sound = murmur(5, 44_100)
    meter = loudness.Meter(44_100)
    for at in range(0, len(sound.samples), 7001):
        meter.feed(sound.samples[at : at + 7001])
    assert meter.energies() == pytest.approx(loudness.energies(sound), rel=1e-6)


def test_silence_and_a_syllable_have_a_loudness(tone):
    assert loudness.loudness(Pcm.silence(2, 44_100)) == loudness.SILENT_LUFS
    assert loudness.integrated(()) == loudness.SILENT_LUFS
    assert loudness.loudness(tone(997, 0.25, 48_000, 1.0)) == pytest.approx(-3.0, abs=0.5)


def test_a_peak_between_samples_is_seen(tone):
    # at a quarter of the rate and 45 degrees every sample lies 3 dB under the crest
    sound = tone(11_025, 1, 44_100, 0.5, np.pi / 4)
    assert np.abs(sound.samples).max() == pytest.approx(0.3536, abs=0.001)
    assert loudness.true_peak([sound.samples]) == pytest.approx(-6.02, abs=0.25)


def test_true_peak_agrees_with_plain_oversampling(murmur):
    sound = murmur(3, 44_100)
    theirs = 20 * np.log10(np.abs(resample_poly(sound.samples.astype(np.float64), 8, 1)).max())
    assert loudness.true_peak([sound.samples]) == pytest.approx(theirs, abs=0.3)
    assert loudness.true_peak([Pcm.silence(1, 8000).samples]) == -np.inf
