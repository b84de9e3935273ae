from __future__ import annotations

import io

import numpy as np
import pystoi
import pytest

from audio import horn
from audio.estoi import estoi
from audio.mastering import RATE
from audio.pcm import Pcm
from audio.spec import VoiceChoice
from tests.audio.conftest import SENTENCES


@pytest.mark.parametrize("snr_db", [15, 5, 0, -5])
def test_the_score_agrees_with_an_independent_one(snr_db, speech):
    clean = Pcm.join(speech)
    noise = np.random.default_rng(4).standard_normal(len(clean.samples))
    noise *= clean.samples.std() / noise.std() * 10 ** (-snr_db / 20)
    heard = Pcm((clean.samples + noise).astype(np.float32), clean.rate)
    theirs = pystoi.stoi(clean.samples, heard.samples, clean.rate, extended=True)
    assert estoi(clean, heard) == pytest.approx(theirs, abs=0.02)


def test_the_same_speech_scores_one_and_too_little_is_refused(speech):
    assert estoi(speech[0], speech[0]) == pytest.approx(1, abs=0.01)
    with pytest.raises(ValueError, match="too little"):
        estoi(Pcm(speech[0].samples[:3000], speech[0].rate), speech[0])


@pytest.fixture(scope="module")
def rows():
    return horn.run(VoiceChoice(gender="nam"), SENTENCES[:2])


def test_mastered_speech_is_understood_better_at_the_same_peak(rows):
    by_name = {row.name: row for row in rows}
    assert horn.gain(rows) >= horn.LEAST_GAIN
    assert by_name["loa"].noisy[1] - by_name["raw"].noisy[1] >= horn.LEAST_GAIN
    assert by_name["raw"].quiet - by_name["loa"].quiet < 0.1
    assert by_name["loa"].noisy[0] > by_name["fm"].noisy[0] > by_name["raw"].noisy[0]
    assert by_name["loa"].noisy[0] - by_name["loa-cu"].noisy[0] < 0.05


def test_mp3_takes_nothing_away(rows):
    by_name = {row.name: row for row in rows}
    assert by_name["loa + mp3"].noisy[0] == pytest.approx(by_name["loa"].noisy[0], abs=0.01)


def test_the_report_tells_the_gain(rows):
    out = io.StringIO()
    assert horn.report(rows, out)
    assert "loa - raw at 0 dB: +0." in out.getvalue()
    worse = [horn.Row(row.name, row.quiet, tuple(1 - score for score in row.noisy)) for row in rows]
    assert not horn.report(worse, io.StringIO())


@pytest.mark.parametrize("name", horn.NOISES)
def test_noise_is_as_loud_as_it_is_said_to_be(name, speech):
    clean = Pcm(speech[0].samples, RATE)
    noise = horn._noise(name, clean, 1)
    assert len(noise) == len(clean.samples)
    assert np.sqrt(np.square(noise).mean()) == pytest.approx(1)
    assert np.array_equal(noise, horn._noise(name, clean, 1))
