from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from audio import chime, codec, mastering
from audio.loudness import loudness, true_peak
from audio.pcm import Pcm
from audio.profiles import FINAL_CEILING_DBTP, PROFILES


def crest(samples) -> float:
    return float(20 * np.log10(np.abs(resample_poly(samples.astype(np.float64), 8, 1)).max()))


@pytest.mark.parametrize("profile", PROFILES.values(), ids=str)
def test_every_sentence_meets_its_outlet(profile, speech):
    for pcm in speech:
        made = mastering.master(pcm, profile)
        theirs = pyloudnorm.Meter(made.rate).integrated_loudness(made.samples.astype(np.float64))
        assert theirs == pytest.approx(profile.target_lufs, abs=0.6)
        assert crest(made.samples) <= profile.ceiling_dbtp + 0.1
        heard = codec.decode(codec.to_mp3(made))
        assert true_peak([heard.samples]) <= FINAL_CEILING_DBTP
        assert loudness(heard) == pytest.approx(profile.target_lufs, abs=0.6)
        assert made.seconds == pytest.approx(mastering.trim(pcm).seconds, abs=0.01)


@pytest.mark.parametrize("quieter_db", [0, 12, 30])
def test_a_quiet_voice_ends_as_loud_as_a_loud_one(quieter_db, speech):
    quiet = Pcm(speech[0].samples * np.float32(10 ** (-quieter_db / 20)), speech[0].rate)
    assert loudness(mastering.master(quiet, PROFILES["loa"])) == pytest.approx(-14, abs=0.5)


def test_the_horns_profile_cuts_what_a_horn_cannot_play(speech):
    made = mastering.master(speech[0], PROFILES["loa"])
    spectrum = np.abs(np.fft.rfft(made.samples))
    hertz = np.fft.rfftfreq(len(made.samples), 1 / made.rate)
    low, voice = spectrum[hertz < 70].max(), spectrum[(hertz > 300) & (hertz < 3000)].max()
    assert low < voice / 30
    assert spectrum[(hertz > 10_000)].max() < voice / 200


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000), gain_db=st.floats(-10, 24), length=st.integers(200, 30_000),
    ceiling=st.floats(-6, -0.5),
)  # fmt: skip
def test_the_limiter_never_lets_a_sample_pass(seed, gain_db, length, ceiling):
    random = np.random.default_rng(seed)
    sound = random.standard_normal(length) * (random.random(length) > 0.995) + 0.05 * random.standard_normal(length)
    pcm = (sound * 10 ** (gain_db / 20)).astype(np.float32)
    limiter = mastering._Limiter(pcm, ceiling)
    held = limiter.applied(1.0, limiter.edges(1.0))
    assert held.shape == pcm.shape
    assert np.abs(held).max() <= 10 ** (ceiling / 20) * 1.0001


def test_trim_keeps_thirty_milliseconds(tone):
    middle = tone(300, 1, 22_050)
    padded = Pcm(np.concatenate([np.zeros(22_050, np.float32), middle.samples, np.zeros(11_025, np.float32)]), 22_050)
    assert mastering.trim(padded).seconds == pytest.approx(1.06, abs=0.02)
    again = mastering.trim(mastering.trim(padded))
    assert again.seconds == pytest.approx(mastering.trim(padded).seconds, abs=0.011)


@pytest.mark.parametrize("samples", [0, 1, 100, 5000])
def test_silence_stays_silence(samples):
    made = mastering.master(Pcm(np.zeros(samples, np.float32), 22_050), PROFILES["loa"])
    assert not made.samples.any()


@pytest.mark.parametrize("kind", ["mo", "ket"])
@pytest.mark.parametrize("profile", PROFILES.values(), ids=str)
def test_the_chime_is_ours_and_heard_through_a_horn(kind, profile):
    sound = chime.chime(kind, profile)
    assert sound.seconds == pytest.approx(chime.seconds(kind), abs=0.01)
    assert loudness(sound) == pytest.approx(profile.target_lufs - 1, abs=0.6)
    assert crest(sound.samples) <= profile.ceiling_dbtp + 0.1
    spectrum = np.square(np.abs(np.fft.rfft(sound.samples)))
    hertz = np.fft.rfftfreq(len(sound.samples), 1 / sound.rate)
    assert spectrum[hertz < 350].sum() < 0.01 * spectrum.sum()
