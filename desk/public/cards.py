"""The picture of a link preview: title, kind, date, 1200 by 630 (ogp.me; the size most readers show whole)."""

from __future__ import annotations

import hashlib
import io
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from bot.lettering import FONTS

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

SIZE = (1200, 630)
#: a podcast's cover is square, 1400 to 3000 pixels wide (Apple, requirements for covers)
COVER = 1400
#: pictures kept in memory, some 20 kB each
KEPT = 200
_GREEN, _DEEP, _CREAM, _GOLD, _PALE = "#0b5d4b", "#084538", "#fbf9f2", "#f2c14e", "#cfe5dc"
_MARGIN = 84
_WIDTH = SIZE[0] - 2 * _MARGIN


@dataclass(frozen=True, slots=True)
class Card:
    """What a picture says. `kind`: over the title; `foot`: date and who speaks."""

    kind: str
    title: str
    foot: str

    @property
    def version(self) -> str:
        """Changes with the content."""
        return hashlib.sha256(f"{self.kind}\n{self.title}\n{self.foot}".encode()).hexdigest()[:12]


@dataclass(slots=True)
class Cards:
    """Draws cards and remembers them by content. Blocks some 50 ms at a new one: call it off the loop."""

    _drawn: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def png(self, card: Card) -> bytes:
        """The picture."""
        with self._lock:
            if card.version not in self._drawn:
                self._drawn[card.version] = draw(card)
                while len(self._drawn) > KEPT:
                    self._drawn.popitem(last=False)
            self._drawn.move_to_end(card.version)
            return self._drawn[card.version]


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    # imported when the first picture is asked for, here and below
    from PIL import ImageFont  # noqa: PLC0415

    return ImageFont.truetype(FONTS / f"NotoSans-{name}.ttf", size)


def draw(card: Card) -> bytes:
    """A PNG of the card; a long title is set smaller, at most four lines."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    image = Image.new("RGB", SIZE, _GREEN)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, SIZE[1] - 122, SIZE[0], SIZE[1]), fill=_DEEP)
    _horn(pen, _MARGIN, 66)
    pen.text((_MARGIN + 108, 92), card.kind, font=_font("Regular", 38), fill=_PALE, anchor="lm")
    size, lines = _fitted(card.title)
    top = 168 + (320 - len(lines) * int(size * 1.25)) // 2
    for i, line in enumerate(lines):
        pen.text((_MARGIN, top + i * int(size * 1.25)), line, font=_font("Bold", size), fill=_CREAM)
    foot = next(iter(_wrapped(card.foot, _font("Regular", 32))), "")
    pen.text((_MARGIN, SIZE[1] - 61), foot, font=_font("Regular", 32), fill=_CREAM, anchor="lm")
    out = io.BytesIO()
    image.quantize(48, method=Image.Quantize.MEDIANCUT).save(out, "PNG", optimize=True)
    return out.getvalue()


def draw_cover(title: str, foot: str) -> bytes:
    """A podcast's cover as PNG: the loudspeaker, whose it is, and below that a machine reads."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    half = Image.new("RGB", (COVER // 4, COVER // 4), _GREEN)
    _horn(ImageDraw.Draw(half), 140, 60)
    image = half.resize((COVER, COVER), Image.Resampling.LANCZOS)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, COVER - 220, COVER, COVER), fill=_DEEP)
    lines = list(_wrapped(title, _font("Bold", 120)))[:4]
    for i, line in enumerate(lines):
        pen.text((COVER // 2, 620 + i * 150), line, font=_font("Bold", 120), fill=_CREAM, anchor="mm")
    for line in list(_wrapped(foot, _font("Regular", 56)))[:1]:
        pen.text((COVER // 2, COVER - 110), line, font=_font("Regular", 56), fill=_PALE, anchor="mm")
    out = io.BytesIO()
    image.quantize(48, method=Image.Quantize.MEDIANCUT).save(out, "PNG", optimize=True)
    return out.getvalue()


def _fitted(title: str) -> tuple[int, list[str]]:
    for size in (76, 68, 60, 52):
        lines = list(_wrapped(title, _font("Bold", size)))
        if len(lines) * size * 1.25 <= 320:
            return size, lines
    lines = lines[:4]
    return 52, [*lines[:3], f"{lines[3].rstrip(' .,')}\u2026"]


def _wrapped(text: str, font: ImageFont.FreeTypeFont) -> Iterator[str]:
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > _WIDTH:
            yield line
            line = word
        else:
            line = longer
    if line:
        yield line


def _horn(pen: ImageDraw.ImageDraw, x: int, y: int) -> None:
    """The loudspeaker of our icon, 52 high."""
    points = [(0, 18), (0, 36), (16, 36), (46, 56), (46, -2), (16, 18)]
    pen.polygon([(x + dx, y + dy) for dx, dy in points], fill=_CREAM)
    for radius in (16, 32):
        box = (x + 46 - radius, y + 27 - radius, x + 46 + radius, y + 27 + radius)
        pen.arc(box, -45, 45, fill=_GOLD, width=7)
