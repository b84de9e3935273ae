"""A local neural voice: VieNeu-TTS v3 Nano, four ONNX graphs in a folder the operator filled. Nothing is ever
downloaded.

The folder holds text_encoder.onnx, duration_predictor.onnx, vector_estimator.onnx, codec_decoder.onnx, config.json and
constants.npz of the published model (Apache-2.0), and its voices_v3_nano.json. Needs the extra `vieneu`: onnxruntime,
and sea-g2p for the phonemes.

How it speaks (from the model's published interface): phonemes become a context; a duration is predicted from it; noise
of that length is moved along a flow in a few straight steps, each guided away from what no text would give; the
decoder turns it into 24 kHz sound.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.errors import VoiceError
from audio.pcm import Pcm
from audio.spec import VoiceChoice
from audio.tags import plain
from audio.voices.contract import Line, Probe

_GRAPHS = ("text_encoder", "duration_predictor", "vector_estimator", "codec_decoder")
_VOICES = "voices_v3_nano.json"
_RATE = 24_000
_STEPS = 16
# how far each step leans away from the reading without text
_GUIDANCE = 3.0
# trained on clips of 15 s at most
_LONGEST_S = 15.0
_FEWEST_FRAMES = 2

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Speaker:
    """One of the model's own presets: who (1, 192) and how (1, tokens, width)."""

    name: str
    who: Floats
    how: Floats


