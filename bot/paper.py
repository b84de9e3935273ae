"""Things to print: a page's blocks laid out as PDF, A4 or A5, with all Vietnamese letters in it.

Run sheets, slips and leaflets are built of the same few blocks. The file knows its language and title, its headings are
bookmarks, and the same blocks give the same bytes. The library is loaded when the first page is made.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bot.errors import say
from bot.lettering import FONTS, THICK, bare, drawable, marks

#: width and height in points of 1/72 inch (ISO 216)
SIZES = {"A4": (595.28, 841.89), "A5": (419.53, 595.28)}
_PLAIN, _BOLD = "NotoSans", "NotoSans-Bold"
_MARGIN = 48.0
_FOOT = 30.0
# points of text by the level of a heading; 0 is the paper's own title
_HEADINGS = (18.0, 13.5, 11.5)
_BODY, _SMALL = 11.0, 9.0
_LEADING = 1.38
_PAD = 4.0
_BOX = 11.0
_GREY = 0.55


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 or 2."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph; line breaks are kept."""

    text: str
    bold: bool = False
    small: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `widths` are shares of the page; a cell `TICK` is a box to tick; the head is repeated on each page."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""


@dataclass(frozen=True, slots=True)
class Break:
    """The next page."""


Block = Heading | Words | Grid | Rule | Break

#: a cell that is a box to tick by hand
TICK = "[ ]"


@dataclass(frozen=True, slots=True)
class Paper:
    """What is printed. `title` heads the first page and names the file's window; `foot` stands under every page."""

    title: str
    blocks: tuple[Block, ...]
    foot: str = ""
    author: str = ""
    size: str = "A4"
    lang: str = "vi"


def pdf(paper: Paper) -> bytes:
    """The paper as PDF; the same paper gives the same bytes. Raises `KeyError` for an unknown size."""
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415 - twelve megabytes nobody needs until something is printed

    _fonts()
    width, height = SIZES[paper.size]
    layout = _Layout(width, height)
    layout.heading(paper.title, 0)
    for block in paper.blocks:
        layout.add(block)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(width, height), invariant=1, lang=paper.lang)
    canvas.setTitle(_drawable(paper.title))
    canvas.setAuthor(_drawable(paper.author))
    canvas.setCreator("Loa Thon")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    for number, page in enumerate(layout.pages, 1):
        for mark in page:
            mark(canvas)
        canvas.setFillGray(_GREY - 0.2)
        _draw(canvas, (_MARGIN, _FOOT), _cut(paper.foot, width - 2 * _MARGIN - 70), _PLAIN, _SMALL)
        canvas.setFont(_PLAIN, _SMALL)
        canvas.drawRightString(width - _MARGIN, _FOOT, say("paper.page", number=number, total=len(layout.pages)))
        canvas.setFillGray(0)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


Draw = Callable[[Any], None]


@dataclass(slots=True)
class _Layout:
    """Blocks placed from the top down; a page is a list of things to draw, so that pages can be counted first."""

    width: float
    height: float
    pages: list[list[Draw]] = field(default_factory=lambda: [[]])
    y: float = 0.0
    bookmarks: int = 0
    depth: int = -1

    def __post_init__(self) -> None:
        self.y = self.height - _MARGIN

    @property
    def across(self) -> float:
        return self.width - 2 * _MARGIN

    def add(self, block: Block) -> None:
        match block:
            case Heading(text, level):
                self.heading(text, level)
            case Words(text, bold, small):
                self.words(text, _BOLD if bold else _PLAIN, _SMALL if small else _BODY)
            case Grid():
                self.grid(block)
            case Rule():
                self.room(12)
                self.line(self.y - 6)
                self.y -= 12
            case Break():
                self.page()

    def page(self) -> None:
        self.pages.append([])
        self.y = self.height - _MARGIN

    def room(self, points: float) -> bool:
        """Go to the next page when this one has not so much left; whether it did."""
        if self.y - points >= _MARGIN + _FOOT / 2 or not self.pages[-1]:
            return False
        self.page()
        return True

    def line(self, y: float) -> None:
        x, end = _MARGIN, self.width - _MARGIN
        self.pages[-1].append(lambda canvas: _ruled(canvas, x, end, y))

    def heading(self, text: str, level: int) -> None:
        size = _HEADINGS[level]
        # a heading stays with the lines below it
        self.room(size * _LEADING + 4 * _BODY)
        if level:
            self.y -= size * 0.6
        self.bookmarks += 1
        name, top = f"b{self.bookmarks}", self.y
        # a reader's outline knows no grandchild without a child
        depth = self.depth = min(level, self.depth + 1)
        self.pages[-1].append(lambda canvas: _bookmarked(canvas, name, _drawable(text), depth, top))
        self.words(text, _BOLD, size)

    def words(self, text: str, font: str, size: float) -> None:
        for line in _wrapped(text, font, size, self.across):
            self.room(size * _LEADING)
            self.y -= size * _LEADING
            self.pages[-1].append(_text(_MARGIN, self.y, line, font, size))
        self.y -= size * 0.45

    def grid(self, grid: Grid) -> None:
        share = self.across / sum(grid.widths)
        widths = [width * share for width in grid.widths]
        self.row(grid.head, widths, _BOLD)
        for row in grid.rows:
            cells = [_wrapped(cell, _PLAIN, _SMALL + 1, w - 2 * _PAD) for cell, w in zip(row, widths, strict=True)]
            if self.room(_tall(cells)):
                self.row(grid.head, widths, _BOLD)
            self.row(row, widths, _PLAIN)
        self.y -= _BODY * 0.6

    def row(self, row: Sequence[str], widths: Sequence[float], font: str) -> None:
        size = _SMALL + 1
        cells = [_wrapped(cell, font, size, width - 2 * _PAD) for cell, width in zip(row, widths, strict=True)]
        tall = _tall(cells)
        self.room(tall)
        x = _MARGIN
        for cell, lines, width in zip(row, cells, widths, strict=True):
            if cell == TICK:
                left, bottom = x + _PAD, self.y - _PAD - _BOX
                self.pages[-1].append(_boxed(left, bottom))
            else:
                for i, line in enumerate(lines, 1):
                    self.pages[-1].append(_text(x + _PAD, self.y - i * size * _LEADING, line, font, size))
            x += width
        self.y -= tall
        self.line(self.y)


