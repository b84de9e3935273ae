from __future__ import annotations

import io
import time

import numpy as np
import pyloudnorm
import pytest
import soundfile
from pydub import AudioSegment

from audio import checks, codec, mpeg, tags
from audio.cache import MASTERED, SPEECH, FolderCache
from audio.clip import Studio, make
from audio.errors import CodecError, SpecError, VoiceError
from audio.pcm import Pcm
from audio.profiles import PROFILES
from audio.spec import ClipSpec, Part, Tags, VoiceChoice, WorkerOptions, text_sha256
from audio.voices.chain import Chain, chain
from audio.voices.contract import Probe
from audio.voices.espeak import Espeak

TEXT = (
    "Kính thưa bà con, hộ nghèo được vay tối đa 100.000.000 đồng, lãi suất 6,6%/năm. "
    "Theo Quyết định số 22/2023/QĐ-TTg, người chấp hành xong án phạt tù cũng được vay. "
    "Mời bà con hỏi tổ tiết kiệm và vay vốn của thôn."
)
TAGS = Tags("Vay vốn hộ nghèo", "Đài truyền thanh xã Ea Kao", "Bản tin sáng", 1, "2026-11-22", "UBND xã Ea Kao")


@pytest.fixture
def studio(tmp_path):
    made = Studio(chain(WorkerOptions(), time.monotonic), FolderCache(tmp_path, 1 << 28))
    yield made
    made.pool.shutdown()


def bulletin(text=TEXT, **more) -> ClipSpec:
    parts = (
        Part("pause", pause_ms=500), Part("chime", chime="mo", pause_ms=300), Part("say", text),
        Part("chime", chime="ket"),
    )  # fmt: skip
    return ClipSpec(parts, tags=TAGS, **more)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_clip_is_what_its_outlet_wants(profile, studio):
    report, files = make(bulletin(profile=profile), studio)
    data = files["mp3"]
    assert report.ok, report.faults
    samples, rate = soundfile.read(io.BytesIO(data))
    assert rate == 44_100
    assert samples.ndim == 1
    assert pyloudnorm.Meter(rate).integrated_loudness(samples) == pytest.approx(PROFILES[profile].target_lufs, abs=1)
    assert report.lufs == pytest.approx(pyloudnorm.Meter(rate).integrated_loudness(samples), abs=0.15)
    assert report.seconds == pytest.approx(len(samples) / rate, abs=0.02)
    assert report.seconds == pytest.approx(report.expected_s, rel=0.2)
    assert np.abs(samples).max() < 10 ** (-1 / 20)
    assert checks.examine(data, PROFILES[profile], report.text_sha256)[1] == []
    assert {(f.kbit, f.rate, f.mono) for f in mpeg.frames(data)} == {(128, 44_100, True)}


def test_it_says_what_it_is(studio):
    report, files = make(bulletin(), studio)
    data = files["mp3"]
    assert data[:4] == b"ID3\x03"
    assert tags.read_extra(data) == {
        "approver": "UBND xã Ea Kao", "voice": "espeak", "label": "giọng đọc tổng hợp", "sent_on": "2026-11-22",
        "text_sha256": report.text_sha256,
    }  # fmt: skip
    assert (report.synthetic, report.label) == (True, "giọng đọc tổng hợp")
    assert report.sha256["mp3"] == checks.digest(data)
    assert report.text_sha256 == text_sha256(bulletin().parts)
    assert b"image/jpeg" in data[:9000]


def test_again_costs_no_voice_and_gives_the_same_bytes(studio):
    first, files = make(bulletin(), studio)
    again, same = make(bulletin(), studio)
    assert (first.cached, again.cached) == (0, again.pieces)
    assert again.timings_s["voice"] == 0
    assert same == files


def test_one_changed_sentence_is_one_new_piece(studio):
    first, _ = make(bulletin(), studio)
    report, _ = make(bulletin(TEXT.replace("tổ tiết kiệm", "ngay tổ tiết kiệm")), studio)
    assert report.ok
    assert report.pieces - report.cached == 1
    assert report.text_sha256 != first.text_sha256


