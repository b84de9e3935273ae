from __future__ import annotations

import io
from pathlib import Path

import pytest

from audio import codec, say
from audio.errors import SpecError
from audio.settings import NAMES, worker_options


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine(monkeypatch):
    monkeypatch.setenv("LOATHON_VOICE_ONLINE", "off")


@pytest.mark.parametrize(("name", "head"), [("tin.ogg", b"OggS"), ("tin.wav", b"RIFF")])
def test_a_text_becomes_a_file(name, head, tmp_path, capsys):
    out = tmp_path / name
    assert say.main(["Xin chào bà con, mời bà con nghe tin.", "-o", str(out), "--profile", "thoai"]) == 0
    data = out.read_bytes()
    assert data.startswith(head)
    assert 2 < codec.decode(data).seconds < 6
    assert "giọng đọc tổng hợp" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_it_reads_what_is_piped_in(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("Xin chào bà con."))
    assert (
        say.main(["-", "-o", str(tmp_path / "a.mp3"), "--voice", "espeak", "--region", "nam", "--gender", "nam"]) == 0
    )


def test_what_is_wrong_is_said(tmp_path, capsys):
    assert say.main(["Xin chào", "-o", str(tmp_path / "a.doc")]) == 1
    assert ".mp3" in capsys.readouterr().err
    assert say.main(["Mời gặp ban XQZK.", "-o", str(tmp_path / "a.mp3")]) == 1
    assert "XQZK" in capsys.readouterr().err
    assert (tmp_path / "a.mp3").exists()


def test_settings_become_options(tmp_path):
    model = tmp_path / "x.onnx"
    model.write_bytes(b"x")
    env = {
        "LOATHON_VOICE_ONLINE": "on", "LOATHON_VOICE_PIPER": str(model), "LOATHON_VOICE_VIENEU": str(tmp_path),
        "LOATHON_AUDIO_CACHE_MB": "5",
    }  # fmt: skip
    options = worker_options(env, tmp_path, (Path("own.yaml"),))
    assert (options.online, options.piper_model, options.vieneu_dir) == (True, str(model), str(tmp_path))
    assert (options.cache_bytes, options.lexicons) == (5 << 20, ("own.yaml",))
    assert worker_options({}, tmp_path).online
    assert not worker_options({"LOATHON_VOICE_ONLINE": "off"}, tmp_path).online


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOATHON_VOICE_ONLINE", "maybe"), ("LOATHON_AUDIO_CACHE_MB", "much"), ("LOATHON_VOICE_PIPER", "no/such.onnx"),
        ("LOATHON_VOICE_VIENEU", "no/such"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(name, value, tmp_path):
    assert name in NAMES
    with pytest.raises(SpecError, match=name):
        worker_options({name: value}, tmp_path)
