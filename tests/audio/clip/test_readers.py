"""Several readers in one clip: each keeps one voice, private words stay here, two people never sound the same."""

from __future__ import annotations

import time

import pytest

from audio import wording
from audio.cache import FolderCache
from audio.clip import Studio, make
from audio.errors import VoiceError
from audio.spec import ClipSpec, Part, VoiceChoice
from audio.voices.chain import Chain
from audio.voices.contract import Probe
from audio.voices.espeak import Espeak

WOMAN, MAN = VoiceChoice(gender="nu"), VoiceChoice(gender="nam")
ONE, TWO, THREE = "Kính thưa bà con trong thôn.", "Xin chào các bác, cháu là Y Thim.", "Mời bà con nghe tiếp."


class OneVoice:
    """A service with one voice, whoever is asked for; keeps what it was sent."""

    name, online, seconds_per_char, speed, id = "gtts", True, 0.06, 0.92, "gtts|one"

    def __init__(self, fails_on: str = "") -> None:
        self.sent: list[str] = []
        self.fails_on = fails_on
        self._voice = Espeak(VoiceChoice(gender="nam", speed=0.92))

    def probe(self):
        return Probe(True, self.id)

    def synth(self, lines):
        if self.fails_on and any(self.fails_on in line.text for line in lines):
            raise VoiceError("no answer in time", code="timeout", retryable=True)
        self.sent += [line.text for line in lines]
        return self._voice.synth(lines)


@pytest.fixture
def service() -> OneVoice:
    return OneVoice()


@pytest.fixture
def studio(tmp_path, service):
    made = Studio(
        Chain({"gtts": lambda _choice: service, "espeak": Espeak}, time.monotonic), FolderCache(tmp_path, 1 << 28)
    )
    yield made
    made.pool.shutdown()


def test_two_readers_never_share_one_voice(studio, service):
    spec = ClipSpec((Part("say", ONE), Part("say", TWO, voice=MAN), Part("say", THREE)), voice=WOMAN)
    report, _ = make(spec, studio)
    assert report.ok, report.faults
    assert [part.voice for part in report.parts] == ["gtts", "espeak", "gtts"]
    assert len(service.sent) == 2
    told = [fallback for fallback in report.fallbacks if fallback.code == "same-voice"]
    assert [fallback.voice for fallback in told] == ["gtts"]
    assert "đã dùng cho người đọc khác" in wording.fallback_text(told[0])
    assert not report.lesser


def test_readers_of_the_same_kind_may_share(studio):
    south = VoiceChoice(region="nam", gender="nu")
    report, _ = make(ClipSpec((Part("say", ONE), Part("say", TWO, voice=south)), voice=WOMAN), studio)
    assert [part.voice for part in report.parts] == ["gtts", "gtts"]


def test_private_words_are_read_here_and_only_they(studio, service):
    spec = ClipSpec((Part("say", ONE), Part("say", TWO, private=True, voice=MAN)), voice=WOMAN)
    report, _ = make(spec, studio)
    assert [part.voice for part in report.parts] == ["gtts", "espeak"]
    assert not any("Y Thim" in text for text in service.sent)
    both, _ = make(ClipSpec((Part("say", ONE), Part("say", TWO, private=True)), voice=WOMAN), studio)
    assert [part.voice for part in both.parts] == ["espeak", "espeak"]
    assert not any("Y Thim" in text for text in service.sent)


def test_a_failing_voice_is_replaced_for_its_reader_alone(studio, service):
    service.fails_on = "Y Thim"
    elder = VoiceChoice(gender="nu", speed=0.9)
    spec = ClipSpec((Part("say", ONE), Part("say", TWO, voice=elder), Part("say", THREE)), voice=WOMAN)
    report, _ = make(spec, studio)
    assert [(part.voice, part.lesser) for part in report.parts] == [("gtts", False), ("espeak", True), ("gtts", False)]
    assert report.lesser
    assert report.pieces == len(report.parts)


def test_parts_come_in_the_order_of_the_spec_whoever_reads(studio):
    spec = ClipSpec(
        (
            Part("chime", chime="mo", pause_ms=300),
            Part("say", ONE),
            Part("say", TWO, voice=MAN),
            Part("pause", pause_ms=900),
            Part("say", THREE),
        ),
        voice=WOMAN,
    )
    seen = []
    report, _ = make(spec, studio, progress=lambda done, total: seen.append((done, total)))
    starts = [part.start_s for part in report.parts]
    assert starts == sorted(starts)
    assert starts[1] == pytest.approx(report.parts[0].seconds, abs=0.02)
    assert report.parts[-1].start_s + report.parts[-1].seconds == pytest.approx(report.seconds, abs=0.05)
    assert seen == [(n, len(seen)) for n in range(1, len(seen) + 1)]