def test_said_twice_is_spoken_once(studio):
    once, _ = make(ClipSpec((Part("say", TEXT),)), studio)
    twice, _ = make(ClipSpec((Part("say", TEXT, twice=True),)), studio)
    assert twice.ok, twice.faults
    assert twice.seconds == pytest.approx(2 * once.seconds + 0.5, abs=0.3)
    # the line before the rest differs by its pause only
    assert twice.pieces - twice.cached == 1
    assert twice.timings_s["voice"] == 0


def test_joints_are_pauses_not_clicks(studio):
    report, files = make(ClipSpec((Part("say", "Xin chào bà con. Hôm nay họp thôn. Mời bà con đến đông đủ."),)), studio)
    samples = codec.decode(files["mp3"]).samples
    levels = np.abs(samples[: len(samples) // 441 * 441].reshape(-1, 441)).max(axis=1)
    silent = "".join("." if level < 0.003 else "x" for level in levels).strip(".")
    gaps = [len(gap) * 10 for gap in silent.split("x") if len(gap) * 10 >= 150]
    assert len(gaps) == report.pieces - 1
    assert min(gaps) >= 200


def test_a_telephone_clip_comes_as_voice_note_and_wav_too(studio):
    spec = bulletin(profile="thoai", formats=("mp3", "opus", "wav"))
    report, files = make(spec, studio)
    assert report.ok, report.faults
    assert codec.comments(files["opus"])["comment"].startswith("giọng đọc tổng hợp")
    for name, data in files.items():
        heard = codec.decode(data)
        assert heard.seconds == pytest.approx(report.seconds, abs=0.05 * report.pieces)
        level = pyloudnorm.Meter(heard.rate).integrated_loudness(heard.samples.astype(np.float64))
        assert level == pytest.approx(-16, abs=1), name
    assert files["wav"][:4] == b"RIFF"
    assert len(AudioSegment.from_file(io.BytesIO(files["wav"]), format="wav")) == pytest.approx(
        report.seconds * 1000, abs=50 * report.pieces
    )


def test_a_voice_note_is_remade_when_only_its_frames_were_kept(studio, tmp_path):
    first, _ = make(bulletin(profile="thoai"), studio)
    report, files = make(bulletin(profile="thoai", formats=("mp3", "opus")), studio)
    assert report.ok
    assert report.timings_s["voice"] == 0
    assert list((tmp_path / MASTERED).rglob("*"))
    assert list((tmp_path / SPEECH).rglob("*"))
    assert codec.decode(files["opus"]).seconds == pytest.approx(first.seconds, abs=0.05 * first.pieces)


def test_what_was_approved_is_what_is_read(studio):
    spec = bulletin(text_sha256=text_sha256(bulletin().parts))
    assert make(spec, studio)[0].ok
    report, _ = make(bulletin(TEXT + " Hết.", text_sha256=spec.text_sha256), studio)
    assert [fault.code for fault in report.faults] == ["text"]


def test_what_cannot_be_read_is_not_published_without_a_word(studio):
    text = "Mời bà con gặp ban XQZK ở nhà văn hóa."
    report, _ = make(ClipSpec((Part("say", text),)), studio)
    assert "residue" in [fault.code for fault in report.faults]
    assert report.residue
    assert make(ClipSpec((Part("say", text),), accept_residue=True), studio)[0].ok


def room(pcm: Pcm) -> bytes:
    edge = np.zeros(pcm.rate // 2, np.float32)
    sound = np.concatenate([edge, pcm.samples, edge])
    return codec.to_wav(
        Pcm((sound + 0.0004 * np.random.default_rng(2).standard_normal(len(sound))).astype(np.float32), pcm.rate)
    )


def test_a_human_recording_is_mastered_and_never_called_synthetic(studio, speech):
    from tests.audio.conftest import SENTENCES

    spec = ClipSpec(
        (Part("recording", SENTENCES[0], "a", pause_ms=400), Part("recording", SENTENCES[1], "b")), tags=TAGS
    )
    report, files = make(spec, studio, {"a": room(speech[0]), "b": room(speech[1])})
    assert report.ok, report.faults
    assert (report.voice, report.synthetic, report.label) == ("recorded", False, "")
    assert tags.read_extra(files["mp3"])["label"] == "giọng người thu"
    assert report.lufs == pytest.approx(-14, abs=1)


def test_a_long_recording_is_mastered_in_stretches_without_loss(studio, speech):
    whole = Pcm.join([pcm.followed_by_silence(0.4) for pcm in speech * 4])
    report, _ = make(ClipSpec((Part("recording", "", "a"),), "fm"), studio, {"a": room(whole)})
    assert report.ok, report.faults
    assert report.pieces >= 2
    assert report.seconds == pytest.approx(whole.seconds, abs=1.5)


def test_a_bad_recording_is_named(studio, speech):
    loud = codec.to_wav(Pcm(np.clip(speech[0].samples * 40, -1, 1), speech[0].rate))
    report, _ = make(ClipSpec((Part("recording", "", "a"),)), studio, {"a": loud})
    assert "clipped" in [fault.code for fault in report.faults]
    with pytest.raises(CodecError):
        make(ClipSpec((Part("recording", "", "a"),)), studio, {"a": b"\0\0\0 ftypM4A "})
    with pytest.raises(SpecError, match="missing"):
        make(ClipSpec((Part("recording", "", "a"),)), studio)


class Online:
    """Speaks as the embedded voice does, until told to fail."""

    name, online, seconds_per_char, speed, id = "gtts", True, 0.06, 0.92, "gtts|fake"

    def __init__(self, fail_at: int | None = None) -> None:
        self.spoken: list[str] = []
        self.fail_at = fail_at
        self._voice = Espeak(VoiceChoice(gender="nam", speed=0.92))

    def probe(self):
        return Probe(True, self.id)

    def synth(self, lines):
        if len(self.spoken) == self.fail_at:
            raise VoiceError("no answer in time", code="timeout", retryable=True)
        self.spoken += [line.text for line in lines]
        return self._voice.synth(lines)


def with_online(studio, voice) -> Studio:
    makers = {"gtts": lambda _choice: voice, "espeak": Espeak}
    return Studio(Chain(makers, time.monotonic), studio.cache, pool=studio.pool)


def test_a_voice_that_fails_midway_is_replaced_for_the_whole_clip(studio):
    online = Online(fail_at=2)
    report, _ = make(bulletin(), with_online(studio, online))
    assert report.ok, report.faults
    assert (report.voice, report.lesser) == ("espeak", True)
    assert [(f.voice, f.code) for f in report.fallbacks if f.code != "not-set-up"] == [("gtts", "timeout")]
    # all of it was spoken anew: only a chime may have been ready
    assert report.timings_s["voice"] > 0
    online.fail_at = None
    better, _ = make(bulletin(), with_online(studio, online))
    assert (better.voice, better.lesser) == ("gtts", False)
    assert len(online.spoken) == len(set(online.spoken))


def test_a_clip_in_the_cache_needs_no_network(studio):
    online = Online()
    made = with_online(studio, online)
    first, files = make(bulletin(), made)
    online.fail_at = len(online.spoken)
    again, same = make(bulletin(), made)
    assert (again.voice, same) == ("gtts", files)
    assert first.ok


def test_citizens_words_never_leave_the_machine(studio):
    online = Online()
    parts = (Part("say", "Xin chào bà con."), Part("say", "Nhà tôi mất mùa.", private=True))
    report, _ = make(ClipSpec(parts), with_online(studio, online))
    assert report.voice == "espeak"
    assert online.spoken == []
    assert [(f.voice, f.code) for f in report.fallbacks if f.code != "not-set-up"] == [("gtts", "private")]


def test_a_voice_that_gives_silence_is_a_voice_that_failed(studio):
    class Mute(Online):
        def synth(self, lines):
            return [Pcm.silence(3, 24_000) for _ in lines]

    report, _ = make(ClipSpec((Part("say", "Xin chào bà con, mời bà con nghe tin."),)), with_online(studio, Mute()))
    assert report.ok
    assert report.voice == "espeak"
    assert ("gtts", "silent") in [(f.voice, f.code) for f in report.fallbacks]


def test_progress_counts_to_the_end(studio):
    seen = []
    make(bulletin(), studio, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
