from __future__ import annotations

import json

import pytest

from audio.errors import SpecError
from audio.script import SLOW, script
from audio.spec import (
    ClipSpec,
    Part,
    Tags,
    VoiceChoice,
    WorkerOptions,
    options_from,
    spec_from,
    text_sha256,
    to_json,
)  # fmt: skip

TEXT = (
    "Kính thưa bà con, hộ nghèo được vay tối đa 100.000.000 đồng. Mời bà con gọi số 0912345678, gặp cô Hoa, "
    "ở bộ phận một cửa, ngày nào cũng có người trực, để hỏi thêm.\nXin cảm ơn."
)


def test_lines_fit_one_request_and_lose_no_word():
    made = script(TEXT)
    assert made.residue == ()
    assert all(len(unit.text) <= 130 for unit in made.units)
    said = " ".join(unit.text for unit in made.units)
    assert "một trăm triệu đồng" in said
    assert said.startswith("Kính thưa bà con")
    assert said.endswith("Xin cảm ơn.")


def test_sums_and_numbers_are_said_slowly():
    slow = [unit.text for unit in script(TEXT).units if unit.speed == SLOW]
    assert any("một trăm triệu" in text for text in slow)
    assert any("không chín một hai" in text for text in slow)


def test_every_line_ends_in_a_pause_and_the_last_in_a_longer_one():
    units = script(TEXT).units
    assert all(unit.pause_ms >= 100 for unit in units)
    assert units[-1].pause_ms >= 700


def test_twice_says_the_same_lines_after_a_rest():
    once, twice = script(TEXT).units, script(TEXT, twice=True).units
    assert [unit.text for unit in twice] == 2 * [unit.text for unit in once]
    assert twice[len(once) - 1].pause_ms == 1200


def test_what_cannot_be_read_is_told():
    assert script("Mời bà con đọc 漢字 này.").residue


SPEC = ClipSpec(
    (Part("chime", chime="mo"), Part("say", "Xin chào.", private=True), Part("recording", attachment="a", text="Lời")),
    "thoai", ("mp3", "opus"), VoiceChoice("espeak", "nam", "nam", 0.9), Tags("Tên", track=2, cover="b"), "ab", True,
)  # fmt: skip


def test_a_spec_survives_the_pipe():
    assert spec_from(json.loads(to_json(SPEC))) == SPEC
    options = WorkerOptions("x", 5, True, lexicons=("a", "b"))
    assert options_from(json.loads(to_json(options))) == options
    assert SPEC.synthetic


@pytest.mark.parametrize(
    "wrong",
    [
        {"parts": []}, {"parts": [{"kind": "say", "text": " "}]}, {"parts": [{"kind": "sing"}]},
        {"parts": [{"kind": "recording"}]}, {"parts": [{"kind": "chime", "chime": "bell"}]},
        {"parts": [{"kind": "pause", "pause_ms": -1}]}, {"parts": [{"kind": "say", "text": "a", "colour": 1}]},
        {"parts": [{"kind": "say", "text": "a"}], "profile": "hifi"}, {"profile": "loa"},
        {"parts": [{"kind": "say", "text": "a"}], "formats": ["wma"]},
        {"parts": [{"kind": "say", "text": "a"}], "voice": {"engine": "siri"}},
        {"parts": [{"kind": "say", "text": "a"}], "voice": {"speed": 9}},
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(SpecError):
        spec_from(wrong)


def test_the_approved_text_is_what_is_hashed():
    first = text_sha256([Part("say", "Xin chào bà con.")])
    assert first == text_sha256(
        [Part("chime", chime="mo"), Part("say", " Xin chào bà con.\n"), Part("pause", pause_ms=5)]
    )
    assert first != text_sha256([Part("say", "Xin chào bà con!")])
    assert first != text_sha256([Part("say", "Xin chào bà con."), Part("recording", attachment="a", text="Thêm")])