def _tall(cells: Sequence[Sequence[str]]) -> float:
    return max(max(len(lines) for lines in cells) * (_SMALL + 1) * _LEADING, _BOX + _PAD) + 1.5 * _PAD


def _text(x: float, y: float, line: str, font: str, size: float) -> Draw:
    return lambda canvas: _draw(canvas, (x, y), line, font, size)


def _boxed(x: float, y: float) -> Draw:
    return lambda canvas: canvas.rect(x, y, _BOX, _BOX)


def _ruled(canvas: Any, x: float, end: float, y: float) -> None:
    canvas.setStrokeGray(_GREY)
    canvas.setLineWidth(0.5)
    canvas.line(x, y, end, y)
    canvas.setStrokeGray(0)


def _bookmarked(canvas: Any, name: str, text: str, level: int, top: float) -> None:
    canvas.bookmarkHorizontalAbsolute(name, top)
    canvas.addOutlineEntry(text, name, level=level)


def _wrapped(text: str, font: str, size: float, width: float) -> list[str]:
    """Lines that fit, broken at spaces; a word longer than a line is cut where the line ends."""
    lines = []
    for paragraph in _drawable(text).split("\n"):
        held = ""
        for word in paragraph.split():
            for piece in _pieces(word, font, size, width):
                joined = f"{held} {piece}" if held else piece
                if held and _width(joined, font, size) > width:
                    lines.append(held)
                    held = piece
                else:
                    held = joined
        lines.append(held)
    return lines


def _pieces(word: str, font: str, size: float, width: float) -> Iterator[str]:
    while _width(word, font, size) > width and len(word) > 1:
        fits = next(n for n in range(len(word) - 1, 0, -1) if n == 1 or _width(word[:n], font, size) <= width)
        yield word[:fits]
        word = word[fits:]
    yield word


def _cut(text: str, width: float) -> str:
    return next(iter(_wrapped(text, _PLAIN, _SMALL, width)), "")


def _width(text: str, font: str, size: float) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415 - as in `pdf`

    return float(stringWidth(bare(text), font, size))


def _draw(canvas: Any, at: tuple[float, float], text: str, font: str, size: float) -> None:
    x, y = at
    canvas.setFont(font, size)
    canvas.drawString(x, y, bare(text))
    canvas.setLineWidth(size * THICK)
    for mark in marks(text, lambda line: _width(line, font, 1.0)):
        places = [(x if i % 2 == 0 else y) + size * share for i, share in enumerate(mark)]
        (canvas.bezier if len(places) > 4 else canvas.line)(*places)


def _drawable(text: str) -> str:
    return drawable(text, _fonts())


@lru_cache(maxsize=1)
def _fonts() -> frozenset[int]:
    """Register both fonts; the letters both of them have."""
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - as in `pdf`
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415

    known: list[frozenset[int]] = []
    for name in (_PLAIN, _BOLD):
        font = TTFont(name, str(FONTS / f"{name.removesuffix('-Bold')}-{'Bold' if name == _BOLD else 'Regular'}.ttf"))
        pdfmetrics.registerFont(font)
        known.append(frozenset(font.face.charToGlyph))
    return known[0] & known[1]
