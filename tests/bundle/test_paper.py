"""Printed papers: letters, lines, pages."""

from __future__ import annotations

import io
import subprocess
import sys
import unicodedata

import pypdf
import pytest

from bot.lettering import bare, drawable, marks
from bot.paper import SIZES, TICK, Break, Grid, Heading, Paper, Rule, Words, pdf

#: every letter Vietnamese has, both cases
LETTERS = "".join(
    sorted(
        {
            unicodedata.normalize("NFC", base + tone)
            for base in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
            for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
        }
        | set("đĐ")
    )
)


def text_of(data: bytes) -> list[str]:
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    return [unicodedata.normalize("NFC", page.extract_text()) for page in pages]


@pytest.mark.parametrize("bold", [True, False])
def test_every_vietnamese_letter_is_printed(bold):
    assert len(LETTERS) == 146
    (page,) = text_of(pdf(Paper("Chữ", (Words(" ".join(LETTERS), bold),))))
    assert set(LETTERS) <= set(page)


ASCII_AND_MORE = frozenset(map(ord, " abcdefghijklmnopqrstuvwxyzABHKL;'ôŏơƠê"))


def test_nfd_and_letters_of_the_highlands_keep_their_text():
    (page,) = text_of(pdf(Paper("Tên", (Words(unicodedata.normalize("NFD", "ƀuôn Krông; H'Ƀlŏ wơ\u0306l")),))))
    assert "buôn Krông; H'Blŏ wơl" in page


def test_strokes_and_breves_are_drawn_where_their_letters_stand():
    line = drawable(unicodedata.normalize("NFD", "aƀ Ƀ wơ\u0306"), ASCII_AND_MORE)
    assert bare(line) == "ab B wơ"
    small, capital, breve = marks(line, lambda text: 0.5 * len(text))
    assert (len(small), len(capital), len(breve)) == (4, 4, 8)
    assert 0.4 < small[0] < 0.5 < small[2] < 1
    assert 1.4 < capital[0] < 1.5
    assert small[1] > capital[1] > 0
    assert 3.0 < breve[0] < breve[6] < 3.5


def test_a_breve_stands_over_a_mark_but_not_over_a_horn():
    marked, horned, capital = (
        next(marks(f"{letter}\u0306", lambda text: 0.5 * len(text)))[3] for letter in ("ê", "ơ", "Ơ")
    )
    assert horned < capital
    assert horned < marked


def test_letters_of_another_script_are_said_to_be_missing_once_and_not_shown_wrong():
    (page,) = text_of(pdf(Paper("Tờ", (Words("Khmer: សូម ជម្រាប សួរ nghe đài."),))))
    assert page.count("không in được") == 1
    assert "nghe đài." in page
    assert "?" not in page


def test_fonts_travel_with_the_file():
    reader = pypdf.PdfReader(io.BytesIO(pdf(Paper("Chữ", (Words("Chào bác"), Words("đậm", bold=True))))))
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].get_object().values()]
    embedded = [font for font in fonts if "NotoSans" in font["/BaseFont"]]
    assert len(embedded) >= 2
    assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in embedded)
    assert all("/ToUnicode" in font for font in embedded)


def test_long_tables_go_on_with_their_head():
    rows = tuple((str(n), f"Bài số {n} " + "rất dài " * (n % 20), TICK) for n in range(80))
    pages = text_of(pdf(Paper("Bảng", (Grid(("TT", "Bài", "Xong"), rows, (1, 8, 1)),), "Xã Ea Kao")))
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert "Xong" in page
        assert f"Trang {number}/{len(pages)}" in page
        assert "Xã Ea Kao" in page
    assert all(any(f"Bài số {n} " in page or f"Bài số {n}\n" in page for page in pages) for n in range(80))
    assert "[ ]" not in "".join(pages)


@pytest.mark.parametrize("size", SIZES)
def test_blocks_stay_on_the_page(size):
    blocks = (Heading("Mục", 2), Words("Lời " * 900), Rule(), Words("x" * 700), Break(), Words("hết\nthật", small=True))
    data = pdf(Paper("Tờ " * 40, blocks, "chân " * 60, size=size))
    reader = pypdf.PdfReader(io.BytesIO(data))
    assert tuple(float(v) for v in reader.pages[0].mediabox[2:]) == pytest.approx(SIZES[size])
    assert text_of(data)[-1].startswith("hết\nthật")
    places = []
    for page in reader.pages:
        page.extract_text(
            visitor_text=lambda text, _cm, tm, _font, _size: places.append(tm[4:6]) if text.strip() else None
        )
    width, height = SIZES[size]
    assert all(40 <= x <= width - 40 and 25 <= y <= height - 40 for x, y in places)


def test_the_same_paper_is_the_same_file_and_needs_no_numpy():
    paper = Paper("Giấy", (Words("Chào"),))
    assert pdf(paper) == pdf(paper)
    code = (
        "import sys; from bot.paper import *; early = 'reportlab' in sys.modules; pdf(Paper('a', (Words('b'),)));"
        "print(early, 'numpy' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]
