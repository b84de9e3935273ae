"""Phrases with choices stand for all their combinations."""

from __future__ import annotations

import pytest

from bot.understand import Kind, Understanding
from bot.understand.patterns import MOST, written_out
from bot.understand.tokens import Token, token


def words(phrase: str) -> list[Token]:
    return [token(w) for w in phrase.split()]


def phrases(pattern: str) -> list[str]:
    return [" ".join(t.folded for t in phrase) for phrase in written_out(pattern, words)[1]]


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("vay vốn", ["vay von"]),
        ("(đừng|khỏi) gửi", ["dung gui", "khoi gui"]),
        ("xóa (hết|) (tên|số)", ["xoa het ten", "xoa het so", "xoa ten", "xoa so"]),
        ("(một|hai) (|)", ["mot", "mot", "hai", "hai"]),
        ("()", []),
    ],
)
def test_choices_are_written_out(pattern: str, meant: list[str]) -> None:
    assert phrases(pattern) == meant


def test_each_word_of_a_pattern_counts_once() -> None:
    assert [t.folded for t in written_out("(đừng|khỏi) (gửi|báo|nhắn)", words)[0]] == [
        "dung",
        "khoi",
        "gui",
        "bao",
        "nhan",
    ]


def test_a_pattern_stays_bounded() -> None:
    assert len(phrases("(a|b|c|d) " * 10)) == MOST


@pytest.mark.parametrize("text", ["khỏi cần báo tin cho tui nữa", "khoi can nhan thong bao nua", "ngưng gởi bản tin"])
def test_requests_are_known_by_their_pattern(understanding: Understanding, text: str) -> None:
    reading = understanding.read(text)
    assert (reading.kind, reading.intent) == (Kind.INTENT, "huy-dang-ky")
