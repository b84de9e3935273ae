"""Syllables, Telex, VNI, and the sounds people mix up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understand.syllable import from_telex, from_vni, is_syllable, marked, sound, unmark


@pytest.mark.parametrize("word", ["nghieng", "quyet", "gi", "giup", "uong", "yeu", "khuyu", "toan", "a"])
def test_these_are_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["", "bhyt", "dduowc", "otp", "web", "toos", "ngq", "facebook"])
def test_these_are_none(word: str) -> None:
    assert not is_syllable(word)


@pytest.mark.parametrize(
    ("keys", "meant"),
    [
        ("dduowcj", "được"), ("ddaau", "đâu"), ("tieenf", "tiền"), ("nguwowif", "người"), ("nguoiwf", "người"),
        ("truwowngf", "trường"), ("hoox", "hỗ"), ("trowj", "trợ"), ("nhieeu", "nhiêu"), ("nhieue", "nhiêu"),
        ("quyeets", "quyết"), ("nuwowcs", "nước"), ("hoas", "hoá"), ("vieecj", "việc"), ("ddawng", "đăng"), ("kys", "ký"),
    ],
)  # fmt: skip
def test_telex(keys: str, meant: str) -> None:
    assert from_telex(keys) == marked(meant)


@pytest.mark.parametrize(
    ("keys", "meant"),
    [("ho64", "hỗ"), ("tro75", "trợ"), ("d9u7o75c", "được"), ("ta65p", "tập"), ("nghe2o", "nghèo"), ("bao1", "báo")],
)
def test_vni(keys: str, meant: str) -> None:
    assert from_vni(keys) == marked(meant)


@pytest.mark.parametrize("word", ["vay", "hoc", "ngheo"])
def test_plain_words_carry_no_telex(word: str) -> None:
    assert from_telex(word) is None


def test_the_place_of_the_tone_mark_does_not_matter() -> None:
    assert marked("hòa") == marked("hoà") != marked("hoa")
    assert unmark(marked("được")) == "duoc"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("chợ", "trợ"),
        ("xuất", "suất"),
        ("ngèo", "nghèo"),
        ("nàm", "làm"),
        ("giạy", "dạy"),
        ("bất", "bắc"),
        ("dà", "rà"),
    ],
)
def test_mixed_up_sounds_meet(typed: str, meant: str) -> None:
    assert sound(unmark(marked(typed))) == sound(unmark(marked(meant)))


@given(st.text(max_size=12))
def test_no_letters_break_it(text: str) -> None:
    for word in text.lower().split():
        marked(word)
        sound(word)
        from_telex(word)
        from_vni(word)
