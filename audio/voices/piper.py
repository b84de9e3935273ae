"""A local neural voice: a Piper model the operator put on disk (`x.onnx` with `x.onnx.json` beside it).

Needs the extra `piper`. Nothing is ever downloaded. The voice with a clean licence is vi_VN-vais1000-medium (data
CC-BY-4.0); models that imitate a living person are not to be used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from audio.errors import VoiceError
from audio.pcm import Pcm
from audio.spec import VoiceChoice
from audio.voices.contract import Line, Probe

# Piper brings every sentence to full scale; a little room keeps that apart from clipping
_VOLUME = 0.9


class Piper:
    """A Piper voice.

    `speakers` of a model with several: `speaker_id_map` names may hold the region and gender asked for.
    """

    name = "piper"
    online = False
    seconds_per_char = 0.066

    def __init__(self, choice: VoiceChoice, model: Path) -> None:
        self._model = model
        self._choice = choice
        self.speed = choice.speed

    @cached_property
    def id(self) -> str:
        """Engine, model by content, speaker and speed. Raises VoiceError (`missing`)."""
        try:
            engine = version("piper-tts")
            digest = hashlib.sha256()
            with self._model.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        except (OSError, PackageNotFoundError) as error:
            raise VoiceError(str(error), code="missing") from error
        return f"piper|{engine}|{digest.hexdigest()}|{self._speaker}|{self.speed:.3f}"

    def probe(self) -> Probe:
        """Whether the package and both files are there and the description can be read."""
        try:
            return Probe(ok=True, detail=self.id)
        except VoiceError as error:
            return Probe(ok=False, detail=error.detail)

    def synth(self, lines: Sequence[Line]) -> list[Pcm]:
        """Each line spoken. Raises VoiceError (`missing`, `model`, `silent`)."""
        return [self._speak(line) for line in lines]

    def _speak(self, line: Line) -> Pcm:
        voice, kind = self._loaded
        # a length scale above 1 is slower
        settings = kind(speaker_id=self._speaker, length_scale=1 / (self.speed * line.speed), volume=_VOLUME)
        try:
            pieces = [
                Pcm(np.asarray(chunk.audio_float_array, dtype=np.float32).reshape(-1), int(chunk.sample_rate))
                for chunk in voice.synthesize(line.text, settings)
            ]
        except Exception as error:  # onnxruntime's errors share no base of their own
            raise VoiceError(f"the model failed: {error}", code="model") from error
        if not pieces:
            raise VoiceError("the model said nothing", code="silent")
        return Pcm.join(pieces)

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        """The voice and the class of its settings; two or three seconds for a model of 60 MB."""
        try:
            from piper import PiperVoice, SynthesisConfig  # noqa: PLC0415 - an extra, and slow to import
        except ImportError as error:
            raise VoiceError("the extra `piper` is not installed", code="missing") from error
        try:
            return PiperVoice.load(self._model), SynthesisConfig
        except Exception as error:  # onnxruntime's errors share no base of their own
            raise VoiceError(f"the model cannot be loaded: {error}", code="model") from error

    @cached_property
    def _speaker(self) -> int | None:
        """Among several speakers the first whose name has the wished region and gender; else the model's own choice."""
        try:
            described: Mapping[str, Any] = json.loads(Path(f"{self._model}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise VoiceError(f"no readable description beside the model: {error}", code="missing") from error
        speakers: Mapping[str, int] = described.get("speaker_id_map") or {}
        wish = {self._choice.region, self._choice.gender}
        for name, number in speakers.items():
            if wish <= set(name.lower().replace("-", "_").split("_")):
                return number
        return None
