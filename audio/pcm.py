"""Sound in memory: mono samples and their rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

INT16_PEAK = 32767


@dataclass(frozen=True, slots=True, eq=False)
class Pcm:
    """One channel. `samples`: float32, shape (n,), full scale ±1; `rate` in hertz."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate

    def int16(self) -> NDArray[np.int16]:
        """Samples as 16-bit integers, shape (n,), rounded and held within full scale."""
        return np.rint(np.clip(self.samples, -1.0, 1.0) * INT16_PEAK).astype(np.int16)

    @classmethod
    def from_int16(cls, data: bytes | NDArray[np.int16], rate: int) -> Pcm:
        """From native little-endian 16-bit samples."""
        whole = np.frombuffer(data, dtype="<i2") if isinstance(data, bytes) else data
        return cls(whole.astype(np.float32) / np.float32(INT16_PEAK), rate)

    @classmethod
    def silence(cls, seconds: float, rate: int) -> Pcm:
        """Digital silence."""
        return cls(np.zeros(round(seconds * rate), dtype=np.float32), rate)

    @classmethod
    def join(cls, pieces: Iterable[Pcm]) -> Pcm:
        """One after another; all of one rate. Raises ValueError for none, or for several rates."""
        parts = list(pieces)
        rates = {part.rate for part in parts}
        if len(rates) != 1:
            raise ValueError(f"cannot join pieces of rates {sorted(rates)}")
        return cls(np.concatenate([part.samples for part in parts]), rates.pop())

    def followed_by_silence(self, seconds: float) -> Pcm:
        """The same with a pause after it."""
        if seconds <= 0:
            return self
        return Pcm(np.concatenate([self.samples, np.zeros(round(seconds * self.rate), np.float32)]), self.rate)
