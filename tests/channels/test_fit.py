"""Cutting to what a channel carries."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.console import CAPS
from bot.channels.fit import cut, fit, length
from bot.model.outbound import Button, Outbound, OutMedia, OutMediaKind

SMALL = replace(CAPS, text_max=40, caption_max=20, buttons_max=2, button_label_max=8, press_max_bytes=16)


def test_what_fits_stays_as_it_is() -> None:
    outbound = Outbound("Chào bác!", heading="Loa", rows=((Button("Về đầu", "m"),),), said="says/greet")
    assert fit(outbound, CAPS) == [outbound]


def test_cut_at_sentences_the_buttons_with_the_last() -> None:
    text = "Hộ nghèo được cấp thẻ. Không phải làm đơn. Bác ra xã hỏi nhé."
    pieces = fit(Outbound(text, heading="Thẻ", rows=((Button("Về đầu", "m"),),)), SMALL)
    assert [p.text for p in pieces] == ["Hộ nghèo được cấp thẻ.", "Không phải làm đơn. Bác ra xã hỏi nhé."]
    assert [p.heading for p in pieces] == ["Thẻ", ""]
    assert [bool(p.rows) for p in pieces] == [False, True]


def test_buttons_that_do_not_fit_become_numbers() -> None:
    rows = ((Button("Một", "1"), Button("Hai", "2")), (Button("Ba", "3"), Button("Trang", url="https://xa.example")))
    (piece,) = fit(Outbound("Chọn:", rows=rows), SMALL)
    assert [b.label for b in piece.buttons] == ["Một", "Hai"]
    assert piece.text == "Chọn:\n\n3. Ba\nTrang: https://xa.example"


def test_a_channel_without_buttons() -> None:
    rows = ((Button("Một", "1"),), (Button("Hai", "2"),))
    (piece,) = fit(Outbound("Chọn:", rows=rows), replace(CAPS, buttons=False))
    assert (piece.rows, piece.text) == ((), "Chọn:\n\n1. Một\n2. Hai")


def test_long_labels_are_shortened() -> None:
    (piece,) = fit(Outbound("x", rows=((Button("Một nhãn dài quá", "1"),),)), SMALL)
    assert length(piece.buttons[0].label) <= 8


def test_a_long_caption_follows_its_picture() -> None:
    media = OutMedia(OutMediaKind.PHOTO, "a" * 64, "anh.jpg", "image/jpeg", page="https://xa.example/a")
    first, second = fit(Outbound("Một câu dài hơn chú thích.", media=media), SMALL)
    assert (first.media, first.text) == (media, "")
    assert (second.media, second.text) == (None, "Một câu dài hơn chú thích.")
    (page,) = fit(Outbound("Nghe:", media=media), replace(CAPS, media=frozenset()))
    assert (page.media, page.text) == (None, "Nghe:\nhttps://xa.example/a")


@given(st.text(max_size=400), st.integers(5, 60))
def test_nothing_is_lost_and_nothing_too_long(text: str, most: int) -> None:
    pieces = cut(text, most)
    assert all(length(piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
