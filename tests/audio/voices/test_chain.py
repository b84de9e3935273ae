from __future__ import annotations

import pytest

from audio.errors import VoiceError
from audio.spec import VoiceChoice, WorkerOptions
from audio.voices.chain import Chain, chain
from audio.voices.contract import Probe


class Fake:
    seconds_per_char = 0.06
    speed = 1.0

    def __init__(self, name, *, online=False, ok=True):
        self.name, self.online, self._ok = name, online, ok

    @property
    def id(self):
        return self.name

    def probe(self):
        return Probe(self._ok, "" if self._ok else "no model file")

    def synth(self, lines):
        raise AssertionError("not asked here")


@pytest.fixture
def clock():
    return [1000.0]


@pytest.fixture
def voices(clock):
    made = {
        "gtts": Fake("gtts", online=True), "vieneu": Fake("vieneu"), "piper": Fake("piper", ok=False),
        "espeak": Fake("espeak"),
    }  # fmt: skip
    return Chain({name: (lambda _choice, voice=voice: voice) for name, voice in made.items()}, lambda: clock[0])


def names(voices, *, private=False, **choice):
    passed_over = []
    found = [v.name for v in voices.candidates(VoiceChoice(**choice), private=private, passed_over=passed_over)]
    return found, {fallback.voice: fallback.code for fallback in passed_over}


def test_best_first_and_each_absence_has_its_reason(voices):
    assert names(voices) == (["gtts", "vieneu", "espeak"], {"piper": "missing"})


def test_private_words_are_offered_to_no_online_voice(voices):
    assert names(voices, private=True) == (["vieneu", "espeak"], {"gtts": "private", "piper": "missing"})
    assert names(voices, private=True, engine="gtts") == (["espeak"], {"gtts": "private"})


def test_a_voice_by_name_has_the_embedded_one_behind_it(voices):
    assert names(voices, engine="vieneu")[0] == ["vieneu", "espeak"]
    assert names(voices, engine="espeak") == (["espeak"], {})


def test_two_failures_and_it_is_left_alone_for_a_while(voices, clock):
    voice = voices.makers["gtts"](VoiceChoice())
    assert voices.failed(voice, VoiceError("x", code="timeout")).code == "timeout"
    voices.allow(voice)
    voices.failed(voice, VoiceError("x", code="timeout"))
    with pytest.raises(VoiceError) as error:
        voices.allow(voice)
    assert error.value.code == "resting"
    clock[0] += 299
    assert voices.failed(voice, error.value).code == "resting"
    clock[0] += 2
    voices.allow(voice)


def test_success_forgets_a_failure(voices):
    voice = voices.makers["gtts"](VoiceChoice())
    for _ in range(3):
        voices.failed(voice, VoiceError("x", code="network"))
        voices.spoke(voice)
        voices.allow(voice)


def test_a_service_that_names_a_time_is_left_alone_that_long(voices, clock):
    voice = voices.makers["gtts"](VoiceChoice())
    voices.failed(voice, VoiceError("x", code="rate", retry_after_s=3600))
    clock[0] += 3599
    with pytest.raises(VoiceError):
        voices.allow(voice)
    clock[0] += 2
    voices.allow(voice)


def test_only_what_is_set_up_is_there(tmp_path):
    made = chain(WorkerOptions(), lambda: 0.0)
    assert names(made) == (["espeak"], {"gtts": "not-set-up", "vieneu": "not-set-up", "piper": "not-set-up"})
    made = chain(
        WorkerOptions(online=True, piper_model=str(tmp_path / "x.onnx"), vieneu_dir=str(tmp_path)), lambda: 0.0
    )
    assert names(made) == (["gtts", "espeak"], {"vieneu": "missing", "piper": "missing"})
