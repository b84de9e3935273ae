"""Sound for the tests, made by recipe: nothing recorded, nothing stored."""

from __future__ import annotations

import numpy as np
import pytest

from audio.pcm import Pcm
from audio.spec import VoiceChoice
from audio.voices.contract import Line
from audio.voices.espeak import Espeak

SENTENCES = (
    "Kính thưa bà con, sáng mai thôn ta họp ở nhà văn hóa, mời mỗi hộ một người.",
    "Hộ nghèo được vay vốn ở Ngân hàng Chính sách xã hội, trả dần trong năm năm.",
    "Bà con hỏi trưởng thôn.",
)


@pytest.fixture(scope="session")
def speech() -> list[Pcm]:
    """Three sentences by the embedded voice, 22,050 Hz."""
    return Espeak(VoiceChoice(gender="nam")).synth([Line(text) for text in SENTENCES])


def tone(hertz: float, seconds: float, rate: int, level: float = 0.5, phase: float = 0.0) -> Pcm:
    """A sine."""
    t = np.arange(round(seconds * rate)) / rate
    return Pcm((level * np.sin(2 * np.pi * hertz * t + phase)).astype(np.float32), rate)


def murmur(seconds: float, rate: int, seed: int = 1, level: float = 0.1) -> Pcm:
    """Noise that swells and fades like syllables."""
    t = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(seed).standard_normal(len(t))
    return Pcm((level * noise * np.abs(np.sin(2 * np.pi * 2 * t))).astype(np.float32), rate)


@pytest.fixture(name="tone")
def _tone():
    return tone


@pytest.fixture(name="murmur")
def _murmur():
    return murmur
