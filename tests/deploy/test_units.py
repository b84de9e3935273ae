"""systemd's and Caddy's own opinion of what a server is given."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("loathon*"))
#: systemd-analyze calls up to 2.0 "OK"; 10 is a service without any fence
EXPOSURE_MAX = "15"


@pytest.fixture
def placed(tmp_path: Path) -> list[Path]:
    """The units, with the programs they start in a folder of this test."""
    for stub in (".venv/bin/loathon", "deploy/backup"):
        path = tmp_path / "current" / stub
        path.parent.mkdir(parents=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
    units = []
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/loathon/current", str(tmp_path / "current"))
        units.append(tmp_path / unit.name)
        units[-1].write_text(text.replace("file:" + str(tmp_path / "current"), "file:/opt/loathon/current"), "utf-8")
    return units


def test_systemd_takes_the_units(placed: list[Path], program: Callable[[str], str]) -> None:
    done = subprocess.run(
        [program("systemd-analyze"), "verify", "--man=no", *placed], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["loathon.service", "loathon-backup.service"])
def test_services_are_fenced(placed: list[Path], program: Callable[[str], str], name: str) -> None:
    unit = next(path for path in placed if path.name == name)
    done = subprocess.run(
        [program("systemd-analyze"), "security", "--offline=true", f"--threshold={EXPOSURE_MAX}", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.splitlines()[-1:] or done.stderr


def test_the_night_of_the_backup_is_a_moment(program: Callable[[str], str]) -> None:
    timer = (DEPLOY / "systemd" / "loathon-backup.timer").read_text("utf-8")
    found = re.search(r"^OnCalendar=(.+)$", timer, re.MULTILINE)
    assert found
    subprocess.run([program("systemd-analyze"), "calendar", found[1]], capture_output=True, check=True)


def test_caddy_takes_its_file(tmp_path: Path, program: Callable[[str], str]) -> None:
    done = subprocess.run(
        [program("caddy"), "validate", "--adapter", "caddyfile", "--config", DEPLOY / "caddy" / "Caddyfile"],
        capture_output=True,
        text=True,
        check=False,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    assert "Valid configuration" in done.stdout + done.stderr
