"""A tiny network with a Piper model's inputs and outputs, built here: the real package loads and runs it."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from audio.errors import VoiceError
from audio.spec import VoiceChoice
from audio.voices.contract import Line
from audio.voices.gate import passed
from audio.voices.piper import Piper

TEXT = "Mời bà con ra nhà văn hóa nghe phổ biến chính sách."
RATE = 22_050
# samples a phoneme id at length scale 1
WIDTH = 800
# piper's map: pad, start, end, then what espeak-ng writes for Vietnamese
SIGNS = "_^$ abcdefghijklmnopqrstuvwxyzɐɑɒæəɛɜɔɓɗɡɣɲŋθðʃʒʂʐɹɾɯʊɪʌɤɨʉβχʈˈˌːʰ1234567-.,?!"


def build(path, speakers: int) -> None:
    """Phoneme ids → one sine each, as long as the length scale says: the interface of Piper's VITS, none of its weights."""
    pitch = np.linspace(0.02, 0.06, len(SIGNS), dtype=np.float32)
    nodes = [
        helper.make_node("Gather", ["scales", "one"], ["length_scale"]),
        helper.make_node("Mul", ["length_scale", "width"], ["wide"]),
        helper.make_node("Cast", ["wide"], ["wide_int"], to=TensorProto.INT64),
        helper.make_node("Gather", ["pitch", "input"], ["tones"]),
        helper.make_node("Unsqueeze", ["tones", "two"], ["columns"]),
        helper.make_node("Range", ["zero", "wide_int", "one_scalar"], ["steps_int"]),
        helper.make_node("Cast", ["steps_int"], ["steps"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["columns", "steps"], ["phases"]),
        helper.make_node("Sin", ["phases"], ["sines"]),
        helper.make_node("Reshape", ["sines", "flat"], ["sound"]),
    ]
    last = "sound"
    if speakers > 1:
        nodes += [
            helper.make_node("Cast", ["sid"], ["who"], to=TensorProto.FLOAT),
            helper.make_node("Add", ["who", "one_float"], ["louder"]),
            helper.make_node("Div", ["sound", "louder"], ["softened"]),
        ]
        last = "softened"
    nodes.append(helper.make_node("Identity", [last], ["output"]))
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, ["batch", "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch"]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    if speakers > 1:
        inputs.append(helper.make_tensor_value_info("sid", TensorProto.INT64, ["batch"]))
    constants = {
        "pitch": pitch, "width": np.float32(WIDTH), "one": np.int64(1), "one_scalar": np.int64(1), "zero": np.int64(0),
        "two": np.array([2], np.int64), "flat": np.array([1, 1, -1], np.int64), "one_float": np.float32(1),
    }  # fmt: skip
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 1, "time"])
    graph = helper.make_graph(
        nodes, "tiny", inputs, [output], [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def described(speakers: dict[str, int]) -> dict:
    return {
        "audio": {"sample_rate": RATE}, "espeak": {"voice": "vi"}, "phoneme_type": "espeak",
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8}, "num_symbols": len(SIGNS),
        "num_speakers": max(1, len(speakers)), "speaker_id_map": speakers,
        "phoneme_id_map": {sign: [i] for i, sign in enumerate(SIGNS)},
    }  # fmt: skip


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "tiny.onnx"
    build(path, 1)
    (tmp_path / "tiny.onnx.json").write_text(json.dumps(described({})), encoding="utf-8")
    return path


def test_the_real_package_loads_and_speaks(model):
    voice = Piper(VoiceChoice(), model)
    assert voice.probe().ok
    (pcm,) = voice.synth([Line(TEXT)])
    assert pcm.rate == RATE
    assert passed(Line(TEXT), pcm) is pcm


def test_slow_is_a_longer_length_scale(model):
    (usual,), (slow,) = (Piper(VoiceChoice(), model).synth([Line(TEXT, speed)]) for speed in (1.0, 0.5))
    assert slow.seconds == pytest.approx(2 * usual.seconds, rel=0.02)


def test_identity_is_the_models_content(model):
    first = Piper(VoiceChoice(), model).id
    assert Piper(VoiceChoice(speed=0.9), model).id != first
    description = model.with_name("tiny.onnx.json").read_text(encoding="utf-8")
    build(model.with_name("other.onnx"), 2)
    model.with_name("other.onnx.json").write_text(description, encoding="utf-8")
    assert Piper(VoiceChoice(), model.with_name("other.onnx")).id.split("|")[2] != first.split("|")[2]


def test_a_speaker_of_the_wished_region_and_gender_is_taken(tmp_path):
    path = tmp_path / "many.onnx"
    build(path, 3)
    speakers = {"bac_nam": 0, "nam_nu": 1, "bac_nu": 2}
    path.with_name("many.onnx.json").write_text(json.dumps(described(speakers)), encoding="utf-8")
    voice = Piper(VoiceChoice(region="bac", gender="nu"), path)
    assert voice.id.split("|")[3] == "2"
    assert voice.synth([Line(TEXT)])[0].seconds > 1


@pytest.mark.parametrize("spoil", ["no-model", "no-description", "bad-description", "bad-model"])
def test_what_is_missing_or_broken_is_said(spoil, model):
    if spoil == "no-model":
        model.unlink()
    elif spoil == "no-description":
        model.with_name("tiny.onnx.json").unlink()
    elif spoil == "bad-description":
        model.with_name("tiny.onnx.json").write_text("{", encoding="utf-8")
    else:
        model.write_bytes(b"not a model")
    voice = Piper(VoiceChoice(), model)
    if spoil == "bad-model":
        with pytest.raises(VoiceError) as error:
            voice.synth([Line(TEXT)])
        assert error.value.code == "model"
    else:
        assert not voice.probe().ok
        assert voice.probe().detail
