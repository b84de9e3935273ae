"""A bulletin of several readers and recordings, made in a real audio process."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import psutil
import pytest
import pytest_asyncio
import soundfile

from audio import codec, tags
from audio.bulletin import Bulletin, Segment, bulletin_from, clip_spec, estimated_s, make, script_hash, to_json
from audio.child import AudioChild
from audio.errors import CodecError, SpecError
from audio.pcm import Pcm
from audio.spec import Tags, VoiceChoice, WorkerOptions

pytestmark = pytest.mark.asyncio(loop_scope="module")

VOICES = {"": VoiceChoice("espeak", gender="nu"), "nam": VoiceChoice("espeak", gender="nam")}
TAGS = Tags(
    "Bản tin sáng 22/11", "Đài truyền thanh xã Ea Kao", "Bản tin", 1, "2026-11-22", "UBND xã Ea Kao",
    byline="Biên tập: Y Thim",
)  # fmt: skip
NEWS = (
    Segment("chime", "mo", pause_ms=300),
    Segment("speech", "chao", "Lời chào", "Đây là Đài truyền thanh xã Ea Kao."),
    Segment("speech", "hop", "Họp thôn", "Sáng mai thôn ta họp ở nhà văn hóa, mời mỗi hộ một người.", twice=True),
    Segment(
        "speech", "hoi", "Hỏi đáp", "Bà con cần giấy gì thì hỏi trưởng thôn.", role="nam", private=True, pause_ms=800
    ),
    Segment("pause", "nghi", pause_ms=400),
    Segment("chime", "ket", chime="ket"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def child(tmp_path_factory):
    made = AudioChild(WorkerOptions(cache_dir=str(tmp_path_factory.mktemp("cache"))))
    yield made
    await made.close()


def quiet_room(speech: Pcm, seed: int = 5) -> Pcm:
    """A take as a phone in a quiet room makes it: speech with silence and faint noise around it."""
    edge = np.zeros(round(0.5 * speech.rate), np.float32)
    sound = np.concatenate([edge, speech.samples, edge])
    return Pcm(sound + 0.0004 * np.random.default_rng(seed).standard_normal(len(sound)).astype(np.float32), speech.rate)


async def test_each_segment_is_told(child):
    seen = []
    report, files = await make(child, Bulletin(NEWS, VOICES, tags=TAGS), lambda done, total: seen.append((done, total)))
    assert report.ok, report.clip.faults
    assert [s.key for s in report.segments] == ["mo", "chao", "hop", "hoi", "nghi", "ket"]
    assert [s.voice for s in report.segments] == ["", "espeak", "espeak", "espeak", "", ""]
    woman, man = report.segments[1].voice_id, report.segments[3].voice_id
    assert woman != man
    assert report.segments[2].voice_id == woman
    ends = [round(s.start_s + s.seconds, 1) for s in report.segments]
    assert ends[:-1] == [round(s.start_s, 1) for s in report.segments[1:]]
    assert ends[-1] == pytest.approx(report.clip.seconds, abs=0.1)
    once = replace(NEWS[2], twice=False)
    assert report.segments[2].seconds > 1.7 * (await make(child, Bulletin((once,), VOICES)))[0].clip.seconds
    assert seen[-1][0] == seen[-1][1] == len(seen)
    told = tags.read_extra(files["mp3"])
    assert (told["byline"], told["label"]) == ("Biên tập: Y Thim", "giọng đọc tổng hợp")
    assert told["text_sha256"] == report.clip.text_sha256 == script_hash(Bulletin(NEWS, VOICES))


async def test_a_bulletin_survives_json():
    bulletin = Bulletin(NEWS, VOICES, "fm", ("mp3", "opus"), TAGS, "ab", accept_residue=True)
    assert bulletin_from(json.loads(to_json(bulletin))) == bulletin


@pytest.mark.parametrize("change", ["text", "order", "more"])
async def test_any_change_of_words_is_another_script(change):
    changed = {
        "text": (*NEWS[:2], replace(NEWS[2], text=NEWS[2].text.replace("Sáng", "Chiều")), *NEWS[3:]),
        "order": (*NEWS[:2], NEWS[3], NEWS[2], *NEWS[4:]),
        "more": (*NEWS, Segment("speech", "x", text="Thêm.")),
    }[change]
    assert script_hash(Bulletin(changed, VOICES)) != script_hash(Bulletin(NEWS, VOICES))


async def test_words_that_were_not_approved_are_refused(child):
    approved = script_hash(Bulletin(NEWS, VOICES))
    changed = (*NEWS[:2], replace(NEWS[2], text="Tối mai thôn ta họp."), *NEWS[3:])
    report, _ = await make(child, Bulletin(changed, VOICES, text_sha256=approved))
    assert [fault.code for fault in report.clip.faults] == ["text"]


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "ogg", "opus"])
async def test_recordings_of_every_open_format_are_mastered_alike(kind, child, speech, tmp_path):
    path = tmp_path / f"thu.{kind}"
    take = quiet_room(speech[1])
    if kind == "opus":
        path.write_bytes(codec.to_opus([take]))
    else:
        soundfile.write(path, take.samples, take.rate, format=None if kind != "mp3" else "MP3")
    said = "Hộ nghèo được vay vốn ở Ngân hàng Chính sách xã hội, trả dần trong năm năm."
    segments = (*NEWS[:2], Segment("recording", "thu", "Ghi âm", said, file=str(path)), NEWS[-1])
    report, files = await make(child, Bulletin(segments, VOICES, tags=TAGS))
    assert report.ok, report.clip.faults
    assert report.segments[2].voice == "recorded"
    assert report.segments[2].seconds == pytest.approx(speech[1].seconds, abs=0.6)
    assert report.clip.lufs == pytest.approx(-14, abs=1)
    assert tags.read_extra(files["mp3"])["label"] == "giọng đọc tổng hợp"


async def test_a_recording_is_heard_twice_and_known_again(child, speech, tmp_path):
    path = tmp_path / "thu.wav"
    path.write_bytes(codec.to_wav(quiet_room(speech[0])))
    bulletin = Bulletin((Segment("recording", "thu", file=str(path), twice=True),))
    report, files = await make(child, bulletin)
    assert report.ok, report.clip.faults
    assert report.segments[0].seconds == pytest.approx(2 * speech[0].seconds + 1.2, abs=0.8)
    assert (report.clip.voice, report.clip.label) == ("recorded", "")
    again, same = await make(child, bulletin)
    assert same == files
    assert again.clip.cached == again.clip.pieces


async def test_a_bad_recording_is_refused_until_someone_says_so(child, speech, tmp_path):
    noisy = quiet_room(speech[0])
    sound = noisy.samples + 0.05 * np.random.default_rng(1).standard_normal(len(noisy.samples)).astype(np.float32)
    path = tmp_path / "on.wav"
    path.write_bytes(codec.to_wav(Pcm(sound, noisy.rate)))
    segment = Segment("recording", "on", file=str(path))
    refused, _ = await make(child, Bulletin((segment,)))
    assert "noisy" in [fault.code for fault in refused.clip.faults]
    let, _ = await make(child, Bulletin((replace(segment, accepted=True),)))
    assert "noisy" not in [fault.code for fault in let.clip.faults]


async def test_what_cannot_be_read_is_named(child, tmp_path):
    path = tmp_path / "thu.m4a"
    path.write_bytes(b"\0\0\0 ftypM4A \0\0\0\0" + b"\0" * 500)
    with pytest.raises(CodecError, match="dien-thoai") as error:
        await make(child, Bulletin((*NEWS, Segment("recording", "dien-thoai", file=str(path))), VOICES))
    assert error.value.code == "format"
    path.write_bytes(b"")
    for there, kind in ((path, CodecError), (tmp_path / "khong-co.wav", SpecError)):
        with pytest.raises(kind, match="mat"):
            await make(child, Bulletin((Segment("recording", "mat", file=str(there)),)))


async def test_one_changed_sentence_is_the_only_one_made_again(child):
    lines = tuple(Segment("speech", str(n), text=f"Thôn số {n} họp ở nhà văn hóa lúc bảy giờ.") for n in range(30))
    await make(child, Bulletin(lines, VOICES))
    changed = (*lines[:7], replace(lines[7], text="Thôn số bảy họp ở trường học lúc tám giờ."), *lines[8:])
    report, _ = await make(child, Bulletin(changed, VOICES))
    assert report.clip.pieces - report.clip.cached == 1
    assert psutil.Process(child.pid).memory_info().rss < 260e6


async def test_a_guess_of_the_length_is_near(child):
    report, _ = await make(child, Bulletin(NEWS, VOICES))
    guessed = sum(estimated_s(segment, 0.92) for segment in NEWS)
    assert guessed == pytest.approx(report.clip.seconds, rel=0.2)


async def test_what_cannot_be_meant_is_refused(tmp_path):
    for wrong in ({"kind": "song"}, {"kind": "speech"}, {"kind": "recording"}):
        with pytest.raises(SpecError):
            Segment(**wrong)
    with pytest.raises(SpecError, match="nam"):
        Bulletin(NEWS)
    with pytest.raises(SpecError):
        bulletin_from({"segments": [{"kind": "chime", "colour": "red"}]})
    two = (Segment("recording", "a", file="x.wav"), Segment("recording", "a", file="y.wav"))
    with pytest.raises(SpecError, match="two recordings"):
        clip_spec(Bulletin(two))
