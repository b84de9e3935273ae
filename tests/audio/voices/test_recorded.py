from __future__ import annotations

import numpy as np
import pytest

from audio import codec
from audio.errors import CodecError
from audio.loudness import loudness
from audio.pcm import Pcm
from audio.voices.recorded import figures, joined, take
from tests.audio.conftest import SENTENCES


def room(pcm: Pcm, noise: float, level: float = 1.0, silence_s: float = 0.6) -> Pcm:
    edge = np.zeros(round(silence_s * pcm.rate), np.float32)
    sound = np.concatenate([edge, pcm.samples * level, edge])
    return Pcm((sound + noise * np.random.default_rng(3).standard_normal(len(sound))).astype(np.float32), pcm.rate)


def codes(pcm: Pcm, script: str = "") -> list[str]:
    return [fault.code for fault in figures(codec.to_wav(pcm), script).faults]


def test_a_good_take_is_cut_and_passes(speech):
    made = take(codec.to_wav(room(speech[0], 0.0005)), SENTENCES[0])
    assert made.figures.faults == ()
    assert made.figures.snr_db > 30
    assert made.figures.seconds == pytest.approx(speech[0].seconds, abs=0.5)


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


@pytest.mark.parametrize("kind", ["wav", "opus"])
def test_stretches_hold_all_of_a_long_take_once(kind, speech):
    whole = Pcm.join([pcm.followed_by_silence(0.4) for pcm in speech * 5])
    data = codec.to_wav(room(whole, 0.0003)) if kind == "wav" else codec.to_opus([room(whole, 0.0003)])
    found = figures(data)
    bounds = found.stretches
    assert len(bounds) > 2
    assert all(end - start <= 25.02 for start, end in bounds)
    assert [start for start, _ in bounds[1:]] == [end for _, end in bounds[:-1]]
    cuts = list(codec.spans(data, bounds))
    assert sum(cut.seconds for cut in cuts) == pytest.approx(found.seconds, abs=0.01)
    decoded = codec.decode(data)
    for (start, _), cut in zip(bounds, cuts, strict=True):
        first = round(start * decoded.rate)
        # faded over 8 ms at both ends and rounded to 16 bit; nowhere else may they differ
        edge = round(0.01 * decoded.rate)
        expected = decoded.samples[first + edge : first + len(cut.samples) - edge]
        assert np.allclose(cut.samples[edge:-edge], np.clip(expected, -1, 1), atol=1e-4)
    later = list(codec.spans(data, bounds[2:]))
    assert np.array_equal(later[0].samples, cuts[2].samples)


def test_nothing_and_too_much_are_refused(monkeypatch, speech):
    with pytest.raises(CodecError) as error:
        figures(codec.to_wav(Pcm(np.zeros(0, np.float32), 22050)))
    assert error.value.code == "empty"
    monkeypatch.setattr(codec, "LONGEST_UPLOAD_S", 1.0)
    with pytest.raises(CodecError) as error:
        figures(codec.to_wav(speech[0]))
    assert error.value.code == "long"


def test_silence_is_no_speech():
    assert "quiet" in codes(Pcm(np.zeros(44100, np.float32), 22050))


def test_takes_are_made_alike_and_joined_with_a_breath(speech, tmp_path):
    loud, soft = tmp_path / "loud.wav", tmp_path / "soft.wav"
    loud.write_bytes(codec.to_wav(room(speech[0], 0.0003)))
    soft.write_bytes(codec.to_wav(room(speech[0], 0.0003, level=0.1)))
    whole = joined([loud, soft])
    half = len(whole.samples) // 2
    first, second = (loudness(Pcm(part, whole.rate)) for part in (whole.samples[:half], whole.samples[half:]))
    assert first == pytest.approx(second, abs=0.5)
    said = figures(loud).seconds + figures(soft).seconds
    assert whole.seconds == pytest.approx(said + 2 * 0.45, abs=0.1)
    with pytest.raises(CodecError) as error:
        joined([])
    assert error.value.code == "empty"
