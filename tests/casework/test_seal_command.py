"""`loathon seal`: the body above makes its key and opens what was sealed to it."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from bot.cli import main
from bot.store import sealing


def run(*words: str) -> int:
    return main(["seal", *words])


def test_a_key_is_made_and_opens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "khoa"
    assert run("key", str(file)) == 0
    assert file.stat().st_mode & 0o077 == 0
    found = re.search(r"[0-9a-f]{64}", capsys.readouterr().out)
    assert found is not None
    assert run("key", str(file)) != 0
    assert str(file) in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO(sealing.seal(found[0], {"text": "Ăn chặn"}) + "\n\n"))
    assert run("open", str(file)) == 0
    assert json.loads(capsys.readouterr().out) == {"text": "Ăn chặn"}
    monkeypatch.setattr("sys.stdin", io.StringIO("bm8=\n"))
    assert run("open", str(file)) != 0
    assert "khóa" in capsys.readouterr().err
