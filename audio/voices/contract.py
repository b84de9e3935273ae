"""What every voice is: one contract, one file a voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from audio.pcm import Pcm


@dataclass(frozen=True, slots=True)
class Line:
    """Spoken words for one breath or a few (NFC, nothing left to expand).

    `speed` below 1 is slower, relative to the voice.
    """

    text: str
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether a voice can speak now, and the version or the reason why not."""

    ok: bool
    detail: str


class Voice(Protocol):
    """A way to speak. `id` names everything its sound depends on but the text: engine, model, voice, rate."""

    name: str
    #: true when the words leave this machine
    online: bool
    #: seconds a spoken character takes at speed 1, for the check of duration
    seconds_per_char: float
    speed: float

    @property
    def id(self) -> str:
        """The voice's part of a cache key."""
        ...

    def probe(self) -> Probe:
        """Whether it can be used now; asks no server."""
        ...

    def synth(self, lines: Sequence[Line]) -> list[Pcm]:
        """One piece of sound a line, in order. Raises VoiceError."""
        ...