class Vieneu:
    """VieNeu v3 Nano with one of its preset voices; cloning a person's voice is not offered."""

    name = "vieneu"
    online = False
    seconds_per_char = 0.06

    def __init__(self, choice: VoiceChoice, folder: Path, *, steps: int = _STEPS, seed: int = 0) -> None:
        self._choice = choice
        self._folder = folder
        self._steps = steps
        # the noise is drawn from a fixed seed: the same words sound the same
        self._seed = seed
        self.speed = choice.speed

    @cached_property
    def id(self) -> str:
        """Model by content, preset, steps and speed. Raises VoiceError (`missing`)."""
        digest = hashlib.sha256()
        try:
            for name in _GRAPHS:
                digest.update((self._folder / f"{name}.onnx").read_bytes())
            phonemes = version("sea-g2p")
        except (OSError, PackageNotFoundError) as error:
            raise VoiceError(str(error), code="missing") from error
        return (
            f"vieneu|{phonemes}|{digest.hexdigest()}|{self._speaker.name}|{self._steps}|{self._seed}|{self.speed:.3f}"
        )

    def probe(self) -> Probe:
        """Whether the packages and files are there."""
        try:
            return Probe(ok=True, detail=self.id)
        except VoiceError as error:
            return Probe(ok=False, detail=error.detail)

    def synth(self, lines: Sequence[Line]) -> list[Pcm]:
        """Each line spoken. Raises VoiceError (`missing`, `model`, `silent`)."""
        return [self._speak(line) for line in lines]

    def _speak(self, line: Line) -> Pcm:
        ids = self._ids(line.text)
        try:
            samples = self._flow(ids, self.speed * line.speed)
        except VoiceError:
            raise
        except Exception as error:  # onnxruntime's errors share no base of their own
            raise VoiceError(f"the model failed: {error}", code="model") from error
        if not len(samples):
            raise VoiceError("the model said nothing", code="silent")
        return Pcm(np.clip(samples, -1.0, 1.0).astype(np.float32), _RATE)

    def _flow(self, ids: NDArray[np.int64], speed: float) -> Floats:
        runs, speaker = self._sessions, self._speaker
        mask = ids != int(self._config["pad_id"])
        context = runs["text_encoder"](ids=ids, style=speaker.how)
        told = {"ctx": context, "ctx_mask": mask, "spk": speaker.who}
        seconds = min(math.exp(float(runs["duration_predictor"](**told).reshape(-1)[0])) / speed, _LONGEST_S)
        frames = max(_FEWEST_FRAMES, round(seconds * float(self._config["flow_fps"])))
        untold = self._untold
        width = int(self._config.get("latent_dim", 144))
        state = np.random.default_rng(self._seed).standard_normal((1, width, frames)).astype(np.float32)
        for step in range(self._steps):
            at = np.array([step / self._steps], dtype=np.float32)
            pull = runs["vector_estimator"](x=state, t=at, style=speaker.how, **told)
            drift = runs["vector_estimator"](x=state, t=at, **untold)
            state = state + (drift + np.float32(_GUIDANCE) * (pull - drift)) / np.float32(self._steps)
        return np.asarray(runs["codec_decoder"](x=state), dtype=np.float32).reshape(-1)

    def _ids(self, text: str) -> NDArray[np.int64]:
        """Phonemes as the model numbers them; a sign it never learned is passed over."""
        vocabulary: Mapping[str, int] = self._config["vocab"]
        (phonemes,) = self._phonemes.phonemize_batch([text], punc_norm=True)
        inner = [vocabulary[sign] for sign in phonemes if sign in vocabulary]
        if not inner:
            raise VoiceError("no phoneme of this text is in the model", code="model")
        return np.array([[int(self._config["bos_id"]), *inner, int(self._config["eos_id"])]], dtype=np.int64)

    @cached_property
    def _phonemes(self) -> Any:
        try:
            from sea_g2p import G2P  # noqa: PLC0415 - an extra, and its dictionary is 60 MB
        except ImportError as error:
            raise VoiceError("the extra `vieneu` is not installed", code="missing") from error
        return G2P(lang="vi")

    @cached_property
    def _untold(self) -> dict[str, NDArray[Any]]:
        """The estimator's inputs for no text and no one in particular."""
        with np.load(self._folder / "constants.npz") as constants:
            who, how = constants["null_spk"].astype(np.float32)[None], constants["null_style"].astype(np.float32)[None]
        ids = np.array([[int(self._config["bos_id"]), int(self._config["eos_id"])]], dtype=np.int64)
        context = self._sessions["text_encoder"](ids=ids, style=how)
        return {"ctx": context, "ctx_mask": ids != int(self._config["pad_id"]), "spk": who, "style": how}

    @cached_property
    def _sessions(self) -> dict[str, Any]:
        try:
            import onnxruntime  # noqa: PLC0415 - an extra, and slow to import
        except ImportError as error:
            raise VoiceError("the extra `vieneu` is not installed", code="missing") from error
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # two workers master and encode meanwhile: spinning threads would take their time
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        runs: dict[str, Any] = {}
        for name in _GRAPHS:
            try:
                session = onnxruntime.InferenceSession(
                    str(self._folder / f"{name}.onnx"), options, providers=["CPUExecutionProvider"]
                )
            except Exception as error:  # onnxruntime's errors share no base of their own
                raise VoiceError(f"{name} cannot be loaded: {error}", code="model") from error
            runs[name] = _runner(session)
        return runs

    @cached_property
    def _config(self) -> Mapping[str, Any]:
        return self._read("config.json")

    @cached_property
    def _speaker(self) -> _Speaker:
        """The first preset of the wished gender and region; else of the gender; else the model's default."""
        described = self._read(_VOICES)
        presets: Mapping[str, Mapping[str, Any]] = described["presets"]
        gender = "female" if self._choice.gender == "nu" else "male"
        # a preset's description names gender, region and manner between dots, in Vietnamese
        matching = [name for name, preset in presets.items() if preset.get("gender") == gender]
        there = [name for name in matching if _region(presets[name].get("description", "")) == self._choice.region]
        name = (there or matching or [described["default_voice"]])[0]
        preset = presets[name]
        who = np.asarray(preset["speaker_emb"], dtype=np.float32)[None]
        return _Speaker(name, who, np.asarray(preset["style"], dtype=np.float32)[None])

    def _read(self, name: str) -> Mapping[str, Any]:
        try:
            data: Mapping[str, Any] = json.loads((self._folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise VoiceError(f"{name}: {error}", code="missing") from error
        return data


def _region(description: str) -> str:
    """The second field of a description, without accents: bac, trung or nam."""

    fields = [plain(field).strip().lower() for field in description.split("\u00b7")]
    return fields[1] if len(fields) > 1 else ""


def _runner(session: Any) -> Any:
    def run(**inputs: NDArray[Any]) -> Floats:
        out: Floats = session.run(None, inputs)[0]
        return out

    return run
