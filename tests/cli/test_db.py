"""`loathon db`: copies, restoring, what is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.cli import main
from bot.cli_db import _address
from bot.errors import say
from bot.jobs.retention import rules
from bot.lock import only_one


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house with a database, and a copy of it."""
    monkeypatch.setenv("LOATHON_DATA_DIR", str(tmp_path))
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "backup", str(tmp_path / "copy")]) == 0
    return tmp_path


def test_a_copy_comes_back(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "restore", str(house / "copy")]) == 0
    (aside,) = house.glob("aside-*")
    told = capsys.readouterr()
    assert str(aside) in told.out
    assert told.err == ""
    (house / "loathon.db").unlink()
    shutil.rmtree(aside)
    assert main(["db", "restore", str(house / "copy")]) == 0
    assert say("store.restored_aside", where="") not in capsys.readouterr().out
    assert not list(house.glob("aside-*"))
    assert main(["db", "check"]) == 0


def test_not_while_the_house_runs(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with only_one(house):
        assert main(["db", "restore", str(house / "copy")]) == 1
    assert "đang chạy" in capsys.readouterr().err
    assert not list(house.glob("aside-*"))


def test_what_is_no_copy_is_told(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (house / "copy" / "manifest.json").unlink()
    capsys.readouterr()
    for wrong in ("copy", "nowhere"):
        assert main(["db", "restore", str(house / wrong)]) == 1
        assert capsys.readouterr().err.count("\n") == 1
    assert main(["db", "copy", "mysql://x"]) == 1
    assert main(["db", "copy", f"sqlite:///{house / 'loathon.db'}"]) == 1
    assert capsys.readouterr().err.endswith(say("store.same_database") + "\n")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql+asyncpg:///loathon_1?host=/run/pg", "postgresql:///loathon_1?host=/run/pg"),
        ("postgresql+asyncpg://ban:m@t@/loathon_1?host=/run/pg", "postgresql://ban@/loathon_1?host=/run/pg"),
        ("postgresql+asyncpg://ban:x@db:5433/nha?password=x&ssl=on", "postgresql://ban@db:5433/nha?ssl=on"),
        ("sqlite+aiosqlite:////srv/nha.db", "sqlite:////srv/nha.db"),
    ],
)
def test_where_to_move_is_told_as_the_setting_takes_it(url: str, told: str) -> None:
    assert _address(url) == told


def test_what_is_kept_is_told(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["db", "retention", "--dry-run"]) == 0
    looked = capsys.readouterr().out.splitlines()
    assert looked.pop() == say("store.kept_dry")
    assert main(["db", "retention"]) == 0
    assert capsys.readouterr().out.splitlines() == looked
    assert [line.split(":")[0] for line in looked] == [rule.what for rule in rules()]


def test_a_move_within_the_machine(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "copy", f"sqlite:///{house / 'new.db'}"]) == 0
    assert main(["db", "retention"]) == 1
    assert say("store.moving") in capsys.readouterr().err
    assert main(["db", "reopen"]) == 0
    assert main(["db", "retention"]) == 0
