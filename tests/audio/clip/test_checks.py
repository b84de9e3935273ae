from __future__ import annotations

import numpy as np
import pytest

from audio import checks, codec, pieces, tags, wording
from audio.checks import Figures, judge
from audio.pcm import Pcm
from audio.pieces import Piece
from audio.profiles import PROFILES
from audio.spec import Fault

LOA = PROFILES["loa"]
GOOD = Figures(60.0, -14.3, -1.8, 0.8, 5.0)


def codes(faults) -> list[str]:
    return [fault.code for fault in faults]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"seconds": 30.0}, ["duration"]),
        ({"seconds": 90.0}, ["duration"]),
        ({"lufs": -15.1}, ["loudness"]),
        ({"lufs": -12.9}, ["loudness"]),
        ({"true_peak_dbtp": -0.9}, ["peak"]),
        ({"longest_silence_s": 2.1}, ["silence"]),
        ({"lufs": -120.0}, ["empty"]),
        ({"seconds": 0.0}, ["empty"]),
        ({"lufs": -20.0, "true_peak_dbtp": 0.0, "longest_silence_s": 9.0}, ["loudness", "peak", "silence"]),
    ],
)
def test_each_figure_is_held_to_its_limit(changed, expected):
    figures = Figures(**{name: changed.get(name, getattr(GOOD, name)) for name in GOOD.__slots__})
    assert codes(judge(figures, LOA, 60.0)) == expected


def test_a_pause_that_was_asked_for_is_no_fault():
    figures = Figures(60.0, -14.3, -1.8, 4.4, 5.0)
    assert codes(judge(figures, LOA, 60.0)) == ["silence"]
    assert judge(figures, LOA, 60.0, 5.0) == []


@pytest.fixture(scope="module")
def piece() -> Piece:
    from tests.audio.conftest import murmur

    return pieces.encode(murmur(3, 44_100).followed_by_silence(0.5))


def test_a_piece_survives_the_cache(piece):
    again = Piece.unpack(piece.pack())
    assert again.frames == piece.frames
    assert again.quiet == piece.quiet
    assert again.energies == pytest.approx(piece.energies, rel=1e-3)
    silent = pieces.blank(1.0)
    assert Piece.unpack(silent.pack()).peak_dbtp == silent.peak_dbtp


def test_figures_of_pieces_are_those_of_the_whole(piece):
    parts = [piece, pieces.blank(1.0), piece, piece]
    told = checks.figures_of(parts)
    whole = codec.decode(b"".join(part.frames for part in parts))
    energies, peak, quiet = pieces.measure(whole)
    from audio.loudness import integrated

    assert told.seconds == pytest.approx(whole.seconds)
    assert told.lufs == pytest.approx(integrated(energies), abs=0.1)
    assert told.true_peak_dbtp == pytest.approx(peak, abs=0.2)
    assert told.longest_silence_s == pytest.approx(quiet.longest, abs=0.06)
    assert told.silence_at_s == pytest.approx(quiet.longest_at, abs=0.06)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("seconds", [0.25, 0.5, 0.9])
def test_a_few_words_are_as_loud_as_what_sounds_of_them(profile, seconds):
    from audio.mastering import master
    from tests.audio.conftest import murmur

    words = pieces.encode(master(murmur(seconds, 44_100), profile).followed_by_silence(0.7))
    for parts in ([words], [words, pieces.blank(1.0), words]):
        told = checks.figures_of(parts)
        assert told.lufs == pytest.approx(profile.target_lufs, abs=0.8)
        assert judge(told, profile, told.seconds) == []


def test_silence_is_found_wherever_it_lies(tone):
    sound, gap = tone(500, 1, 44_100), Pcm.silence(2.5, 44_100)
    for order, at in (((gap, sound), 0), ((sound, gap), 1), ((sound, gap, sound), 1)):
        parts = [pieces.encode(pcm) for pcm in order]
        length, where = pieces.longest_silence(parts)
        assert length == pytest.approx(2.5, abs=0.15)
        assert where == pytest.approx(at, abs=0.15)
    within = pieces.encode(Pcm.join([sound, gap, sound]))
    assert pieces.longest_silence([within])[0] == pytest.approx(2.5, abs=0.15)


def finished(frames: bytes, sha: str = "aa") -> bytes:
    return tags.tagged(frames, tags.FileTags("x", extra={"text_sha256": sha}))


def test_a_finished_file_is_judged_from_its_bytes(speech):
    from audio.mastering import master

    good = b"".join(pieces.encode(master(pcm, LOA).followed_by_silence(0.3)).frames for pcm in speech)
    figures, faults = checks.examine(finished(good), LOA, "aa")
    assert faults == []
    assert figures.lufs == pytest.approx(-14, abs=1)
    assert codes(checks.examine(finished(good), LOA, "bb")[1]) == ["tags"]
    assert codes(checks.examine(finished(good), PROFILES["fm"], "aa")[1]) == ["loudness"]
    assert "frames" in codes(checks.examine(finished(good[:9000] + b"\0" * 50 + good[9000:]), LOA, "aa")[1])
    assert "decode" in codes(checks.examine(b"<html>captcha</html>", LOA)[1])
    quiet = pieces.blank(5).frames
    assert codes(checks.examine(finished(quiet), LOA, "aa")[1]) == ["empty"]
    loud = codec.to_mp3(Pcm(np.clip(speech[0].samples * 9, -1, 1), speech[0].rate))
    assert {"peak", "loudness"} <= set(codes(checks.examine(finished(loud), LOA, "aa")[1]))


def test_a_file_of_another_bit_rate_is_no_loudspeaker_file(murmur, monkeypatch):
    monkeypatch.setattr(codec, "MP3_KBIT", 64)
    other = codec.to_mp3(murmur(2, 44_100))
    monkeypatch.undo()
    assert codes(checks.structure(other, "")) == ["frames"]


def test_every_fault_and_fallback_has_words():
    words = wording._words()
    for code in words["faults"]:
        text = wording.fault_text(Fault(code, "1", "2", "3"))
        assert text
        assert "{" not in text
    assert wording.label() == "giọng đọc tổng hợp"
    assert set(words["profiles"]) == set(PROFILES)
