"""Four tiny graphs with the inputs and outputs of VieNeu v3 Nano, built here; real phonemes, real onnxruntime."""

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
from audio.voices.vieneu import Vieneu

TEXT = "Mời bà con ra nhà văn hóa nghe phổ biến chính sách."
FLOAT, INT, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
TOKENS, WIDTH, LATENT, FRAME = 5, 8, 6, 1536
FPS = 24_000 / FRAME
SECONDS = 3.0


def graph(path, nodes, inputs, outputs, constants) -> None:
    made = helper.make_graph(
        [helper.make_node(kind, ins, outs, **more) for kind, ins, outs, more in nodes],
        "tiny",
        [helper.make_tensor_value_info(*one) for one in inputs],
        [helper.make_tensor_value_info(*one) for one in outputs],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("nano")
    random = np.random.default_rng(5)
    context, who = ("ctx", FLOAT, [1, "L", WIDTH]), ("spk", FLOAT, [1, 192])
    mask, style = ("ctx_mask", BOOL, [1, "L"]), ("style", FLOAT, [1, TOKENS, WIDTH])
    # ids → an embedding each, moved by the style's mean
    graph(
        path / "text_encoder.onnx",
        [
            ("Gather", ["table", "ids"], ["rows"], {}),
            ("ReduceMean", ["style"], ["manner"], {"axes": [1], "keepdims": 1}),
            ("Add", ["rows", "manner"], ["ctx"], {}),
        ],
        [("ids", INT, [1, "L"]), style],
        [context],
        {"table": random.standard_normal((300, WIDTH)).astype(np.float32)},
    )
    # a fixed log-duration; every input is used
    graph(
        path / "duration_predictor.onnx",
        [
            ("ReduceSum", ["ctx"], ["a"], {"keepdims": 0}),
            ("Cast", ["ctx_mask"], ["floats"], {"to": FLOAT}),
            ("ReduceSum", ["floats"], ["b"], {"keepdims": 0}),
            ("ReduceSum", ["spk"], ["c"], {"keepdims": 0}),
            ("Sum", ["a", "b", "c"], ["all"], {}),
            ("Mul", ["all", "zero"], ["none"], {}),
            ("Add", ["none", "log"], ["out"], {}),
        ],
        [context, mask, who],
        [("out", FLOAT, [1])],
        {"zero": np.float32(0), "log": np.array([np.log(SECONDS)], np.float32)},
    )
    # pulls the noise towards a level that the context sets
    graph(
        path / "vector_estimator.onnx",
        [
            ("ReduceMean", ["ctx"], ["level"], {"keepdims": 0}),
            ("Cast", ["ctx_mask"], ["floats"], {"to": FLOAT}),
            ("ReduceSum", ["floats"], ["m"], {"keepdims": 0}),
            ("ReduceSum", ["spk"], ["w"], {"keepdims": 0}),
            ("ReduceSum", ["style"], ["h"], {"keepdims": 0}),
            ("Sum", ["m", "w", "h", "t"], ["all"], {}),
            ("Mul", ["all", "zero"], ["none"], {}),
            ("Add", ["level", "none"], ["goal"], {}),
            ("Sub", ["goal", "x"], ["v"], {}),
        ],
        [("x", FLOAT, [1, LATENT, "T"]), ("t", FLOAT, [1]), context, mask, who, style],
        [("v", FLOAT, [1, LATENT, "T"])],
        {"zero": np.float32(0)},
    )
    # each frame's mean sounds for 1,536 samples as a sine
    graph(
        path / "codec_decoder.onnx",
        [
            ("ReduceMean", ["x"], ["rows"], {"axes": [1], "keepdims": 1}),
            ("Tanh", ["rows"], ["levels"], {}),
            ("Abs", ["levels"], ["sizes"], {}),
            ("Add", ["sizes", "least"], ["gains"], {}),
            ("Unsqueeze", ["gains", "three"], ["columns"], {}),
            ("Mul", ["columns", "wave"], ["sines"], {}),
            ("Reshape", ["sines", "flat"], ["wav"], {}),
        ],
        [("x", FLOAT, [1, LATENT, "T"])],
        [("wav", FLOAT, [1, 1, "N"])],
        {
            "least": np.float32(0.1), "three": np.array([3], np.int64), "flat": np.array([1, 1, -1], np.int64),
            "wave": (0.5 * np.sin(np.arange(FRAME) * 2 * np.pi * 10 / FRAME)).astype(np.float32),
        },
    )  # fmt: skip
    signs = " abcdefghijklmnopqrstuvwxyzɐɑɒæəɛɜɔɓɗɡɣɲŋθðʃʒʂʐɹɾɯʊɪʌɤɨʉβχʈˈˌːʰ1234567-.,?!"
    config = {
        "vocab": {sign: i + 3 for i, sign in enumerate(signs)}, "bos_id": 1, "eos_id": 2, "pad_id": 0, "flow_fps": FPS,
        "latent_dim": LATENT,
    }  # fmt: skip
    (path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    np.savez(path / "constants.npz", null_spk=np.zeros(192), null_style=np.zeros((TOKENS, WIDTH)))
    presets = {
        name: {
            "description": description, "gender": gender, "speaker_emb": random.standard_normal(192).tolist(),
            "style": random.standard_normal((TOKENS, WIDTH)).tolist(),
        }
        for name, description, gender in (
            ("Một", "Nam · Bắc · tin tức", "male"), ("Hai", "Nữ · Nam · tin tức", "female"),
            ("Ba", "Nữ · Bắc · tin tức", "female"),
        )
    }  # fmt: skip
    voices = {"default_voice": "Một", "presets": presets}
    (path / "voices_v3_nano.json").write_text(json.dumps(voices, ensure_ascii=False), encoding="utf-8")
    return path


def test_it_speaks_for_the_predicted_time(folder):
    voice = Vieneu(VoiceChoice(), folder)
    assert voice.probe().ok
    (pcm,) = voice.synth([Line(TEXT)])
    assert pcm.rate == 24_000
    assert pcm.seconds == pytest.approx(SECONDS, abs=0.1)
    assert passed(Line(TEXT), pcm) is pcm


def test_the_same_words_sound_the_same_and_other_words_do_not(folder):
    first, again, other = (
        Vieneu(VoiceChoice(), folder, seed=0).synth([Line(text)])[0].samples
        for text in (TEXT, TEXT, "Hộ nghèo được vay vốn.")
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_speed_and_slow_lines_change_the_length(folder):
    (pcm,) = Vieneu(VoiceChoice(speed=0.8), folder).synth([Line(TEXT, 0.85)])
    assert pcm.seconds == pytest.approx(SECONDS / 0.68, abs=0.1)


@pytest.mark.parametrize(
    ("region", "gender", "name"),
    [("bac", "nam", "Một"), ("nam", "nu", "Hai"), ("bac", "nu", "Ba"), ("trung", "nu", "Hai"), ("nam", "nam", "Một")],
)
def test_the_preset_nearest_to_the_wish_is_taken(region, gender, name, folder):
    assert Vieneu(VoiceChoice(region=region, gender=gender), folder).id.split("|")[3] == name


def test_a_folder_without_the_files_is_said(tmp_path):
    voice = Vieneu(VoiceChoice(), tmp_path)
    assert not voice.probe().ok
    assert "text_encoder.onnx" in voice.probe().detail


def test_a_broken_graph_is_said(folder, tmp_path):
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "codec_decoder.onnx").write_bytes(b"not a model")
    with pytest.raises(VoiceError) as error:
        Vieneu(VoiceChoice(), tmp_path).synth([Line(TEXT)])
    assert error.value.code == "model"
