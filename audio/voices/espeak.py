"""The embedded voice: espeak-ng from a wheel, spoken to in C. Always there, never pretty.

One instance a process and no second thread: the library keeps its state in globals. It is loaded only in the audio
process, which also keeps this GPL library out of the service's address space. It is not exact to the sample from run
to run.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock

import espeakng_loader

from audio.errors import VoiceError
from audio.pcm import Pcm
from audio.spec import VoiceChoice
from audio.voices.contract import Line, Probe

# espeak-ng's C interface (speak_lib.h)
_OUTPUT_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_RATE = 1
_POS_CHARACTER = 1
_UTF8 = 1

#: words a minute at speed 1; horns want 130–140, which the speed of the unit gives
_WORDS_A_MINUTE = 150
_SLOWEST, _FASTEST = 80, 350
# the north voice has six distinct tone contours; the south's are usable. The central one flattens all six and is not
# offered.
_NORTH, _SOUTH = "vi", "vi-vn-x-south"
_FEMALE = "+f3"

_lock = Lock()


class Espeak:
    """espeak-ng speaking Vietnamese."""

    name = "espeak"
    online = False
    #: measured at 150 words a minute on announcements
    seconds_per_char = 0.06

    def __init__(self, choice: VoiceChoice) -> None:
        self.voice = (_SOUTH if choice.region == "nam" else _NORTH) + (_FEMALE if choice.gender == "nu" else "")
        self.speed = choice.speed

    @property
    def id(self) -> str:
        """What a cached sentence depends on."""
        return f"espeak|{espeakng_loader_version()}|{self.voice}|{self._rate(1.0)}"

    def probe(self) -> Probe:
        """Load the library."""
        try:
            _library()
        except (OSError, VoiceError) as error:
            return Probe(ok=False, detail=str(error))
        return Probe(ok=True, detail=self.id)

    def synth(self, lines: Sequence[Line]) -> list[Pcm]:
        """Each line spoken. Raises VoiceError (`library`, `silent`)."""
        return [self._speak(line) for line in lines]

    def _rate(self, speed: float) -> int:
        return max(_SLOWEST, min(_FASTEST, round(_WORDS_A_MINUTE * self.speed * speed)))

    def _speak(self, line: Line) -> Pcm:
        with _lock:
            library = _library()
            library.voice(self.voice)
            data = library.speak(line.text, self._rate(line.speed))
        if not data:
            raise VoiceError(f"espeak-ng said nothing for {len(line.text)} characters", code="silent")
        return Pcm.from_int16(data, library.rate)


class _Library:
    """The loaded library, its one callback and its present voice."""

    def __init__(self) -> None:
        self._lib = ctypes.CDLL(espeakng_loader.get_library_path())
        path = espeakng_loader.get_data_path().encode()
        self.rate = int(self._lib.espeak_Initialize(_OUTPUT_SYNCHRONOUS, 0, path, _DONT_EXIT))
        if self.rate <= 0:
            raise VoiceError("espeak-ng did not start: its data is missing", code="library")
        self._chunks: list[bytes] = []
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
        # held for the life of the process: the library keeps only a pointer
        self._callback = kind(self._take)
        self._lib.espeak_SetSynthCallback(self._callback)
        self._voice = ""

    def _take(self, wave: object, count: int, _events: object) -> int:
        if wave and count > 0:
            self._chunks.append(ctypes.string_at(wave, 2 * count))  # type: ignore[arg-type]
        return 0

    def voice(self, name: str) -> None:
        if name != self._voice:
            if self._lib.espeak_SetVoiceByName(name.encode()):
                raise VoiceError(f"espeak-ng has no voice {name}", code="library")
            self._voice = name

    def speak(self, text: str, words_a_minute: int) -> bytes:
        self._lib.espeak_SetParameter(_RATE, words_a_minute, 0)
        self._chunks.clear()
        data = text.encode() + b"\0"
        failed = self._lib.espeak_Synth(data, ctypes.c_size_t(len(data)), 0, _POS_CHARACTER, 0, _UTF8, None, None)
        if failed:
            raise VoiceError(f"espeak-ng refused the text (error {failed})", code="library")
        return b"".join(self._chunks)


@lru_cache(maxsize=1)
def _library() -> _Library:
    return _Library()


@lru_cache(maxsize=1)
def espeakng_loader_version() -> str:
    """Version of the wheel, which fixes that of the library."""
    from importlib.metadata import version  # noqa: PLC0415 - only a cache key needs it

    return version("espeakng-loader")
