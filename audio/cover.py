"""The cover picture of every clip: a loudspeaker, drawn by us, so that nobody's rights are in it."""

from __future__ import annotations

import io
from functools import lru_cache

from PIL import Image, ImageDraw

from audio.tags import LARGEST_COVER_BYTES

_SIZE = 300
_GROUND, _HORN, _WAVE = (15, 92, 77), (250, 246, 235), (244, 180, 26)
# drawn large and made small, which smooths the edges
_SCALE = 4
_QUALITIES = (85, 70, 50)


@lru_cache(maxsize=1)
def cover() -> bytes:
    """A JPEG of 300 × 300 pixels, at most 10 kB, without metadata."""
    big = Image.new("RGB", (_SIZE * _SCALE, _SIZE * _SCALE), _GROUND)
    draw = ImageDraw.Draw(big)

    def at(*points: tuple[int, int]) -> list[tuple[int, int]]:
        return [(x * _SCALE, y * _SCALE) for x, y in points]

    draw.polygon(at((62, 122), (100, 122), (176, 66), (176, 234), (100, 178), (62, 178)), fill=_HORN)
    draw.rectangle(at((44, 134), (60, 166)), fill=_HORN)
    draw.polygon(at((92, 184), (122, 196), (122, 244), (96, 244)), fill=_HORN)
    for reach in (34, 62, 90):
        draw.arc(at((176 - reach, 150 - reach), (176 + reach, 150 + reach)), -48, 48, fill=_WAVE, width=11 * _SCALE)
    small = big.resize((_SIZE, _SIZE), Image.Resampling.LANCZOS)
    for quality in _QUALITIES:
        out = io.BytesIO()
        small.save(out, "JPEG", quality=quality, optimize=True)
        if len(out.getvalue()) <= LARGEST_COVER_BYTES:
            return out.getvalue()
    raise AssertionError("a plain drawing fits the lowest quality")
